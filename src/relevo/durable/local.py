"""The built-in engine: workers on any number of machines claim due actors from the mailbox and run them."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import time
from typing import TYPE_CHECKING

import psycopg
import structlog

from relevo.durable.mailbox import Mailbox
from relevo.durable.runner import Runner
from relevo.store.database import is_unavailable
from relevo.telemetry.metrics import RUNS_IN_FLIGHT, TAKEN_OVER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from relevo.durable.actor import Behaviour
    from relevo.durable.lease import Lease
    from relevo.store.database import Database

POLL_SECONDS = 1.0
"""The longest a worker sleeps: what NOTIFY may miss is found by then."""
CLAIM_BATCH = 50
AWAY_SECONDS = 0.5

log = structlog.get_logger(__name__)


class LocalEngine:
    """One worker process's loop. `run()` until `stop()`, which drains: runs under way finish, nothing is claimed."""

    def __init__(
        self,
        database: Database,
        behaviours: Mapping[str, Behaviour],
        *,
        lease_seconds: float = 15.0,
        max_runs: int = 4000,
        drain_seconds: float = 20.0,
    ) -> None:
        self.name = f"{socket.gethostname()}:{os.getpid()}"
        self._database = database
        self._mailbox = Mailbox(database, lease_seconds=lease_seconds, worker=self.name)
        self._runner = Runner(self._mailbox, behaviours)
        self._lease_seconds = lease_seconds
        self._max_runs = max_runs
        self._drain_seconds = drain_seconds
        self._runs: dict[asyncio.Task[None], Lease] = {}
        self._stopping = False
        self._alarm = asyncio.Event()

    @property
    def running(self) -> int:
        """Runs in flight."""
        return len(self._runs)

    def stop(self) -> None:
        """Claim nothing more; `run()` returns once what is under way is done or put back."""
        self._stopping = True
        self._alarm.set()

    async def run(self) -> None:
        """Work until stopped."""
        helpers = [asyncio.create_task(job) for job in (self._listen(), self._keep_leases())]
        try:
            while not self._stopping:
                self._alarm.clear()
                try:
                    pause = await self._claim()
                except Exception as error:
                    if not is_unavailable(error):
                        raise
                    log.warning("database away, waiting", error=type(error).__name__)
                    pause = AWAY_SECONDS
                if pause > 0 and not self._stopping:
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(self._alarm.wait(), pause)
        finally:
            await self._drain()
            for helper in helpers:
                helper.cancel()
            await asyncio.gather(*helpers, return_exceptions=True)

    async def _claim(self) -> float:
        """Start what is due; return how long to sleep, in seconds."""
        free = min(self._max_runs - len(self._runs), CLAIM_BATCH)
        if free <= 0:
            return POLL_SECONDS
        leases = await self._mailbox.claim(free)
        for lease in leases:
            task = asyncio.create_task(self._run(lease))
            self._runs[task] = lease
            RUNS_IN_FLIGHT.inc()
            task.add_done_callback(self._done)
        if leases:
            return 0
        pause = await self._mailbox.seconds_to_next()
        return POLL_SECONDS if pause is None else min(max(pause, 0.01), POLL_SECONDS)

    async def _run(self, lease: Lease) -> None:
        try:
            if await self._runner.run(lease):
                self._alarm.set()
        except Exception as error:  # noqa: BLE001 - one run's trouble must not end the others
            # Nothing could be written about this run: the lease runs out and another takes it up.
            log.warning("run abandoned", key=str(lease.actor.key), error=type(error).__name__)
            lease.lost()

    def _done(self, task: asyncio.Task[None]) -> None:
        del self._runs[task]
        RUNS_IN_FLIGHT.dec()
        if len(self._runs) == self._max_runs - 1:
            self._alarm.set()

    async def _keep_leases(self) -> None:
        """Renew all leases in one statement, and take over those of the dead."""
        while True:
            await asyncio.sleep(self._lease_seconds / 3)
            try:
                if leases := list(self._runs.values()):
                    await self._mailbox.renew(leases)
                if taken := await self._mailbox.take_over():
                    TAKEN_OVER.inc(taken)
                    log.warning("took over runs of a dead worker", runs=taken)
                    self._alarm.set()
            except Exception as error:  # noqa: BLE001 - leases that are not renewed run out; the loop must go on
                log.warning("leases not renewed", error=type(error).__name__)

    async def _listen(self) -> None:
        """Wake the loop on NOTIFY, on a connection of its own. Without it, polling does the same a little later."""
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(
                    self._database.url, autocommit=True, application_name="relevo listen"
                ) as connection:
                    await connection.execute("listen relevo_wake")
                    self._alarm.set()
                    async for _ in connection.notifies():
                        self._alarm.set()
            except (psycopg.Error, OSError) as error:
                log.warning("listening interrupted", error=type(error).__name__)
            await asyncio.sleep(POLL_SECONDS)

    async def _drain(self) -> None:
        """Let runs under way finish; put back those that do not in time."""
        deadline = time.monotonic() + self._drain_seconds
        while self._runs and time.monotonic() < deadline:
            await asyncio.wait(self._runs, timeout=deadline - time.monotonic())
        rest = list(self._runs)
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)
