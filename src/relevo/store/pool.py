"""A bounded set of connections, opened when needed. Knows nothing of statements; never hands out a broken one twice."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Generic, TypeVar

import psycopg
from psycopg.pq import TransactionStatus

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable

T = TypeVar("T")

MAX_AGE = 1800.0
"""Seconds after which a connection is replaced, so that none grows old with its server's caches."""


class Pool(Generic[T]):
    """At most `size` connections at a time; the most recently used first. Who finds none free waits for its turn.

    Waiting has no time-out: what is waited for is other work of this process, whose statements end by themselves or by
    the server's going away. A server that is away is noticed at once, as connecting fails.
    """

    def __init__(self, connect: Callable[[], Awaitable[psycopg.AsyncConnection[T]]], size: int) -> None:
        self._connect = connect
        self._turns = asyncio.Semaphore(size)
        self._idle: list[tuple[psycopg.AsyncConnection[T], float]] = []
        self.in_use = 0
        """Connections handed out at this moment."""

    @asynccontextmanager
    async def connection(self) -> AsyncGenerator[psycopg.AsyncConnection[T]]:
        """Lend a connection. An open transaction is rolled back when it comes back.

        Raises:
            psycopg.OperationalError: the server cannot be reached.

        """
        async with self._turns:
            connection, born = self._idle.pop() if self._idle else (await self._connect(), time.monotonic())
            self.in_use += 1
            try:
                yield connection
            finally:
                self.in_use -= 1
                await self._take_back(connection, born)

    async def _take_back(self, connection: psycopg.AsyncConnection[T], born: float) -> None:
        if connection.info.transaction_status in {TransactionStatus.INTRANS, TransactionStatus.INERROR}:
            try:
                await connection.rollback()
            except psycopg.Error:
                await connection.close()
        if connection.closed:
            # The server went away, or this one was cut off: the others were opened to the same server.
            await self.close()
        elif connection.info.transaction_status == TransactionStatus.IDLE and time.monotonic() - born < MAX_AGE:
            self._idle.append((connection, born))
        else:
            await connection.close()

    async def close(self) -> None:
        """Close what is idle."""
        idle, self._idle = self._idle, []
        for connection, _ in idle:
            await connection.close()
