"""Customers, how they are known, and their conversations."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, literal_column
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from relevo.store.tables.base import EMPTY_ARRAY, EMPTY_OBJECT, Base, created_column, one_of, workspace_column


class Contact(Base):
    """A customer, known by one or more identities."""

    __tablename__ = "contacts"
    __table_args__ = (
        Index(None, "workspace_id", "created_at"),
        Index(
            "ix_contacts_words",
            sql("search_words(workspace_id, 0::bigint, name)"),
            postgresql_using="gin",
            postgresql_where=sql("name is not null"),
        ),
    )
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    workspace_id: Mapped[uuid.UUID] = workspace_column()
    name: Mapped[str | None]
    tags: Mapped[list[str]] = mapped_column(server_default=EMPTY_ARRAY)
    fields: Mapped[dict[str, Any]] = mapped_column(server_default=EMPTY_OBJECT)
    opted_out_at: Mapped[dt.datetime | None]
    """Wants no message at all until they write again on purpose."""
    marketing_opted_out_at: Mapped[dt.datetime | None]
    """Wants no marketing (set in WhatsApp itself): no templates, no follow-ups; answers are fine."""
    created_at: Mapped[dt.datetime] = created_column()


class ContactIdentity(Base):
    """A phone (E.164 with +), business-scoped user id or username. One contact each; conflicts are not merged."""

    __tablename__ = "contact_identities"
    __table_args__ = (
        CheckConstraint(one_of("kind", "phone", "bsuid", "username", "other"), name="kind"),
        Index(None, "contact_id", "kind"),
        Index(
            "ix_contact_identities_value",
            "workspace_id",
            literal_column("lower(value)", Text()).label("lowered"),
            postgresql_ops={"lowered": "text_pattern_ops"},
        ),
        Index(
            "ix_contact_identities_reverse",
            "workspace_id",
            literal_column("reverse(value)", Text()).label("reversed"),
            postgresql_ops={"reversed": "text_pattern_ops"},
            postgresql_where=sql("kind = 'phone'"),
        ),
    )
    workspace_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str] = mapped_column(primary_key=True)
    contact_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"))
    created_at: Mapped[dt.datetime] = created_column()


class Conversation(Base):
    """What one contact and one channel have to say to each other."""

    __tablename__ = "conversations"
    __table_args__ = (
        UniqueConstraint("channel_id", "contact_id"),
        UniqueConstraint("id", "workspace_id", "channel_id"),
        UniqueConstraint("id", "workspace_id"),
        Index(None, "workspace_id", sql("last_message_at desc"), sql("id desc")),
        Index(None, "contact_id"),
        Index(
            "ix_conversations_mine",
            "workspace_id",
            "owner_member_id",
            sql("last_message_at desc"),
            sql("id desc"),
            postgresql_where=sql("owner_member_id is not null"),
        ),
        Index(
            "ix_conversations_agent",
            "workspace_id",
            sql("last_message_at desc"),
            sql("id desc"),
            postgresql_where=sql("agent_conversational is not false"),
        ),
        CheckConstraint(one_of("owner", "agent", "person"), name="owner"),
        CheckConstraint("owner = 'agent' or agent_conversational is false", name="person_silences_agent"),
    )
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    workspace_id: Mapped[uuid.UUID] = workspace_column()
    channel_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("channels.id", ondelete="CASCADE"))
    contact_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"))
    agent_conversational: Mapped[bool | None]
    """None inherits the workspace's switch."""
    agent_crm: Mapped[bool | None]
    owner: Mapped[str] = mapped_column(server_default="agent")
    epoch: Mapped[int] = mapped_column(server_default=sql("0"))
    """Counts changes of who may speak; a planned message of an older epoch is dropped."""
    restarts: Mapped[int] = mapped_column(server_default=sql("0"))
    """Turns discarded in a row because the customer wrote again before the first bubble."""
    owner_member_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("members.id", ondelete="SET NULL"))
    """Which person took it over or wrote last, where known."""
    owned_since: Mapped[dt.datetime | None]
    """Since when people have it."""
    person_active_at: Mapped[dt.datetime | None]
    """When a person last did something here since the agent let go; null: nobody has acted yet."""
    handed_back_at: Mapped[dt.datetime | None]
    window_until: Mapped[dt.datetime | None]
    """Free-form text is allowed until then."""
    pair_tat: Mapped[dt.datetime | None]
    """Theoretical arrival time of the per-customer pacing."""
    last_inbound_at: Mapped[dt.datetime | None]
    last_outbound_at: Mapped[dt.datetime | None]
    last_message_at: Mapped[dt.datetime] = created_column()
    created_at: Mapped[dt.datetime] = created_column()
