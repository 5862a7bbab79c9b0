"""How far each member has read. Reading never goes back, and tells nobody but the member's own inboxes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relevo.errors import NotFoundError
from relevo.store.database import execute, fetch_one

if TYPE_CHECKING:
    import uuid

    from relevo.store.database import Connection

READ = "inbox.read"
"""Event of a member's reading; of interest to this member alone."""

_UP_TO = """
select m.arrival, m.id from messages m
where m.conversation_id = %(conversation)s and m.workspace_id = %(workspace)s
  and (%(message)s::uuid is null or m.id = %(message)s::uuid)
order by m.arrival desc limit 1
"""
_MARK = """
with marked as (
    insert into conversation_reads as r (member_id, conversation_id, read_arrival)
    values (%(member)s, %(conversation)s, %(arrival)s)
    on conflict (member_id, conversation_id) do update
    set read_arrival = excluded.read_arrival, read_at = now() where r.read_arrival < excluded.read_arrival
    returning r.conversation_id
)
insert into events (workspace_id, conversation_id, type, data)
select %(workspace)s, conversation_id, 'inbox.read',
       jsonb_build_object('memberId', %(member)s::uuid, 'messageId', %(message)s::uuid)
from marked
"""
_MARK_ALL = """
with marked as (
    insert into inbox_floors (member_id, read_until) values (%(member)s, now())
    on conflict (member_id) do update set read_until = excluded.read_until
    returning member_id
)
insert into events (workspace_id, type, data)
select %(workspace)s, 'inbox.read', jsonb_build_object('memberId', member_id, 'all', true) from marked
"""


async def mark_read(
    connection: Connection,
    workspace_id: uuid.UUID,
    conversation_id: uuid.UUID,
    member_id: uuid.UUID,
    *,
    up_to: uuid.UUID | None = None,
) -> None:
    """Note that a member has read a conversation up to a message, or all of it. In the caller's transaction.

    Raises:
        NotFoundError: there is no such message in a conversation of this workspace.

    """
    wanted = {"workspace": workspace_id, "conversation": conversation_id, "member": member_id, "message": up_to}
    row = await fetch_one(connection, _UP_TO, wanted)
    if row is None:
        if up_to is None:
            return
        raise NotFoundError(f"There is no message {up_to} in this conversation.")
    await execute(connection, _MARK, {**wanted, "arrival": row["arrival"], "message": row["id"]})


async def mark_all_read(connection: Connection, workspace_id: uuid.UUID, member_id: uuid.UUID) -> None:
    """Note that a member has read everything there is by now."""
    await execute(connection, _MARK_ALL, {"workspace": workspace_id, "member": member_id})
