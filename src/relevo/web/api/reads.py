"""`/conversations/{id}/read`: how far the caller has read."""

import uuid

from fastapi import APIRouter, Response, status
from pydantic import BaseModel, Field

from relevo.crm.reading import mark_all_read, mark_read
from relevo.errors import InvalidRequestError
from relevo.web.api.access import Caller, Db, Me
from relevo.web.api.conversations import Conversation, must_exist, show

router = APIRouter(prefix="/conversations", tags=["conversations"])


class ReadForm(BaseModel):
    """Up to which message."""

    message_id: uuid.UUID | None = Field(default=None, description="Null: everything there is.")


def member_of(me: Caller) -> uuid.UUID:
    """Return who acts. Raises InvalidRequestError."""
    if me.member_id is None:
        raise InvalidRequestError("Say who acts: sign in, or send the `Relevo-Member` header.")
    return me.member_id


@router.put("/{conversation_id}/read")
async def put_read(conversation_id: uuid.UUID, form: ReadForm, me: Me, db: Db) -> Conversation:
    """Mark it as read, for the caller alone. Never goes back."""
    member_id = member_of(me)
    async with db.transaction() as connection:
        await must_exist(connection, me, conversation_id)
        await mark_read(connection, me.workspace_id, conversation_id, member_id, up_to=form.message_id)
        return await show(connection, me, conversation_id)


@router.post("/mark-all-read", status_code=status.HTTP_204_NO_CONTENT)
async def post_all_read(me: Me, db: Db) -> Response:
    """Mark all conversations as read, for the caller alone."""
    member_id = member_of(me)
    async with db.transaction() as connection:
        await mark_all_read(connection, me.workspace_id, member_id)
    return Response(status_code=status.HTTP_204_NO_CONTENT)
