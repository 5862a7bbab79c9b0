"""The relay: hands events of the log and due wake-ups to an engine outside, at least once. Runs no work itself.

It follows the log and the mailbox; nothing it does is waited for by a webhook. While the engine is away it backs off,
and then goes on where it stopped: what is due stays due, what happened stays in the log.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, Protocol

import structlog

from relevo.durable.actor import NO_WORKSPACE, RELAY, Actor
from relevo.durable.mailbox import wake
from relevo.durable.relay_events import HANDED_OVER, event_of, requests, wake_up_of
from relevo.errors import EngineAwayError, EngineRefusedError
from relevo.store.database import execute, fetch_all, fetch_one
from relevo.store.sql_files import sql_file
from relevo.telemetry.metrics import RELAY_BEHIND, RELAY_FAILURES, RELAYED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from relevo.durable.lease import Lease
    from relevo.store.database import Database, Row

RELAY_ACTOR: Final = Actor(RELAY, NO_WORKSPACE, NO_WORKSPACE)
POLL_SECONDS = 1.0
BATCH = 500
MAX_BATCHES = 20
"""Batches of one run; what is left waits for the next one, so that a run never outlives its lease by much."""
GRACE_SECONDS = 15.0
"""An actor that was told of and still waits is told of again after this."""
MAX_BACKOFF_SECONDS = 60.0
ALARM_AFTER = timedelta(minutes=1)
MOVE_EVERY = timedelta(seconds=10)
"""How often the place in the log is written down while nothing in it concerns us."""

log = structlog.get_logger(__name__)


class Post(Protocol):
    """Where events go."""

    async def __call__(self, events: Sequence[bytes], /) -> None:
        """Hand over events, all or none.

        Raises:
            EngineAwayError: try again later.
            EngineRefusedError: one of them will never be taken.

        """
        ...


class Relay:
    """The behaviour of the `relay` actor."""

    def __init__(self, database: Database, post: Post, *, grace_seconds: float = GRACE_SECONDS) -> None:
        self._database = database
        self._post = post
        self.grace_seconds = grace_seconds

    async def start(self) -> None:
        """Make sure the relay has a place in the log and is on its round."""
        async with self._database.transaction() as connection:
            await execute(connection, _sql("start"), {"name": RELAY})
            await wake(connection, RELAY_ACTOR, datetime.now(UTC))

    async def run(self, lease: Lease) -> datetime:
        """Hand over what there is."""
        place = await self._one("read", {"name": RELAY})
        if place is None:
            return datetime.now(UTC) + timedelta(seconds=POLL_SECONDS)
        try:
            for _ in range(MAX_BATCHES):
                events = await self._hand_over_events(lease, place)
                wake_ups = await self._hand_over_wake_ups()
                if max(events, wake_ups) < BATCH:
                    break
        except EngineAwayError as error:
            return await self._away(place, error)
        if place["failures"]:
            log.info("the engine takes events again", away_since=place["failing_since"].isoformat())
        if place["failures"] or place["now"] - place["moved_at"] > MOVE_EVERY:
            await self._move(lease, place)
        upcoming = await self._one("next", {"relay": RELAY})
        pause = POLL_SECONDS if upcoming is None or upcoming["seconds"] is None else upcoming["seconds"]
        return datetime.now(UTC) + timedelta(seconds=min(max(pause, 0.0), POLL_SECONDS))

    async def _hand_over_events(self, lease: Lease, place: Row) -> int:
        """Send the next events of the log and move behind them; returns how many there were."""
        parameters = {"xact": place["xact"], "id": place["id"], "types": list(HANDED_OVER), "limit": BATCH}
        rows = await self._all("events", parameters)
        events = [row for row in rows if row["id"] is not None]
        RELAY_BEHIND.set(max((row["age"] for row in events), default=0.0))
        if events:
            # Of overlapping transactions the one with the higher id had the conversation later.
            in_order = sorted(events, key=lambda row: row["id"])
            await self._send([event_of(row) for row in in_order], "event")
            keys = list({row["conversation_id"] for row in events if row["conversation_id"] is not None})
            await self._write("told_by_events", {"keys": keys, "read_at": rows[0]["read_at"]})
        if len(events) == BATCH:
            place |= {"xact": events[-1]["xact"], "id": events[-1]["id"]}
        elif rows:
            place |= {"xact": rows[0]["horizon"], "id": 0}
        if events:
            await self._move(lease, place)
        return len(events)

    async def _hand_over_wake_ups(self) -> int:
        """Tell of actors that are due; returns how many."""
        rows = await self._all("due", {"relay": RELAY, "grace": self.grace_seconds, "limit": BATCH})
        if rows:
            await self._send([wake_up_of(row) for row in rows], "wake_up")
            told = {
                "kinds": [row["kind"] for row in rows],
                "keys": [row["key"] for row in rows],
                "due": [row["due_at"] for row in rows],
            }
            await self._write("told", told)
        return len(rows)

    async def _send(self, events: Sequence[bytes], what: str) -> None:
        for request in requests(events):
            try:
                await self._post(request)
            except EngineRefusedError as error:
                if len(request) > 1:
                    half = len(request) // 2
                    await self._send(request[:half], what)
                    await self._send(request[half:], what)
                    continue
                # The mailbox tells of its work all the same, so nothing but the event itself is missing there.
                log.warning("the engine refused an event for good", error=str(error), size=len(request[0]))
                RELAYED.labels("refused").inc()
            else:
                RELAYED.labels(what).inc(len(request))

    async def _away(self, place: Row, error: EngineAwayError) -> datetime:
        RELAY_FAILURES.inc()
        await self._write("fail", {"name": RELAY, "error": str(error)})
        since = place["failing_since"] or place["now"]
        lasting = place["now"] - since
        tell = log.error if lasting >= ALARM_AFTER else log.warning
        tell("the engine takes nothing, will try again", error=str(error), seconds=int(lasting.total_seconds()))
        backoff = min(2.0 * 2.0 ** min(place["failures"], 10), MAX_BACKOFF_SECONDS)
        return datetime.now(UTC) + timedelta(seconds=backoff)

    async def give_up(self, lease: Lease, error: str) -> None:
        """Go on all the same, later."""
        log.error("the relay failed", error=error)
        async with self._database.transaction() as connection:
            await lease.hold(connection)
            await wake(connection, RELAY_ACTOR, datetime.now(UTC) + timedelta(seconds=MAX_BACKOFF_SECONDS))

    async def _move(self, lease: Lease, place: Row) -> None:
        async with self._database.transaction() as connection:
            await lease.hold(connection)
            await execute(connection, _sql("move"), {"name": RELAY, "xact": place["xact"], "id": place["id"]})

    async def _all(self, name: str, parameters: Mapping[str, object]) -> Sequence[Row]:
        async with self._database.reading() as connection:
            return await fetch_all(connection, _sql(name), parameters)

    async def _one(self, name: str, parameters: Mapping[str, object]) -> Row | None:
        async with self._database.reading() as connection:
            return await fetch_one(connection, _sql(name), parameters)

    async def _write(self, name: str, parameters: Mapping[str, object]) -> None:
        async with self._database.reading() as connection:
            await execute(connection, _sql(name), parameters)


def _sql(name: str) -> str:
    return sql_file("relevo.durable", f"relay_{name}")
