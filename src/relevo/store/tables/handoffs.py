"""Handoffs, the ledger of assignments, and what people note on tasks."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, ForeignKeyConstraint, Identity, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from relevo.store.tables.base import Base, created_column, one_of, workspace_column


class Handoff(Base):
    """One handing over: the words to the customer carry its epoch, the task is what people see of it."""

    __tablename__ = "handoffs"
    __table_args__ = (
        UniqueConstraint("conversation_id", "epoch"),
        Index(None, "workspace_id", "created_at"),
        ForeignKeyConstraint(
            ["conversation_id", "workspace_id"], ["conversations.id", "conversations.workspace_id"], ondelete="CASCADE"
        ),
        CheckConstraint(one_of("asked_by", "agent", "person", "failed_run"), name="asked_by"),
        CheckConstraint("(words is null) = (silent_because is not null)", name="words_or_reason"),
    )
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    workspace_id: Mapped[uuid.UUID]
    conversation_id: Mapped[uuid.UUID]
    epoch: Mapped[int]
    """The conversation's epoch from then on."""
    task_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("tasks.id", ondelete="CASCADE"))
    asked_by: Mapped[str]
    reason: Mapped[str]
    words: Mapped[str | None]
    """What the customer is told."""
    silent_because: Mapped[str | None]
    """Why the customer cannot be told."""
    created_at: Mapped[dt.datetime] = created_column()


class Assignment(Base):
    """One entry of the ledger: who was considered for a task, who got it and why; appended, never changed."""

    __tablename__ = "assignments"
    __table_args__ = (
        Index(None, "workspace_id", "id"),
        Index(None, "task_id", "id"),
        Index(None, "conversation_id", "id"),
        CheckConstraint(
            one_of("cause", "new", "offline", "not_acting", "given_back", "by_hand", "taken"), name="cause"
        ),
    )
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    workspace_id: Mapped[uuid.UUID] = workspace_column()
    task_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("tasks.id", ondelete="CASCADE"))
    conversation_id: Mapped[uuid.UUID]
    member_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("members.id", ondelete="SET NULL"))
    """Null: nobody; the task waits in the queue."""
    previous_member_id: Mapped[uuid.UUID | None]
    by_member_id: Mapped[uuid.UUID | None]
    """Who assigned it by hand."""
    cause: Mapped[str]
    why: Mapped[str]
    """Why this member: `only one free`, `longest since last assigned`, …"""
    considered: Mapped[list[Any]]
    """Everybody in the rotation at that moment: memberId, name, online, load, capacity, lastAssignment."""
    created_at: Mapped[dt.datetime] = created_column()


class TaskComment(Base):
    """What a person noted on a task."""

    __tablename__ = "task_comments"
    __table_args__ = (Index(None, "task_id", "created_at"),)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    workspace_id: Mapped[uuid.UUID] = workspace_column()
    task_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("tasks.id", ondelete="CASCADE"))
    member_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("members.id", ondelete="SET NULL"))
    text: Mapped[str]
    created_at: Mapped[dt.datetime] = created_column()
