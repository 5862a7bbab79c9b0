"""Takes webhook deliveries in: each delivery and all it holds in one transaction, many deliveries in one commit.

An update that cannot be stored is set aside for `relevo deliveries replay`; the rest of its delivery lands.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import structlog
from uuid_utils.compat import uuid7

from relevo.conversations.channel_state import stop_channel
from relevo.conversations.updates import Changes, Place, told_at
from relevo.crm.contacts import learn_identity, set_marketing_preference
from relevo.crm.identities import People, find_or_create
from relevo.crm.tasks import open_task
from relevo.errors import RelevoError
from relevo.store.database import DatabaseError, execute, fetch_all, is_conflict, is_unavailable, to_json
from relevo.store.sql_files import sql_file
from relevo.telemetry.metrics import SET_ASIDE
from relevo.whatsapp.explanations import explain
from relevo.whatsapp.provider_errors import Action, classify_reported
from relevo.whatsapp.updates import InboundMessage, ReportedError, StatusUpdate

if TYPE_CHECKING:
    import uuid
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from relevo.conversations.updates import PendingRow
    from relevo.store.database import Connection, Database
    from relevo.whatsapp.updates import Update

CONFLICT_RETRIES = 3
FIRST_LOOK_SECONDS = 1.5
"""A conversation is looked at that soon after a message at the latest; whether the burst is over is decided then."""

NO_CHANNEL = "no channel with this number"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Arrival:
    """One authenticated webhook body with its updates, each with the channel it belongs to."""

    id: uuid.UUID
    received_at: datetime
    body: bytes
    updates: Sequence[tuple[Update, Place | None]]
    """None: no channel of ours; set aside until there is one."""
    channel_id: uuid.UUID | None
    problem: str | None = None
    trace: str | None = None
    """W3C traceparent of the webhook request."""

    @property
    def heard_until(self) -> datetime | None:
        """The latest provider time in it."""
        return max((moment for update, _ in self.updates if (moment := told_at(update)) is not None), default=None)


async def receive(database: Database, arrivals: Sequence[Arrival]) -> None:
    """Store deliveries; when this returns, all of them are committed.

    Deliveries of one kind share a statement, which is their transaction; the kinds do not wait for each other.

    Raises:
        DatabaseError: the database is away; what is not stored has to be sent again by its sender.

    """
    kinds: dict[Callable[..., Awaitable[None]], list[Arrival]] = {}
    for arrival in arrivals:
        kinds.setdefault(_way_of(arrival), []).append(arrival)
    stored = await asyncio.gather(
        *(_receive_kind(database, way, group) for way, group in kinds.items()), return_exceptions=True
    )
    for problem in stored:
        if problem is not None:
            raise problem


def _way_of(arrival: Arrival) -> Callable[[Database, Sequence[Arrival]], Awaitable[None]]:
    """Choose how a delivery is stored: most hold either messages or statuses, and nothing else."""
    if not arrival.updates or any(place is None for _, place in arrival.updates):
        return _mixed
    if all(isinstance(update, StatusUpdate) for update, _ in arrival.updates):
        return _statuses
    if all(isinstance(update, InboundMessage) for update, _ in arrival.updates):
        return _messages
    return _mixed


async def _receive_kind(
    database: Database, way: Callable[[Database, Sequence[Arrival]], Awaitable[None]], arrivals: Sequence[Arrival]
) -> None:
    try:
        await _retrying(lambda: way(database, arrivals))
    except (DatabaseError, RelevoError) as error:
        if is_unavailable(error):
            raise
        log.warning("a delivery needs care, storing one by one", error=type(error).__name__, deliveries=len(arrivals))
        for arrival in arrivals:
            await _retrying(lambda one=arrival: _receive_carefully(database, one))


async def _retrying(work: Callable[[], Awaitable[None]]) -> None:
    """Run one transaction, again where another one got in its way."""
    for attempt in range(CONFLICT_RETRIES + 1):
        try:
            await work()
        except DatabaseError as error:
            if attempt == CONFLICT_RETRIES or not is_conflict(error):
                raise
        else:
            return


async def _messages(database: Database, arrivals: Sequence[Arrival]) -> None:
    """Store deliveries of messages: one statement, which is its own transaction."""
    async with database.reading() as connection:
        await _store_messages(connection, _changes_of(arrivals).rows, arrivals)


async def _statuses(database: Database, arrivals: Sequence[Arrival]) -> None:
    """Store deliveries of statuses: one statement, but where something failed and people have to be told."""
    changes = _changes_of(arrivals)
    if any(status["status"] == "failed" for status in changes.statuses):
        async with database.transaction() as connection:
            await apply_changes(connection, changes, arrivals)
    else:
        async with database.reading() as connection:
            await _apply_statuses(connection, changes.statuses, arrivals)


async def _mixed(database: Database, arrivals: Sequence[Arrival]) -> None:
    """Store deliveries of all kinds of things."""
    async with database.transaction() as connection:
        await apply_changes(connection, Changes(), arrivals)
        for arrival in arrivals:
            for update, place in arrival.updates:
                if place is None:
                    await _set_aside(connection, arrival.id, update.position, NO_CHANNEL)
        await apply_changes(connection, _changes_of(arrivals))


def _changes_of(arrivals: Sequence[Arrival]) -> Changes:
    changes = Changes()
    for arrival in arrivals:
        for update, place in arrival.updates:
            if place is not None:
                changes.add(update, place, arrival.received_at, arrival.trace)
    return changes


async def _receive_carefully(database: Database, arrival: Arrival) -> None:
    """Store one delivery, each update by itself: a bad one is set aside and takes nothing with it."""
    async with database.transaction() as connection:
        await apply_changes(connection, Changes(), [arrival])
        for update, place in arrival.updates:
            await store_update(connection, arrival.id, update, place, arrival.received_at, arrival.trace)


async def store_update(
    connection: Connection,
    delivery_id: uuid.UUID,
    update: Update,
    place: Place | None,
    received_at: datetime,
    trace: str | None = None,
) -> bool:
    """Store one update behind a savepoint, or set it aside; returns whether it was stored."""
    error = NO_CHANNEL
    if place is not None:
        try:
            async with connection.transaction():
                changes = Changes()
                changes.add(update, place, received_at, trace)
                await apply_changes(connection, changes)
        except (DatabaseError, RelevoError) as problem:
            if is_unavailable(problem) or is_conflict(problem):
                raise
            error = str(problem) if isinstance(problem, RelevoError) else type(problem).__name__
            log.warning("update set aside", delivery=str(delivery_id), position=update.position, error=error)
        else:
            return True
    await _set_aside(connection, delivery_id, update.position, error)
    return False


async def _set_aside(connection: Connection, delivery_id: uuid.UUID, position: int, error: str) -> None:
    SET_ASIDE.inc()
    await execute(
        connection,
        sql_file("relevo.conversations", "set_aside"),
        {"id": uuid7(), "delivery": delivery_id, "position": position, "error": error},
    )


def _bodies(arrivals: Sequence[Arrival]) -> dict[str, Any]:
    """Return the raw bodies as parameters of the statement that keeps them."""
    return {
        "ids": [arrival.id for arrival in arrivals],
        "channels": [arrival.channel_id for arrival in arrivals],
        "received": [arrival.received_at for arrival in arrivals],
        "bodies": [arrival.body for arrival in arrivals],
        "problems": [arrival.problem for arrival in arrivals],
        "heard": [arrival.heard_until for arrival in arrivals],
    }


async def apply_changes(connection: Connection, changes: Changes, arrivals: Sequence[Arrival] = ()) -> None:
    """Write what updates ask for, and keep the bodies they came in; one statement for each kind of thing there is."""
    if changes.rows or arrivals:
        await _store_messages(connection, changes.rows, arrivals)
    if changes.statuses:
        await _apply_statuses(connection, changes.statuses)
    people = [person for person, _ in changes.preferences] + [before for before, _ in changes.identity_changes]
    found = await find_or_create(connection, people)
    for person, stop in changes.preferences:
        await set_marketing_preference(connection, found[person].contact_id, stop=stop, at=datetime.now(UTC))
    for before, after in changes.identity_changes:
        await learn_identity(connection, found[before].contact_id, after)
    if changes.events:
        await execute(
            connection, sql_file("relevo.conversations", "append_events"), {"events": to_json(changes.events)}
        )


async def _store_messages(
    connection: Connection, messages: Sequence[PendingRow], arrivals: Sequence[Arrival] = ()
) -> None:
    people = People()
    rows: list[Mapping[str, Any]] = [
        {
            **row.values,
            "n": n,
            "person": people.number(row.correspondent),
            "workspace_id": row.correspondent.workspace_id,
            "channel_id": row.correspondent.channel_id,
        }
        for n, row in enumerate(messages)
    ]
    await execute(
        connection,
        sql_file("relevo.conversations", "store_messages"),
        {"rows": to_json(rows), "people": people.to_json(), "quiet": FIRST_LOOK_SECONDS, **_bodies(arrivals)},
    )


async def _apply_statuses(
    connection: Connection, statuses: Sequence[Mapping[str, Any]], arrivals: Sequence[Arrival] = ()
) -> None:
    """Move messages forward. What WhatsApp took and then could not deliver is a task, and may concern the channel."""
    failed = await fetch_all(
        connection,
        sql_file("relevo.conversations", "apply_statuses"),
        {"statuses": to_json([{**status, "n": n} for n, status in enumerate(statuses, 1)]), **_bodies(arrivals)},
    )
    for row in failed:
        error = ReportedError(row["error"]["code"], row["error"].get("title"), None, row["error"].get("details"))
        failure = classify_reported(error)
        await open_task(
            connection,
            workspace_id=row["workspace_id"],
            conversation_id=row["conversation_id"],
            kind="undelivered",
            reason=explain(failure),
            summary=row["text"],
        )
        if failure.action is Action.STOP_CHANNEL:
            await stop_channel(connection, row["channel_id"], explain(failure))
