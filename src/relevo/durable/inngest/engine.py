"""The other engine: Inngest calls, this process claims the actor it was called for and runs it.

Besides, it runs the relay, which tells Inngest what is due. It claims nothing else.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import structlog

from relevo.durable.listen import listen
from relevo.durable.local import AWAY_SECONDS, DEAF_POLL_SECONDS, POLL_SECONDS, worker_name
from relevo.durable.mailbox import Mailbox
from relevo.durable.relay import RELAY_ACTOR
from relevo.durable.runner import Runner
from relevo.durable.runs import Runs
from relevo.store.database import is_unavailable

if TYPE_CHECKING:
    import uuid
    from collections.abc import Mapping

    from relevo.durable.actor import Behaviour
    from relevo.store.database import Database

MAX_ROUNDS = 20
"""Runs one call may make of an actor that is due again each time; then Inngest has to call again."""
BREATH_SECONDS = 0.05
"""Between two runs of the relay: what comes meanwhile shares a request."""

log = structlog.get_logger(__name__)

Because = Literal["done", "held by another run", "nothing due", "busy", "abandoned"]


@dataclass(frozen=True, slots=True)
class Brought:
    """What came of a wake-up."""

    runs: int
    because: Because
    """Why it ended."""
    error: str | None = None
    retry_in: float | None = None


class InngestEngine:
    """One serving process's part. `run()` until `stop()`, which drains."""

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
        self._runs = Runs(
            self._mailbox, Runner(self._mailbox, behaviours), lease_seconds=lease_seconds, changed=self._alarm.set
        )
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

    async def bring(self, kind: str, key: uuid.UUID) -> Brought:
        """Run an actor Inngest was told is due. Any wake-up may come late, twice, or while another run has the actor.

        A run goes on when its caller hangs up: it holds the lease, and what it does is written down.
        """
        runs = 0
        while runs < MAX_ROUNDS and not self._stopping and len(self._runs) < self._max_runs:
            asked = await self._mailbox.claim_one(kind, key)
            if asked.lease is None:
                nothing = "held by another run" if asked.leased else "nothing due"
                return Brought(runs, "done" if runs else nothing)
            ended = await asyncio.shield(self._runs.start(asked.lease))
            runs += 1
            if ended is None:
                return Brought(runs, "abandoned")
            if not ended.soon:
                return Brought(runs, "done", ended.error, ended.retry_in)
        return Brought(runs, "busy")

    async def run(self) -> None:
        """Keep leases and run the relay until stopped."""
        helpers = [asyncio.create_task(self._runs.keep_leases())]
        if self._database.listen_url:
            helpers.append(asyncio.create_task(listen(self._database.listen_url, self._alarm.set)))
        longest = POLL_SECONDS if self._database.listen_url else DEAF_POLL_SECONDS
        heard = False
        try:
            while not self._stopping:
                self._alarm.clear()
                try:
                    pause = min(await self._relay(heard=heard), longest)
                except Exception as error:
                    if not is_unavailable(error):
                        raise
                    log.warning("database away, waiting", error=type(error).__name__)
                    pause = AWAY_SECONDS
                heard = False
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._alarm.wait(), pause)
                    heard = True
        finally:
            await self._runs.drain(self._drain_seconds)
            for helper in helpers:
                helper.cancel()
            await asyncio.gather(*helpers, return_exceptions=True)

    async def _relay(self, *, heard: bool) -> float:
        """Run the relay if it is its time, or somebody was heard to wake; return how long to sleep, in seconds."""
        ahead = POLL_SECONDS if heard else 0.0
        asked = await self._mailbox.claim_one(RELAY_ACTOR.kind, RELAY_ACTOR.key, ahead=ahead)
        if asked.lease is not None:
            await self._runs.start(asked.lease)
            return BREATH_SECONDS
        if asked.due_in is None:
            return POLL_SECONDS
        return max(asked.due_in, BREATH_SECONDS)
