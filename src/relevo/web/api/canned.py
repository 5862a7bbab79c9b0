"""`/canned-replies`: words at hand, typed as `/shortcut`."""

import uuid
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Response, status
from pydantic import BaseModel, Field

from relevo.crm.canned_replies import add_canned_reply, change_canned_reply, remove_canned_reply
from relevo.store.database import Connection, fetch_all
from relevo.web.api.access import Caller, Db, Me
from relevo.web.api.paging import Page

router = APIRouter(prefix="/canned-replies", tags=["canned replies"])

_LIST = """
select id, shortcut, text, created_at, updated_at from canned_replies
where workspace_id = %(workspace)s and (%(one)s::uuid is null or id = %(one)s) order by shortcut
"""
Words = Annotated[str, Field(min_length=1, max_length=4096)]
Shortcut = Annotated[str, Field(min_length=1, max_length=41, description="One word; without the slash.")]


class CannedReply(BaseModel):
    """Words at hand."""

    id: uuid.UUID
    shortcut: str
    text: str
    created_at: datetime
    updated_at: datetime


class CannedReplyForm(BaseModel):
    """Words to keep."""

    shortcut: Shortcut
    text: Words


class CannedReplyChanges(BaseModel):
    """What to change."""

    shortcut: Shortcut | None = None
    text: Words | None = None


async def _read(connection: Connection, me: Caller, one: uuid.UUID | None = None) -> list[CannedReply]:
    rows = await fetch_all(connection, _LIST, {"workspace": me.workspace_id, "one": one})
    return [CannedReply.model_validate(row) for row in rows]


@router.get("")
async def list_canned_replies(me: Me, db: Db) -> Page[CannedReply]:
    """List all, by shortcut."""
    async with db.reading() as connection:
        return Page[CannedReply](items=await _read(connection, me))


@router.post("", status_code=status.HTTP_201_CREATED)
async def create_canned_reply(form: CannedReplyForm, me: Me, db: Db) -> CannedReply:
    """Keep one."""
    async with db.transaction() as connection:
        reply_id = await add_canned_reply(connection, me.workspace_id, shortcut=form.shortcut, text=form.text)
        return (await _read(connection, me, reply_id))[0]


@router.patch("/{reply_id}")
async def update_canned_reply(reply_id: uuid.UUID, form: CannedReplyChanges, me: Me, db: Db) -> CannedReply:
    """Change one."""
    async with db.transaction() as connection:
        await change_canned_reply(connection, me.workspace_id, reply_id, shortcut=form.shortcut, text=form.text)
        return (await _read(connection, me, reply_id))[0]


@router.delete("/{reply_id}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_canned_reply(reply_id: uuid.UUID, me: Me, db: Db) -> Response:
    """Throw one away."""
    async with db.transaction() as connection:
        await remove_canned_reply(connection, me.workspace_id, reply_id)
    return Response(status_code=status.HTTP_204_NO_CONTENT)
