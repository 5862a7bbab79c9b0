"""The platform's rate limits as token buckets. Counts only; refusing is the Graph double's part."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Bucket:
    """`burst` tokens, refilled at `rate` a second."""

    rate: float
    burst: float
    level: float
    at: float

    @classmethod
    def full(cls, rate: float, burst: float, now: float) -> Bucket:
        """Return a bucket nobody has taken from yet."""
        return cls(rate, burst, burst, now)

    def take(self, now: float) -> bool:
        """Take one token if there is one."""
        self.level = min(self.burst, self.level + (now - self.at) * self.rate)
        self.at = now
        if self.level < 1:
            return False
        self.level -= 1
        return True


class Throttle:
    """Buckets per number (`Number.throughput` a second) and per pair of number and customer (one per 6 s, burst 45)."""

    def __init__(self) -> None:
        self._numbers: dict[str, Bucket] = {}
        self._pairs: dict[tuple[str, str], Bucket] = {}

    def number(self, number: str, throughput: int, now: float) -> bool:
        """Whether the number may send one more."""
        if number not in self._numbers:
            self._numbers[number] = Bucket.full(throughput, throughput, now)
        return self._numbers[number].take(now)

    def pair(self, number: str, customer: str, now: float) -> bool:
        """Whether the number may send this customer one more."""
        if (number, customer) not in self._pairs:
            self._pairs[number, customer] = Bucket.full(1 / 6, 45, now)
        return self._pairs[number, customer].take(now)
