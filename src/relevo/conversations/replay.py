"""Replays updates that were set aside: reads them again out of the raw delivery and stores them as on the first day.

Never moves an update to a number whose secret its sender may not have known.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import structlog

from relevo.conversations.receive import store_update
from relevo.conversations.updates import Place
from relevo.store.database import execute, fetch_all, fetch_one
from relevo.whatsapp.parsing import parse

if TYPE_CHECKING:
    import uuid

    from relevo.conversations.channels import Channel, Channels, Directory
    from relevo.store.database import Connection, Database, Row
    from relevo.whatsapp.updates import Update

_WAITING = """
select s.id from set_aside_updates s where s.replayed_at is null and s.id > %(after)s order by s.id limit 100
"""
_TAKE = """
select s.id, s.position, d.id as delivery_id, d.channel_id, d.received_at, d.body
from set_aside_updates s join deliveries d on d.id = s.delivery_id
where s.id = %(id)s and s.replayed_at is null
for update of s skip locked
"""
_EARLIER = "select id from channels where created_at <= %(at)s"
_START = "00000000-0000-0000-0000-000000000000"

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Replayed:
    """What came of a replay."""

    stored: int = 0
    failed: dict[str, int] = field(default_factory=dict[str, int])
    """Reason to number of updates that are still set aside."""

    @property
    def left(self) -> int:
        """Updates that are still set aside."""
        return sum(self.failed.values())


async def replay(database: Database, channels: Channels) -> Replayed:
    """Try everything that is set aside once more, each in its own transaction. Running it again does no harm."""
    result = Replayed()
    directory = await channels.directory()
    after: uuid.UUID | str = _START
    while True:
        async with database.reading() as connection:
            rows = await fetch_all(connection, _WAITING, {"after": after})
        if not rows:
            return result
        for row in rows:
            after = row["id"]
            async with database.transaction() as connection:
                taken = await fetch_one(connection, _TAKE, {"id": row["id"]})
                if taken is None:
                    continue  # another replay has it
                problem = await _again(connection, taken, directory)
            if problem is None:
                result.stored += 1
            else:
                result.failed[problem] = result.failed.get(problem, 0) + 1


async def _again(connection: Connection, taken: Row, directory: Directory) -> str | None:
    """Store one update; returns why not."""
    updates = {update.position: update for update in parse(bytes(taken["body"])).updates}
    update = updates.get(taken["position"])
    if update is None:
        return "this version reads the delivery differently: there is no such update in it"
    channel = _target(update, taken, directory)
    if channel is None:
        return "no channel with this number"
    if not await _may_speak_for(connection, taken, channel, directory):
        return "its sender may not have known this number's secret"
    place = Place(channel.id, channel.workspace_id)
    if not await store_update(connection, taken["delivery_id"], update, place, taken["received_at"]):
        row = await fetch_one(connection, "select error from set_aside_updates where id = %(id)s", {"id": taken["id"]})
        return str(row["error"]) if row else "gone"
    await execute(connection, "update set_aside_updates set replayed_at = now() where id = %(id)s", {"id": taken["id"]})
    return None


def _target(update: Update, taken: Row, directory: Directory) -> Channel | None:
    if update.phone_number_id is not None:
        return directory.by_number.get(update.phone_number_id)
    return directory.by_id.get(taken["channel_id"])


async def _may_speak_for(connection: Connection, taken: Row, channel: Channel, directory: Directory) -> bool:
    """Whether the delivery proved to know the channel's secret.

    Which secret it proved is known from the channel it was filed under; where that is missing, only the channels of
    that time could have let it in, and all of them must share the secret.
    """
    if taken["channel_id"] is not None:
        senders = [directory.by_id.get(taken["channel_id"])]
    else:
        rows = await fetch_all(connection, _EARLIER, {"at": taken["received_at"]})
        senders = [directory.by_id.get(row["id"]) for row in rows]
    own = (channel.provider, channel.webhook_secret)
    return bool(senders) and all(
        sender is not None and (sender.provider, sender.webhook_secret) == own for sender in senders
    )
