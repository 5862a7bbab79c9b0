"""Connections and transactions. The one place that knows how to reach Postgres; it commits for those who ask.

Statements go to psycopg directly: through SQLAlchemy each costs several times the CPU (docs/adr/0010). Tables and
migrations remain SQLAlchemy's.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, LiteralString, cast

import orjson
import psycopg
import psycopg.types.json
from psycopg.rows import dict_row
from sqlalchemy.engine import make_url

from relevo.store.pool import Pool

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping, Sequence

Row = dict[str, Any]
Connection = psycopg.AsyncConnection[Row]
DatabaseError = psycopg.Error
IntegrityError = psycopg.IntegrityError

URGENT = 2
"""Connections a process may open besides its pool: for claiming, and for keeping leases."""
PREPARE_AFTER = 5
"""Uses of a statement on one connection after which the server keeps its plan."""


def driver_url(url: str) -> str:
    """Turn any Postgres URL into SQLAlchemy's for psycopg 3; the address and its options stay as they are."""
    return make_url(url).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


def to_json(value: object) -> str:
    """Write JSON for the database. NUL, which Postgres cannot hold, is removed by whoever parses foreign text."""
    return orjson.dumps(value, default=str, option=orjson.OPT_NON_STR_KEYS).decode()


class Database:
    """A pool of connections to one Postgres. No statement leaves anything in its session for a later one.

    `pooled`: the address is a pooler's that lends a server session for one transaction (PgBouncer's transaction mode).
    Prepared statements, which live in a session, are then not used; and LISTEN needs `direct_url`, the server's own.
    """

    def __init__(self, url: str, *, pool_size: int = 10, pooled: bool = False, direct_url: str | None = None) -> None:
        self.url = url
        self.listen_url = direct_url or (None if pooled else url)
        """Where to LISTEN; None: nowhere."""
        self._prepare_after = None if pooled else PREPARE_AFTER
        self.pool: Pool[Row] = Pool(self._connect, pool_size)
        self._urgent: Pool[Row] = Pool(self._connect, URGENT)

    async def _connect(self) -> Connection:
        connection = await Connection.connect(
            self.url,
            autocommit=True,
            row_factory=dict_row,
            connect_timeout=5,
            application_name="relevo",
            prepare_threshold=self._prepare_after,
        )
        psycopg.types.json.set_json_loads(orjson.loads, connection)
        return connection

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[Connection]:
        """One transaction: commits when the block ends, rolls back when it raises."""
        async with self.pool.connection() as connection, connection.transaction():
            yield connection

    @asynccontextmanager
    async def reading(self) -> AsyncGenerator[Connection]:
        """Read single statements without the cost of a transaction around them."""
        async with self.pool.connection() as connection:
            yield connection

    @asynccontextmanager
    async def urgent(self) -> AsyncGenerator[Connection]:
        """As `reading`, on a connection kept for it: for what must not queue behind the work it supervises."""
        async with self._urgent.connection() as connection:
            yield connection

    async def close(self) -> None:
        """Give all connections back."""
        await self.pool.close()
        await self._urgent.close()


async def fetch_all(connection: Connection, statement: str, parameters: Mapping[str, Any]) -> Sequence[Row]:
    """Run hand-written SQL (`%(name)s` parameters) and return its rows."""
    return await (await _run(connection, statement, parameters)).fetchall()


async def fetch_one(connection: Connection, statement: str, parameters: Mapping[str, Any]) -> Row | None:
    """Run hand-written SQL and return its only row, or None."""
    return await (await _run(connection, statement, parameters)).fetchone()


async def execute(connection: Connection, statement: str, parameters: Mapping[str, Any]) -> int:
    """Run hand-written SQL and return how many rows it touched."""
    return (await _run(connection, statement, parameters)).rowcount


async def _run(connection: Connection, statement: str, parameters: Mapping[str, Any]) -> psycopg.AsyncCursor[Row]:
    # Our own statements, from .sql files or constants; values travel as parameters only.
    return await connection.execute(cast("LiteralString", statement), parameters)


def is_unavailable(error: BaseException) -> bool:
    """Whether the database itself is away (restarting, unreachable, full), rather than unhappy with what was asked."""
    away = isinstance(error, (psycopg.OperationalError, psycopg.InterfaceError, OSError))
    return away and not is_conflict(error)


def is_conflict(error: BaseException) -> bool:
    """Whether two transactions got in each other's way (deadlock, serialisation), so that trying again is right."""
    return isinstance(error, (psycopg.errors.SerializationFailure, psycopg.errors.DeadlockDetected))
