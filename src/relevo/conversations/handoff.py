"""`execute_handoff`: from the agent to people, in the transaction that plans the words announcing it.

Only the conversational agent goes silent; the CRM agent stays on. What else the agent still wanted to say is dropped
by the new epoch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from relevo.crm.tasks import open_task
from relevo.store.database import execute

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from relevo.agents.decision import HandoffRequest
    from relevo.conversations.view import View

_HAND_OVER = """
with handed as (
    update conversations
    set agent_conversational = false, owner = 'person', epoch = epoch + 1, handed_back_at = null
    where id = %(conversation)s
    returning id, workspace_id, epoch
),
cancelled as (
    update follow_ups f set state = 'cancelled', reason = 'handed to a person'
    from handed where f.conversation_id = handed.id and f.state = 'planned'
)
insert into events (workspace_id, conversation_id, type, data)
select workspace_id, id, 'conversation.handed_off', jsonb_build_object('reason', %(reason)s::text, 'epoch', epoch)
from handed
"""


async def execute_handoff(connection: AsyncConnection, view: View, request: HandoffRequest) -> None:
    """Hand the conversation to people: ownership, follow-ups, task and event. The caller planned the words."""
    await execute(connection, _HAND_OVER, {"conversation": view.id, "reason": request.reason})
    await open_task(
        connection,
        workspace_id=view.workspace_id,
        conversation_id=view.id,
        kind="handoff",
        reason=request.reason,
        summary=request.summary,
    )
