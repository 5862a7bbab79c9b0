"""One turn being decided: what may be looked at, and what has been decided so far. Lives for one call of `decide`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from relevo.agents.decision import HistoryItem, MessageOutcome, OrderDraft, OrderView
from relevo.agents.engine import hours, orders
from relevo.agents.engine.book import condition

if TYPE_CHECKING:
    from collections.abc import Callable

    from relevo.agents.decision import Bubble, FollowUpPlan, HandoffRequest, Outcome, TurnInput
    from relevo.agents.engine.book import Book
    from relevo.agents.engine.state import SessionState

QUESTION_LIVES = timedelta(hours=24)
TRANSIENT = ("clarify", "cancel:", "followup:", "change:", "resume:")
"""Questions that only the very next message answers."""


@dataclass(slots=True)
class Spoken:
    """A bubble on its way: with what decides whether and when it is said."""

    bubble: Bubble
    complementary: bool = False
    delay: float | None = None
    """Seconds at preset `real`, where the playbook gives them."""


class Work:
    """The turn's desk."""

    def __init__(self, book: Book, turn: TurnInput, state: SessionState) -> None:
        self.book = book
        self.turn = turn
        self.state = state
        self.spoken: list[Spoken] = []
        self.rules: list[str] = []
        self.order: OrderDraft | None = None
        self.cancel_order = False
        self.handoff: HandoffRequest | None = None
        self.opt_out: bool | None = None
        self.tags: list[str] = []
        self.notify: list[str] = []
        self.end_session: str | None = None
        self.follow_ups: tuple[FollowUpPlan, ...] | None = None
        self.said_now: set[str] = set()
        self.answered = False
        """Something the customer asked was answered in this turn."""
        self.invalid: dict[str, str] = {}
        """Slots whose answer did not validate, with the reason."""
        self.changed: dict[str, str] = {}
        """Slots corrected in this turn."""
        self.filled: list[str] = []
        self.waits = False
        """The customer has to look something up: nothing more is asked for now."""
        self.outcome: Outcome = "answered"
        self.outcome_reason = ""
        self.ignored: dict[str, str] = {}
        """Messages that get no answer, with the reason."""
        self.new_session = False
        """What is said from here on belongs to the next session: the order of this one is under way."""
        self.past = _before(turn)
        self.session = tuple(h for h in self.past if h.in_session)
        self.asking = self._open_question()

    # -- what was said ---------------------------------------------------------------------------

    @property
    def language(self) -> str:
        """The language spoken with this customer."""
        return self.state.language or self.book.language

    def said(self, prefix: str, since: str = "") -> bool:
        """Tell whether a bubble whose key begins so was accepted in this session (since a moment)."""
        after = datetime.fromisoformat(since) if since else None
        return any(
            key.startswith(prefix)
            for item in self.session
            if item.author == "agent" and (after is None or item.at >= after)
            for key in keys(item)
        )

    def last_key(self, prefix: str) -> str | None:
        """Return the key of the last accepted bubble that begins so, in any session."""
        said = (key for item in reversed(self.past) if item.author == "agent" for key in keys(item))
        return next((key for key in said if key.startswith(prefix)), None)

    def last_question(self) -> HistoryItem | None:
        """Return the accepted message that put the last question."""
        for item in reversed(self.past):
            if item.author == "person":
                return None
            if item.author == "agent" and item.asks:
                return item if self.turn.now - item.at <= QUESTION_LIVES or item.in_session else None
        return None

    def _open_question(self) -> str | None:
        item = self.last_question()
        if item is None or item.asks is None or item.at.isoformat() == self.state.declined:
            return None
        asks = item.asks
        if asks.startswith(TRANSIENT):
            after = self.past[self.past.index(item) + 1 :]
            return None if any(h.author == "customer" for h in after) else asks
        if asks.startswith("confirm:"):
            return asks if self.state.flow == asks.removeprefix("confirm:") else None
        if asks not in self.book.playbook.slots:
            return None
        return asks if asks not in self.state.slots else None

    # -- orders ----------------------------------------------------------------------------------

    @property
    def session_order(self) -> OrderView | None:
        """The order of this session, unless it was cancelled."""
        if self.new_session:
            return None
        return next((o for o in self.turn.orders if o.in_session and not o.status.startswith("cancel")), None)

    @property
    def changeable_order(self) -> OrderView | None:
        """The session's order while it may still change: as it was created, not yet dispatched."""
        order = self.session_order
        return order if order is not None and order.status in self.book.open_statuses else None

    def draft(self, flow: str | None = None) -> OrderDraft | None:
        """Build the order as it stands in the flow under way."""
        name = flow or self.state.flow or (self.book.order_flows[0] if self.book.order_flows else None)
        if name is None or name not in self.book.order_flows:
            return None
        existing = self.session_order
        status = existing.status if existing else next(iter(self.book.open_statuses), "")
        return orders.draft(self.book, name, self.state.slots, status)

    @property
    def order_in_words(self) -> tuple[str, OrderDraft | OrderView] | None:
        """The order that texts mean by `{order.…}`, with its number."""
        existing = self.session_order
        if self.order is not None:
            return (existing.id if existing else self.turn.next_order_id), self.order
        current = self.draft() if self.state.flow else None
        if current is not None:
            return (existing.id if existing else self.turn.next_order_id), current
        latest = existing or next(iter(self.turn.orders), None)
        return (latest.id, latest) if latest else None

    # -- conditions ------------------------------------------------------------------------------

    def holds(self, when: str | None) -> bool:
        """Evaluate a condition; none holds."""
        return when is None or condition(when).holds(self)

    def call(self, function: str, arguments: tuple[str, ...]) -> object:
        """Answer a condition's function."""
        state, first = self.state, arguments[0]
        answers: dict[str, Callable[[], object]] = {
            "intent_seen": lambda: any(name in state.intents for name in arguments),
            "flow": lambda: self._flow_facts(first),
            "slot": lambda: state.slots.get(first, ""),
            "filled": lambda: all(state.slots.get(name) for name in arguments),
            "missing": lambda: any(not state.slots.get(name) for name in arguments),
            "said": lambda: self.said(f"{first}."),
            "tag": lambda: any(tag in self.turn.contact.tags or tag in self.tags for tag in arguments),
        }
        return answers[function]()

    def _flow_facts(self, flow: str) -> frozenset[str]:
        under_way, done = self.state.flow == flow, flow in self.state.finished
        facts = {"started": under_way or done, "finished": done, "unfinished": under_way}
        return frozenset(name for name, true in facts.items() if true)

    def name(self, name: str, attribute: str | None) -> object:
        """Answer a condition's name."""
        order = self.order or self.session_order
        latest = order or next(iter(self.turn.orders), None)
        answers: dict[str, Callable[[], object]] = {
            "order": lambda: getattr(latest, attribute, None) if attribute else bool(order),
            "hours": lambda: hours.people_open(self.book, self.turn.now),
            "stage": lambda: self.state.stage or "",
            "language": lambda: self.language,
            "acknowledged": lambda: self.state.acknowledged,
            "asking": lambda: self.asking_after or "",
            "returning": lambda: bool(self.turn.orders) and not self.session_order,
        }
        return answers[name]()

    @property
    def asking_after(self) -> str | None:
        """The question that will be open after this turn, if its bubbles are accepted."""
        asked = next((s.bubble.asks for s in reversed(self.spoken) if s.bubble.asks), None)
        return asked or self.asking

    # -- decisions -------------------------------------------------------------------------------

    def rule(self, text: str) -> None:
        """Note which rule led where, for the timeline."""
        if text not in self.rules:
            self.rules.append(text)

    @property
    def rules_of_substance(self) -> bool:
        """Tell whether something was decided that needs no words of its own."""
        return bool(self.order or self.cancel_order or self.invalid or self.state.acknowledged)

    def outcomes(self) -> tuple[MessageOutcome, ...]:
        """Account for every message: the last one carries the answer, the others of a burst belong to it."""
        result: list[MessageOutcome] = []
        answering = [m for m in self.turn.messages if m.id not in self.ignored]
        for message in self.turn.messages:
            if message.id in self.ignored:
                result.append(MessageOutcome(message.id, "ignored", self.ignored[message.id]))
            elif self.outcome == "answered" and message is not answering[-1]:
                result.append(MessageOutcome(message.id, "coalesced", "answered together with the next message"))
            else:
                said = ", ".join(s.bubble.key for s in self.spoken)
                reason = self.outcome_reason or "; ".join(self.rules) or said or "nothing to answer"
                result.append(MessageOutcome(message.id, self.outcome, reason))
        return tuple(result)


def _before(turn: TurnInput) -> tuple[HistoryItem, ...]:
    """Return the history without the messages that are being answered, whether it held them or not."""
    items = list(turn.history)
    for message in turn.messages:
        for index in range(len(items) - 1, -1, -1):
            item = items[index]
            if item.author == "customer" and item.at == message.at and item.text == message.text:
                del items[index]
                break
    return tuple(items)


def keys(item: HistoryItem) -> list[str]:
    """List what a message said: merged bubbles carry the keys of all they hold."""
    return item.key.split("+") if item.key else []


DIGEST_IN_KEY = re.compile(r"#([0-9a-f]+)")
