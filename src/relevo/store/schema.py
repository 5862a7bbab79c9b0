"""The schema's version: bring it up to date, and refuse to work on another one."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from relevo.errors import SchemaOutdatedError
from relevo.store.database import driver_url, fetch_one

if TYPE_CHECKING:
    from relevo.store.database import Database

MIGRATION_LOCK = 0x52454C45564F  # "RELEVO": one migration at a time, however many processes start it


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(resources.files("relevo.store") / "migrations"))
    return config


@cache
def latest_revision() -> str:
    """Return the revision this version of Relevo works with."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def migrate(url: str) -> tuple[str | None, str]:
    """Bring the schema up to date; returns (before, after). Safe to run from several processes at once."""
    # Without prepared statements, which a pooler in between would leave behind in somebody else's session.
    engine = create_engine(driver_url(url), connect_args={"prepare_threshold": None})
    try:
        with engine.begin() as connection:
            connection.exec_driver_sql("select pg_advisory_xact_lock(%s)", (MIGRATION_LOCK,))
            before = MigrationContext.configure(connection).get_current_revision()
            config = _config()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            after = MigrationContext.configure(connection).get_current_revision()
    finally:
        engine.dispose()
    return before, after or ""


async def require_current_schema(database: Database, *, newer_will_do: bool = False) -> None:
    """Check that code and schema fit.

    `newer_will_do`: in the middle of a deploy, a process that runs already goes on over the next version's schema
    (migrations leave what the version before needs); without it, none starts on a schema it does not know.

    Raises:
        SchemaOutdatedError: they do not; the message says what to do.

    """
    async with database.reading() as connection:
        marked = await fetch_one(connection, "select to_regclass('alembic_version') is not null as there", {})
        row = (
            await fetch_one(connection, "select version_num from alembic_version", {})
            if marked and marked["there"]
            else None
        )
    found = row["version_num"] if row else None
    expected = latest_revision()
    if found == expected:
        return
    if found is None:
        raise SchemaOutdatedError("The database is empty. Run `relevo migrate` first.")
    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    if found in known:
        raise SchemaOutdatedError(
            f"The database is at schema {found}, this version needs {expected}. Run `relevo migrate`, then start again."
        )
    if newer_will_do:
        return
    raise SchemaOutdatedError(
        f"The database is at schema {found}, which this version ({expected}) does not know. Upgrade Relevo."
    )
