"""Group commit: deliveries waiting at the same time share one transaction; each is acknowledged after its commit."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from relevo.conversations.receive import receive
from relevo.errors import StoreError
from relevo.telemetry.metrics import DELIVERIES_PER_COMMIT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from relevo.conversations.receive import Arrival
    from relevo.store.database import Database

MAX_GROUP = 64
MAX_GROUP_BYTES = 6_000_000
GATHERING_TURNS = 3
"""Turns of the event loop before a group is closed: requests whose bytes are there already join it. A fixed price is
paid for each group, so under moderate load this is worth half as much throughput again."""
CONCURRENT_GROUPS = 3
"""While the database writes one group the next is read and written down; and none waits for one that is held up."""
MAX_WAITING = 4000


class GroupCommit:
    """Stores deliveries. Alone, a delivery is stored at once; under load, many at a time."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: list[tuple[Arrival, asyncio.Future[None]]] = []
        self._groups: set[asyncio.Task[None]] = set()

    async def store(self, arrival: Arrival) -> None:
        """Return once the delivery is committed.

        Raises:
            StoreError: too many are waiting already.
            DatabaseError: the database is away.

        """
        if len(self._waiting) >= MAX_WAITING:
            raise StoreError("Too many deliveries are waiting for the database.")
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((arrival, done))
        if len(self._groups) < CONCURRENT_GROUPS:
            self._start_group()
        await done

    def _start_group(self) -> None:
        task = asyncio.create_task(self._work())
        self._groups.add(task)

    async def _work(self) -> None:
        task = asyncio.current_task()
        try:
            while self._waiting:
                await self._work_once()
        finally:
            # Here and not in a callback: a delivery arriving in between would find a group that takes no more.
            self._groups = {group for group in self._groups if group is not task}

    async def _work_once(self) -> None:
        for _ in range(GATHERING_TURNS):
            await asyncio.sleep(0)
        group = self._next_group()
        if not group:
            return
        try:
            await receive(self._database, [arrival for arrival, _ in group])
        except BaseException as error:
            _settle(group, error)
            if not isinstance(error, Exception):
                raise
        else:
            DELIVERIES_PER_COMMIT.observe(len(group))
            _settle(group, None)

    def _next_group(self) -> list[tuple[Arrival, asyncio.Future[None]]]:
        size = count = 0
        for arrival, _ in self._waiting[:MAX_GROUP]:
            size += len(arrival.body)
            if count and size > MAX_GROUP_BYTES:
                break
            count += 1
        group, self._waiting = self._waiting[:count], self._waiting[count:]
        return group


def _settle(group: Sequence[tuple[Arrival, asyncio.Future[None]]], error: BaseException | None) -> None:
    for _, done in group:
        if done.done():
            continue
        if error is None:
            done.set_result(None)
        else:
            done.set_exception(error if isinstance(error, Exception) else StoreError("Interrupted."))
