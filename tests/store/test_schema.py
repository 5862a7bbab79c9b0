"""Code and schema fit together, or nothing starts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine
from sqlalchemy.dialects.postgresql.base import ischema_names

from relevo.errors import SchemaOutdatedError
from relevo.store.database import driver_url, execute
from relevo.store.schema import latest_revision, migrate, require_current_schema
from relevo.store.tables import Base
from relevo.store.tables.base import Xid8

if TYPE_CHECKING:
    from relevo.store.database import Database


def test_tables_and_migrations_agree(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ischema_names, "xid8", Xid8)  # a type reflection does not know by itself
    engine = create_engine(driver_url(database_url))
    try:
        with engine.connect() as connection:
            context = MigrationContext.configure(
                connection, opts={"compare_type": True, "compare_server_default": True}
            )
            assert compare_metadata(context, Base.metadata) == []
    finally:
        engine.dispose()


def test_migrating_twice_changes_nothing(database_url: str) -> None:
    assert migrate(database_url) == (latest_revision(), latest_revision())


async def test_a_running_process_goes_on_over_the_schema_of_the_version_being_deployed(database: Database) -> None:
    async with database.transaction() as connection:
        await execute(connection, "update alembic_version set version_num = '9999'", {})
    await require_current_schema(database, newer_will_do=True)
    async with database.transaction() as connection:
        await execute(connection, "update alembic_version set version_num = '0001'", {})
    with pytest.raises(SchemaOutdatedError):
        await require_current_schema(database, newer_will_do=True)


async def test_the_current_schema_is_accepted(database: Database) -> None:
    await require_current_schema(database)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("drop table alembic_version", "empty"),
        ("update alembic_version set version_num = '0001'", "Run `relevo migrate`"),
        ("update alembic_version set version_num = '9999'", "does not know"),
    ],
)
async def test_another_schema_is_refused_with_what_to_do(database: Database, change: str, words: str) -> None:
    async with database.transaction() as connection:
        await execute(connection, change, {})
    with pytest.raises(SchemaOutdatedError, match=words):
        await require_current_schema(database)
