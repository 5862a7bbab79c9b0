"""Runs under way in this process: keeps their leases, takes over those of the dead, puts back what must end early.

Chooses nothing: which actor runs, and when, is the engines' business.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import structlog

from relevo.telemetry.metrics import RUNS_IN_FLIGHT, TAKEN_OVER

if TYPE_CHECKING:
    from collections.abc import Callable

    from relevo.durable.lease import Lease
    from relevo.durable.mailbox import Mailbox
    from relevo.durable.runner import Ended, Runner

log = structlog.get_logger(__name__)


class Runs:
    """One task for each run."""

    def __init__(self, mailbox: Mailbox, runner: Runner, *, lease_seconds: float, changed: Callable[[], None]) -> None:
        self._mailbox = mailbox
        self._runner = runner
        self._lease_seconds = lease_seconds
        self._changed = changed
        self._runs: dict[asyncio.Task[Ended | None], Lease] = {}

    def __len__(self) -> int:
        return len(self._runs)

    def start(self, lease: Lease) -> asyncio.Task[Ended | None]:
        """Run a claimed actor. The task ends with how the run ended; None: nothing could be written about it."""
        task = asyncio.create_task(self._run(lease))
        self._runs[task] = lease
        RUNS_IN_FLIGHT.inc()
        task.add_done_callback(self._done)
        return task

    async def _run(self, lease: Lease) -> Ended | None:
        try:
            return await self._runner.run(lease)
        except Exception as error:  # noqa: BLE001 - one run's trouble must not end the others
            # Nothing could be written about this run: the lease runs out and another takes it up.
            log.warning("run abandoned", key=str(lease.actor.key), error=type(error).__name__)
            lease.lost()
            return None

    def _done(self, task: asyncio.Task[Ended | None]) -> None:
        del self._runs[task]
        RUNS_IN_FLIGHT.dec()
        ended = None if task.cancelled() else task.result()
        if ended is not None and ended.soon:
            self._changed()

    async def keep_leases(self) -> None:
        """Renew all leases in one statement, and take over those of the dead; until cancelled."""
        while True:
            await asyncio.sleep(self._lease_seconds / 3)
            try:
                if leases := list(self._runs.values()):
                    await self._mailbox.renew(leases)
                if taken := await self._mailbox.take_over():
                    TAKEN_OVER.inc(taken)
                    log.warning("took over runs of a dead worker", runs=taken)
                    self._changed()
            except Exception as error:  # noqa: BLE001 - leases that are not renewed run out; the loop must go on
                log.warning("leases not renewed", error=type(error).__name__)

    async def drain(self, seconds: float) -> None:
        """Let runs under way finish; put back those that do not in time."""
        deadline = time.monotonic() + seconds
        while self._runs and time.monotonic() < deadline:
            await asyncio.wait(self._runs, timeout=deadline - time.monotonic())
        rest = list(self._runs)
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)
