"""Group commit: deliveries waiting at the same time share one transaction; each is acknowledged after its commit."""

from __future__ import annotations

import asyncio
import math
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
MAX_WAITING = 4000
CONCURRENT_GROUPS = 2
"""While the database writes one group the next is read and written down; and none waits for one that is held up."""
GATHERING_TURNS = 3
"""Turns of the event loop before a group is closed: requests whose bytes are there already join it."""
PATIENCE = 0.001
"""Seconds a group waits for its share of those who were here a moment ago: less than the commit they then share."""
FORGETTING = 0.9
"""What is left of the crowd's size after each group that was part of a smaller one."""


class GroupCommit:
    """Stores deliveries. Alone, a delivery is stored at once; of a crowd, each group takes its share.

    A group has a fixed price, so few large ones are cheaper; but with one that takes everybody, the database idles
    while requests are read, and reading idles while the database works. Groups of like size keep both busy.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: list[tuple[Arrival, asyncio.Future[None]]] = []
        self._groups: set[asyncio.Task[None]] = set()
        self._being_stored = 0
        self._crowd = 1.0
        """How many deliveries were here at once lately."""
        self._gathering: asyncio.Future[None] | None = None
        """Done when the group that gathers has its share."""

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
        if self._gathering is not None:
            if len(self._waiting) >= self._share and not self._gathering.done():
                self._gathering.set_result(None)
        else:
            self._start_group()
        await done

    def _start_group(self) -> None:
        if len(self._groups) < CONCURRENT_GROUPS:
            self._groups.add(asyncio.create_task(self._work()))

    @property
    def _share(self) -> int:
        """Deliveries of a group."""
        return max(1, min(MAX_GROUP, math.ceil(self._crowd / CONCURRENT_GROUPS)))

    async def _work(self) -> None:
        task = asyncio.current_task()
        try:
            # While another one gathers, those who wait are its.
            while self._waiting and self._gathering is None:
                await self._work_once()
        finally:
            # Here and not in a callback: a delivery arriving in between would find a group that takes no more.
            self._groups = {group for group in self._groups if group is not task}

    async def _work_once(self) -> None:
        await self._gather()
        group = self._next_group()
        if self._waiting:
            self._start_group()
        self._being_stored += len(group)
        try:
            await receive(self._database, [arrival for arrival, _ in group])
        except BaseException as error:
            _settle(group, error)
            if not isinstance(error, Exception):
                raise
        else:
            DELIVERIES_PER_COMMIT.observe(len(group))
            _settle(group, None)
        finally:
            self._being_stored -= len(group)

    async def _gather(self) -> None:
        """Give those who are about to arrive the time to; nobody waits where nobody else was a moment ago."""
        loop = asyncio.get_running_loop()
        self._gathering = gathered = loop.create_future()
        try:
            for _ in range(GATHERING_TURNS):
                await asyncio.sleep(0)
            if len(self._waiting) < self._share:
                timer = loop.call_later(PATIENCE, lambda: gathered.done() or gathered.set_result(None))
                await gathered
                timer.cancel()
        finally:
            self._gathering = None

    def _next_group(self) -> list[tuple[Arrival, asyncio.Future[None]]]:
        self._crowd = max(self._being_stored + len(self._waiting), FORGETTING * self._crowd)
        size = count = 0
        for arrival, _ in self._waiting[: self._share]:
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
