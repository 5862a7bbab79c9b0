"""HTTP: webhooks, the REST API, health and metrics. Decides nothing about conversations itself."""
