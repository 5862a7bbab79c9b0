"""A channel that may not send for a while, or until a person acts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relevo.store.database import execute

if TYPE_CHECKING:
    import uuid

    from relevo.store.database import Connection

_STOP = """
with stopped as (
    update channels set status = 'stopped', status_reason = %(reason)s
    where id = %(channel)s and status = 'active' returning id, workspace_id
)
insert into events (workspace_id, type, data)
select workspace_id, 'channel.stopped', jsonb_build_object('channelId', id, 'reason', %(reason)s::text) from stopped
"""

_PAUSE = """
with paused as (
    update channels set paused_until = greatest(paused_until, now() + %(seconds)s * interval '1 second')
    where id = %(channel)s returning id, workspace_id, paused_until
)
insert into events (workspace_id, type, data)
select workspace_id, 'channel.paused', jsonb_build_object('channelId', id, 'until', paused_until) from paused
"""


async def stop_channel(connection: Connection, channel_id: uuid.UUID, reason: str) -> None:
    """Send nothing more on this number until a person acts. What is planned stays planned."""
    await execute(connection, _STOP, {"channel": channel_id, "reason": reason})


async def pause_channel(connection: Connection, channel_id: uuid.UUID, *, seconds: float) -> None:
    """Send nothing on this number for a while."""
    await execute(connection, _PAUSE, {"channel": channel_id, "seconds": seconds})
