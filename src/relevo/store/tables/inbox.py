"""What the inbox keeps for people: how far each has read, words to search for, and replies at hand."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import BigInteger, ForeignKey, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from relevo.store.tables.base import NOW, Base, created_column, workspace_column


class ConversationRead(Base):
    """How far a member has read in a conversation; no row: nothing since they joined."""

    __tablename__ = "conversation_reads"
    __table_args__ = (Index(None, "conversation_id"),)
    member_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"), primary_key=True)
    conversation_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True
    )
    read_arrival: Mapped[int] = mapped_column(BigInteger)
    """`messages.arrival` of the last one read."""
    read_at: Mapped[dt.datetime] = created_column()


class InboxFloor(Base):
    """What arrived by then counts as read; no row: when the member joined."""

    __tablename__ = "inbox_floors"
    member_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"), primary_key=True)
    read_until: Mapped[dt.datetime]


class MessageWords(Base):
    """The words of a message, for the search. Written a little later than the message, which must not wait for it."""

    __tablename__ = "message_words"
    __table_args__ = (Index(None, "words", postgresql_using="gin"),)
    message_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"), primary_key=True)
    arrival: Mapped[int] = mapped_column(BigInteger)
    words: Mapped[str] = mapped_column(TSVECTOR)
    """As `search_words` makes them."""


class CannedReply(Base):
    """Words at hand: typed as `/shortcut`."""

    __tablename__ = "canned_replies"
    __table_args__ = (UniqueConstraint("workspace_id", "shortcut"),)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    workspace_id: Mapped[uuid.UUID] = workspace_column()
    shortcut: Mapped[str]
    text: Mapped[str]
    created_at: Mapped[dt.datetime] = created_column()
    updated_at: Mapped[dt.datetime] = mapped_column(server_default=NOW)
