"""WhatsApp wire knowledge, pure but for the HTTP client: updates, signature, outgoing messages, errors, limits."""
