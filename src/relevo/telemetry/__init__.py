"""Logs, metrics and traces. Knows no part of Relevo; every part may tell it what it does."""
