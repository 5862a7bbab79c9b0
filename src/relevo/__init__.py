"""Relevo answers a shop's WhatsApp customers with an AI sales agent and hands them to a person when it should."""
