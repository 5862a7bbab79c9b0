"""Figures kept ready: what a quarter of an hour held, written once it is over; the rest is asked directly."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from relevo.store.tables.base import Base, one_of


class InsightsActivity(Base):
    """How many messages a conversation saw in a quarter of an hour."""

    __tablename__ = "insights_activity"
    workspace_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True)
    at: Mapped[dt.datetime] = mapped_column(primary_key=True)
    conversation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    by_customer: Mapped[int]
    by_agent: Mapped[int]
    by_people: Mapped[int]


class InsightsWaits(Base):
    """How often customers waited how long for an answer that came in a quarter of an hour."""

    __tablename__ = "insights_waits"
    __table_args__ = (CheckConstraint(one_of("who", "agent", "people"), name="who"),)
    workspace_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True)
    at: Mapped[dt.datetime] = mapped_column(primary_key=True)
    who: Mapped[str] = mapped_column(primary_key=True)
    seconds: Mapped[float] = mapped_column(primary_key=True)
    """Rounded to two significant digits."""
    count: Mapped[int]


class InsightsModelCost(Base):
    """What models cost in a quarter of an hour."""

    __tablename__ = "insights_model_cost"
    workspace_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True)
    at: Mapped[dt.datetime] = mapped_column(primary_key=True)
    usd: Mapped[float]


class InsightsProgress(Base):
    """Until when a workspace's figures are kept; what came later is read from the messages themselves."""

    __tablename__ = "insights_progress"
    workspace_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True)
    kept_until: Mapped[dt.datetime]


class WhatsAppCharge(Base):
    """A message WhatsApp charges for, as its status said; free ones are not kept."""

    __tablename__ = "whatsapp_charges"
    __table_args__ = (Index(None, "workspace_id", "at"),)
    channel_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("channels.id", ondelete="CASCADE"), primary_key=True)
    wamid: Mapped[str] = mapped_column(primary_key=True)
    workspace_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    at: Mapped[dt.datetime]
    category: Mapped[str]
    """`marketing`, `utility`, `authentication`, `service` or what WhatsApp adds one day."""


class ChargesProgress(Base):
    """Until when raw deliveries have been read for charges; one row."""

    __tablename__ = "whatsapp_charges_progress"
    name: Mapped[str] = mapped_column(primary_key=True)
    read_until: Mapped[dt.datetime]
