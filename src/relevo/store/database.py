"""Connections and transactions. The one place that knows how to reach Postgres; it commits for those who ask."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping, Sequence

    from sqlalchemy import RowMapping


def driver_url(url: str) -> str:
    """Turn any Postgres URL into SQLAlchemy's for psycopg 3; the address and its options stay as they are."""
    return make_url(url).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


def to_json(value: object) -> str:
    """Write JSON for the database. NUL, which Postgres cannot hold, is removed by whoever parses foreign text."""
    return orjson.dumps(value, default=str, option=orjson.OPT_NON_STR_KEYS).decode()


class Database:
    """A pool of connections to one Postgres."""

    def __init__(self, url: str, *, pool_size: int = 10) -> None:
        self.url = url
        self.engine: AsyncEngine = create_async_engine(
            driver_url(url),
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=10,
            pool_pre_ping=False,
            pool_recycle=1800,
            json_serializer=to_json,
            json_deserializer=orjson.loads,
            hide_parameters=True,  # errors are logged; what customers wrote is not
            connect_args={"connect_timeout": 5, "application_name": "relevo"},
        )

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[AsyncConnection]:
        """One transaction: commits when the block ends, rolls back when it raises."""
        async with self.engine.begin() as connection:
            yield connection

    @asynccontextmanager
    async def reading(self) -> AsyncGenerator[AsyncConnection]:
        """Read single statements without the cost of a transaction around them."""
        async with self.engine.connect() as connection:
            yield await connection.execution_options(isolation_level="AUTOCOMMIT")

    async def close(self) -> None:
        """Give all connections back."""
        await self.engine.dispose()


async def fetch_all(connection: AsyncConnection, statement: str, parameters: Mapping[str, Any]) -> Sequence[RowMapping]:
    """Run hand-written SQL (`%(name)s` parameters) and return its rows."""
    return (await connection.exec_driver_sql(statement, dict(parameters))).mappings().all()


async def fetch_one(connection: AsyncConnection, statement: str, parameters: Mapping[str, Any]) -> RowMapping | None:
    """Run hand-written SQL and return its only row, or None."""
    return (await connection.exec_driver_sql(statement, dict(parameters))).mappings().one_or_none()


async def execute(connection: AsyncConnection, statement: str, parameters: Mapping[str, Any]) -> int:
    """Run hand-written SQL and return how many rows it touched."""
    return (await connection.exec_driver_sql(statement, dict(parameters))).rowcount


def is_unavailable(error: BaseException) -> bool:
    """Whether the database itself is away (restarting, unreachable, full), rather than unhappy with what was asked."""
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    return isinstance(error, (OperationalError, InterfaceError, TimeoutError, OSError)) and not is_conflict(error)


def is_conflict(error: BaseException) -> bool:
    """Whether two transactions got in each other's way (deadlock, serialisation), so that trying again is right."""
    code = getattr(getattr(error, "orig", None), "sqlstate", None)
    return code in {"40001", "40P01"}
