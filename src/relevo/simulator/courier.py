"""Delivers webhooks over HTTP as the platform does: concurrently, at least once, again until 200. Judges nothing.

Nothing waits in a task: a webhook between two attempts is a timer, one that cannot go out yet a place in a queue.
"""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import httpx2

from relevo.simulator import wire
from relevo.simulator.records import Attempt, WebhookPost

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from relevo.simulator.clock import Clock
    from relevo.simulator.faults import Faults
    from relevo.simulator.ledger import Ledger
    from relevo.simulator.numbers import Number
    from relevo.simulator.wire import Update

FAST_RETRIES = (0.05, 0.1, 0.2, 0.4, 0.8, 1.0, 1.0, 2.0, 2.0, 3.0, 3.0, 5.0, 5.0, 5.0, 5.0, 5.0)
"""Seconds before each further attempt: the platform's backoff over seven days, shrunk to about 40 seconds for tests."""
_OK = 200
_ONE = httpx2.Limits(max_connections=1, max_keepalive_connections=1)
_MAX_BATCH = 200
"""Updates in one POST; the platform goes up to 1000 or 3 MB."""


@dataclass(slots=True)
class _Parcel:
    post: WebhookPost
    number: Number
    body: bytes
    headers: dict[str, str]
    subject: str
    tried: int = 0


@cache
def _trust() -> ssl.SSLContext:
    """Load the system's certificates once: it takes tens of milliseconds."""
    return ssl.create_default_context()


