"""`/conversations/{id}/timeline`: what was decided about each message, and why."""

import uuid
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from relevo.conversations.timeline import timeline
from relevo.web.api.access import Db, Me
from relevo.web.api.paging import DEFAULT_LIMIT, Cursor, Limit, Page, cursor_after, place

router = APIRouter(prefix="/conversations/{conversation_id}/timeline", tags=["conversations"])


class Said(BaseModel):
    """A message it led to, and what became of that."""

    model_config = ConfigDict(from_attributes=True)
    id: str
    text: str
    state: str
    words: str


class Entry(BaseModel):
    """One thing that happened."""

    model_config = ConfigDict(from_attributes=True)
    id: str
    kind: str = Field(description="inbound, outbound, or the type of an event.")
    at: datetime
    words: str = Field(description="What was decided, or why nothing was said.")
    text: str | None
    author: str | None
    outcome: str | None
    rules: list[str]
    understood: dict[str, Any] | None
    said: list[Said]


class Wanted(BaseModel):
    """Which page, in which language."""

    lang: Literal["es", "en", "pt"] | None = Field(default=None, description="By default the shop's language.")
    limit: Limit = DEFAULT_LIMIT
    cursor: Cursor = None


@router.get("")
async def get_timeline(conversation_id: uuid.UUID, me: Me, db: Db, wanted: Annotated[Wanted, Query()]) -> Page[Entry]:
    """Tell what happened, newest first."""
    async with db.reading() as connection:
        entries = await timeline(
            connection,
            me.workspace_id,
            conversation_id,
            limit=wanted.limit + 1,
            language=wanted.lang,
            after=place(wanted.cursor, "at", "id"),
        )
    items = [Entry.model_validate(entry) for entry in entries[: wanted.limit]]
    more = len(entries) > wanted.limit
    return Page[Entry](items=items, next_cursor=cursor_after(items[-1].at, items[-1].id) if more else None)
