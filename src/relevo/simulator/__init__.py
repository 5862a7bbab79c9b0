"""WhatsApp's counterpart for demos and tests: Graph API and 360dialog double, scripted customers, faults, ledger."""
