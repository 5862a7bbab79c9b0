"""The append-only event log and the mailbox of actors."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Identity, Index
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from relevo.store.tables.base import Base, Xid8, created_column


class Event(Base):
    """What happened, appended with the change itself and never altered."""

    __tablename__ = "events"
    __table_args__ = (
        Index(None, "workspace_id", "xact", "id"),
        Index("ix_events_conversation_id_id", "conversation_id", "id"),
    )
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    xact: Mapped[int] = mapped_column(Xid8, server_default=sql("pg_current_xact_id()"))
    """The writing transaction; readers stop below the oldest one still running, so that no event is skipped."""
    workspace_id: Mapped[uuid.UUID]
    conversation_id: Mapped[uuid.UUID | None]
    type: Mapped[str]
    data: Mapped[dict[str, Any]]
    created_at: Mapped[dt.datetime] = created_column()


class Mailbox(Base):
    """One row per actor: when it is due, and who is at it."""

    __tablename__ = "mailbox"
    __table_args__ = (
        Index(
            "ix_mailbox_due",
            "workspace_id",
            "due_at",
            postgresql_where=sql("due_at is not null and lease_token is null"),
        ),
        Index("ix_mailbox_leased", "lease_until", postgresql_where=sql("lease_token is not null")),
        Index("ix_mailbox_failed", "failed_at", postgresql_where=sql("failed_at is not null")),
        CheckConstraint("(lease_token is null) = (lease_until is null)", name="lease"),
        {"postgresql_with": {"fillfactor": "70", "autovacuum_vacuum_scale_factor": "0.05"}},
    )
    kind: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    workspace_id: Mapped[uuid.UUID]
    due_at: Mapped[dt.datetime | None]
    lease_until: Mapped[dt.datetime | None]
    lease_token: Mapped[uuid.UUID | None]
    leased_by: Mapped[str | None]
    attempts: Mapped[int] = mapped_column(server_default=sql("0"))
    """Runs that raised, in a row."""
    crashes: Mapped[int] = mapped_column(server_default=sql("0"))
    """Leases that ran out, in a row."""
    last_error: Mapped[str | None]
    failed_at: Mapped[dt.datetime | None]
    """Set when given up for good; cleared by the next successful run."""
    announced_for: Mapped[dt.datetime | None]
    """The `due_at` another engine was last told of; the local engine needs no telling."""
    announced_at: Mapped[dt.datetime | None]


class Relay(Base):
    """How far a reader that hands events on has come: everything up to (xact, event_id) is handed over."""

    __tablename__ = "relays"
    name: Mapped[str] = mapped_column(primary_key=True)
    xact: Mapped[int] = mapped_column(Xid8)
    event_id: Mapped[int] = mapped_column(BigInteger)
    moved_at: Mapped[dt.datetime] = created_column()
    failures: Mapped[int] = mapped_column(server_default=sql("0"))
    """In a row."""
    failing_since: Mapped[dt.datetime | None]
    last_error: Mapped[str | None]
