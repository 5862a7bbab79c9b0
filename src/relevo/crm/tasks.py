"""Tasks for people. At most one open task of a kind for a conversation: a second cause adds nothing to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from uuid_utils.compat import uuid7

from relevo.store.database import execute

if TYPE_CHECKING:
    import uuid

    from sqlalchemy.ext.asyncio import AsyncConnection

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


async def open_task(
    connection: AsyncConnection,
    *,
    workspace_id: uuid.UUID,
    conversation_id: uuid.UUID,
    kind: Literal["handoff", "failed_run", "undelivered"],
    reason: str,
    summary: str,
    priority: Literal["low", "normal", "high"] = "high",
) -> bool:
    """Open a task unless one of its kind is open there; returns whether it is new. In the caller's transaction."""
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
