"""`/conversations/{id}/timeline`: what was decided about each message, and why."""

import uuid
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from relevo.conversations.remarks import labels, remarks
from relevo.conversations.timeline import timeline
from relevo.web.api.access import Db, Me
from relevo.web.api.paging import DEFAULT_LIMIT, Cursor, Limit, Page, cursor_after, place
from relevo.web.api.understanding import Remark

if TYPE_CHECKING:
    from relevo.conversations.books import Books

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
    remarks: list[Remark] = Field(default=[], description="The same rules by key.")
    understood: dict[str, Any] | None
    labels: dict[str, str] = Field(default={}, description="Names of slots, intents and options in it, by id.")
    said: list[Said]


class Wanted(BaseModel):
    """Which page, in which language."""

    lang: Literal["es", "en", "pt"] | None = Field(default=None, description="By default the shop's language.")
    limit: Limit = DEFAULT_LIMIT
    cursor: Cursor = None


@router.get("")
async def get_timeline(
    conversation_id: uuid.UUID, me: Me, db: Db, request: Request, wanted: Annotated[Wanted, Query()]
) -> Page[Entry]:
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
    books: Books = request.app.state.books
    agents = {entry.agent for entry in entries if entry.agent is not None}
    named = {agent: await books.get(agent, me.workspace_id) for agent in agents}
    items: list[Entry] = []
    for entry in entries[: wanted.limit]:
        item = Entry.model_validate(entry)
        book = named.get(entry.agent or "")
        item.remarks = [Remark.model_validate(one) for one in remarks({"rules": entry.rules}, book, entry.language)]
        item.labels = labels(entry.understood, book, entry.language)
        items.append(item)
    more = len(entries) > wanted.limit
    return Page[Entry](items=items, next_cursor=cursor_after(items[-1].at, items[-1].id) if more else None)
