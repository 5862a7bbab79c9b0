"""Posts prebuilt requests over kept connections and clocks the answers, with as little Python as there can be."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import math
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

_END = b"\r\n\r\n"
_LENGTH = b"content-length: "
_OK = b"HTTP/1.1 200"


class Line(asyncio.Protocol):
    """One connection; `answered(line, ok)` is called for each response, then the line may `post` again."""

    def __init__(self, answered: Callable[[Line, bool], None]) -> None:
        self._answered = answered
        self._buffer = b""
        self._transport: asyncio.Transport | None = None
        self.started = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """Note that the service hung up."""
        del exc
        self._transport = None

    @property
    def is_open(self) -> bool:
        """Whether the service has not hung up."""
        return self._transport is not None

    def post(self, request: bytes) -> None:
        """Write one request; the line must be idle."""
        if self._transport is None:
            raise ConnectionResetError("the service closed a connection in mid-measurement")
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        """Recognise the end of a response by its content-length."""
        self._buffer += data
        head = self._buffer.find(_END)
        if head < 0:
            return
        at = self._buffer.find(_LENGTH, 0, head)
        length = int(self._buffer[at + len(_LENGTH) : self._buffer.index(b"\r", at)]) if at >= 0 else 0
        if len(self._buffer) < head + len(_END) + length:
            return
        ok = self._buffer.startswith(_OK)
        self._buffer = b""
        self._answered(self, ok)

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.close()


@dataclass(slots=True)
class Answers:
    """What came back: seconds until each 200, how many were anything else, and how long it all took."""

    waits: list[float] = field(default_factory=list[float])
    refused: int = 0
    seconds: float = 0.0

    @property
    def per_second(self) -> float:
        """Acknowledgements a second."""
        return len(self.waits) / self.seconds

    def quantile(self, share: float) -> float:
        """Return a quantile of the waits, in milliseconds."""
        ordered = sorted(self.waits) or [math.inf]
        return 1000 * ordered[min(int(share * len(ordered)), len(ordered) - 1)]


async def _open(port: int, answered: Callable[[Line, bool], None]) -> Line:
    _, line = await asyncio.get_running_loop().create_connection(lambda: Line(answered), "127.0.0.1", port)
    return line


@contextlib.contextmanager
def no_collector() -> Generator[None]:
    """Keep the garbage collector from pausing the clock's own process."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


async def blast(port: int, requests: Sequence[bytes], connections: int, seconds: float) -> Answers:
    """Keep `connections` senders posting, each again as soon as it was answered, until time or requests end."""
    answers = Answers()
    queue = iter(requests)
    over = asyncio.get_running_loop().create_future()
    end = float("inf")
    idle = 0

    def next_or_rest(line: Line) -> None:
        nonlocal idle
        request = next(queue, None) if time.perf_counter() < end else None
        if request is None:
            idle += 1
            if idle == connections and not over.done():
                over.set_result(None)
            return
        line.started = time.perf_counter()
        line.post(request)

    def answered(line: Line, ok: bool) -> None:  # noqa: FBT001 - a protocol's callback
        if ok:
            answers.waits.append(time.perf_counter() - line.started)
        else:
            answers.refused += 1
        next_or_rest(line)

    lines = [await _open(port, answered) for _ in range(connections)]
    with no_collector():
        begun = time.perf_counter()
        end = begun + seconds
        for line in lines:
            next_or_rest(line)
        await over
        answers.seconds = time.perf_counter() - begun
    for line in lines:
        line.close()
    return answers


class Stream:
    """Open loop: posts when told to, whatever is still unanswered, opening another line where all are busy."""

    def __init__(self, port: int) -> None:
        self.answers = Answers()
        self.since = 0.0
        """What was due before that (perf_counter) does not count: warming up."""
        self._port = port
        self._idle: list[Line] = []
        self._flying = 0
        self._quiet = asyncio.Event()

    async def warm(self, lines: int) -> None:
        """Open connections before the clock starts."""
        self._idle = [await _open(self._port, self._answered) for _ in range(lines)]

    async def post(self, request: bytes, due: float) -> None:
        """Post now; the wait counts from `due` (perf_counter), so that a late sender does not hide a slow service."""
        while self._idle and not self._idle[-1].is_open:  # the service closes what it has not heard of for a while
            self._idle.pop()
        line = self._idle.pop() if self._idle else await _open(self._port, self._answered)
        line.started = due
        self._flying += 1
        self._quiet.clear()
        line.post(request)

    def _answered(self, line: Line, ok: bool) -> None:  # noqa: FBT001 - a protocol's callback
        if line.started < self.since:
            pass
        elif ok:
            self.answers.waits.append(time.perf_counter() - line.started)
        else:
            self.answers.refused += 1
        self._idle.append(line)
        self._flying -= 1
        if not self._flying:
            self._quiet.set()

    async def finish(self, within: float = 20.0) -> None:
        """Wait for what is unanswered, then hang up. Raises TimeoutError."""
        if self._flying:
            async with asyncio.timeout(within):
                await self._quiet.wait()
        for line in self._idle:
            line.close()
