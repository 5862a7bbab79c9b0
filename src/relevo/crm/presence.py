"""Who is there: inboxes that are open somewhere, or what a member said by hand. Coming online drains the queue."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from relevo.crm.assignment import assign_waiting, lock_rotation, watch_assignments
from relevo.errors import NotFoundError
from relevo.store.database import execute, fetch_one
from relevo.store.sql_files import sql_file

if TYPE_CHECKING:
    import uuid

    from relevo.store.database import Connection, Database

Presence = Literal["auto", "online", "away", "offline"]

_SET = """
with changed as (
    update members set presence = %(presence)s where id = %(member)s and presence <> %(presence)s
    returning id, workspace_id
)
insert into events (workspace_id, type, data)
select workspace_id, 'member.changed', jsonb_build_object('memberId', id) from changed
"""


async def heartbeat(database: Database, workspace_id: uuid.UUID, member_id: uuid.UUID, device: str) -> None:
    """Note that a member's inbox is open on `device`. Send it every 30 seconds or so.

    Raises:
        NotFoundError: no such member in this workspace.

    """
    async with database.transaction() as connection:
        await _must_exist(connection, workspace_id, member_id)
        parameters = {"member": member_id, "device": device}
        row = await fetch_one(connection, sql_file("relevo.crm", "heartbeat"), parameters)
    if row is not None and not row["noticed"]:
        async with database.transaction() as connection:
            await _notice(connection, workspace_id, member_id)


async def close_device(connection: Connection, workspace_id: uuid.UUID, member_id: uuid.UUID, device: str) -> None:
    """Note that an inbox was closed; the last one makes its member away at once.

    Raises:
        NotFoundError: no such member in this workspace.

    """
    await _must_exist(connection, workspace_id, member_id)
    await execute(
        connection,
        "delete from member_devices where member_id = %(member)s and device = %(device)s",
        {"member": member_id, "device": device},
    )
    await _notice(connection, workspace_id, member_id)


async def set_presence(
    connection: Connection, workspace_id: uuid.UUID, member_id: uuid.UUID, presence: Presence
) -> None:
    """Set presence by hand; `auto` goes by open inboxes again.

    Raises:
        NotFoundError: no such member in this workspace.

    """
    await _must_exist(connection, workspace_id, member_id)
    await watch_assignments(connection, workspace_id, datetime.now(UTC))
    await lock_rotation(connection, workspace_id)
    await execute(connection, _SET, {"presence": presence, "member": member_id})
    await _notice(connection, workspace_id, member_id)


async def _notice(connection: Connection, workspace_id: uuid.UUID, member_id: uuid.UUID) -> None:
    await watch_assignments(connection, workspace_id, datetime.now(UTC))
    await lock_rotation(connection, workspace_id)
    parameters = {"member": member_id, "workspace": workspace_id}
    await execute(connection, sql_file("relevo.crm", "notice_online"), parameters)
    await assign_waiting(connection, workspace_id)


async def _must_exist(connection: Connection, workspace_id: uuid.UUID, member_id: uuid.UUID) -> None:
    row = await fetch_one(
        connection,
        "select 1 from members where id = %(member)s and workspace_id = %(workspace)s and deactivated_at is null",
        {"member": member_id, "workspace": workspace_id},
    )
    if row is None:
        raise NotFoundError(f"There is no member {member_id}.")
