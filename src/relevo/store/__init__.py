"""Tables, event log, sessions, migrations and the embedded Postgres. Knows rows, not rules of conversation."""
