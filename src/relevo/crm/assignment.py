"""Who gets a handoff. The choice itself is `get_next_available_agent` in the database, one at a time per workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from relevo.durable.actor import ROTATION, Actor
from relevo.durable.mailbox import wake
from relevo.store.database import execute, fetch_one
from relevo.store.sql_files import sql_file

if TYPE_CHECKING:
    import uuid
    from datetime import datetime

    from relevo.store.database import Connection

Cause = Literal["new", "offline", "not_acting", "given_back", "by_hand", "taken"]


async def lock_rotation(connection: Connection, workspace_id: uuid.UUID) -> None:
    """Keep everybody else from choosing or changing tasks of this workspace until the transaction ends.

    Taken after conversations, mailbox and messages, before any task.
    """
    await fetch_one(connection, "select lock_rotation(%(workspace)s)", {"workspace": workspace_id})


async def assign_waiting(connection: Connection, workspace_id: uuid.UUID) -> int:
    """Give waiting handoffs to whoever is free, oldest first; returns how many found somebody."""
    row = await fetch_one(connection, "select assign_waiting(%(workspace)s) as given", {"workspace": workspace_id})
    return row["given"] if row else 0


async def watch_assignments(connection: Connection, workspace_id: uuid.UUID, at: datetime) -> None:
    """Have the workspace's assignment actor look at deadlines and presence at `at`. Before any message is locked."""
    await wake(connection, Actor(ROTATION, workspace_id, workspace_id), at)


async def assign_to(
    connection: Connection,
    workspace_id: uuid.UUID,
    task_id: uuid.UUID,
    member_id: uuid.UUID,
    *,
    cause: Cause,
    by_member_id: uuid.UUID | None,
) -> None:
    """Write an assignment somebody made by hand (or by taking it). The rotation is locked by the caller."""
    await execute(
        connection,
        sql_file("relevo.crm", "assign_to"),
        {
            "workspace": workspace_id,
            "task": task_id,
            "member": member_id,
            "cause": cause,
            "by": by_member_id,
            "why": "took it" if cause == "taken" else "assigned by hand",
        },
    )
