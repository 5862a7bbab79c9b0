"""The agent, pure: playbook, understanding, flows, engine. No I/O but the model call it is handed."""
