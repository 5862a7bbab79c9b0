"""`/conversations`: lists, one of them, who may speak in it."""

import uuid
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from relevo.agents.decision import HandoffRequest
from relevo.conversations.change import lock_conversation
from relevo.conversations.handback import hand_back
from relevo.conversations.handoff import hand_off
from relevo.conversations.ownership import switch_agent, take_over
from relevo.errors import NotFoundError
from relevo.store.database import Connection, Row, fetch_all
from relevo.store.sql_files import sql_file
from relevo.web.api.access import Db, Me
from relevo.web.api.paging import DEFAULT_LIMIT, Cursor, Limit, Page, page, place

router = APIRouter(prefix="/conversations", tags=["conversations"])


class Conversation(BaseModel):
    """What one customer and one channel have to say to each other, and who may speak."""

    id: uuid.UUID
    channel_id: uuid.UUID
    contact_id: uuid.UUID
    contact_name: str | None
    contact_phone: str | None
    contact_tags: list[str]
    owner: Literal["agent", "person"]
    owner_member_id: uuid.UUID | None
    owned_since: datetime | None
    agent_conversational: bool | None = Field(description="The chat's own switch; null: as the shop's.")
    agent_crm: bool | None
    agent_speaks: bool = Field(description="Whether the agent may speak here, all switches considered.")
    crm_agent_works: bool
    epoch: int = Field(description="Counts changes of who may speak.")
    handed_back_at: datetime | None
    window_until: datetime | None = Field(description="Until then WhatsApp takes free-form messages.")
    last_inbound_at: datetime | None
    last_outbound_at: datetime | None
    last_message_at: datetime
    created_at: datetime
    task_id: uuid.UUID | None = Field(description="The open handoff.")
    task_assignee_id: uuid.UUID | None
    last_text: str | None
    last_author: str | None
    waiting_for_agent: bool
    waiting_for_person: bool | None


class Switches(BaseModel):
    """The chat's own switches; null: as the shop's. Switching the agent on where people have the chat hands it back."""

    conversational: bool | None = None
    crm: bool | None = None


class HandoffForm(BaseModel):
    """Why a person is needed."""

    reason: str = Field(default="person_asked", min_length=1, max_length=200)
    summary: str = Field(default="", max_length=4000)
    say: str | None = Field(default=None, max_length=1000, description="Instead of the shop's handoff message.")


class HandedOff(BaseModel):
    """The handoff in force."""

    task_id: uuid.UUID
    new: bool = Field(description="False: it had been handed off already, and nothing was done.")
    conversation: Conversation


async def show(connection: Connection, workspace_id: uuid.UUID, conversation_id: uuid.UUID) -> Conversation:
    """Read one conversation. Raises NotFoundError."""
    rows = await _read(connection, workspace_id, conversation=conversation_id, limit=1)
    if not rows:
        raise NotFoundError(f"There is no conversation {conversation_id}.")
    return Conversation.model_validate(dict(rows[0]))


async def _read(connection: Connection, workspace_id: uuid.UUID, **parameters: Any) -> list[Row]:  # noqa: ANN401 - parameters of any type
    names = ("conversation", "owner", "member", "channel", "contact", "search", "after_last_message_at", "after_id")
    wanted = {**dict.fromkeys(names), **parameters, "workspace": workspace_id}
    return list(await fetch_all(connection, sql_file("relevo.web.api", "conversations"), wanted))


class Filters(BaseModel):
    """Which conversations, and which page of them."""

    owner: Literal["agent", "person"] | None = None
    member_id: uuid.UUID | None = Field(default=None, description="Theirs, or assigned to them.")
    channel_id: uuid.UUID | None = None
    contact_id: uuid.UUID | None = None
    q: str | None = Field(default=None, max_length=100, description="Part of the customer's name or phone.")
    limit: Limit = DEFAULT_LIMIT
    cursor: Cursor = None


@router.get("")
async def list_conversations(me: Me, db: Db, wanted: Annotated[Filters, Query()]) -> Page[Conversation]:
    """List conversations, the most recently active first."""
    search = f"%{wanted.q.replace('%', '').replace('_', '')}%" if wanted.q else None
    async with db.reading() as connection:
        rows = await _read(
            connection,
            me.workspace_id,
            owner=wanted.owner,
            member=wanted.member_id,
            channel=wanted.channel_id,
            contact=wanted.contact_id,
            search=search,
            limit=wanted.limit + 1,
            **place(wanted.cursor, "last_message_at", "id"),
        )
    return page(rows, wanted.limit, Conversation, "last_message_at", "id")


@router.get("/{conversation_id}")
async def get_conversation(conversation_id: uuid.UUID, me: Me, db: Db) -> Conversation:
    """Show one."""
    async with db.reading() as connection:
        return await show(connection, me.workspace_id, conversation_id)


@router.post("/{conversation_id}/takeover")
async def take_conversation_over(conversation_id: uuid.UUID, me: Me, db: Db) -> Conversation:
    """Take it over from the agent: what it has not said yet, it will not say."""
    async with db.transaction() as connection:
        locked = await lock_conversation(connection, me.workspace_id, conversation_id)
        await take_over(connection, locked, member_id=me.member_id, by="person")
        return await show(connection, me.workspace_id, conversation_id)


@router.post("/{conversation_id}/handoff")
async def hand_conversation_off(conversation_id: uuid.UUID, form: HandoffForm, me: Me, db: Db) -> HandedOff:
    """Hand it to the people of the shop: the customer is told, a task is opened and assigned. Twice is once."""
    async with db.transaction() as connection:
        locked = await lock_conversation(connection, me.workspace_id, conversation_id)
        request = HandoffRequest(reason=form.reason, summary=form.summary, say=form.say)
        done = await hand_off(connection, locked, request, asked_by="person")
        conversation = await show(connection, me.workspace_id, conversation_id)
        return HandedOff(task_id=done.task_id, new=done.new, conversation=conversation)


@router.post("/{conversation_id}/handback")
async def hand_conversation_back(conversation_id: uuid.UUID, me: Me, db: Db) -> Conversation:
    """Give it back to the agent, which answers what is still open."""
    async with db.transaction() as connection:
        locked = await lock_conversation(connection, me.workspace_id, conversation_id)
        await hand_back(connection, locked, member_id=me.member_id, by="person")
        return await show(connection, me.workspace_id, conversation_id)


@router.put("/{conversation_id}/agent")
async def set_agent_switches(conversation_id: uuid.UUID, switches: Switches, me: Me, db: Db) -> Conversation:
    """Switch the agent on or off in this conversation; acts on the next send."""
    async with db.transaction() as connection:
        locked = await lock_conversation(connection, me.workspace_id, conversation_id)
        sent = switches.model_fields_set
        await switch_agent(
            connection,
            locked,
            conversational=switches.conversational if "conversational" in sent else locked.agent_conversational,
            crm=switches.crm if "crm" in sent else locked.agent_crm,
            member_id=me.member_id,
        )
        return await show(connection, me.workspace_id, conversation_id)
