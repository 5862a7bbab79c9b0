"""Computes a shop's figures: kept ones for quarters of an hour that are over, the rest from the messages themselves."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from relevo.insights.report import (
    CategoryCost,
    CurrencyTotal,
    Figures,
    Insights,
    ModelCost,
    Point,
    ReasonCount,
    Span,
    Spread,
    UnansweredNow,
    WhatsAppCost,
)
from relevo.store.database import execute, fetch_all, fetch_one
from relevo.store.sql_files import sql_file

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from relevo.insights.periods import Period
    from relevo.store.database import Connection, Database, Row

NO_TALK = (
    "past chat", "reaction", "edit of an earlier message", "took an earlier message back", "said in a group",
    "opened the chat", "system notice",
)  # fmt: skip
"""Why an inbound update is no message somebody would answer."""
SILENCES = (
    "the agent is switched off for the shop", "the agent is switched off for this chat",
    "a person has the conversation", "somebody else has the conversation now", "handed to a person",
)  # fmt: skip
"""Why the agent left a message to people: the customer still waits. Ignored for another reason, it needs no answer."""
MICROS = 1_000_000
_SETTINGS = "select set_config('work_mem', '96MB', true), set_config('jit', 'off', true)"
"""For this transaction: a month of a big shop is put together in memory."""
_PRICES = "select whatsapp_prices as prices from agent_configs where workspace_id = %(workspace)s"


async def insights(database: Database, workspace_id: uuid.UUID, period: Period) -> Insights:
    """Return the figures of a period beside those of the period before."""
    before = period.before()
    async with database.transaction() as connection:
        await execute(connection, _SETTINGS, {})
        prices = _Prices.read(await fetch_one(connection, _PRICES, {"workspace": workspace_id}))
        now = await _Collected.of(connection, workspace_id, period)
        then = await _Collected.of(connection, workspace_id, before)
        waiting = await fetch_one(connection, sql_file("relevo.insights", "unanswered"), {"workspace": workspace_id})
    return Insights(
        timezone=str(period.zone),
        unit=period.unit,
        period=_span(period),
        period_before=_span(before),
        figures=now.figures(prices),
        before=then.figures(prices),
        series=now.series(period.edges, prices),
        unanswered_now=UnansweredNow.model_validate(waiting),
    )


def statement(name: str) -> str:
    """Return a statement that begins with who said what when."""
    return sql_file("relevo.insights", "said") + sql_file("relevo.insights", name)


def spread(waits: Iterable[tuple[float, int]]) -> Spread:
    """Return percentiles of (seconds, how often): the least wait that so many answers did not exceed."""
    counted = sorted(waits)
    total = sum(count for _, count in counted)

    def at(share: float) -> float | None:
        seen = 0
        for seconds, count in counted:
            seen += count
            if seen >= share * total:
                return seconds
        return None

    return Spread(count=total, p50=at(0.5), p90=at(0.9))


@dataclass(frozen=True, slots=True)
class _Prices:
    """The shop's price list: units of the currency for a message, by category."""

    currency: str | None = None
    each: Mapping[str, float] = field(default_factory=dict[str, float])

    @classmethod
    def read(cls, row: Row | None) -> _Prices:
        prices: dict[str, Any] | None = row["prices"] if row else None
        if not prices:
            return cls()
        each = {name: micros / MICROS for name, micros in prices.items() if name != "currency"}
        return cls(prices["currency"], each)

    def cost(self, messages: Mapping[str, int]) -> float:
        """Return what messages by category cost."""
        return round(sum(self.each.get(category, 0.0) * count for category, count in messages.items()), 6)


