"""A shop, what it decided about its agent, and its API tokens."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from relevo.store.tables.base import Base, created_column, one_of, workspace_column


class Workspace(Base):
    """One shop."""

    __tablename__ = "workspaces"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[dt.datetime] = created_column()


class AgentConfig(Base):
    """What the shop decided about its agent. Changes act on the next send."""

    __tablename__ = "agent_configs"
    __table_args__ = (
        CheckConstraint(one_of("timer_preset", "real", "rapido", "instantaneo"), name="timer_preset"),
        CheckConstraint(one_of("human_reply", "take_over", "coexist"), name="human_reply"),
        CheckConstraint("response_speed > 0", name="response_speed"),
        CheckConstraint(one_of("language", "es", "en", "pt"), name="language"),
        CheckConstraint("member_capacity >= 1", name="member_capacity"),
        ForeignKeyConstraint(
            ["handoff_team_id", "workspace_id"],
            ["teams.id", "teams.workspace_id"],
            ondelete="SET NULL (handoff_team_id)",
            use_alter=True,
        ),
        CheckConstraint("burst_quiet_seconds >= 0 and burst_max_seconds >= burst_quiet_seconds", name="burst"),
    )
    workspace_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True)
    agent_enabled: Mapped[bool] = mapped_column(server_default=sql("true"))
    conversational_agent_id: Mapped[str] = mapped_column(server_default="tostadora")
    crm_agents_enabled: Mapped[bool] = mapped_column(server_default=sql("true"))
    handoff_message: Mapped[str] = mapped_column(server_default="Regálame 1 min, ya te comunico con un asesor")
    timer_preset: Mapped[str] = mapped_column(server_default="real")
    response_speed: Mapped[float] = mapped_column(server_default=sql("1"))
    burst_quiet_seconds: Mapped[float] = mapped_column(server_default=sql("4"))
    burst_max_seconds: Mapped[float] = mapped_column(server_default=sql("12"))
    human_reply: Mapped[str] = mapped_column(server_default="take_over")
    release_after: Mapped[dt.timedelta | None]
    """The agent resumes when people have done nothing for so long; null: only when somebody hands back."""
    language: Mapped[str] = mapped_column(server_default="es")
    """Of the words Relevo itself adds for customers, and of the timeline."""
    people_hours: Mapped[dict[str, Any] | None]
    """`{"timezone": "America/Bogota", "mon-fri": "08:00-18:00", "holidays": "CO"}`: when people do; null: always."""
    out_of_hours_message: Mapped[str | None]
    """Said with a handoff while people are away; `{when}` is the next opening. Null: Relevo's own words."""
    member_capacity: Mapped[int] = mapped_column(server_default=sql("5"))
    """Handoffs a member carries at once, unless their own row says otherwise."""
    sticky_assignment: Mapped[bool] = mapped_column(server_default=sql("true"))
    """A customer goes to whom they had before, if online and free."""
    handoff_team_id: Mapped[uuid.UUID | None]
    """Only this team gets handoffs; null: everybody in the rotation."""
    away_after: Mapped[dt.timedelta] = mapped_column(server_default=sql("interval '3 minutes'"))
    """A member whose inboxes are silent for so long is away."""
    reassign_after: Mapped[dt.timedelta | None] = mapped_column(server_default=sql("interval '10 minutes'"))
    """A handoff its member does not act on for so long goes to another; null: never."""
    task_due_after: Mapped[dt.timedelta] = mapped_column(server_default=sql("interval '30 minutes'"))
    """A handoff is overdue so long after it happened (or after the next opening)."""
    whatsapp_prices: Mapped[dict[str, Any] | None]
    """What WhatsApp charges for a message, by category: `{"currency": "USD", "marketing": 12500}`, in millionths."""
    updated_at: Mapped[dt.datetime] = created_column()


class ApiToken(Base):
    """A bearer token of the REST API; only its hash is kept."""

    __tablename__ = "api_tokens"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    workspace_id: Mapped[uuid.UUID] = workspace_column()
    name: Mapped[str]
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    created_at: Mapped[dt.datetime] = created_column()
    last_used_at: Mapped[dt.datetime | None]
    """To the minute: written at most once in that time."""
    revoked_at: Mapped[dt.datetime | None]
