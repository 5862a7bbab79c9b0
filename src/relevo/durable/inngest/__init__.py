"""Inngest as the engine: it brings wake-ups over HTTP; the mailbox decides what they do."""
