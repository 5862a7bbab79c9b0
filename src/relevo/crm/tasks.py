"""Tasks for people: opened once for a cause, then taken, given, noted on, put off, done. An event with each change."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from uuid_utils.compat import uuid7

from relevo.crm.assignment import assign_to, assign_waiting, lock_rotation, watch_assignments
from relevo.errors import ConflictError, InvalidRequestError, NotFoundError
from relevo.store.database import execute, fetch_one
from relevo.store.sql_files import sql_file

if TYPE_CHECKING:
    import uuid

    from relevo.store.database import Connection

_OPEN = """
with opened as (
    insert into tasks (id, workspace_id, conversation_id, kind, priority, reason, summary)
    values (%(id)s, %(workspace)s, %(conversation)s, %(kind)s, %(priority)s, %(reason)s, %(summary)s)
    on conflict (conversation_id, kind) where status = 'open' do nothing
    returning id, workspace_id, conversation_id, kind, reason
)
insert into events (workspace_id, conversation_id, type, data)
select workspace_id, conversation_id, 'task.opened', jsonb_build_object('taskId', id, 'kind', kind, 'reason', reason)
from opened
"""
_FIND = """
select id, conversation_id, status, assignee_id from tasks where id = %(task)s and workspace_id = %(workspace)s
"""
_MEMBER = """
select 1 from members where id = %(member)s and workspace_id = %(workspace)s and deactivated_at is null
"""


async def open_task(
    connection: Connection,
    *,
    workspace_id: uuid.UUID,
    conversation_id: uuid.UUID,
    kind: Literal["failed_run", "undelivered"],
    reason: str,
    summary: str,
    priority: Literal["low", "normal", "high"] = "high",
) -> bool:
    """Open a task unless one of its kind is open there; returns whether it is new. In the caller's transaction.

    Handoffs have theirs opened by `execute_handoff` alone.
    """
    return bool(
        await execute(
            connection,
            _OPEN,
            {
                "id": uuid7(),
                "workspace": workspace_id,
                "conversation": conversation_id,
                "kind": kind,
                "priority": priority,
                "reason": reason,
                "summary": summary,
            },
        )
    )


async def conversation_of(connection: Connection, workspace_id: uuid.UUID, task_id: uuid.UUID) -> uuid.UUID:
    """Return the conversation a task is about.

    Raises:
        NotFoundError: no such task in this workspace.

    """
    row = await fetch_one(connection, _FIND, {"task": task_id, "workspace": workspace_id})
    if row is None:
        raise NotFoundError(f"There is no task {task_id}.")
    return row["conversation_id"]


async def give_task(
    connection: Connection,
    workspace_id: uuid.UUID,
    task_id: uuid.UUID,
    member_id: uuid.UUID,
    *,
    by_member_id: uuid.UUID | None,
) -> None:
    """Give a task to a member, whatever they carry already; giving it to oneself is taking it.

    Raises:
        NotFoundError: no such task or member in this workspace.
        ConflictError: it is done.

    """
    await _hold(connection, workspace_id, task_id)
    if await fetch_one(connection, _MEMBER, {"member": member_id, "workspace": workspace_id}) is None:
        raise NotFoundError(f"There is no member {member_id}.")
    cause: Literal["taken", "by_hand"] = "taken" if member_id == by_member_id else "by_hand"
    await assign_to(connection, workspace_id, task_id, member_id, cause=cause, by_member_id=by_member_id)
    await assign_waiting(connection, workspace_id)


async def give_back_task(
    connection: Connection, workspace_id: uuid.UUID, task_id: uuid.UUID, *, by_member_id: uuid.UUID | None
) -> None:
    """Put a task back into the queue; another member gets it if one is free.

    Raises:
        NotFoundError: no such task in this workspace.
        ConflictError: it is done.

    """
    await _hold(connection, workspace_id, task_id)
    await execute(connection, sql_file("relevo.crm", "give_back_task"), {"task": task_id, "by": by_member_id})
    await assign_waiting(connection, workspace_id)


async def snooze_task(
    connection: Connection,
    workspace_id: uuid.UUID,
    task_id: uuid.UUID,
    until: datetime,
    *,
    by_member_id: uuid.UUID | None,
) -> None:
    """Put a task off. Until then it takes none of its member's capacity and is not overdue.

    Raises:
        InvalidRequestError: `until` is past.
        NotFoundError: no such task in this workspace.
        ConflictError: it is done.

    """
    if until <= datetime.now(UTC):
        raise InvalidRequestError("A task is put off until a moment to come.")
    await _hold(connection, workspace_id, task_id)
    parameters = {"task": task_id, "until": until, "by": by_member_id}
    await execute(connection, sql_file("relevo.crm", "snooze_task"), parameters)
    await assign_waiting(connection, workspace_id)


async def complete_task(
    connection: Connection, workspace_id: uuid.UUID, task_id: uuid.UUID, *, by_member_id: uuid.UUID | None
) -> bool:
    """Note that a task is done, which frees its member's capacity; returns False where it was done before.

    Raises:
        NotFoundError: no such task in this workspace.

    """
    await conversation_of(connection, workspace_id, task_id)
    await watch_assignments(connection, workspace_id, datetime.now(UTC))
    await lock_rotation(connection, workspace_id)
    parameters = {"task": task_id, "by": by_member_id}
    done = await execute(connection, sql_file("relevo.crm", "complete_task"), parameters)
    await assign_waiting(connection, workspace_id)
    return bool(done)


async def comment_on_task(
    connection: Connection,
    workspace_id: uuid.UUID,
    task_id: uuid.UUID,
    text: str,
    *,
    by_member_id: uuid.UUID | None,
) -> uuid.UUID:
    """Note something on a task; returns the comment's id.

    Raises:
        NotFoundError: no such task in this workspace.

    """
    await conversation_of(connection, workspace_id, task_id)
    comment_id = uuid7()
    await execute(
        connection,
        sql_file("relevo.crm", "comment_on_task"),
        {"id": comment_id, "task": task_id, "by": by_member_id, "text": text},
    )
    return comment_id


async def _hold(connection: Connection, workspace_id: uuid.UUID, task_id: uuid.UUID) -> None:
    """Hold the rotation for a change of an open task, and have the deadlines looked at anew."""
    await watch_assignments(connection, workspace_id, datetime.now(UTC))
    await lock_rotation(connection, workspace_id)
    row = await fetch_one(connection, _FIND, {"task": task_id, "workspace": workspace_id})
    if row is None:
        raise NotFoundError(f"There is no task {task_id}.")
    if row["status"] == "done":
        raise ConflictError("This task is done.")
