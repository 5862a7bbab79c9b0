"""What comes of a conversation: orders, timers, tasks for people."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from relevo.store.tables.base import EMPTY_OBJECT, Base, created_column, one_of, workspace_column


class Order(Base):
    """An order with the prices of its moment. One open order per session."""

    __tablename__ = "orders"
    __table_args__ = (
        UniqueConstraint("workspace_id", "number"),
        Index(
            "uq_orders_open",
            "session_id",
            unique=True,
            postgresql_where=sql("closed_at is null and session_id is not null"),
        ),
        Index(None, "conversation_id"),
        Index(None, "workspace_id", "created_at"),
        CheckConstraint("total >= 0", name="total"),
    )
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    workspace_id: Mapped[uuid.UUID] = workspace_column()
    number: Mapped[int]
    conversation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    session_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("sessions.id", ondelete="SET NULL"))
    turn_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("turns.id", ondelete="SET NULL"))
    status: Mapped[str]
    lines: Mapped[list[Any]]
    total: Mapped[int] = mapped_column(BigInteger)
    """Minor units of `currency`."""
    currency: Mapped[str]
    fields: Mapped[dict[str, Any]] = mapped_column(server_default=EMPTY_OBJECT)
    created_at: Mapped[dt.datetime] = created_column()
    updated_at: Mapped[dt.datetime] = created_column()
    closed_at: Mapped[dt.datetime | None]


class FollowUp(Base):
    """A timer of the playbook. Cancelled in the transaction that makes it pointless, re-checked when due."""

    __tablename__ = "follow_ups"
    __table_args__ = (
        Index("ix_follow_ups_planned", "conversation_id", "due_at", postgresql_where=sql("state = 'planned'")),
        CheckConstraint(one_of("state", "planned", "said", "cancelled", "skipped"), name="state"),
        CheckConstraint("(state in ('cancelled', 'skipped')) = (reason is not null)", name="reason"),
    )
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    workspace_id: Mapped[uuid.UUID] = workspace_column()
    conversation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    turn_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("turns.id", ondelete="SET NULL"))
    name: Mapped[str]
    due_at: Mapped[dt.datetime]
    state: Mapped[str] = mapped_column(server_default="planned")
    reason: Mapped[str | None]
    created_at: Mapped[dt.datetime] = created_column()


class Task(Base):
    """Something a person has to do, about a conversation."""

    __tablename__ = "tasks"
    __table_args__ = (
        Index(
            "uq_tasks_open",
            "conversation_id",
            "kind",
            unique=True,
            postgresql_where=sql("status = 'open'"),
        ),
        Index(None, "workspace_id", "status", sql("created_at desc")),
        Index("ix_tasks_assignee", "assignee_id", postgresql_where=sql("status = 'open'")),
        Index(
            "ix_tasks_waiting",
            "workspace_id",
            "created_at",
            "id",
            postgresql_where=sql("status = 'open' and kind = 'handoff'"),
        ),
        ForeignKeyConstraint(
            ["conversation_id", "workspace_id"], ["conversations.id", "conversations.workspace_id"], ondelete="CASCADE"
        ),
        ForeignKeyConstraint(
            ["assignee_id", "workspace_id"],
            ["members.id", "members.workspace_id"],
            ondelete="SET NULL (assignee_id)",
        ),
        CheckConstraint("assignee_id is null or assigned_at is not null", name="assigned"),
        CheckConstraint(one_of("status", "open", "done"), name="status"),
        CheckConstraint(one_of("priority", "low", "normal", "high"), name="priority"),
        CheckConstraint("(status = 'done') = (done_at is not null)", name="done"),
    )
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    workspace_id: Mapped[uuid.UUID] = workspace_column()
    conversation_id: Mapped[uuid.UUID]
    kind: Mapped[str]
    priority: Mapped[str]
    reason: Mapped[str]
    summary: Mapped[str]
    status: Mapped[str] = mapped_column(server_default="open")
    created_at: Mapped[dt.datetime] = created_column()
    assignee_id: Mapped[uuid.UUID | None]
    assigned_at: Mapped[dt.datetime | None]
    act_by: Mapped[dt.datetime | None]
    """When it goes to another member unless this one has acted."""
    avoid_member_id: Mapped[uuid.UUID | None]
    """Whom it was just taken from: they get it again only if nobody else can."""
    queued_because: Mapped[str] = mapped_column(server_default="new")
    """The ledger's cause of the assignment it waits for."""
    queue_noted: Mapped[bool] = mapped_column(server_default=sql("false"))
    """Whether the ledger says that it waits."""
    due_at: Mapped[dt.datetime | None]
    overdue_at: Mapped[dt.datetime | None]
    """When it was noticed to be overdue."""
    snoozed_until: Mapped[dt.datetime | None]
    done_at: Mapped[dt.datetime | None]
    done_by: Mapped[uuid.UUID | None]
