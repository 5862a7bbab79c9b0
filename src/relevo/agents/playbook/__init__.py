"""The playbook: form, loading, checking, testing. Decides nothing about a conversation."""
