"""Alembic's entry: runs the migrations on the connection handed over by `relevo.store.schema`."""

from alembic import context

from relevo.store.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    compare_type=True,
    compare_server_default=True,
)
context.run_migrations()
