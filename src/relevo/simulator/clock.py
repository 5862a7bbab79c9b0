"""The simulator's time: Unix seconds (UTC) that never run backwards and can be moved on. Never sleeps."""

from __future__ import annotations

import time


class Clock:
    """Wall-clock time as seconds since 1970 (UTC), carried by a monotonic counter; `skip` moves it forward."""

    def __init__(self) -> None:
        self._offset = time.time() - time.perf_counter()

    def now(self) -> float:
        """Seconds since 1970, UTC."""
        return time.perf_counter() + self._offset

    def skip(self, seconds: float) -> None:
        """Pretend that many seconds have gone by: service windows close, message timestamps follow."""
        self._offset += seconds
