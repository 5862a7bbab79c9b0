"""What a shop sets up itself: its own playbooks, version by version, and the values its playbooks ask for."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from relevo.store.tables.base import Base, created_column


class Playbook(Base):
    """A playbook of one shop's own; which of its versions is in force."""

    __tablename__ = "playbooks"
    __table_args__ = (CheckConstraint("version >= 1", name="version"),)
    workspace_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True)
    slug: Mapped[str] = mapped_column(primary_key=True)
    """What `conversational_agent_id` names."""
    version: Mapped[int]
    created_at: Mapped[dt.datetime] = created_column()
    updated_at: Mapped[dt.datetime] = created_column()


class PlaybookVersion(Base):
    """One text of a playbook; appended, never changed."""

    __tablename__ = "playbook_versions"
    __table_args__ = (
        ForeignKeyConstraint(
            ["workspace_id", "slug"], ["playbooks.workspace_id", "playbooks.slug"], ondelete="CASCADE"
        ),
    )
    workspace_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]
    created_at: Mapped[dt.datetime] = created_column()
    member_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("members.id", ondelete="SET NULL"))
    """Who saved it, where known."""


class PlaybookSettings(Base):
    """What a shop filled in for a playbook's `settings`; bundled playbooks have them, too."""

    __tablename__ = "playbook_settings"
    workspace_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True)
    slug: Mapped[str] = mapped_column(primary_key=True)
    values: Mapped[dict[str, Any]]
    version: Mapped[int] = mapped_column(server_default=sql("1"))
    """Counts changes."""
