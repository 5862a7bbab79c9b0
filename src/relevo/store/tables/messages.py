"""What was said and planned, by whom and why."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, ForeignKeyConstraint, Identity, Index
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from relevo.store.tables.base import EMPTY_OBJECT, Base, created_column, one_of, workspace_column

MESSAGE_STATES = (
    "received", "planned", "sending", "unknown", "accepted", "sent", "delivered", "read", "played", "failed", "dropped",
)  # fmt: skip
OUTCOMES = ("answered", "coalesced", "ignored", "handed_off", "failed")


class Message(Base):
    """One message, in or out. Outgoing ones exist before they are sent; their states only move forward."""

    __tablename__ = "messages"
    __table_args__ = (
        ForeignKeyConstraint(
            ["conversation_id", "workspace_id", "channel_id"],
            ["conversations.id", "conversations.workspace_id", "conversations.channel_id"],
            ondelete="CASCADE",
        ),
        Index("uq_messages_channel_id_wamid", "channel_id", "wamid", unique=True),
        Index(None, "conversation_id", "arrival"),
        Index(
            "ix_messages_unaccounted",
            "conversation_id",
            postgresql_where=sql("direction = 'in' and outcome is null"),
        ),
        Index(
            "ix_messages_pending",
            "conversation_id",
            postgresql_where=sql("state in ('planned', 'sending', 'unknown')"),
        ),
        Index("ix_messages_reactions", "conversation_id", postgresql_where=sql("kind = 'reaction'")),
        Index("ix_messages_turn", "turn_id", postgresql_where=sql("turn_id is not null")),
        CheckConstraint(one_of("direction", "in", "out"), name="direction"),
        CheckConstraint(one_of("state", *MESSAGE_STATES), name="state"),
        CheckConstraint("(direction = 'in') = (state = 'received')", name="inbound_is_received"),
        CheckConstraint("direction = 'out' or wamid is not null", name="inbound_has_wamid"),
        CheckConstraint(one_of("author", "customer", "agent", "person", "phone"), name="author"),
        CheckConstraint("(direction = 'in') = (author = 'customer')", name="inbound_is_from_customer"),
        CheckConstraint("member_id is null or author = 'person'", name="member_is_person"),
        CheckConstraint("sent_by_agent = (author = 'agent')", name="sent_by_agent"),
        CheckConstraint("outcome is null or direction = 'in'", name="outcome_of_inbound"),
        CheckConstraint(one_of("outcome", *OUTCOMES), name="outcome"),
        CheckConstraint("(outcome is null) = (outcome_reason is null)", name="outcome_has_reason"),
        CheckConstraint(
            "state not in ('accepted', 'sent', 'delivered', 'read', 'played') or wamid is not null",
            name="accepted_has_wamid",
        ),
        CheckConstraint("(state = 'unknown') <= (settle_at is not null)", name="unknown_has_deadline"),
        CheckConstraint("(state = 'dropped') = (drop_reason is not null)", name="dropped_has_reason"),
    )
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    """Also the idempotency key: travels as `biz_opaque_callback_data`."""
    workspace_id: Mapped[uuid.UUID]
    channel_id: Mapped[uuid.UUID]
    conversation_id: Mapped[uuid.UUID]
    arrival: Mapped[int] = mapped_column(BigInteger, Identity(always=True))
    """Order of arrival (in) or planning (out)."""
    direction: Mapped[str]
    author: Mapped[str]
    member_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("members.id", ondelete="SET NULL"))
    """Which person wrote it, where known."""
    sent_by_agent: Mapped[bool] = mapped_column(server_default=sql("false"))
    state: Mapped[str]
    wamid: Mapped[str | None]
    kind: Mapped[str]
    text: Mapped[str] = mapped_column(server_default="")
    content: Mapped[dict[str, Any]] = mapped_column(server_default=EMPTY_OBJECT)
    reply_to: Mapped[str | None]
    """wamid of the message this one quotes."""
    provider_at: Mapped[dt.datetime | None]
    """The provider's time, whole seconds."""
    created_at: Mapped[dt.datetime] = created_column()
    turn_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("turns.id", ondelete="SET NULL"))
    outcome: Mapped[str | None]
    outcome_reason: Mapped[str | None]
    key: Mapped[str | None]
    """Which reply of the playbook this is."""
    asks: Mapped[str | None]
    essential: Mapped[bool] = mapped_column(server_default=sql("false"))
    epoch: Mapped[int | None]
    delay: Mapped[float] = mapped_column(server_default=sql("0"))
    """Seconds after the message before."""
    not_before: Mapped[dt.datetime | None]
    """Backoff and pacing."""
    attempts: Mapped[int] = mapped_column(server_default=sql("0"))
    sending_at: Mapped[dt.datetime | None]
    settle_at: Mapped[dt.datetime | None]
    accepted_at: Mapped[dt.datetime | None]
    sent_at: Mapped[dt.datetime | None]
    delivered_at: Mapped[dt.datetime | None]
    read_at: Mapped[dt.datetime | None]
    failed_at: Mapped[dt.datetime | None]
    error: Mapped[dict[str, Any] | None]
    drop_reason: Mapped[str | None]
    trace: Mapped[str | None]
    """W3C traceparent, so that the spans of webhook, turn and reply hang together."""


class Turn(Base):
    """One run of the agent over what the customer said, with its reasons."""

    __tablename__ = "turns"
    __table_args__ = (
        Index(None, "conversation_id", "created_at"),
        Index("ix_turns_cost", "workspace_id", "created_at", postgresql_where=sql("cost_usd > 0")),
        CheckConstraint(one_of("state", "decided", "discarded"), name="state"),
    )
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    workspace_id: Mapped[uuid.UUID] = workspace_column()
    conversation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    session_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("sessions.id", ondelete="SET NULL"))
    agent: Mapped[str]
    state: Mapped[str] = mapped_column(server_default="decided")
    discardable: Mapped[bool]
    """False once it did more than plan words (an order, a handoff): it then stands."""
    session_before: Mapped[dict[str, Any] | None]
    """The session's state to restore when discarded; null: the session began with this turn."""
    explanation: Mapped[dict[str, Any]] = mapped_column(server_default=EMPTY_OBJECT)
    usage: Mapped[list[Any]] = mapped_column(server_default=sql("'[]'::jsonb"))
    cost_usd: Mapped[float] = mapped_column(server_default=sql("0"))
    """What models cost for it."""
    created_at: Mapped[dt.datetime] = created_column()
    """When it was decided."""
    started_at: Mapped[dt.datetime]


class Session(Base):
    """What the agent remembers in a conversation; at most one is active."""

    __tablename__ = "sessions"
    __table_args__ = (
        Index("uq_sessions_active", "conversation_id", unique=True, postgresql_where=sql("ended_at is null")),
        Index(None, "conversation_id"),
    )
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    workspace_id: Mapped[uuid.UUID] = workspace_column()
    conversation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    agent: Mapped[str]
    state: Mapped[dict[str, Any]] = mapped_column(server_default=EMPTY_OBJECT)
    started_at: Mapped[dt.datetime] = created_column()
    updated_at: Mapped[dt.datetime] = created_column()
    ended_at: Mapped[dt.datetime | None]
    end_reason: Mapped[str | None]
