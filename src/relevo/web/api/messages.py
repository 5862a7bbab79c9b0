"""`/conversations/{id}/messages`: what was said, and saying something as a person."""

import uuid
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, status
from pydantic import BaseModel, Field, computed_field, model_validator

from relevo.agents.decision import Bubble, Button, Media, Template
from relevo.conversations.person_reaction import react
from relevo.conversations.person_reply import reply
from relevo.conversations.quoting import quote
from relevo.conversations.remarks import key_of
from relevo.crm.reading import mark_read
from relevo.store.database import Connection, Row
from relevo.web.api.access import Db, Me
from relevo.web.api.bubbles import Parts, parts_of
from relevo.web.api.conversations import must_exist
from relevo.web.api.failures import Failure, failure_of
from relevo.web.api.message_pages import (
    Messages,
    Scope,
    around,
    arrival_of,
    by_ids,
    from_place,
    newest,
    read_cursor,
)
from relevo.web.api.paging import DEFAULT_LIMIT, Cursor, Limit, Page

router = APIRouter(prefix="/conversations/{conversation_id}/messages", tags=["conversations"])


Author = Literal["customer", "agent", "person", "phone"]


class Quoted(BaseModel):
    """The message a reply is to; at most 300 characters of it."""

    id: uuid.UUID
    author: Author
    member_name: str | None
    kind: str
    text: str


class ShownReaction(BaseModel):
    """An emoji on a message: of each side the last."""

    id: uuid.UUID
    author: Author
    member_name: str | None
    emoji: str
    state: str
    at: datetime


class Message(BaseModel):
    """One message, in or out. Reactions are no messages of their own here: they stand on what they are about."""

    id: uuid.UUID
    direction: Literal["in", "out"]
    author: Author
    member_id: uuid.UUID | None
    member_name: str | None
    sent_by_agent: bool
    kind: str
    text: str
    content: dict[str, Any] = Field(description="As WhatsApp told it, or as it is told to WhatsApp.")
    parts: Parts
    state: str = Field(description="In: received. Out: planned, sending, unknown, accepted, sent, …, failed, dropped.")
    wamid: str | None
    reply_to: str | None = Field(description="wamid of the message it quotes.")
    quoted: Quoted | None = Field(description="That message, where we have it.")
    reactions: list[ShownReaction]
    turn_id: uuid.UUID | None
    outcome: str | None = Field(description="What became of an inbound message; null: nothing yet.")
    outcome_reason: str | None
    drop_reason: str | None
    error: Failure | None = Field(description="Why it failed, or why the last attempt did.")
    provider_at: datetime | None
    created_at: datetime
    accepted_at: datetime | None
    sent_at: datetime | None
    delivered_at: datetime | None
    read_at: datetime | None
    failed_at: datetime | None

    @computed_field
    @property
    def drop_key(self) -> str | None:
        """Why it was not sent, by a stable key: `window_closed`, …; `other`: there is only the text."""
        return key_of(self.drop_reason)


class ButtonForm(BaseModel):
    """A reply button."""

    id: str
    title: str


class MediaForm(BaseModel):
    """Media by link."""

    kind: Literal["image", "video", "audio", "document", "sticker"]
    link: str
    filename: str | None = None


class TemplateForm(BaseModel):
    """An approved template; the only thing WhatsApp takes outside the 24-hour window."""

    name: str
    language: str
    parameters: list[str] = []


class MessageForm(BaseModel):
    """What a person says: a text (with buttons, or as caption of media), or a template."""

    id: uuid.UUID | None = Field(default=None, description="Chosen by you, it makes repeating the request harmless.")
    text: str = ""
    reply_to: uuid.UUID | None = Field(default=None, description="The message to quote, by id.")
    buttons: list[ButtonForm] = []
    media: MediaForm | None = None
    template: TemplateForm | None = None

    @model_validator(mode="after")
    def _says_something(self) -> "MessageForm":
        if self.template is None and self.media is None and not self.text.strip():
            raise ValueError("say something: text, media or template")
        if self.template is not None and (self.text or self.media or self.buttons):
            raise ValueError("a template goes alone")
        return self

    def bubble(self) -> Bubble:
        """Return it as everything said is planned."""
        template, media = self.template, self.media
        return Bubble(
            key="person",
            text=self.text,
            buttons=tuple(Button(button.id, button.title) for button in self.buttons),
            media=Media(media.kind, media.link, media.filename) if media else None,
            template=Template(template.name, template.language, tuple(template.parameters)) if template else None,
        )