class Courier:
    """Carries updates of all numbers to their webhook URLs."""

    def __init__(
        self,
        ledger: Ledger,
        clock: Clock,
        faults: Faults,
        *,
        retries: Sequence[float] = FAST_RETRIES,
        timeout: float = 10.0,
        connections: int = 32,
    ) -> None:
        self.faults = faults
        self._ledger = ledger
        self._clock = clock
        self._retries = retries
        self._timeout = timeout
        self._connections = connections
        self._running = False
        # One connection each, the last used first: a shared pool looks at every idle connection on every request.
        self._lines: list[httpx2.AsyncHTTPTransport] = []
        self._ready: deque[_Parcel] = deque()
        self._flying: set[asyncio.Task[None]] = set()
        self._timers: set[asyncio.TimerHandle] = set()
        self._batches: dict[tuple[str, str], list[Update]] = {}
        self._open = 0
        self._posts = 0
        self._idle = asyncio.Event()
        self._idle.set()

    async def start(self) -> None:
        """Begin to deliver."""
        self._running = True

    async def close(self) -> None:
        """Stop delivering at once; what is not acknowledged stays so."""
        self._running = False
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
        self._ready.clear()
        flying = list(self._flying)
        for task in flying:
            task.cancel()
        await asyncio.gather(*flying, return_exceptions=True)
        for line in self._lines:
            await line.aclose()
        self._lines.clear()

    @property
    def open(self) -> int:
        """Webhooks not yet acknowledged or given up."""
        return self._open

    async def idle(self) -> None:
        """Return once every webhook is acknowledged or given up."""
        await self._idle.wait()

    def post(self, update: Update) -> None:
        """Take one update on; returns at once. A number without a webhook URL drops its updates, as in production."""
        if update.number.webhook_url is None:
            return
        fate = self.faults.for_update(update.subject)
        self._grow()
        if fate.delay:
            self._later(fate.delay, lambda: self._dispatch(update, batch=fate.batch, copies=fate.copies))
        else:
            self._dispatch(update, batch=fate.batch, copies=fate.copies)

    def _dispatch(self, update: Update, *, batch: bool, copies: int) -> None:
        if not batch:
            self._pack([update], copies)
            return
        number = update.number
        shared = number.app_secret if number.provider == "meta" else number.phone_number_id
        key = (number.webhook_url or "", shared)
        gathered = self._batches.get(key)
        if gathered is None:
            gathered = self._batches[key] = []
            self._later(self.faults.batch_seconds, lambda: self._flush(key, gathered, copies))
        gathered.append(update)
        if len(gathered) >= _MAX_BATCH:
            del self._batches[key]

    def _flush(self, key: tuple[str, str], gathered: list[Update], copies: int) -> None:
        if self._batches.get(key) is gathered:
            del self._batches[key]
        self._pack(gathered, copies)

    def _pack(self, updates: list[Update], copies: int) -> None:
        first = updates[0]
        subject = first.subject
        splits = [self.faults.for_split(update.subject) for update in updates] if len(updates) > 1 else []
        body = wire.envelope(updates, splits)
        headers = wire.headers(first.number, body)
        wamids = [update.wamid for update in updates if update.wamid is not None]
        for copy in range(copies):
            self._posts += 1
            post = WebhookPost(
                self._posts, self._clock.now(), first.number.phone_number_id, wamids, len(updates), len(body), copy > 0
            )
            self._ledger.add(post)
            parcel = _Parcel(post, first.number, body, headers, f"{subject}#{copy}")
            self._grow()
            wait = self.faults.for_copy(subject, copy) if copy else 0.0
            if wait:
                self._later(wait, lambda parcel=parcel: self._enqueue(parcel))
            else:
                self._enqueue(parcel)
        for _ in updates:
            self._shrink()

    def _enqueue(self, parcel: _Parcel) -> None:
        self._ready.append(parcel)
        self._pump()

    def _pump(self) -> None:
        while self._running and self._ready and len(self._flying) < self._connections:
            task = asyncio.get_running_loop().create_task(self._attempt(self._ready.popleft()))
            self._flying.add(task)
            task.add_done_callback(self._landed)

    def _landed(self, task: asyncio.Task[None]) -> None:
        self._flying.discard(task)
        self._pump()

    async def _attempt(self, parcel: _Parcel) -> None:
        parcel.tried += 1
        drop_after = self.faults.for_attempt(parcel.subject, parcel.tried)
        begun = self._clock.now()
        self._ledger.posting(parcel.post, begun)
        attempt = Attempt(begun, 0.0, "error")
        try:
            async with asyncio.timeout(self._timeout if drop_after is None else drop_after):
                attempt.status = await self._request(parcel)
                attempt.outcome = "acked" if attempt.status == _OK else "refused"
        except (TimeoutError, httpx2.TransportError):
            attempt.outcome = "error"
        if drop_after is not None:
            attempt.outcome, attempt.status = "dropped", None
        attempt.seconds = self._clock.now() - begun
        self._ledger.attempted(parcel.post, attempt)
        if attempt.outcome == "acked":
            self._shrink()
        elif parcel.tried <= len(self._retries):
            self._later(self._retries[parcel.tried - 1], lambda: self._enqueue(parcel))
        else:
            parcel.post.given_up = True
            self._shrink()

    async def _request(self, parcel: _Parcel) -> int:
        url = parcel.number.webhook_url
        if url is None:
            raise httpx2.ConnectError("the number has no webhook URL any more")
        line = self._lines.pop() if self._lines else httpx2.AsyncHTTPTransport(verify=_trust(), limits=_ONE)
        try:
            request = httpx2.Request("POST", url, headers=parcel.headers, content=parcel.body)
            response = await line.handle_async_request(request)
            try:
                await response.aread()
            finally:
                await response.aclose()
            return response.status_code
        finally:
            self._lines.append(line)

    def _later(self, seconds: float, call: Callable[[], None]) -> None:
        def run() -> None:
            self._timers.discard(handle)
            call()

        handle = asyncio.get_running_loop().call_later(seconds, run)
        self._timers.add(handle)

    def _grow(self) -> None:
        self._open += 1
        self._idle.clear()

    def _shrink(self) -> None:
        self._open -= 1
        if self._open == 0:
            self._idle.set()
