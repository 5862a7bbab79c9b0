"""The built-in engine: workers on any number of machines claim due actors from the mailbox and run them."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from typing import TYPE_CHECKING

import structlog

from relevo.durable.listen import listen
from relevo.durable.mailbox import Mailbox
from relevo.durable.runner import Runner
from relevo.durable.runs import Runs
from relevo.store.database import is_unavailable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from relevo.durable.actor import Behaviour
    from relevo.store.database import Database

POLL_SECONDS = 1.0
"""The longest a worker sleeps: what NOTIFY may miss is found by then."""
DEAF_POLL_SECONDS = 0.2
"""The same where nothing is heard, behind a pooler without a direct address beside it."""
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
        self.name = worker_name()
        self._database = database
        self._mailbox = Mailbox(database, lease_seconds=lease_seconds, worker=self.name)
        self._alarm = asyncio.Event()
        runner = Runner(self._mailbox, behaviours)
        self._runs = Runs(self._mailbox, runner, lease_seconds=lease_seconds, changed=self._alarm.set)
        self._poll_seconds = POLL_SECONDS if database.listen_url else DEAF_POLL_SECONDS
        self._max_runs = max_runs
        self._drain_seconds = drain_seconds
        self._stopping = False

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
        helpers = [asyncio.create_task(self._runs.keep_leases())]
        if self._database.listen_url:
            helpers.append(asyncio.create_task(listen(self._database.listen_url, self._alarm.set)))
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
            await self._runs.drain(self._drain_seconds)
            for helper in helpers:
                helper.cancel()
            await asyncio.gather(*helpers, return_exceptions=True)

    async def _claim(self) -> float:
        """Start what is due; return how long to sleep, in seconds."""
        free = min(self._max_runs - len(self._runs), CLAIM_BATCH)
        if free <= 0:
            return self._poll_seconds
        leases = await self._mailbox.claim(free)
        for lease in leases:
            task = self._runs.start(lease)
            if len(self._runs) >= self._max_runs:
                task.add_done_callback(self._room)
        if leases:
            return 0
        pause = await self._mailbox.seconds_to_next()
        return self._poll_seconds if pause is None else min(max(pause, 0.01), self._poll_seconds)

    def _room(self, _: object) -> None:
        """Look for more as soon as one of a full house has ended."""
        self._alarm.set()


def worker_name() -> str:
    """Name this process among all that work: machine and process id."""
    return f"{socket.gethostname()}:{os.getpid()}"
