"""One run of one actor under a lease, as every engine does it once it has claimed: retries, failing, letting go."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from relevo.errors import LeaseLostError, RelevoError
from relevo.store.database import DatabaseError, is_conflict, is_unavailable
from relevo.telemetry.metrics import FAILED_FOR_GOOD, LEASES_LOST

if TYPE_CHECKING:
    from collections.abc import Mapping

    from relevo.durable.actor import Behaviour
    from relevo.durable.lease import Lease
    from relevo.durable.mailbox import Mailbox

RETRIES = 2
"""Runs after the first that may raise before the actor is given up."""
BACKOFF_SECONDS = (2.0, 10.0)
MAX_CRASHES = 10
"""Processes that may vanish under one actor before it is taken for the cause. Higher than RETRIES: deploys and
out-of-memory kills hit the innocent too."""

STRANGER_REST = timedelta(seconds=30)
"""How long an actor of a kind this process does not know is left alone."""

AWAY_REST = timedelta(seconds=2)
"""How long a run waits that found the database away."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run ended, for the engine that brought its wake-up."""

    soon: bool = False
    """The actor is due again within a second."""
    error: str | None = None
    """It raised this, in words."""
    retry_in: float | None = None
    """Seconds until it is tried again; None after an error: given up for good."""


class Runner:
    """Runs claimed actors by their kind's behaviour."""

    def __init__(self, mailbox: Mailbox, behaviours: Mapping[str, Behaviour]) -> None:
        self._mailbox = mailbox
        self._behaviours = behaviours

    async def run(self, lease: Lease) -> Ended:
        """Run once and let go. Never raises but for cancellation and a database that is away."""
        behaviour = self._behaviours.get(lease.actor.kind)
        if behaviour is None:
            # Another version's, or another engine's: left to who knows it.
            return Ended(soon=await self._mailbox.finish(lease, datetime.now(UTC) + STRANGER_REST))
        try:
            if lease.crashes > MAX_CRASHES:
                return await self._give_up(lease, f"the process died {lease.crashes} times while working on this")
            due = await behaviour.run(lease)
        except asyncio.CancelledError:
            await asyncio.shield(self._mailbox.release(lease))
            raise
        except LeaseLostError:
            LEASES_LOST.inc()
            log.warning("lease lost", kind=lease.actor.kind, key=str(lease.actor.key))
        except Exception as error:  # noqa: BLE001 - the retry policy is for whatever a run may raise
            return await self._failed(lease, error)
        else:
            return Ended(soon=await self._mailbox.finish(lease, due))
        return Ended()

    async def _failed(self, lease: Lease, error: Exception) -> Ended:
        words = describe(error)
        if is_conflict(error):
            await self._mailbox.release(lease)
            return Ended(soon=True)
        if isinstance(error, DatabaseError) and is_unavailable(error):
            # Not the run's fault, however often: a customer is not given up for a database that restarts.
            log.warning("database away, putting a run back", kind=lease.actor.kind, key=str(lease.actor.key))
            return Ended(soon=await self._mailbox.finish(lease, datetime.now(UTC) + AWAY_REST))
        if lease.attempts < RETRIES:
            log.warning("run failed, will retry", kind=lease.actor.kind, key=str(lease.actor.key), exc_info=error)
            backoff = BACKOFF_SECONDS[lease.attempts]
            await self._mailbox.retry(lease, words, backoff)
            return Ended(error=words, retry_in=backoff)
        log.error("run failed for good", kind=lease.actor.kind, key=str(lease.actor.key), exc_info=error)
        return await self._give_up(lease, words)

    async def _give_up(self, lease: Lease, words: str) -> Ended:
        try:
            await self._behaviours[lease.actor.kind].give_up(lease, words)
        except LeaseLostError:
            LEASES_LOST.inc()
            return Ended()
        FAILED_FOR_GOOD.labels(lease.actor.kind).inc()
        await self._mailbox.fail(lease, words)
        return Ended(error=words)


def describe(error: Exception) -> str:
    """Describe an error in one line for people: the class, and the message where it is ours and so holds no secrets."""
    return f"{type(error).__name__}: {error}" if isinstance(error, RelevoError) else type(error).__name__
