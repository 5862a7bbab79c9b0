"""`/conversations/{id}/messages`: what was said, and saying something as a person."""

import uuid
from datetime import datetime
from typing import Any, Literal

from fastapi import APIRouter, status
from pydantic import BaseModel, Field, model_validator

from relevo.agents.decision import Bubble, Button, Media, Template
from relevo.conversations.person_reply import reply
from relevo.store.database import fetch_all
from relevo.store.sql_files import sql_file
from relevo.web.api.access import Db, Me
from relevo.web.api.conversations import must_exist
from relevo.web.api.paging import DEFAULT_LIMIT, Cursor, Limit, Page, page, place

router = APIRouter(prefix="/conversations/{conversation_id}/messages", tags=["conversations"])


class Message(BaseModel):
    """One message, in or out."""

    id: uuid.UUID
    direction: Literal["in", "out"]
    author: Literal["customer", "agent", "person", "phone"]
    member_id: uuid.UUID | None
    sent_by_agent: bool
    kind: str
    text: str
    content: dict[str, Any]
    state: str = Field(description="In: received. Out: planned, sending, unknown, accepted, sent, …, failed, dropped.")
    wamid: str | None
    reply_to: str | None
    turn_id: uuid.UUID | None
    outcome: str | None = Field(description="What became of an inbound message; null: nothing yet.")
    outcome_reason: str | None
    drop_reason: str | None
    error: dict[str, Any] | None
    provider_at: datetime | None
    created_at: datetime
    accepted_at: datetime | None
    sent_at: datetime | None
    delivered_at: datetime | None
    read_at: datetime | None
    failed_at: datetime | None


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


@router.get("")
async def list_messages(
    conversation_id: uuid.UUID, me: Me, db: Db, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> Page[Message]:
    """List messages, newest first."""
    wanted = {"workspace": me.workspace_id, "conversation": conversation_id, "limit": limit + 1}
    async with db.reading() as connection:
        await must_exist(connection, me, conversation_id)
        rows = await fetch_all(
            connection, sql_file("relevo.web.api", "messages"), {**wanted, **place(cursor, "arrival")}
        )
    return page(rows, limit, Message, "arrival")


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
    return Planned(ids=ids)
