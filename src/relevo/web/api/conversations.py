"""`/conversations`: lists, one of them, who may speak in it."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from relevo.agents.decision import HandoffRequest
from relevo.conversations.change import lock_conversation
from relevo.conversations.handback import hand_back
from relevo.conversations.handoff import hand_off
from relevo.conversations.ownership import switch_agent, take_over
from relevo.errors import NotFoundError
from relevo.store.database import Connection, fetch_all, fetch_one
from relevo.store.sql_files import sql_file
from relevo.web.api.access import Caller, Db, Me
from relevo.web.api.conversation_lists import Filter, Wanted, pick
from relevo.web.api.paging import DEFAULT_LIMIT, Cursor, Limit, Page, cursor_after, place

router = APIRouter(prefix="/conversations", tags=["conversations"])

MAX_IDS = 100
"""How many a request may name."""

_EXISTS = "select 1 from conversations where id = %(id)s and workspace_id = %(workspace)s"


class OpenTask(BaseModel):
    """The open handoff, as far as a list shows it."""

    id: uuid.UUID
    reason: str
    priority: Literal["low", "normal", "high"]
    assignee_id: uuid.UUID | None
    assignee_name: str | None
    due_at: datetime | None
    overdue: bool
    snoozed_until: datetime | None
    created_at: datetime


class LastMessage(BaseModel):
    """What was said last, at most 200 characters of it. Not what the agent has planned and not begun to send."""

    id: uuid.UUID
    direction: Literal["in", "out"]
    author: Literal["customer", "agent", "person", "phone"]
    member_name: str | None
    kind: str
    text: str
    state: str
    at: datetime


class Conversation(BaseModel):
    """What one customer and one channel have to say to each other, and who may speak."""

    id: uuid.UUID
    channel_id: uuid.UUID
    contact_id: uuid.UUID
    contact_name: str | None
    contact_phone: str | None
    contact_username: str | None
    contact_tags: list[str]
    contact_opted_out: bool
    owner: Literal["agent", "person"]
    owner_member_id: uuid.UUID | None
    owner_member_name: str | None
    owned_since: datetime | None
    agent_conversational: bool | None = Field(description="The chat's own switch; null: as the shop's.")
    agent_crm: bool | None
    agent_speaks: bool = Field(description="Whether the agent may speak here, all switches considered.")
    agent_writing: bool = Field(description="It is about to say something: it decides, or its words are on their way.")
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
    task: OpenTask | None
    open_tasks: int = Field(description="Open tasks of all kinds.")
    last_message: LastMessage | None
    last_text: str | None
    last_author: str | None
    unread: int = Field(description="Messages of the customer the caller has not read; 100 means 100 or more.")
    first_unread_id: uuid.UUID | None = Field(description="Where the line of unread messages stands.")
    waiting_for_agent: bool
    waiting_for_person: bool
    version: int = Field(description="Grows with each change: of two answers the one with the higher is newer.")


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


async def show(connection: Connection, me: Caller, conversation_id: uuid.UUID) -> Conversation:
    """Read one conversation. Raises NotFoundError."""
    rows = await by_ids(connection, me, [conversation_id])
    if not rows:
        raise NotFoundError(f"There is no conversation {conversation_id}.")
    return rows[0]


async def must_exist(connection: Connection, me: Caller, conversation_id: uuid.UUID) -> None:
    """Check that it is the caller's to see. Raises NotFoundError."""
    wanted = {"id": conversation_id, "workspace": me.workspace_id}
    if await fetch_one(connection, _EXISTS, wanted) is None:
        raise NotFoundError(f"There is no conversation {conversation_id}.")


async def by_ids(connection: Connection, me: Caller, ids: Sequence[uuid.UUID]) -> list[Conversation]:
    """Read these, the most recently active first; what is not there is left out."""
    if not ids:
        return []
    wanted = {"workspace": me.workspace_id, "member": me.member_id, "ids": list(ids)}
    rows = await fetch_all(connection, sql_file("relevo.web.api", "conversations"), wanted)
    return [Conversation.model_validate(row) for row in rows]


class Filters(BaseModel):
    """Which conversations, and which page of them."""

    ids: list[uuid.UUID] = Field(
        default=[], max_length=MAX_IDS, description="These, all on one page; what is not there is left out."
    )
    filter: Filter = Field(
        default="all",
        description="`mine`: owned by me, or with an open task of mine; `unassigned`: an open handoff that nobody has;"
        " `agent`: the agent may speak; `tasks`: with open tasks; `unread`: with messages I have not read.",
    )
    member_id: uuid.UUID | None = Field(default=None, description="Whose `mine` or `unread`; the caller's by default.")
    channel_id: uuid.UUID | None = None
    contact_id: uuid.UUID | None = None
    limit: Limit = DEFAULT_LIMIT
    cursor: Cursor = None


@router.get("")
async def list_conversations(me: Me, db: Db, wanted: Annotated[Filters, Query()]) -> Page[Conversation]:
    """List conversations, the most recently active first. A page may be short and still have a `next_cursor`."""
    async with db.reading() as connection:
        if wanted.ids:
            return Page[Conversation](items=await by_ids(connection, me, wanted.ids))
        which = Wanted(
            me.workspace_id, wanted.filter, wanted.member_id or me.member_id, wanted.channel_id, wanted.contact_id
        )
        after = place(wanted.cursor, "last_message_at", "id")
        picked = await pick(connection, which, after, wanted.limit)
        items = await by_ids(connection, me, [one.id for one in picked.places])
    end = picked.next_after
    return Page[Conversation](items=items, next_cursor=cursor_after(end.last_message_at, end.id) if end else None)


@router.get("/{conversation_id}")
async def get_conversation(conversation_id: uuid.UUID, me: Me, db: Db) -> Conversation:
    """Show one."""
    async with db.reading() as connection:
        return await show(connection, me, conversation_id)


@router.post("/{conversation_id}/takeover")
async def take_conversation_over(conversation_id: uuid.UUID, me: Me, db: Db) -> Conversation:
    """Take it over from the agent: what it has not said yet, it will not say."""
    async with db.transaction() as connection:
        locked = await lock_conversation(connection, me.workspace_id, conversation_id)
        await take_over(connection, locked, member_id=me.member_id, by="person")
        return await show(connection, me, conversation_id)


@router.post("/{conversation_id}/handoff")
async def hand_conversation_off(conversation_id: uuid.UUID, form: HandoffForm, me: Me, db: Db) -> HandedOff:
    """Hand it to the people of the shop: the customer is told, a task is opened and assigned. Twice is once."""
    async with db.transaction() as connection:
        locked = await lock_conversation(connection, me.workspace_id, conversation_id)
        request = HandoffRequest(reason=form.reason, summary=form.summary, say=form.say)
        done = await hand_off(connection, locked, request, asked_by="person")
        conversation = await show(connection, me, conversation_id)
        return HandedOff(task_id=done.task_id, new=done.new, conversation=conversation)


@router.post("/{conversation_id}/handback")
async def hand_conversation_back(conversation_id: uuid.UUID, me: Me, db: Db) -> Conversation:
    """Give it back to the agent, which answers what is still open."""
    async with db.transaction() as connection:
        locked = await lock_conversation(connection, me.workspace_id, conversation_id)
        await hand_back(connection, locked, member_id=me.member_id, by="person")
        return await show(connection, me, conversation_id)


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
        return await show(connection, me, conversation_id)
