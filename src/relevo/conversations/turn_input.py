"""Gathers what the agent is told: open messages, what was said, session, orders. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, cast

from uuid_utils.compat import uuid7

from relevo.agents.decision import (
    ContactView,
    DueFollowUp,
    HistoryItem,
    InboundMessage,
    OrderLine,
    OrderView,
    TurnInput,
)
from relevo.store.database import fetch_all, fetch_one
from relevo.store.sql_files import sql_file

if TYPE_CHECKING:
    import uuid

    from relevo.agents.decision import Agent, ModelBudget
    from relevo.conversations.view import PlannedFollowUp, View
    from relevo.store.database import Database, Row

HISTORY = 60
SESSION_IDLE = timedelta(hours=24)
"""A session nothing happened in for so long is over; the next message starts a new one."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """The agent's input with what only the store needs to know about it."""

    turn: TurnInput
    message_ids: tuple[uuid.UUID, ...]
    session_id: uuid.UUID
    session_before: dict[str, Any] | None
    """State of the session as it stands; None: it does not exist yet."""
    stale_session_id: uuid.UUID | None
    """An active session that is over by now and must be ended first."""
    next_order: int


async def load_turn(
    database: Database,
    view: View,
    turn_id: uuid.UUID,
    agent: Agent,
    follow_up: PlannedFollowUp | None = None,
    *,
    paused: bool = False,
) -> Loaded:
    """Load everything a turn may look at. `paused`: people have the conversation; take the session they interrupted."""
    async with database.reading() as connection:
        rows = await fetch_all(
            connection,
            sql_file("relevo.conversations", "load_messages"),
            {"conversation": view.id, "limit": HISTORY + view.unaccounted},
        )
        found = await fetch_one(
            connection,
            sql_file("relevo.conversations", "load_session"),
            {"conversation": view.id, "workspace": view.workspace_id, "paused": paused},
        )
    session = cast("Row", found)
    active = session["id"] is not None
    fresh = active and session["agent"] == agent.name and view.now - session["updated_at"] < SESSION_IDLE
    started_at: datetime | None = session["started_at"] if fresh else None
    opened = [row for row in rows if row["open"]]
    keys = {row["wamid"]: row["key"] for row in rows if row["wamid"]}
    turn = TurnInput(
        messages=tuple(_inbound(row, keys) for row in opened) if follow_up is None else (),
        state=session["state"] if fresh else {},
        history=tuple(_said(row, started_at) for row in rows if not row["open"]),
        contact=ContactView(
            name=view.contact_name,
            phone=view.phone,
            tags=tuple(view.contact_tags),
            fields=view.contact_fields,
            opted_out=view.opted_out_at is not None,
        ),
        now=view.now,
        seed=str(turn_id),
        orders=tuple(_order(order) for order in session["orders"] or ()),
        next_order_id=str(session["next_order"]),
        follow_up=DueFollowUp(follow_up.name, follow_up.planned_at) if follow_up else None,
        handed_back_at=_recently(view.handed_back_at, view.now),
        window_open_until=view.window_until,
        response_speed=view.response_speed,
        timer_preset=cast("Literal['real', 'rapido', 'instantaneo']", view.timer_preset),
        model_allowed=_within(agent.budget, session),
    )
    return Loaded(
        turn=turn,
        message_ids=tuple(row["id"] for row in opened) if follow_up is None else (),
        session_id=session["id"] if fresh else uuid7(),
        session_before=session["state"] if fresh else None,
        stale_session_id=session["id"] if active and not fresh else None,
        next_order=session["next_order"],
    )


def _within(budget: ModelBudget, spent: Row) -> bool:
    """Whether models may still cost something, here and in the shop, by what the last 24 hours did."""
    return (budget.per_chat is None or spent["chat_usd"] < budget.per_chat) and (
        budget.per_shop is None or spent["shop_usd"] < budget.per_shop
    )


def _recently(handed_back_at: datetime | None, now: datetime) -> datetime | None:
    """Return the marker while it can still matter; a customer who returns days later is greeted like anybody."""
    return handed_back_at if handed_back_at is not None and now - handed_back_at < SESSION_IDLE else None


def _inbound(row: Row, keys: dict[str, str | None]) -> InboundMessage:
    return InboundMessage(
        id=str(row["id"]),
        kind=row["kind"],
        text=row["text"],
        at=row["at"],
        choice_id=row["content"].get("choice_id"),
        reply_to=keys.get(row["reply_to"]) if row["reply_to"] else None,
    )


def _said(row: Row, session_started_at: datetime | None) -> HistoryItem:
    author = {"customer": "customer", "agent": "agent"}.get(row["author"], "person")
    return HistoryItem(
        author=cast("Literal['customer', 'agent', 'person']", author),
        text=row["text"],
        at=row["at"],
        key=row["key"],
        asks=row["asks"],
        in_session=session_started_at is not None and row["created_at"] >= session_started_at,
    )


def _order(order: dict[str, Any]) -> OrderView:
    return OrderView(
        id=str(order["number"]),
        status=order["status"],
        lines=tuple(OrderLine(**line) for line in order["lines"]),
        total=order["total"],
        currency=order["currency"],
        fields=order["fields"],
        created_at=datetime.fromisoformat(order["created_at"]),
        in_session=order["in_session"],
    )
