"""A throw-away Postgres for each test process, a database of its own for each test."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import psycopg
import pytest
from hypothesis import HealthCheck, settings
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


# How long anything takes is never asserted.
settings.register_profile("relevo", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("relevo")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--engine", choices=["local", "inngest"], default="local", help="what wakes services that name no engine"
    )


def pytest_configure(config: pytest.Config) -> None:
    service.engine = config.getoption("engine")
    # Everything is plain HTTP on loopback, and each client would read all certificates of the machine.
    os.environ.pop("SSL_CERT_FILE", None)
    os.environ["SSL_CERT_DIR"] = os.devnull


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Give each process the next test, and all of the browser's to one: what they share is expensive."""
    from xdist.scheduler import LoadScopeScheduling  # noqa: PLC0415 - only where several processes were asked for

    class Scheduling(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return "e2e" if "/e2e/" in nodeid else nodeid

    return Scheduling(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, so that the run does not end waiting for it."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None and "e2e" not in item.path.parts)


def _named(url: str, name: str) -> str:
    return make_url(url).set(database=name).render_as_string(hide_password=False)


def _place() -> Path:
    """Choose where servers live: a disk is slow to make the 400 files of a database where as many were just deleted."""
    if not (MEMORY.is_dir() and os.access(MEMORY, os.W_OK | os.X_OK)):
        return Path("/tmp")
    for left in MEMORY.glob("relevo-tests-*"):  # by a run that was killed
        if not psutil.pid_exists(int(left.name.split("-")[2])):
            shutil.rmtree(left, ignore_errors=True)
    return MEMORY if shutil.disk_usage(MEMORY).free > ROOM else Path("/tmp")


@pytest.fixture(scope="session")
def postgres() -> Generator[str]:
    """A server of this test process; the URL of its maintenance database."""
    directory = Path(tempfile.mkdtemp(prefix=f"relevo-tests-{os.getpid()}-", dir=_place()))
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
