"""What the agent has understood in a conversation, in the playbook's own names for things. Decides nothing.

Where the playbook cannot be read any more, slots go by their names and there is no order taking shape.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from relevo.agents.engine import orders
from relevo.conversations.remarks import Remark, labels, remarks
from relevo.conversations.timeline_words import came_of
from relevo.errors import NotFoundError
from relevo.store.database import fetch_one
from relevo.store.sql_files import sql_file

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterable, Mapping

    from relevo.agents.engine.book import Book
    from relevo.store.database import Connection, Row

TURNS = 10
"""How many of the last turns are told."""


@dataclass(frozen=True, slots=True)
class Datum:
    """Something the agent asks for."""

    slot: str
    label: str
    value: str | None
    """As stored; None: still missing."""
    shown: str | None
    """As people read it: an option's title, an item's name."""


@dataclass(frozen=True, slots=True)
class OrderSoFar:
    """The session's order, or what its data would make."""

    number: int | None
    """None: it does not exist yet."""
    status: str
    lines: list[dict[str, Any]]
    total: int
    """Minor units."""
    currency: str


@dataclass(frozen=True, slots=True)
class ToldTurn:
    """One run of the agent."""

    id: str
    at: str
    """ISO 8601."""
    state: str
    """decided, or discarded: the customer wrote again before anything was said."""
    words: str
    """What came of it."""
    heard: list[dict[str, Any]]
    said: list[dict[str, Any]]
    rules: list[str]
    remarks: list[Remark]
    understood: dict[str, Any] | None
    labels: dict[str, str]
    cost_usd: float
    models: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Usage:
    """What models did for a conversation."""

    turns: int
    calls: int
    input_tokens: int
    output_tokens: int
    cost_usd: float


@dataclass(frozen=True, slots=True)
class Understanding:
    """What the agent knows."""

    agent_id: str
    session_id: str | None
    started_at: str | None
    updated_at: str | None
    ended_at: str | None
    end_reason: str | None
    flow: str | None
    stage: str | None
    language: str | None
    data: list[Datum]
    order: OrderSoFar | None
    follow_ups: list[dict[str, Any]]
    usage: Usage
    turns: list[ToldTurn] = field(default_factory=list[ToldTurn])


async def load(connection: Connection, workspace_id: uuid.UUID, conversation_id: uuid.UUID) -> Row:
    """Read everything `told` needs but the playbook.

    Raises:
        NotFoundError: no such conversation in this workspace.

    """
    wanted = {"conversation": conversation_id, "workspace": workspace_id, "turns": TURNS}
    row = await fetch_one(connection, sql_file("relevo.conversations", "understanding"), wanted)
    if row is None:
        raise NotFoundError(f"There is no conversation {conversation_id}.")
    return row


def told(row: Row, book: Book | None, language: str | None = None) -> Understanding:
    """Tell what was read; `language` is the reader's, by default the shop's."""
    state: dict[str, Any] = row["state"]
    session: dict[str, Any] = row["session"] or {}
    spoken = state.get("language") or (book.language if book else row["shop_language"])
    return Understanding(
        agent_id=session.get("agent") or row["agent_id"],
        session_id=session.get("id"),
        started_at=session.get("started_at"),
        updated_at=session.get("updated_at"),
        ended_at=session.get("ended_at"),
        end_reason=session.get("end_reason"),
        flow=state.get("flow"),
        stage=state.get("stage"),
        language=state.get("language"),
        data=_data(state, book, language or row["shop_language"], spoken),
        order=_order(row["order"], state, book),
        follow_ups=row["follow_ups"],
        usage=Usage(row["turn_count"], row["calls"], row["input_tokens"], row["output_tokens"], row["cost_usd"]),
        turns=[_turn(turn, book, language or row["shop_language"]) for turn in row["turns"]],
    )


def _data(state: Mapping[str, Any], book: Book | None, language: str, spoken: str) -> list[Datum]:
    slots: Mapping[str, str] = state.get("slots") or {}
    flow: str | None = state.get("flow")
    wanted: Iterable[str] = book.flow_slots.get(flow, ()) if book and flow else ()
    names = list(dict.fromkeys([*wanted, *slots]))
    found: list[Datum] = []
    for name in names:
        value = slots.get(name)
        if book is None or book.slot(name) is None:
            found.append(Datum(name, name.replace("_", " ").capitalize(), value, value))
            continue
        spec = book.slot(name)
        if value is None and spec is not None and spec.optional:
            continue
        shown = None if value is None else book.options(name, spoken).get(value, value)
        found.append(Datum(name, book.label(name, language), value, shown))
    return found


def _order(existing: Mapping[str, Any] | None, state: Mapping[str, Any], book: Book | None) -> OrderSoFar | None:
    if existing is not None:
        return OrderSoFar(
            existing["number"], existing["status"], existing["lines"], existing["total"], existing["currency"]
        )
    flow: str | None = state.get("flow")
    if book is None or flow not in book.order_flows:
        return None
    draft = orders.draft(book, flow, state.get("slots") or {}, "")
    if draft is None:
        return None
    return OrderSoFar(None, "", [asdict(line) for line in draft.lines], draft.total, draft.currency)


def _turn(turn: Mapping[str, Any], book: Book | None, language: str) -> ToldTurn:
    explanation: Mapping[str, Any] = turn["explanation"] or {}
    messages: list[dict[str, Any]] = turn["messages"] or []
    heard = [message for message in messages if message["direction"] == "in"]
    outcome = heard[-1] if heard else None
    came = came_of(outcome["outcome"] or "", outcome["outcome_reason"] or "", language) if outcome else ""
    return ToldTurn(
        id=turn["id"],
        at=turn["created_at"],
        state=turn["state"],
        words=came,
        heard=[{"id": one["id"], "kind": one["kind"], "text": one["text"]} for one in heard],
        said=[
            {"id": one["id"], "kind": one["kind"], "text": one["text"], "state": one["state"]}
            for one in messages
            if one["direction"] == "out"
        ],
        rules=[str(rule) for rule in explanation.get("rules", ())],
        remarks=remarks(explanation, book, language),
        understood=explanation.get("reading"),
        labels=labels(explanation.get("reading"), book, language),
        cost_usd=turn["cost_usd"],
        models=turn["usage"] or [],
    )