@dataclass(slots=True)
class _Collected:
    """What the statements told of one period."""

    talk: Sequence[Row]
    results: Sequence[Row]
    costs: Sequence[Row]

    @classmethod
    async def of(cls, connection: Connection, workspace_id: uuid.UUID, period: Period) -> _Collected:
        wanted = {
            "workspace": workspace_id,
            "start": period.start,
            "until": period.end,
            "edges": list(period.edges),
            "silences": list(SILENCES),
            "no_talk": list(NO_TALK),
        }
        return cls(
            await fetch_all(connection, statement("talk"), wanted),
            await fetch_all(connection, sql_file("relevo.insights", "results"), wanted),
            await fetch_all(connection, sql_file("relevo.insights", "costs"), wanted),
        )

    def figures(self, prices: _Prices) -> Figures:
        whole = next(row for row in self.talk if row["what"] == "whole")
        told = _told(self.results)
        orders = sum(row["count"] for row in told["order"])
        buyers = told["buyers"][0]["count"]
        usd: float = sum(row["usd"] for row in self.costs if row["what"] == "model")
        return Figures(
            conversations=whole["count"],
            conversations_new=sum(row["count"] for row in told["began"]),
            conversations_asked=whole["asked"],
            answered_without_person=whole["alone"],
            answered_without_person_share=_share(whole["alone"], whole["asked"]),
            messages_in=whole["by_customer"],
            messages_by_agent=whole["by_agent"],
            messages_by_people=whole["by_people"],
            handoffs=sum(row["count"] for row in told["handoff"]),
            handoffs_by_reason=[
                ReasonCount(reason=row["name"], count=row["count"])
                for row in sorted(told["reason"], key=lambda row: (-row["count"], row["name"]))
            ],
            orders=orders,
            orders_cancelled=told["cancelled"][0]["count"],
            orders_by_currency=[
                CurrencyTotal(currency=row["name"], count=row["count"], total=row["total"])
                for row in sorted(told["currency"], key=lambda row: (-row["count"], row["name"]))
            ],
            conversations_with_order=buyers,
            conversion=_share(buyers, whole["asked"]),
            first_answer_agent=self._spread("agent"),
            first_answer_people=self._spread("people"),
            model=ModelCost(
                usd=round(usd, 6),
                per_conversation=_share(usd, whole["count"]),
                per_order=_share(usd, orders),
            ),
            whatsapp=self._whatsapp(prices, whole["count"], orders),
        )

    def series(self, edges: Sequence[datetime], prices: _Prices) -> list[Point]:
        points = [Point(at=edge) for edge in edges]
        for row in self.talk:
            if row["what"] == "series":
                point = points[int(row["bucket"]) - 1]
                point.conversations = row["count"]
                point.messages_in = row["by_customer"]
                point.messages_by_agent = row["by_agent"]
                point.messages_by_people = row["by_people"]
        names = {"order": "orders", "handoff": "handoffs", "began": "conversations_new"}
        for row in self.results:
            if row["bucket"] is not None:
                setattr(points[int(row["bucket"]) - 1], names[row["what"]], row["count"])
        for row in self.costs:
            point = points[int(row["bucket"]) - 1]
            if row["what"] == "model":
                point.model_usd = round(row["usd"], 6)
            else:
                point.whatsapp_cost = round(point.whatsapp_cost + prices.cost({row["category"]: row["messages"]}), 6)
        return points

    def _spread(self, who: str) -> Spread:
        return spread(
            (row["seconds"], row["count"]) for row in self.talk if row["what"] == "wait" and row["who"] == who
        )

    def _whatsapp(self, prices: _Prices, conversations: int, orders: int) -> WhatsAppCost:
        charged: dict[str, int] = defaultdict(int)
        for row in self.costs:
            if row["what"] == "whatsapp":
                charged[row["category"]] += row["messages"]
        cost = prices.cost(charged)
        return WhatsAppCost(
            currency=prices.currency,
            messages=sum(charged.values()),
            cost=cost,
            per_conversation=_share(cost, conversations),
            per_order=_share(cost, orders),
            categories=[
                CategoryCost(category=name, messages=count, cost=prices.cost({name: count}))
                for name, count in sorted(charged.items())
            ],
        )


def _told(rows: Sequence[Row]) -> dict[str, list[Row]]:
    told: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        told[row["what"]].append(row)
    return told


def _share(part: float, whole: int) -> float | None:
    return round(part / whole, 6) if whole else None


def _span(period: Period) -> Span:
    return Span(start=period.start.astimezone(period.zone), end=period.end.astimezone(period.zone))
