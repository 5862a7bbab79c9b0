"""Tells endpoints of events: in the order of the log, at least once each, later again when they would not listen.

An event that fails again and again is set aside as a dead letter, so that it does not hold up the others for ever; from
then on, until something is taken again, each further one has a single try.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING

import httpx2
import structlog

from relevo.crm.endpoint_events import body_of, signed_headers, types_in_log
from relevo.durable.mailbox import wake
from relevo.store.database import execute, fetch_all, fetch_one
from relevo.store.event_log import Place, end_of_log, events_after
from relevo.store.sql_files import sql_file

if TYPE_CHECKING:
    import uuid
    from collections.abc import Mapping, Sequence

    from relevo.durable.lease import Lease
    from relevo.store.database import Connection, Database, Row
    from relevo.store.secrets import SecretBox

POLL = timedelta(seconds=1)
"""How soon the end of the log is looked at again. By the clock, so that no customer's message pays for it."""
BACKOFF = tuple(timedelta(seconds=seconds) for seconds in (5, 30, 120, 600, 1800, 3600, 7200))
"""Before the second attempt, the third, …; after the last of them the event is set aside."""
AFTER_DEAD_LETTER = timedelta(minutes=1)
BATCH = 50
TIMEOUT_SECONDS = 10.0

_ENDPOINT = """
select id, workspace_id, url, secret, types, cursor_xact::text::bigint as xact, cursor_id, attempts
from webhook_endpoints where id = %(id)s and status = 'active'
"""
_ADVANCE = """
update webhook_endpoints
set cursor_xact = %(xact)s::text::xid8, cursor_id = %(event)s, attempts = 0, last_error = null,
    last_success_at = case when %(told)s then now() else last_success_at end
where id = %(id)s
"""
_FAILED = """
update webhook_endpoints set attempts = attempts + 1, last_error = %(error)s,
    status = case when %(gone)s then 'disabled' else status end
where id = %(id)s
"""
_SET_ASIDE = """
with letter as (
    insert into webhook_dead_letters (workspace_id, endpoint_id, event_id, attempts, error)
    values (%(workspace)s, %(id)s, %(event)s, %(attempts)s, %(error)s)
    on conflict (endpoint_id, event_id) do update set state = 'dead', error = excluded.error, updated_at = now()
)
update webhook_endpoints
set cursor_xact = %(xact)s::text::xid8, cursor_id = %(event)s, attempts = %(kept)s, last_error = %(error)s
where id = %(id)s
"""
_REPLAYS = """
select id, event_id from webhook_dead_letters
where endpoint_id = %(id)s and state = 'replaying' order by id limit %(batch)s
"""
_REPLAYED = """
update webhook_dead_letters
set state = case when %(error)s::text is null then 'delivered' else 'dead' end, error = coalesce(%(error)s, error),
    attempts = attempts + 1, updated_at = now()
where id = %(letter)s
"""

log = structlog.get_logger(__name__)


class OutgoingWebhooks:
    """The behaviour of the `outgoing_webhook` actor."""

    def __init__(self, database: Database, secrets: SecretBox, *, backoff: Sequence[timedelta] = BACKOFF) -> None:
        self._database = database
        self._secrets = secrets
        self._backoff = backoff
        self._client = httpx2.AsyncClient(timeout=TIMEOUT_SECONDS, follow_redirects=False)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def run(self, lease: Lease) -> datetime | None:
        """Tell what is to be told; return when to look again."""
        async with self._database.reading() as connection:
            endpoint = await fetch_one(connection, _ENDPOINT, {"id": lease.actor.key})
            if endpoint is None:
                return None
            replays = await fetch_all(connection, _REPLAYS, {"id": endpoint["id"], "batch": BATCH})
            end = await end_of_log(connection)
            place = Place(endpoint["xact"], endpoint["cursor_id"])
            wanted = types_in_log(endpoint["types"])
            found = await events_after(connection, endpoint["workspace_id"], place, limit=BATCH, types=wanted)
            ids = [*(row["event_id"] for row in replays), *(row["id"] for row in found)]
            described = await _describe(connection, endpoint["workspace_id"], ids) if ids else {}
        for letter in replays:
            event = described.get(letter["event_id"])
            error = await self._tell(endpoint, event) if event else "the event is no longer in the log"
            await self._write(lease, _REPLAYED, {"letter": letter["id"], "error": error})
        for row in found:
            error = await self._tell(endpoint, described[row["id"]])
            if error is not None:
                return await self._failed(lease, endpoint, row, error)
            endpoint["attempts"] = 0
            await self._advance(lease, endpoint, Place(row["xact"], row["id"]), told=True)
        if found or replays:
            return datetime.now(UTC)
        if end > place:
            # Nothing for it up to there: the next look begins where this one ended.
            await self._advance(lease, endpoint, end, told=False)
        return datetime.now(UTC) + POLL

    async def _tell(self, endpoint: Row, event: Row) -> str | None:
        """Post one event; return what went wrong, or None."""
        body = body_of(event)
        headers = signed_headers(self._secrets.open(endpoint["secret"]), event["id"], body, datetime.now(UTC))
        try:
            answer = await self._client.post(endpoint["url"], content=body, headers=headers)
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as error:
            return type(error).__name__
        return None if answer.is_success else f"HTTP {answer.status_code}"

    async def _failed(self, lease: Lease, endpoint: Row, row: Row, error: str) -> datetime | None:
        attempts: int = endpoint["attempts"] + 1
        log.warning("outgoing webhook failed", endpoint=str(endpoint["id"]), error=error, attempts=attempts)
        if attempts <= len(self._backoff):
            gone = error == f"HTTP {HTTPStatus.GONE.value}"
            await self._write(lease, _FAILED, {"id": endpoint["id"], "error": error, "gone": gone})
            return None if gone else datetime.now(UTC) + self._backoff[attempts - 1]
        await self._write(
            lease,
            _SET_ASIDE,
            {
                "id": endpoint["id"],
                "workspace": endpoint["workspace_id"],
                "event": row["id"],
                "xact": str(row["xact"]),
                "attempts": attempts,
                "kept": len(self._backoff),
                "error": error,
            },
        )
        return datetime.now(UTC) + min(AFTER_DEAD_LETTER, self._backoff[-1])

    async def _advance(self, lease: Lease, endpoint: Row, place: Place, *, told: bool) -> None:
        parameters = {"id": endpoint["id"], "xact": str(place.xact), "event": place.id, "told": told}
        await self._write(lease, _ADVANCE, parameters)

    async def _write(self, lease: Lease, statement: str, parameters: Mapping[str, object]) -> None:
        async with self._database.transaction() as connection:
            await lease.hold(connection)
            await execute(connection, statement, parameters)

    async def give_up(self, lease: Lease, error: str) -> None:
        """Look again later all the same: what was not told is still in the log."""
        log.error("an outgoing webhook's runs fail", endpoint=str(lease.actor.key), error=error)
        async with self._database.transaction() as connection:
            await wake(connection, lease.actor, datetime.now(UTC) + AFTER_DEAD_LETTER)


async def _describe(connection: Connection, workspace_id: uuid.UUID, ids: list[int]) -> dict[int, Row]:
    rows = await fetch_all(
        connection, sql_file("relevo.crm", "describe_event"), {"workspace": workspace_id, "ids": ids}
    )
    return {row["id"]: row for row in rows}
