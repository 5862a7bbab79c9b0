"""A conversation in memory: the same engine as production, with a clock that can be moved. No I/O, no waiting."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from relevo.agents.decision import (
    ContactView,
    DueFollowUp,
    HistoryItem,
    InboundMessage,
    OrderView,
    TurnInput,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from relevo.agents.decision import Agent, Bubble, Decision, InboundKind

START = datetime(2026, 3, 3, 15, 0, tzinfo=UTC)
"""A Tuesday morning in Bogotá, inside most shops' hours."""
TICK = timedelta(seconds=1)
"""What a turn takes, so that no two things happen at the same moment."""
WINDOW = timedelta(hours=24)


@dataclass(slots=True)
class _Planned:
    id: str
    planned_at: datetime
    due: datetime


@dataclass(slots=True)
class Conversation:
    """What a channel and a database do in production, done in memory."""

    agent: Agent
    now: datetime = START
    contact: ContactView = field(default_factory=lambda: ContactView(name=None, phone="+573001112233"))
    seed: str = "seed"
    timer_preset: Literal["real", "rapido", "instantaneo"] = "instantaneo"
    model_allowed: bool = True
    state: Mapping[str, Any] = field(default_factory=dict[str, Any])
    history: list[HistoryItem] = field(default_factory=list[HistoryItem])
    orders: list[OrderView] = field(default_factory=list[OrderView])
    decisions: list[Decision] = field(default_factory=list["Decision"])
    person_has_it: bool = False
    handed_back_at: datetime | None = None
    unanswered: list[InboundMessage] = field(default_factory=list[InboundMessage])
    notified: list[str] = field(default_factory=list[str])
    session: int = 0
    _planned: list[_Planned] = field(default_factory=list[_Planned])
    _ids: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def next_order_id(self) -> str:
        """The number the next order gets."""
        return str(1001 + len(self.orders))

    @property
    def window_open_until(self) -> datetime | None:
        """Until when free text may be sent."""
        last = [h.at for h in self.history if h.author == "customer"]
        until = max(last) + WINDOW if last else None
        return until if until is not None and until > self.now else None

    def message(
        self, text: str, *, kind: InboundKind = "text", choice_id: str | None = None, reply_to: str | None = None
    ) -> InboundMessage:
        """Make a message of the customer, now."""
        return InboundMessage(f"m{next(self._ids)}", kind, text, self.now, choice_id, reply_to)

    async def say(self, *texts: str) -> Decision | None:
        """Write one text or a burst; returns the decision, None while a person has the conversation."""
        return await self.receive([self.message(text) for text in texts])

    async def tap(self, title: str) -> Decision | None:
        """Tap the button or row with this title in the agent's last bubbles. Raises LookupError when there is none."""
        for bubble in reversed([b for d in self.decisions for b in d.bubbles]):
            for button in (*bubble.buttons, *bubble.rows):
                if button.title == title:
                    return await self.receive([self.message(title, kind="choice", choice_id=button.id)])
        raise LookupError(f"no button `{title}`")

    async def receive(self, messages: Sequence[InboundMessage]) -> Decision | None:
        """Take messages as one burst and let the agent decide."""
        self._planned.clear()
        self.unanswered += messages
        if self.person_has_it:
            return None
        return await self._turn(tuple(self.unanswered))

    async def skip(self, time: timedelta) -> list[Decision]:
        """Let time pass; returns the decisions of the follow-ups that became due, oldest first."""
        until = self.now + time
        fired: list[Decision] = []
        while due := sorted((p for p in self._planned if p.due <= until), key=lambda p: p.due):
            first = due[0]
            self._planned.remove(first)
            self.now = max(self.now, first.due)
            if not self.person_has_it:
                fired.append(await self._turn((), DueFollowUp(first.id, first.planned_at)))
        self.now = until
        return fired

    @property
    def planned(self) -> dict[str, datetime]:
        """The follow-ups planned: id to when they are due."""
        return {p.id: p.due for p in self._planned}

    def person_says(self, text: str) -> None:
        """Let a person of the shop write; the conversation is theirs from then on."""
        self.person_has_it = True
        self._planned.clear()
        self._heard(self.unanswered)
        self.unanswered.clear()
        self.history.append(HistoryItem("person", text, self.now))

    async def hand_back(self) -> Decision:
        """Give the conversation back to the agent, which answers what is open."""
        self.person_has_it = False
        self.handed_back_at = self.now
        return await self._turn(tuple(self.unanswered))

    def set_order_status(self, status: str) -> None:
        """Change the newest order's status, as the shop does."""
        self.orders[0] = replace(self.orders[0], status=status)

    def end_session(self) -> None:
        """End the session, as idleness does."""
        self.session += 1
        self.state = {}
        self.handed_back_at = None
        self.history = [replace(h, in_session=False) for h in self.history]
        self.orders = [replace(o, in_session=False) for o in self.orders]

    def turn_input(self, messages: tuple[InboundMessage, ...] = (), follow_up: DueFollowUp | None = None) -> TurnInput:
        """Show the agent what it may look at."""
        return TurnInput(
            messages=messages,
            state=self.state,
            history=tuple(self.history),
            contact=self.contact,
            now=self.now,
            seed=f"{self.seed}/{len(self.decisions)}",
            orders=tuple(self.orders),
            next_order_id=self.next_order_id,
            follow_up=follow_up,
            handed_back_at=self.handed_back_at,
            window_open_until=self.now + WINDOW if messages else self.window_open_until,
            timer_preset=self.timer_preset,
            model_allowed=self.model_allowed,
        )

    async def _turn(self, messages: tuple[InboundMessage, ...], follow_up: DueFollowUp | None = None) -> Decision:
        decision = await self.agent.decide(self.turn_input(messages, follow_up))
        self._heard(messages)
        self.unanswered.clear()
        self._carry_out(decision)
        self.now += TICK
        return decision

    def _heard(self, messages: Sequence[InboundMessage]) -> None:
        self.history += [HistoryItem("customer", m.text, m.at) for m in messages]

    def _carry_out(self, decision: Decision) -> None:
        self.decisions.append(decision)
        self.state = decision.state
        for bubble in decision.bubbles:
            self._accept(bubble)
        if decision.handoff is not None:
            if decision.handoff.say:
                self.history.append(HistoryItem("agent", decision.handoff.say, self.now, "handoff"))
            self.person_has_it = True
        if decision.follow_ups is not None:
            self._planned = [_Planned(plan.id, self.now, self.now + plan.after) for plan in decision.follow_ups]
        self._keep_order(decision)
        self.notified += decision.notify
        self.contact = replace(
            self.contact,
            tags=tuple(dict.fromkeys((*self.contact.tags, *decision.tags_add))),
            fields={**self.contact.fields, **decision.contact_fields},
            name=decision.contact_name or self.contact.name,
            opted_out=self.contact.opted_out if decision.opt_out is None else decision.opt_out,
        )
        if decision.end_session is not None:
            self.end_session()

    def _accept(self, bubble: Bubble) -> None:
        self.now += timedelta(seconds=bubble.delay)
        text = bubble.text or (f"[{bubble.template.name}]" if bubble.template else "")
        self.history.append(HistoryItem("agent", text, self.now, bubble.key, bubble.asks))

    def _keep_order(self, decision: Decision) -> None:
        open_order = next((o for o in self.orders if o.in_session and o.status != "cancelado"), None)
        if decision.cancel_order and open_order is not None:
            self.orders[self.orders.index(open_order)] = replace(open_order, status="cancelado")
        draft = decision.order
        if draft is None:
            return
        view = OrderView(
            open_order.id if open_order else self.next_order_id,
            draft.status,
            draft.lines,
            draft.total,
            draft.currency,
            dict(draft.fields),
            open_order.created_at if open_order else self.now,
        )
        if open_order is not None:
            self.orders[self.orders.index(open_order)] = view
        else:
            self.orders.insert(0, view)
