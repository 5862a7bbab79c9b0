"""Everything that crossed the simulator, in the order it happened. Records and counts; judging is `judge`'s part."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from relevo.simulator.judge import judge
from relevo.simulator.records import (
    Attempt,
    Inbound,
    Mark,
    OwnerEcho,
    Record,
    Send,
    StatusSent,
    WebhookPost,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from relevo.simulator.report import Report

_KINDS: dict[str, type[Record]] = {
    kind.__name__: kind for kind in (Inbound, WebhookPost, Send, StatusSent, Mark, OwnerEcho)
}


@dataclass(slots=True)
class LiveCustomer:
    """One line of a live view."""

    number: str
    customer: str
    name: str | None
    inbound: int = 0
    accepted: int = 0
    last_said: str = ""
    last_reply: str = ""
    waiting_since: float | None = None
    """When the oldest message still without a reply was written; None: nothing open."""
    last_at: float = 0.0


class Ledger:
    """The simulator's memory. Safe to query at any time from the loop it is written in."""

    def __init__(self) -> None:
        self.inbounds: list[Inbound] = []
        self.posts: list[WebhookPost] = []
        self.sends: list[Send] = []
        self.statuses: list[StatusSent] = []
        self.marks: list[Mark] = []
        self.echoes: list[OwnerEcho] = []
        self._by_wamid: dict[str, Inbound] = {}
        self._live: dict[tuple[str, str], LiveCustomer] = {}
        self._names: dict[str, str | None] = {}

    def add(self, record: Record) -> None:
        """Keep one record. Records are completed in place (`acked_at`, `ended_at`, …) by whoever made them."""
        match record:
            case Inbound():
                self.inbounds.append(record)
                self._by_wamid[record.wamid] = record
                live = self._line(record.number, record.customer)
                live.inbound += 1
                live.last_said, live.last_at = record.text or f"[{record.kind}]", record.at
                if record.expects_reply and live.waiting_since is None:
                    live.waiting_since = record.at
            case WebhookPost():
                self.posts.append(record)
            case Send():
                self.sends.append(record)
            case StatusSent():
                self.statuses.append(record)
            case Mark():
                self.marks.append(record)
            case OwnerEcho():
                self.echoes.append(record)

    def accept(self, send: Send, wamid: str, at: float) -> None:
        """Note that a Graph POST was accepted: its message will reach the customer."""
        send.outcome, send.wamid, send.accepted_at = "accepted", wamid, at
        live = self._line(send.number, send.customer)
        live.accepted += 1
        live.last_reply, live.last_at, live.waiting_since = send.text or f"[{send.kind}]", at, None

    def attempted(self, post: WebhookPost, attempt: Attempt) -> None:
        """Note the end of a webhook attempt, and a first acknowledgement on the messages in it."""
        post.attempts.append(attempt)
        done = attempt.at + attempt.seconds
        if attempt.outcome == "acked" and post.acked_at is None:
            post.acked_at = done
        for wamid in post.wamids:
            inbound = self._by_wamid.get(wamid)
            if inbound is not None and attempt.outcome == "acked":
                inbound.acked_at = done if inbound.acked_at is None else min(done, inbound.acked_at)

    def posting(self, post: WebhookPost, at: float) -> None:
        """Note that a webhook attempt begins."""
        for wamid in post.wamids:
            inbound = self._by_wamid.get(wamid)
            if inbound is not None and inbound.posted_at is None:
                inbound.posted_at = at

    def named(self, customer: str, name: str | None) -> None:
        """Remember what a customer is called, for live views."""
        self._names[customer] = name

    def inbound(self, wamid: str) -> Inbound | None:
        """Return the customer's message with that id."""
        return self._by_wamid.get(wamid)

    def waiting(self) -> bool:
        """Whether any customer's message is still without a reply."""
        return any(line.waiting_since is not None for line in self._live.values())

    def live(self) -> list[LiveCustomer]:
        """One summary per customer, the most recently active first."""
        return sorted(self._live.values(), key=lambda line: line.last_at, reverse=True)

    def counts(self) -> dict[str, int]:
        """Return running totals for a status line, without judging."""
        return {
            "messages_in": len(self.inbounds),
            "webhook_posts": len(self.posts),
            "acked": sum(1 for post in self.posts if post.acked_at is not None),
            "sends": len(self.sends),
            "accepted": sum(line.accepted for line in self._live.values()),
            "waiting": sum(1 for line in self._live.values() if line.waiting_since is not None),
        }

    def report(self, *, echo: bool = False, grace: float = 1.0) -> Report:
        """Judge what has been recorded so far; see `relevo.simulator.judge` for the definitions."""
        return judge(self, echo=echo, grace=grace)

    def records(self) -> Iterable[Record]:
        """All records, kind by kind."""
        for kind in (self.inbounds, self.posts, self.sends, self.statuses, self.marks, self.echoes):
            yield from kind

    def save(self, path: Path | str) -> None:
        """Write all records as JSON lines, so that a run's evidence can be kept and judged elsewhere."""
        with Path(path).open("wb") as file:
            file.writelines(dump(record) for record in self.records())

    @classmethod
    def load(cls, path: Path | str) -> Ledger:
        """Read what `save` wrote."""
        ledger = cls()
        read: list[Record] = []
        with Path(path).open("rb") as file:
            for line in file:
                data: dict[str, Any] = orjson.loads(line)
                kind = _KINDS[data.pop("record")]
                if kind is WebhookPost:
                    data["attempts"] = [Attempt(**attempt) for attempt in data["attempts"]]
                read.append(kind(**data))
        events = [(record.at, 0, record) for record in read]
        events += [(send.accepted_at, 1, send) for send in read if isinstance(send, Send) and send.accepted_at]
        for at, accepted, record in sorted(events, key=lambda event: event[:2]):
            if accepted and isinstance(record, Send):
                ledger.accept(record, record.wamid or "", at)
            else:
                ledger.add(record)
        return ledger

    def _line(self, number: str, customer: str) -> LiveCustomer:
        key = (number, customer)
        if key not in self._live:
            self._live[key] = LiveCustomer(number, customer, self._names.get(customer))
        return self._live[key]


def dump(record: Record) -> bytes:
    """One JSON line."""
    return b'{"record":"' + type(record).__name__.encode() + b'",' + orjson.dumps(record)[1:] + b"\n"
