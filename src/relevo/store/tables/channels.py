"""Connected numbers and what arrived at them, as it arrived."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from relevo.store.tables.base import Base, created_column, one_of, workspace_column


class Channel(Base):
    """One connected WhatsApp number. Secrets are encrypted with the service's key."""

    __tablename__ = "channels"
    __table_args__ = (
        UniqueConstraint("phone_number_id"),
        CheckConstraint(one_of("provider", "meta", "360dialog"), name="provider"),
        CheckConstraint(one_of("status", "active", "stopped"), name="status"),
    )
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    workspace_id: Mapped[uuid.UUID] = workspace_column()
    provider: Mapped[str]
    phone_number_id: Mapped[str]
    phone: Mapped[str]
    api_url: Mapped[str | None]
    access_token: Mapped[bytes]
    app_secret: Mapped[bytes | None]
    verify_token: Mapped[bytes]
    status: Mapped[str] = mapped_column(server_default="active")
    status_reason: Mapped[str | None]
    paused_until: Mapped[dt.datetime | None]
    verified_at: Mapped[dt.datetime | None]
    """When the provider last verified the callback address with this channel's token."""
    created_at: Mapped[dt.datetime] = created_column()


class Delivery(Base):
    """One raw webhook body, as it arrived."""

    __tablename__ = "deliveries"
    __table_args__ = (
        Index(None, "received_at"),
        Index(None, "channel_id", "received_at"),
    )
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    channel_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("channels.id", ondelete="CASCADE"))
    received_at: Mapped[dt.datetime] = created_column()
    body: Mapped[bytes]
    problem: Mapped[str | None]
    heard_until: Mapped[dt.datetime | None]
    """The latest provider time in it: WhatsApp has told us of things that happened until then."""


class SetAside(Base):
    """An update of a delivery that could not be stored; kept for `relevo deliveries replay`."""

    __tablename__ = "set_aside_updates"
    __table_args__ = (
        UniqueConstraint("delivery_id", "position"),
        Index(None, "created_at", postgresql_where=sql("replayed_at is null")),
    )
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    delivery_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("deliveries.id", ondelete="CASCADE"))
    position: Mapped[int]
    error: Mapped[str]
    created_at: Mapped[dt.datetime] = created_column()
    replayed_at: Mapped[dt.datetime | None]
