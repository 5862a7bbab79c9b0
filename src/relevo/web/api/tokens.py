"""`/tokens`: bearer tokens of the API. A token is shown when it is made, and never again."""

import uuid
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Response, status
from pydantic import BaseModel, Field

from relevo.crm.tokens import api_token, api_tokens, revoke_token
from relevo.crm.workspaces import create_token
from relevo.web.api.access import Admin, Db
from relevo.web.api.paging import DEFAULT_LIMIT, Cursor, Limit, Page, page, place

router = APIRouter(prefix="/tokens", tags=["tokens"])


class Token(BaseModel):
    """A token that is valid."""

    id: uuid.UUID
    name: str
    created_at: datetime
    last_used_at: datetime | None = Field(description="To the minute; null: never.")


class NewToken(BaseModel):
    """What the token is for."""

    name: str = Field(min_length=1, max_length=100, pattern=r"\S")


class CreatedToken(Token):
    """A new token, in full this once."""

    token: str


class Wanted(BaseModel):
    """Which page."""

    limit: Limit = DEFAULT_LIMIT
    cursor: Cursor = None


@router.get("")
async def list_tokens(me: Admin, db: Db, wanted: Annotated[Wanted, Query()]) -> Page[Token]:
    """List valid tokens, newest first."""
    async with db.reading() as connection:
        rows = await api_tokens(connection, me.workspace_id, limit=wanted.limit + 1, **place(wanted.cursor, "id"))
    return page(rows, wanted.limit, Token, "id")


@router.post("", status_code=status.HTTP_201_CREATED)
async def make_token(form: NewToken, me: Admin, db: Db) -> CreatedToken:
    """Make a token. It acts as an admin of this shop, so keep it like a password."""
    async with db.transaction() as connection:
        token = await create_token(connection, me.workspace_id, form.name.strip())
        row = await api_token(connection, me.workspace_id, token)
    return CreatedToken(**row, token=token)


@router.delete("/{token_id}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_token(token_id: uuid.UUID, me: Admin, db: Db) -> Response:
    """Revoke a token: it is refused from the next request on."""
    async with db.transaction() as connection:
        await revoke_token(connection, me.workspace_id, token_id)
    return Response(status_code=status.HTTP_204_NO_CONTENT)
