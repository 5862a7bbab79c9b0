"""Keeps figures ready: writes down each quarter of an hour once it is over, and what WhatsApp charged as statuses tell.

Nothing depends on it for being right: what is not kept yet is read from the messages themselves, only slower.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import structlog
from psycopg.types.json import Jsonb

from relevo.insights.figures import NO_TALK, SILENCES, statement
from relevo.store.database import execute, fetch_all, fetch_one
from relevo.whatsapp.parsing import parse
from relevo.whatsapp.updates import StatusUpdate

if TYPE_CHECKING:
    import uuid
    from collections.abc import Sequence

    from relevo.store.database import Connection, Database, Row

QUARTER = timedelta(minutes=15)
OVER_FOR = timedelta(minutes=5)
"""A quarter is written down so long after its end: longer than any transaction that still writes into it."""
SHOPS_AT_ONCE = 50
CHARGES_BEHIND = timedelta(minutes=1)
"""Deliveries are stored within seconds of `received_at`; younger ones are read next time."""
BATCH = 500

_DUE = """
select w.id from workspaces w left join insights_progress p on p.workspace_id = w.id
where p.kept_until is null or p.kept_until < %(until)s
order by p.kept_until nulls first limit %(limit)s
"""
_READ_UNTIL = "select read_until from whatsapp_charges_progress where name = 'charges' for update"
_DELIVERIES = """
select body, received_at from deliveries
where received_at > %(since)s and received_at <= %(until)s
  and encode(body, 'escape') ~ '"billable"\\s*:\\s*true'
order by received_at limit %(limit)s
"""
_CHARGE = """
insert into whatsapp_charges (channel_id, wamid, workspace_id, at, category)
select c.id, x.wamid, c.workspace_id, x.at, x.category
from jsonb_to_recordset(%(charges)s) as x (number text, wamid text, at timestamptz, category text)
join channels c on c.phone_number_id = x.number
on conflict (channel_id, wamid) do nothing
"""
_MOVE = """
insert into whatsapp_charges_progress (name, read_until) values ('charges', %(until)s)
on conflict (name) do update set read_until = excluded.read_until
"""

log = structlog.get_logger(__name__)


class Keeper:
    """A chore of the sweep."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def __call__(self) -> None:
        """Write down what is over."""
        await self.keep(datetime.now(UTC))
        await self.charge(datetime.now(UTC))

    async def keep(self, now: datetime) -> int:
        """Keep the figures of quarters that are over, for the shops furthest behind; returns for how many."""
        until = _quarter_before(now - OVER_FOR)
        async with self._database.reading() as connection:
            due = await fetch_all(connection, _DUE, {"until": until, "limit": SHOPS_AT_ONCE})
        for row in due:
            async with self._database.transaction() as connection:
                await keep(connection, row["id"], until)
        return len(due)

    async def charge(self, now: datetime) -> None:
        """Read what WhatsApp charges for from the deliveries that came since."""
        until = now - CHARGES_BEHIND
        more = True
        while more:
            async with self._database.transaction() as connection:
                more = await _read_charges(connection, until)


async def keep(connection: Connection, workspace_id: uuid.UUID, until: datetime) -> None:
    """Keep a shop's figures until then, a full quarter. One keeper at a time: there is one sweep."""
    wanted = {
        "workspace": workspace_id,
        "start": None,
        "until": until,
        "silences": list(SILENCES),
        "no_talk": list(NO_TALK),
    }
    await execute(connection, statement("keep"), wanted)


def charges_in(body: bytes) -> list[dict[str, Any]]:
    """Return the messages a delivery's statuses say WhatsApp charges for.

    Charged is what is delivered, and the price stands in the status `sent` and in one of `delivered` and `read`:
    https://developers.facebook.com/documentation/business-messaging/whatsapp/pricing
    """
    return [
        {
            "number": update.phone_number_id,
            "wamid": update.wamid,
            "at": (update.at or datetime.now(UTC)).isoformat(),
            "category": str(update.pricing.get("category") or "unknown"),
        }
        for update in parse(body).updates
        if isinstance(update, StatusUpdate)
        and update.status in {"delivered", "read", "played"}
        and update.pricing is not None
        and update.pricing.get("billable") is True
    ]


async def _read_charges(connection: Connection, until: datetime) -> bool:
    """Read one batch; True: there are more."""
    row = await fetch_one(connection, _READ_UNTIL, {})
    since: datetime = row["read_until"] if row else datetime(2000, 1, 1, tzinfo=UTC)
    found = await fetch_all(connection, _DELIVERIES, {"since": since, "until": until, "limit": BATCH})
    charges = [charge for one in found for charge in charges_in(bytes(one["body"]))]
    if charges:
        await execute(connection, _CHARGE, {"charges": Jsonb(charges)})
    full = len(found) == BATCH
    await execute(connection, _MOVE, {"until": _last(found) if full else max(since, until)})
    return full


def _last(found: Sequence[Row]) -> datetime:
    """Return until when a full batch reaches: what shares its last moment is read again, which changes nothing."""
    moment: datetime = found[-1]["received_at"]
    first: datetime = found[0]["received_at"]
    return moment - timedelta(microseconds=1) if moment > first else moment


def _quarter_before(moment: datetime) -> datetime:
    return moment - timedelta(seconds=moment.timestamp() % QUARTER.total_seconds())
