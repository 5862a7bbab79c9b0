"""`GET /conversations/{id}/agent`: what the agent has understood there, and what it did about it."""

import uuid
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from relevo.conversations.understanding import load, told
from relevo.web.api.access import Db, Me

if TYPE_CHECKING:
    from relevo.conversations.books import Books

router = APIRouter(prefix="/conversations/{conversation_id}/agent", tags=["conversations"])


class Shown(BaseModel):
    """Read from what the room below tells."""

    model_config = ConfigDict(from_attributes=True)


class Datum(Shown):
    """Something the agent asks for."""

    slot: str
    label: str
    value: str | None = Field(description="As stored; null: still missing.")
    shown: str | None = Field(description="As people read it.")


class OrderLine(BaseModel):
    """One line."""

    item_id: str
    name: str
    quantity: int
    unit_price: int = Field(description="Minor units.")


class OrderSoFar(Shown):
    """The order of this session as it stands."""

    number: int | None = Field(description="Null: it does not exist yet; this is what it would be.")
    status: str
    lines: list[OrderLine]
    total: int = Field(description="Minor units.")
    currency: str


class PlannedFollowUp(BaseModel):
    """A nudge that is planned."""

    name: str
    due_at: datetime


class TurnMessage(BaseModel):
    """A message a turn heard or said; at most 300 characters of it."""

    id: uuid.UUID
    kind: str
    text: str
    state: str | None = None


class Remark(Shown):
    """A rule that led there, to be said in the reader's words."""

    key: str = Field(description="Stable; `other`: there is only the text.")
    values: dict[str, str] = Field(description="What it is about: slot, intent, flow, order, …; readable names.")
    text: str = Field(description="As it was noted, in English.")


class Turn(Shown):
    """One run of the agent."""

    id: uuid.UUID
    at: datetime
    state: Literal["decided", "discarded"]
    words: str = Field(description="What came of what was heard; empty for a follow-up.")
    heard: list[TurnMessage]
    said: list[TurnMessage]
    rules: list[str] = Field(description="The rules that led there, in the agent's words.")
    remarks: list[Remark] = Field(description="The same rules by key.")
    understood: dict[str, Any] | None = Field(description="Commands, scores, source: as in the timeline.")
    labels: dict[str, str] = Field(description="Names of the slots, intents and options in it, by id.")
    cost_usd: float
    models: list[dict[str, Any]]


class Usage(Shown):
    """What models did for this conversation."""

    turns: int
    calls: int
    input_tokens: int
    output_tokens: int
    cost_usd: float


class Understanding(Shown):
    """What the agent knows here."""

    agent_id: str
    session_id: uuid.UUID | None
    started_at: datetime | None
    updated_at: datetime | None
    ended_at: datetime | None
    end_reason: str | None
    flow: str | None
    stage: str | None
    language: str | None = Field(description="Spoken with the customer.")
    data: list[Datum]
    order: OrderSoFar | None
    follow_ups: list[PlannedFollowUp]
    usage: Usage
    turns: list[Turn] = Field(description="The last ten, newest first.")


@router.get("")
async def get_understanding(
    conversation_id: uuid.UUID,
    me: Me,
    db: Db,
    request: Request,
    lang: Annotated[Literal["es", "en", "pt"] | None, Query(description="By default the shop's language.")] = None,
) -> Understanding:
    """Show what the agent knows of this session (the last one, where none is under way), and its last turns."""
    async with db.reading() as connection:
        row = await load(connection, me.workspace_id, conversation_id)
    books: Books = request.app.state.books
    agent_id: str = row["session"]["agent"] if row["session"] else row["agent_id"]
    book = await books.get(agent_id, me.workspace_id)
    return Understanding.model_validate(told(row, book, lang))
