"""Who may sign in, and what proves it: users, their sessions, one-time links. Only hashes of secrets are kept."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from relevo.store.tables.base import NOW, Base, created_column, one_of


class User(Base):
    """A person who signs in. What they may do, and where, is said by the members that name them."""

    __tablename__ = "users"
    __table_args__ = (CheckConstraint("email = lower(email)", name="email"),)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    password_hash: Mapped[str | None]
    """argon2id; null: they sign in through OIDC only, or were disabled before they chose one."""
    created_at: Mapped[dt.datetime] = created_column()
    disabled_at: Mapped[dt.datetime | None]


class UserSession(Base):
    """A browser that is signed in."""

    __tablename__ = "user_sessions"
    __table_args__ = (Index(None, "user_id"),)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    user_agent: Mapped[str]
    """Shortened; shown to its user, so that they know their browsers apart."""
    created_at: Mapped[dt.datetime] = created_column()
    seen_at: Mapped[dt.datetime] = created_column()
    """Written at most once a minute. Silent for too long, the session ends."""
    expires_at: Mapped[dt.datetime]
    """It ends then, however busy."""
    revoked_at: Mapped[dt.datetime | None]


class OneTimeLink(Base):
    """A link that works once: an invitation (of a member), a password reset (of a user), the first set-up."""

    __tablename__ = "one_time_links"
    __table_args__ = (
        CheckConstraint(
            "case kind when 'invitation' then member_id is not null and user_id is null"
            " when 'password_reset' then user_id is not null and member_id is null"
            " else user_id is null and member_id is null end",
            name="whose",
        ),
        CheckConstraint(one_of("kind", "invitation", "password_reset", "set_up"), name="kind"),
        Index(None, "member_id"),
        Index(None, "user_id"),
    )
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    member_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"))
    user_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    created_at: Mapped[dt.datetime] = created_column()
    expires_at: Mapped[dt.datetime]
    used_at: Mapped[dt.datetime | None]


class SignInThrottle(Base):
    """Attempts to sign in under one e-mail address or from one network address, and until when the next one waits."""

    __tablename__ = "sign_in_throttle"
    key: Mapped[bytes] = mapped_column(primary_key=True)
    """A hash: people type passwords into the wrong field."""
    attempts: Mapped[int]
    last_at: Mapped[dt.datetime] = mapped_column(server_default=NOW)
    blocked_until: Mapped[dt.datetime] = mapped_column(server_default=NOW)
