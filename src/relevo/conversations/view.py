"""What a run sees of its conversation: one look, one value, no locks."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from relevo.errors import NotFoundError
from relevo.store.database import fetch_one
from relevo.store.sql_files import sql_file
from relevo.whatsapp.outgoing import Recipient

if TYPE_CHECKING:
    import uuid
    from collections.abc import Mapping
    from datetime import datetime

    from relevo.store.database import Database


@dataclass(frozen=True, slots=True)
class Pending:
    """The next message of the outbox: the oldest that is planned, being sent, or of unknown fate."""

    id: uuid.UUID
    state: str
    author: str
    turn_id: uuid.UUID | None
    epoch: int | None
    delay: float
    not_before: datetime | None
    settle_at: datetime | None
    attempts: int
    essential: bool
    kind: str
    content: Mapping[str, Any]
    created_at: datetime
    sending_at: datetime | None
    trace: str | None
    discardable: bool | None
    turn_said: bool


@dataclass(frozen=True, slots=True)
class PlannedFollowUp:
    """The next timer."""

    id: uuid.UUID
    name: str
    due_at: datetime
    planned_at: datetime


@dataclass(frozen=True, slots=True)
class View:
    """A conversation with its configuration, channel, contact, and what is waiting in it."""

    id: uuid.UUID
    workspace_id: uuid.UUID
    channel_id: uuid.UUID
    contact_id: uuid.UUID
    agent_conversational: bool | None
    agent_crm: bool | None
    owner: str
    epoch: int
    restarts: int
    handed_back_at: datetime | None
    person_active_at: datetime | None
    window_until: datetime | None
    pair_tat: datetime | None
    last_outbound_at: datetime | None
    agent_enabled: bool
    crm_agents_enabled: bool
    conversational_agent_id: str
    handoff_message: str
    timer_preset: str
    response_speed: float
    burst_quiet_seconds: float
    burst_max_seconds: float
    language: str
    people_hours: Mapping[str, Any] | None
    out_of_hours_message: str | None
    release_at: datetime | None
    """When the agent takes the conversation back from people who have done nothing for a while."""
    provider: str
    phone_number_id: str
    api_url: str | None
    access_token: bytes = field(repr=False)
    channel_status: str
    paused_until: datetime | None
    contact_name: str | None
    contact_tags: list[str]
    contact_fields: Mapping[str, Any]
    opted_out_at: datetime | None
    marketing_opted_out_at: datetime | None
    phone: str | None
    bsuid: str | None
    unaccounted: int
    first_unaccounted_at: datetime | None
    last_unaccounted_at: datetime | None
    last_text: str | None
    last_wamid: str | None
    last_trace: str | None
    now: datetime
    pending: Pending | None
    follow_up: PlannedFollowUp | None

    @property
    def recipient(self) -> Recipient:
        """Whom to write to."""
        return Recipient(self.phone, self.bsuid)


_OWN = [item.name for item in fields(View) if item.name not in {"pending", "follow_up"}]
_PENDING = [item.name for item in fields(Pending)]
_FOLLOW_UP = [item.name for item in fields(PlannedFollowUp)]


async def look(database: Database, conversation_id: uuid.UUID) -> View:
    """Look at a conversation.

    Raises:
        NotFoundError: it was deleted.

    """
    async with database.reading() as connection:
        row = await fetch_one(connection, sql_file("relevo.conversations", "look"), {"conversation": conversation_id})
    if row is None:
        raise NotFoundError(f"There is no conversation {conversation_id}.")
    pending = Pending(**{name: row[f"pending_{name}"] for name in _PENDING}) if row["pending_id"] else None
    follow_up = (
        PlannedFollowUp(**{name: row[f"follow_up_{name}"] for name in _FOLLOW_UP}) if row["follow_up_id"] else None
    )
    return View(**{name: row[name] for name in _OWN}, pending=pending, follow_up=follow_up)


def is_agent_enabled_for_conversation(view: View) -> bool:
    """Whether the conversational agent may speak here: the shop's switch beats everything, then the chat's own."""
    return view.agent_enabled and view.agent_conversational is not False


def is_crm_agent_enabled_for_conversation(view: View) -> bool:
    """Whether the CRM agent keeps records here: it has switches of its own, and goes on while people have the chat."""
    return view.agent_enabled and view.crm_agents_enabled and view.agent_crm is not False
