"""(d) Thousands of conversations at once whose agent thinks for a while: one worker, no connection held."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psycopg

from spine.bodies import message, phone_of
from spine.lines import blast
from spine.processes import child
from spine.shop import NUMBER

if TYPE_CHECKING:
    from spine.graph import WhatsApp
    from spine.shop import Target

_OPEN = """
select count(*) from pg_stat_activity
where datname = current_database() and application_name = 'relevo' and xact_start is not null
"""


@dataclass(frozen=True, slots=True)
class Crowd:
    """What was seen while everybody waited for the agent."""

    conversations: int
    in_flight: int
    """Most runs claimed and under way at one moment."""
    thinking: int
    """Most agent calls under way at one moment."""
    rss_mb: float
    """Most memory of the worker process."""
    held: int
    """Agent calls during which their run held a connection; every one was looked at."""
    transactions: int
    """Most transactions of the worker open in Postgres at one moment: the runs that do not wait."""
    seconds: float
    """From the start until the last customer had the answer."""
    answered: int


async def measure(
    target: Target, whatsapp: WhatsApp, base_url: str, *, conversations: int, thinks: float, pool: int = 10
) -> Crowd:
    """Let everybody write, then start a worker and watch it until everybody was answered."""
    answered: set[str] = set()
    whatsapp.posted = lambda to, ours, wamid, at: answered.add(to)  # noqa: ARG005 - the double's callback
    requests = [message(NUMBER, phone_of(n)) for n in target.customers[:conversations]]
    await blast(target.port, requests, 32, 60)
    open_transactions: list[int] = []
    async with (
        await psycopg.AsyncConnection.connect(target.url, autocommit=True) as watching,
        child("worker", url=target.url, whatsapp=base_url, thinks=thinks, pool=pool) as worker,
    ):
        begun = time.monotonic()
        deadline = begun + 60
        while len(answered) < len(requests) and time.monotonic() < deadline:
            found = await (await watching.execute(_OPEN)).fetchone()
            open_transactions.append(found[0] if found else 0)
            await asyncio.sleep(0.05)
        seconds = time.monotonic() - begun
        await asyncio.sleep(0.3)
    samples = worker.samples
    return Crowd(
        conversations=len(requests),
        in_flight=max(sample["running"] for sample in samples),
        thinking=max(sample["thinking"] for sample in samples),
        rss_mb=max(sample["rss"] for sample in samples) / 2**20,
        held=samples[-1]["holding"],
        transactions=max(open_transactions),
        seconds=seconds,
        answered=len(answered),
    )
