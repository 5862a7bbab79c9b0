"""A person's reaction to a message: an emoji on it, planned like everything else. Takes nothing over."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from uuid_utils.compat import uuid7

from relevo.conversations.change import lock_conversation
from relevo.conversations.handoff import plan_messages
from relevo.durable.actor import CONVERSATION, Actor
from relevo.durable.mailbox import wake
from relevo.errors import ConflictError, NotFoundError, OutsideWindowError
from relevo.store.database import execute, fetch_one
from relevo.whatsapp.outgoing import Reaction, Recipient
from relevo.whatsapp.outgoing_body import to_body

if TYPE_CHECKING:
    import uuid

    from relevo.store.database import Connection

_ABOUT = "select wamid from messages where id = %(id)s and conversation_id = %(conversation)s"
_POINT = "update messages set reply_to = %(wamid)s where id = %(id)s"


async def react(
    connection: Connection,
    workspace_id: uuid.UUID,
    conversation_id: uuid.UUID,
    message_id: uuid.UUID,
    emoji: str,
    *,
    member_id: uuid.UUID | None = None,
) -> uuid.UUID:
    """Plan a reaction to a message (an empty emoji takes it back); returns its id.

    Raises:
        NotFoundError: no such conversation, or no such message in it.
        ConflictError: WhatsApp has not taken that message yet.
        OutsideWindowError: WhatsApp takes only templates now.
        OutgoingMessageError: that is no emoji WhatsApp takes.

    """
    locked = await lock_conversation(connection, workspace_id, conversation_id)
    about = await fetch_one(connection, _ABOUT, {"id": message_id, "conversation": conversation_id})
    if about is None:
        raise NotFoundError(f"There is no message {message_id} in this conversation.")
    if about["wamid"] is None:
        raise ConflictError("WhatsApp has not taken this message yet: nothing can react to it.")
    if not locked.window_open:
        raise OutsideWindowError("The customer wrote more than 24 hours ago: WhatsApp takes only a template.")
    reaction_id = uuid7()
    content = to_body(Reaction(about["wamid"], emoji), Recipient(phone="+0"), opaque=str(reaction_id))
    content.pop("to")
    row = {
        "n": 0,
        "id": reaction_id,
        "kind": "reaction",
        "text": emoji,
        "content": content,
        "key": None,
        "delay": 0,
    }
    await wake(connection, Actor(CONVERSATION, locked.id, workspace_id), datetime.now(UTC))
    await plan_messages(connection, locked, [row], author="person", epoch=locked.epoch, member_id=member_id)
    await execute(connection, _POINT, {"id": reaction_id, "wamid": about["wamid"]})
    return reaction_id
