"""What a run amounts to: figures and findings. Values and their table; decides nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

FindingKind = Literal["lost", "doubled", "out_of_turn", "repeated", "unacknowledged"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that went wrong, with enough words to look it up."""

    kind: FindingKind
    number: str
    customer: str
    at: float
    detail: str


@dataclass(frozen=True, slots=True)
class Spread:
    """Distribution of a duration in seconds (nearest rank); None where nothing was measured."""

    count: int = 0
    p50: float | None = None
    p99: float | None = None
    max: float | None = None

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Summarise measured durations."""
        if not values:
            return cls()
        ordered = sorted(values)
        last = len(ordered) - 1
        return cls(
            len(ordered), ordered[round(last * 0.5)], ordered[min(last, -(-99 * len(ordered) // 100) - 1)], ordered[-1]
        )

    def __str__(self) -> str:
        if self.p50 is None or self.p99 is None or self.max is None:
            return "–"
        return " / ".join(_duration(value) for value in (self.p50, self.p99, self.max))


@dataclass(frozen=True, slots=True)
class Report:
    """Figures and findings of a run, from what the simulator saw."""

    customers: int
    messages_in: int
    expecting: int
    """Messages in that a reply is due for."""
    answered: int
    """The last of each run of messages that a reply followed (echo runs: the last one named by an answer)."""
    coalesced: int
    """Messages answered together with a later one."""
    lost: int
    doubled: int
    out_of_turn: int
    repeated: int
    """Same words twice in a row under different opaque ids: a double turn, or a playbook repeating itself."""
    unacknowledged: int
    """Inbound messages whose webhook never got a 200."""
    webhook_posts: int
    webhook_attempts: int
    webhook_copies: int
    sends: int
    accepted: int
    refused: int
    errors: int
    unanswered: int
    """Accepted messages whose sender never learned it from the answer."""
    statuses: int
    acknowledge: Spread
    """Webhook request to its 200."""
    first_reply: Spread
    """First attempt at the oldest open message's webhook to the arrival of the first accepted reply."""
    findings: tuple[Finding, ...] = field(default=())

    @property
    def ok(self) -> bool:
        """Nothing lost, doubled or out of turn, and everything acknowledged."""
        return not (self.lost or self.doubled or self.out_of_turn or self.unacknowledged)

    def table(self) -> list[tuple[str, str]]:
        """Rows (label, value) for a terminal table."""
        return [
            ("customers", str(self.customers)),
            ("messages in", str(self.messages_in)),
            ("answered", str(self.answered)),
            ("coalesced", str(self.coalesced)),
            ("lost", str(self.lost)),
            ("doubled", str(self.doubled)),
            ("out of turn", str(self.out_of_turn)),
            ("messages out", str(self.accepted)),
            ("webhooks (attempts, copies)", f"{self.webhook_posts} ({self.webhook_attempts}, {self.webhook_copies})"),
            ("sends refused / failed / unanswered", f"{self.refused} / {self.errors} / {self.unanswered}"),
            ("time to acknowledge p50 / p99 / max", str(self.acknowledge)),
            ("time to first reply p50 / p99 / max", str(self.first_reply)),
        ]

    def explain(self, limit: int = 20) -> str:
        """Return the findings as lines, for a failing test or a terminal."""
        lines = [f"{f.kind}: {f.customer} {f.detail}" for f in self.findings[:limit]]
        rest = len(self.findings) - limit
        return "\n".join([*lines, f"… and {rest} more"] if rest > 0 else lines)


def _duration(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.2f} s"
