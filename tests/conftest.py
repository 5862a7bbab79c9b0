"""A throw-away Postgres for each test process, a database of its own for each test."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from psycopg import sql
from sqlalchemy.engine import make_url

from relevo.store.database import Database
from relevo.store.embedded import attach_sync
from relevo.store.schema import migrate
from support import service

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator

TEMPLATE = "relevo_template"
MEMORY = Path("/dev/shm")
"""A file system in memory, where there is one."""
ROOM = 8 * 1024**3
"""Free bytes there from which all test processes together will not fill it."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--engine", choices=["local", "inngest"], default="local", help="what wakes services that name no engine"
    )


def pytest_configure(config: pytest.Config) -> None:
    service.engine = config.getoption("engine")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, so that the run does not end waiting for it."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None and "e2e" not in item.path.parts)


def _named(url: str, name: str) -> str:
    return make_url(url).set(database=name).render_as_string(hide_password=False)


def _place() -> Path:
    """Choose where servers live: a disk is slow to make the 400 files of a database where as many were just deleted."""
    if MEMORY.is_dir() and os.access(MEMORY, os.W_OK | os.X_OK) and shutil.disk_usage(MEMORY).free > ROOM:
        return MEMORY
    return Path("/tmp")


@pytest.fixture(scope="session")
def postgres() -> Generator[str]:
    """A server of this test process; the URL of its maintenance database."""
    directory = Path(tempfile.mkdtemp(prefix="relevo-", dir=_place()))
    directory.chmod(0o755)
    attached = attach_sync(directory / "data", durable=False)
    try:
        yield attached.url
    finally:
        attached.detach()
        shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(scope="session")
def template(postgres: str) -> str:
    """A migrated database to copy."""
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(TEMPLATE)))
    migrate(_named(postgres, TEMPLATE))
    return TEMPLATE


@pytest.fixture
def database_url(postgres: str, template: str, request: pytest.FixtureRequest) -> Generator[str]:
    """An empty database with the current schema, dropped afterwards."""
    name = f"test_{abs(hash(request.node.nodeid)):x}"
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(
            sql.SQL("create database {} template {} strategy file_copy").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )
    yield _named(postgres, name)
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


@pytest.fixture
async def database(database_url: str) -> AsyncGenerator[Database]:
    """The test's database, connected."""
    database = Database(database_url)
    yield database
    await database.close()