class Planned(BaseModel):
    """What was put into the outbox: mostly one message, a very long text several."""

    ids: list[uuid.UUID]


class MessagePage(Page[Message]):
    """Messages, newest first; `next_cursor` leads to older ones."""

    newer_cursor: str | None = Field(default=None, description="Leads to newer ones; null: there are none by now.")


class MessagesWanted(BaseModel):
    """Which messages: the newest, or those at one of these (the first that is given counts)."""

    ids: list[uuid.UUID] = Field(
        default=[], max_length=100, description="These. A reaction's id stands for the message it is about."
    )
    cursor: Cursor = None
    around: uuid.UUID | None = Field(default=None, description="A message with those before and after it.")
    before: uuid.UUID | None = Field(default=None, description="Those right before a message.")
    after: uuid.UUID | None = Field(default=None, description="Those right after a message.")
    limit: Limit = DEFAULT_LIMIT


@router.get("")
async def list_messages(
    conversation_id: uuid.UUID, me: Me, db: Db, wanted: Annotated[MessagesWanted, Query()]
) -> MessagePage:
    """List messages, newest first."""
    scope = Scope(me.workspace_id, conversation_id)
    async with db.reading() as connection:
        await must_exist(connection, me, conversation_id)
        found = await _find(connection, scope, wanted)
    items = [shown(row) for row in found.rows]
    return MessagePage(items=items, next_cursor=found.older, newer_cursor=found.newer)


async def _find(connection: Connection, scope: Scope, wanted: MessagesWanted) -> Messages:
    if wanted.ids:
        return await by_ids(connection, scope, wanted.ids)
    if wanted.cursor is not None:
        way, arrival = read_cursor(wanted.cursor)
        return await from_place(connection, scope, way, arrival, wanted.limit)
    if wanted.around is not None:
        return await around(connection, scope, await arrival_of(connection, scope, wanted.around), wanted.limit)
    if wanted.before is not None:
        arrival = await arrival_of(connection, scope, wanted.before)
        return await from_place(connection, scope, "older", arrival, wanted.limit)
    if wanted.after is not None:
        arrival = await arrival_of(connection, scope, wanted.after)
        return await from_place(connection, scope, "newer", arrival, wanted.limit)
    return await newest(connection, scope, wanted.limit)


def shown(row: Row) -> Message:
    """Make a bubble of a row."""
    parts = parts_of(row["kind"], row["content"])
    return Message.model_validate({**row, "parts": parts, "error": failure_of(row["error"])})


@router.post("", status_code=status.HTTP_202_ACCEPTED)
async def send_message(conversation_id: uuid.UUID, form: MessageForm, me: Me, db: Db) -> Planned:
    """Say something as a person. It takes the conversation over, unless the shop lets people and agent coexist."""
    async with db.transaction() as connection:
        ids = await reply(
            connection,
            me.workspace_id,
            conversation_id,
            form.bubble(),
            message_id=form.id,
            member_id=me.member_id,
        )
        if form.reply_to is not None:
            await quote(connection, conversation_id, ids[0], form.reply_to)
        if me.member_id is not None:
            await mark_read(connection, me.workspace_id, conversation_id, me.member_id)
    return Planned(ids=ids)


class ReactionForm(BaseModel):
    """An emoji."""

    emoji: str = Field(max_length=32, description="Empty: takes the reaction back.")


@router.put("/{message_id}/reaction", status_code=status.HTTP_202_ACCEPTED)
async def put_reaction(
    conversation_id: uuid.UUID, message_id: uuid.UUID, form: ReactionForm, me: Me, db: Db
) -> Planned:
    """React to a message as the shop. Says nothing, and takes nothing over."""
    async with db.transaction() as connection:
        reaction_id = await react(
            connection, me.workspace_id, conversation_id, message_id, form.emoji, member_id=me.member_id
        )
    return Planned(ids=[reaction_id])
