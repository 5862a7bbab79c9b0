"""Alembic migrations. Each is safe under load, and additive ones let old and new code run side by side."""
