"""What may go wrong on the way, decided by seed. It decides; courier and Graph double carry it out.

Each decision is a hash of seed, subject and attempt, so the same conversation meets the same faults whatever else runs
beside it. Faults on one message are bounded, so that a service that tries again within reason always gets through.
"""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass, replace
from typing import Literal

GraphFault = Literal[
    "rate_limited", "pair_limited", "error_before", "error_after", "hang", "slow", "reset_before", "reset_after"
]
Level = Literal["none", "mild", "rough"]


@dataclass(frozen=True, slots=True)
class UpdateFate:
    """What becomes of one webhook update: copies, seconds of delay, batched with others or alone."""

    copies: int = 1
    delay: float = 0.0
    batch: bool = False


@dataclass(frozen=True, slots=True)
class Faults:
    """Probabilities (0 to 1) of each fault, and the seed they are drawn with."""

    seed: int = 0
    duplicate: float = 0.0
    """The same webhook two or three times, half of the time at once, otherwise later."""
    batch: float = 0.0
    """Updates share a POST: several entries, changes, messages and statuses."""
    reorder: float = 0.0
    """An update is overtaken by what follows within `reorder_seconds`."""
    delay: float = 0.0
    """An update arrives up to `delay_seconds` late."""
    drop: float = 0.0
    """The connection is closed before the answer is read; the webhook is tried again."""
    rate_limited: float = 0.0
    """429 with 130429."""
    pair_limited: float = 0.0
    """400 with 131056."""
    error_before: float = 0.0
    """5xx, not accepted."""
    error_after: float = 0.0
    """5xx although accepted."""
    hang: float = 0.0
    """Accepted, statuses follow, never answered."""
    slow: float = 0.0
    """Answered after `slow_seconds`."""
    reset_before: float = 0.0
    """Connection reset, not accepted."""
    reset_after: float = 0.0
    """Connection reset although accepted."""
    reorder_seconds: float = 0.1
    delay_seconds: float = 0.5
    batch_seconds: float = 0.05
    """How long updates are gathered for one POST."""
    drop_seconds: float = 0.02
    """A dropped connection is closed within this time."""
    slow_seconds: float = 0.3
    hang_seconds: float = 60.0
    """A hanging request is cut off after this time if its sender still waits."""
    max_drops: int = 3
    """Per webhook."""
    max_per_message: int = 2
    """Graph faults per message (by opaque id, otherwise by recipient and body)."""

    @classmethod
    def none(cls) -> Faults:
        """Nothing goes wrong."""
        return cls()

    @classmethod
    def mild(cls, seed: int = 0) -> Faults:
        """Return an ordinary day: some duplicates, batches and delays, few errors."""
        return cls(
            seed=seed, duplicate=0.05, batch=0.2, reorder=0.05, delay=0.02, drop=0.01, rate_limited=0.01,
            pair_limited=0.005, error_before=0.01, error_after=0.005, hang=0.002, slow=0.02, reset_before=0.005,
            reset_after=0.005,
        )  # fmt: skip

    @classmethod
    def rough(cls, seed: int = 0) -> Faults:
        """Everything that can go wrong does, about every third time."""
        return cls(
            seed=seed, duplicate=0.25, batch=0.3, reorder=0.3, delay=0.15, drop=0.15, rate_limited=0.04,
            pair_limited=0.03, error_before=0.05, error_after=0.04, hang=0.03, slow=0.08, reset_before=0.04,
            reset_after=0.04,
        )  # fmt: skip

    @classmethod
    def level(cls, name: Level, seed: int = 0) -> Faults:
        """Return a preset by name."""
        return {"none": cls(seed=seed), "mild": cls.mild(seed), "rough": cls.rough(seed)}[name]

    def quicker(self, hang_seconds: float) -> Faults:
        """Return the same faults with a shorter hang, for senders with short time-outs."""
        return replace(self, hang_seconds=hang_seconds)

    def for_update(self, subject: str) -> UpdateFate:
        """Decide about one webhook update; `subject` names it (customer and number, or wamid and status)."""
        if not (self.duplicate or self.batch or self.reorder or self.delay):
            return UpdateFate()
        rolls = self._rolls("update", subject, 0)
        copies = 1 if rolls[0] >= self.duplicate else 2 + (rolls[1] < 0.3)  # noqa: PLR2004 - every third is a triple
        delay = 0.0
        if rolls[2] < self.delay:
            delay = rolls[3] * self.delay_seconds
        elif rolls[2] < self.delay + self.reorder:
            delay = rolls[3] * self.reorder_seconds
        return UpdateFate(copies, delay, rolls[4] < self.batch)

    def for_copy(self, subject: str, copy: int) -> float:
        """Seconds until the n-th copy follows: at once half of the time."""
        roll = self._rolls("copy", subject, copy)
        return 0.0 if roll[0] < 0.5 else roll[1] * self.delay_seconds  # noqa: PLR2004 - half of the time

    def for_split(self, subject: str) -> float:
        """0 to 1: how a batched update is set apart from the one before it (`wire.envelope`)."""
        return self._rolls("split", subject, 0)[0]

    def for_attempt(self, subject: str, attempt: int) -> float | None:
        """Return after how many seconds this attempt's connection closes with the answer unread; None: it is read."""
        if not self.drop or attempt > self.max_drops:
            return None
        rolls = self._rolls("attempt", subject, attempt)
        return rolls[1] * self.drop_seconds if rolls[0] < self.drop else None

    def for_send(self, subject: str, attempt: int) -> GraphFault | None:
        """Decide about one Graph POST; `attempt` counts from 1 the POSTs of the same message."""
        if attempt > self.max_per_message:
            return None
        roll = self._rolls("send", subject, attempt)[0]
        for name, probability in self._graph_faults():
            if roll < probability:
                return name
            roll -= probability
        return None

    def _graph_faults(self) -> tuple[tuple[GraphFault, float], ...]:
        return (
            ("rate_limited", self.rate_limited), ("pair_limited", self.pair_limited),
            ("error_before", self.error_before), ("error_after", self.error_after), ("hang", self.hang),
            ("slow", self.slow), ("reset_before", self.reset_before), ("reset_after", self.reset_after),
        )  # fmt: skip

    def _rolls(self, purpose: str, subject: str, attempt: int) -> tuple[float, ...]:
        digest = hashlib.blake2b(f"{self.seed}|{purpose}|{subject}|{attempt}".encode(), digest_size=40).digest()
        return tuple(value / 2**64 for value in struct.unpack(">5Q", digest))
