"""How fast we may send: per customer (durable, as a pure function) and per number (in this process). It never sleeps.

Both are GCRA: one moment per key, the theoretical arrival time (TAT) of the next message, not a list of past ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class PairRate:
    """WhatsApp's limit for one customer of one number: one message per `interval` seconds, `burst` at once (131056)."""

    interval: float = 6.0
    burst: int = 45

    def reserve(self, tat: datetime | None, now: datetime) -> tuple[datetime | None, float]:
        """Take a slot: the TAT to store and 0.0, or the same TAT and the seconds to come back after (nothing is taken).

        `tat` is what was stored after the last message, None before the first.
        """
        earliest = now if tat is None or tat < now else tat
        wait = (earliest - now).total_seconds() - self.interval * (self.burst - 1)
        if wait > 0:
            return tat, wait
        return earliest + timedelta(seconds=self.interval), 0.0


class NumberPace:
    """The throughput limit of our numbers: 80 messages a second each unless told otherwise (20 on coexistence numbers).

    It counts what this process sends; with several workers give each its share as `per_second`.
    """

    def __init__(self, per_second: float = 80.0, burst: int = 1) -> None:
        self._default = 1.0 / per_second
        self._burst = burst
        self._intervals: dict[str, float] = {}
        self._tats: dict[str, float] = {}

    def set_rate(self, phone_number_id: str, per_second: float) -> None:
        """Give one number its own rate (coexistence; a number told to slow down)."""
        self._intervals[phone_number_id] = 1.0 / per_second

    def reserve(self, phone_number_id: str, now_monotonic: float, *, longest: float | None = None) -> float:
        """Take the next slot and return the seconds until it; the caller sends then.

        With `longest`, a slot further away than that many seconds is not taken: come back after the returned wait.
        """
        interval = self._intervals.get(phone_number_id, self._default)
        tat = max(self._tats.get(phone_number_id, now_monotonic), now_monotonic)
        wait = max(0.0, tat - now_monotonic - interval * (self._burst - 1))
        if longest is None or wait <= longest:
            self._tats[phone_number_id] = tat + interval
        return wait
