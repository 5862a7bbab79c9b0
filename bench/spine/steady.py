"""(b) Time to acknowledge at a steady rate while the worker answers; (c) webhook to first POST to WhatsApp."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from spine.bodies import STATUSES, Spoken, message, phone_of, status
from spine.lines import Answers, Stream, no_collector
from spine.shop import NUMBER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spine.graph import WhatsApp
    from spine.shop import Target

WARM_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Waits:
    """How long something took, in milliseconds."""

    system: str
    count: int
    p50: float
    p99: float
    worst: float
    missing: int
    """How often it never happened."""


def waits(system: str, answers: Answers, missing: int) -> Waits:
    return Waits(
        system, len(answers.waits), answers.quantile(0.5), answers.quantile(0.99), answers.quantile(1.0), missing
    )


async def until(moment: float) -> None:
    """Sleep until a perf_counter time."""
    pause = moment - time.perf_counter()
    if pause > 0:
        await asyncio.sleep(pause)


async def acknowledge(target: Target, whatsapp: WhatsApp, *, rate: float, seconds: float) -> Waits:
    """(b): one webhook in four is a message, which the worker answers; the others are the statuses of its answers."""
    reported: deque[Spoken] = deque()
    sent = 0

    def posted(to: str, ours: str, wamid: str, at: float) -> None:
        del at
        reported.extend([Spoken(uuid.UUID(ours), wamid, to)] * len(STATUSES))

    whatsapp.posted = posted
    stream = Stream(target.port)
    await stream.warm(8)
    names = dict[str, int]()
    last: bytes | None = None
    with no_collector():
        start = time.perf_counter() + 0.1
        warm = int(WARM_SECONDS * rate)
        stream.since = start + warm / rate
        for number in range(warm + int(seconds * rate)):
            if number % 4 == 0:
                last = message(NUMBER, phone_of(target.customers[(number // 4) % len(target.customers)]))
            elif reported:
                spoken = reported.popleft()
                step = names.get(spoken.wamid, 0)
                names[spoken.wamid] = step + 1
                last = status(NUMBER, spoken, STATUSES[step])
            # Where no answer is out yet, the last request comes once more, as WhatsApp sometimes repeats itself.
            due = start + number / rate
            await until(due)
            if last is not None:
                await stream.post(last, due)
                sent += number >= warm
        await stream.finish()
    return waits(target.name, stream.answers, sent - len(stream.answers.waits))


async def first_post(target: Target, whatsapp: WhatsApp, *, rate: float, seconds: float) -> Waits:
    """(c): different customers write at a steady rate; the clock runs from the webhook to the POST that answers it."""
    asked: dict[str, float] = {}
    answers = Answers()

    def posted(to: str, ours: str, wamid: str, at: float) -> None:
        del ours, wamid
        begun = asked.pop(to, None)
        if begun is not None:
            answers.waits.append(at - begun)

    whatsapp.posted = posted
    stream = Stream(target.port)
    await stream.warm(8)
    count = int(seconds * rate)
    writers: Sequence[str] = [phone_of(n) for n in target.customers[-count:]]
    with no_collector():
        start = time.perf_counter() + 0.1
        for number, phone in enumerate(writers):
            request = message(NUMBER, phone)
            due = start + number / rate
            await until(due)
            asked[phone] = due
            await stream.post(request, due)
        await stream.finish()
        deadline = time.perf_counter() + 10
        while asked and time.perf_counter() < deadline:  # noqa: ASYNC110 - answers come one by one; the last ends it
            await asyncio.sleep(0.02)
    return waits(target.name, answers, len(asked))
