"""Takes webhook deliveries in: each delivery and all it holds in one transaction, many deliveries in one commit.

An update that cannot be stored is set aside for `relevo deliveries replay`; the rest of its delivery lands.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import structlog
from uuid_utils.compat import uuid7

from relevo.conversations.channel_state import stop_channel
from relevo.conversations.updates import Changes, Place, told_at
from relevo.crm.contacts import learn_identity, set_marketing_preference
from relevo.crm.identities import find_or_create
from relevo.crm.tasks import open_task
from relevo.errors import RelevoError
from relevo.store.database import DatabaseError, execute, fetch_all, is_conflict, is_unavailable, to_json
from relevo.store.sql_files import sql_file
from relevo.telemetry.metrics import SET_ASIDE
from relevo.whatsapp.explanations import explain
from relevo.whatsapp.provider_errors import Action, classify_reported
from relevo.whatsapp.updates import ReportedError

if TYPE_CHECKING:
    import uuid
    from collections.abc import Callable, Mapping, Sequence

    from relevo.store.database import Connection, Database
    from relevo.whatsapp.updates import Update

CONFLICT_RETRIES = 3
FIRST_LOOK_SECONDS = 1.5
"""A conversation is looked at that soon after a message at the latest; whether the burst is over is decided then."""

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

    Raises:
        DatabaseError: the database is away; nothing is stored, and the sender has to try again.

    """
    try:
        await _retrying(database, lambda connection: _receive_all(connection, arrivals))
    except (DatabaseError, RelevoError) as error:
        if is_unavailable(error):
            raise
        log.warning("a delivery needs care, storing one by one", error=type(error).__name__, deliveries=len(arrivals))
        for arrival in arrivals:
            await _retrying(database, lambda connection, one=arrival: _receive_carefully(connection, one))


async def _retrying(database: Database, work: Callable[[Connection], Any]) -> None:
    """Run one transaction, again where another one got in its way."""
    for attempt in range(CONFLICT_RETRIES + 1):
        try:
            async with database.transaction() as connection:
                await work(connection)
        except DatabaseError as error:
            if attempt == CONFLICT_RETRIES or not is_conflict(error):
                raise
        else:
            return


async def _receive_all(connection: Connection, arrivals: Sequence[Arrival]) -> None:
    """Store everything in as few statements as there are kinds of things. Any trouble fails the whole."""
    await store_deliveries(connection, arrivals)
    changes = Changes()
    for arrival in arrivals:
        for update, place in arrival.updates:
            if place is None:
                await _set_aside(connection, arrival.id, update.position, "no channel with this number")
            else:
                changes.add(update, place, arrival.received_at, arrival.trace)
    await apply_changes(connection, changes)


async def _receive_carefully(connection: Connection, arrival: Arrival) -> None:
    """Store one delivery, each update by itself: a bad one is set aside and takes nothing with it."""
    await store_deliveries(connection, [arrival])
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
    error = "no channel with this number"
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


async def store_deliveries(connection: Connection, arrivals: Sequence[Arrival]) -> None:
    """Keep the raw bodies."""
    await execute(
        connection,
        sql_file("relevo.conversations", "store_deliveries"),
        {
            "ids": [arrival.id for arrival in arrivals],
            "channels": [arrival.channel_id for arrival in arrivals],
            "received": [arrival.received_at for arrival in arrivals],
            "bodies": [arrival.body for arrival in arrivals],
            "problems": [arrival.problem for arrival in arrivals],
            "heard": [arrival.heard_until for arrival in arrivals],
        },
    )


async def apply_changes(connection: Connection, changes: Changes) -> None:
    """Write what updates ask for; one statement for each kind of thing there is."""
    people = [row.correspondent for row in changes.rows]
    people += [person for person, _ in changes.preferences]
    people += [before for before, _ in changes.identity_changes]
    found = await find_or_create(connection, people) if people else {}
    if changes.rows:
        rows: list[Mapping[str, Any]] = [
            {
                **row.values,
                "n": n,
                "name": row.correspondent.name,
                "workspace_id": row.correspondent.workspace_id,
                "channel_id": row.correspondent.channel_id,
                "conversation_id": found[row.correspondent].conversation_id,
            }
            for n, row in enumerate(changes.rows)
        ]
        await execute(
            connection,
            sql_file("relevo.conversations", "store_messages"),
            {"rows": to_json(rows), "quiet": FIRST_LOOK_SECONDS},
        )
    if changes.statuses:
        await _apply_statuses(connection, changes.statuses)
    for person, stop in changes.preferences:
        await set_marketing_preference(connection, found[person].contact_id, stop=stop, at=datetime.now(UTC))
    for before, after in changes.identity_changes:
        await learn_identity(connection, found[before].contact_id, after)
    if changes.events:
        await execute(
            connection, sql_file("relevo.conversations", "append_events"), {"events": to_json(changes.events)}
        )


async def _apply_statuses(connection: Connection, statuses: Sequence[Mapping[str, Any]]) -> None:
    """Move messages forward. What WhatsApp took and then could not deliver is a task, and may concern the channel."""
    failed = await fetch_all(
        connection, sql_file("relevo.conversations", "apply_statuses"), {"statuses": to_json(statuses)}
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
