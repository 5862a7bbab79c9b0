"""Outgoing webhooks: where a shop wants its events, how far each place has been told, and what could not be told."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from relevo.store.tables.base import EMPTY_ARRAY, Base, Xid8, created_column, one_of, workspace_column


class WebhookEndpoint(Base):
    """A URL of the shop's that is told of events, in the order of the log, at least once each."""

    __tablename__ = "webhook_endpoints"
    __table_args__ = (
        Index(None, "workspace_id"),
        CheckConstraint(one_of("status", "active", "disabled"), name="status"),
    )
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    workspace_id: Mapped[uuid.UUID] = workspace_column()
    url: Mapped[str]
    secret: Mapped[bytes]
    """The signing secret, encrypted with the service's key."""
    types: Mapped[list[str]] = mapped_column(server_default=EMPTY_ARRAY)
    """Event types wanted; empty: all."""
    status: Mapped[str] = mapped_column(server_default="active")
    cursor_xact: Mapped[int] = mapped_column(Xid8)
    cursor_id: Mapped[int] = mapped_column(BigInteger)
    """Everything up to (cursor_xact, cursor_id) has been told or set aside."""
    attempts: Mapped[int] = mapped_column(server_default=sql("0"))
    """Failed attempts at the event after the cursor."""
    last_error: Mapped[str | None]
    last_success_at: Mapped[dt.datetime | None]
    created_at: Mapped[dt.datetime] = created_column()


class WebhookDeadLetter(Base):
    """An event an endpoint would not take. It stays until it is replayed."""

    __tablename__ = "webhook_dead_letters"
    __table_args__ = (
        UniqueConstraint("endpoint_id", "event_id"),
        Index("ix_webhook_dead_letters_replay", "endpoint_id", "id", postgresql_where=sql("state = 'replaying'")),
        CheckConstraint(one_of("state", "dead", "replaying", "delivered"), name="state"),
    )
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    workspace_id: Mapped[uuid.UUID] = workspace_column()
    endpoint_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("webhook_endpoints.id", ondelete="CASCADE"))
    event_id: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(server_default="dead")
    attempts: Mapped[int]
    error: Mapped[str]
    created_at: Mapped[dt.datetime] = created_column()
    updated_at: Mapped[dt.datetime] = created_column()
