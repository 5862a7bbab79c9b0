"""The people of a shop: members, their teams, and the devices their inbox is open on."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from relevo.store.tables.base import Base, created_column, one_of, workspace_column


class Member(Base):
    """A person of one shop. Somebody who works for two shops is a member of each, under the same e-mail address."""

    __tablename__ = "members"
    __table_args__ = (
        UniqueConstraint("workspace_id", "email"),
        UniqueConstraint("id", "workspace_id"),
        CheckConstraint("email = lower(email)", name="email"),
        CheckConstraint(one_of("role", "owner", "admin", "agent"), name="role"),
        CheckConstraint(one_of("presence", "auto", "online", "away", "offline"), name="presence"),
        CheckConstraint("capacity >= 0", name="capacity"),
        Index(None, "user_id"),
        Index(None, "email"),
    )
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    workspace_id: Mapped[uuid.UUID] = workspace_column()
    email: Mapped[str]
    user_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    """Who signs in as this member. The same address is not enough: whoever was invited here has to have accepted."""
    name: Mapped[str]
    role: Mapped[str] = mapped_column(server_default="agent")
    in_rotation: Mapped[bool] = mapped_column(server_default=sql("true"))
    """Whether handoffs are assigned to them."""
    capacity: Mapped[int | None]
    """Handoffs they carry at once; null: the workspace's `member_capacity`."""
    presence: Mapped[str] = mapped_column(server_default="auto")
    """`auto` follows their open inboxes; anything else was set by hand and stays until it is set again."""
    online_since: Mapped[dt.datetime | None]
    """As last noticed; who is online now is answered by `member_is_online`."""
    last_assignment: Mapped[int | None] = mapped_column(BigInteger)
    """The ledger's entry that last gave them something."""
    created_at: Mapped[dt.datetime] = created_column()
    deactivated_at: Mapped[dt.datetime | None]


class MemberDevice(Base):
    """An inbox that is or was open. Its heartbeat keeps a member online."""

    __tablename__ = "member_devices"
    member_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"), primary_key=True)
    device: Mapped[str] = mapped_column(primary_key=True)
    seen_at: Mapped[dt.datetime] = created_column()


class Team(Base):
    """A group of members that handoffs may be limited to."""

    __tablename__ = "teams"
    __table_args__ = (UniqueConstraint("workspace_id", "name"), UniqueConstraint("id", "workspace_id"))
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    workspace_id: Mapped[uuid.UUID] = workspace_column()
    name: Mapped[str]
    created_at: Mapped[dt.datetime] = created_column()


class TeamMember(Base):
    """Who is in a team; both belong to the same workspace."""

    __tablename__ = "team_members"
    __table_args__ = (
        ForeignKeyConstraint(["team_id", "workspace_id"], ["teams.id", "teams.workspace_id"], ondelete="CASCADE"),
        ForeignKeyConstraint(["member_id", "workspace_id"], ["members.id", "members.workspace_id"], ondelete="CASCADE"),
        Index(None, "member_id"),
    )
    team_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    member_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    workspace_id: Mapped[uuid.UUID]
