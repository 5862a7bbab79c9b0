"""Runs a `.sql` file of a migration, as one script."""

from importlib import resources

from alembic import op


def run_script(name: str) -> None:
    """Run migrations/sql/`name`.sql in the migration's transaction."""
    script = resources.files("relevo.store.migrations") / "sql" / f"{name}.sql"
    # The driver's own cursor: without parameters it leaves the percent signs of PL/pgSQL alone.
    cursor = op.get_bind().connection.cursor()
    cursor.execute(script.read_text(encoding="utf-8"))
    cursor.close()
