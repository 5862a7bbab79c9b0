"""A person's reply through the inbox or the API: planned like everything else, sent by the same outbox."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from relevo.conversations.bubbles import planned_rows
from relevo.conversations.change import lock_conversation
from relevo.conversations.handoff import plan_messages
from relevo.conversations.ownership import take_over
from relevo.durable.actor import CONVERSATION, Actor
from relevo.durable.mailbox import wake
from relevo.errors import OutsideWindowError
from relevo.store.database import execute, fetch_one

if TYPE_CHECKING:
    import uuid

    from relevo.agents.decision import Bubble
    from relevo.store.database import Connection

_ACTIVE = "update conversations set person_active_at = clock_timestamp() where id = %(id)s and owner = 'person'"
_KNOWN = "select 1 from messages where id = %(id)s and conversation_id = %(conversation)s"


async def reply(
    connection: Connection,
    workspace_id: uuid.UUID,
    conversation_id: uuid.UUID,
    bubble: Bubble,
    *,
    message_id: uuid.UUID | None = None,
    member_id: uuid.UUID | None = None,
) -> list[uuid.UUID]:
    """Plan a person's words; the person has the conversation from then on, unless the shop's people and agent coexist.

    Returns the ids of the messages, mostly one. The same `message_id` again plans nothing anew.

    Raises:
        NotFoundError: no such conversation here.
        OutsideWindowError: only a template may be sent now.
        OutgoingMessageError: it breaks a limit of the platform.

    """
    locked = await lock_conversation(connection, workspace_id, conversation_id)
    rows = planned_rows([bubble])
    if message_id is not None:
        if await fetch_one(connection, _KNOWN, {"id": message_id, "conversation": conversation_id}):
            return [message_id]
        rows[0]["id"] = message_id
        rows[0]["content"]["biz_opaque_callback_data"] = str(message_id)
    if bubble.template is None and not locked.window_open:
        raise OutsideWindowError(
            "The customer wrote more than 24 hours ago: WhatsApp takes only a template until they write again."
        )
    if locked.human_reply == "take_over":
        await take_over(connection, locked, member_id=member_id, by="reply")
    else:
        await wake(connection, Actor(CONVERSATION, locked.id, workspace_id), datetime.now(UTC))
        await execute(connection, _ACTIVE, {"id": locked.id})
    await plan_messages(connection, locked, rows, author="person", epoch=locked.epoch, member_id=member_id)
    return [row["id"] for row in rows]
