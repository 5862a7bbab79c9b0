"""Lets a person's reply quote an earlier message: finds what it quotes, and notes it on what was planned."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relevo.errors import ConflictError, NotFoundError
from relevo.store.database import execute, fetch_one, to_json

if TYPE_CHECKING:
    import uuid

    from relevo.store.database import Connection

_QUOTED = "select wamid from messages where id = %(id)s and conversation_id = %(conversation)s"
_NOTE = """
update messages set reply_to = %(wamid)s, content = content || %(context)s::jsonb
where id = %(id)s and state = 'planned' and reply_to is null
"""


async def quote(
    connection: Connection, conversation_id: uuid.UUID, planned_id: uuid.UUID, quoted_id: uuid.UUID
) -> None:
    """Have a planned message quote another of its conversation; in the transaction that planned it.

    Raises:
        NotFoundError: no such message there.
        ConflictError: WhatsApp has not taken the quoted message yet.

    """
    row = await fetch_one(connection, _QUOTED, {"id": quoted_id, "conversation": conversation_id})
    if row is None:
        raise NotFoundError(f"There is no message {quoted_id} in this conversation.")
    if row["wamid"] is None:
        raise ConflictError("WhatsApp has not taken the quoted message yet.")
    context = to_json({"context": {"message_id": row["wamid"]}})
    await execute(connection, _NOTE, {"id": planned_id, "wamid": row["wamid"], "context": context})
