"""Contacts and their identities, orders, tasks, members and assignment."""
