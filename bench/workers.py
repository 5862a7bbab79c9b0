"""Turns per second with one worker process and with two, over one Postgres; and who is the limit.

`python bench/workers.py`: a backlog of conversations is worked off, by turns with one and with two workers.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import time
from pathlib import Path
from statistics import median

import psutil
import uvloop
from spine.graph import WhatsApp
from spine.processes import Postgres, child
from spine.shop import SHOP, connect, forget_open_work, new_shop

from relevo.store.embedded import attach_sync

BACKLOG = 1_500
_SAID = """
with chosen as (select id, contact_id from conversations where workspace_id = %(shop)s order by id limit %(count)s),
heard as (
    insert into messages (id, workspace_id, channel_id, conversation_id, direction, author, state, wamid, kind, text,
                          content, provider_at)
    select gen_random_uuid(), %(shop)s, %(shop)s, c.id, 'in', 'customer', 'received', gen_random_uuid()::text, 'text',
           'hola', '{}', now()
    from chosen c)
update conversations set window_until = now() + interval '1 day' where id in (select id from chosen)
"""
_DUE = """
update mailbox set due_at = now() where kind = 'conversation'
and key in (select id from conversations where workspace_id = %(shop)s order by id limit %(count)s)
"""


async def work_off(
    url: str, whatsapp: WhatsApp, base: str, postgres: Postgres, *, workers: int, count: int
) -> tuple[float, ...]:
    """Let workers answer a backlog; returns turns/s and CPU ms per turn of workers and Postgres, and how busy it is."""
    with connect(url) as connection:
        connection.execute(_SAID, {"shop": SHOP, "count": count})
    answered = 0
    done = asyncio.Event()

    def posted(to: str, ours: str, wamid: str, at: float) -> None:
        del to, ours, wamid, at
        nonlocal answered
        answered += 1
        if answered == count:
            done.set()

    whatsapp.posted = posted
    async with contextlib.AsyncExitStack() as stack:
        running = [await stack.enter_async_context(child("worker", url=url, whatsapp=base)) for _ in range(workers)]
        await asyncio.sleep(1.5)
        psutil.cpu_percent()
        before = sum(worker.cpu for worker in running), postgres.cpu
        began = time.perf_counter()
        with connect(url) as connection:
            connection.execute(_DUE, {"shop": SHOP, "count": count})
            connection.execute("notify relevo_wake")
        async with asyncio.timeout(120):
            await done.wait()
        took = time.perf_counter() - began
        used = sum(worker.cpu for worker in running) - before[0], postgres.cpu - before[1]
        busy = psutil.cpu_percent()
    forget_open_work(url)
    return count / took, used[0] / count * 1000, used[1] / count * 1000, busy


async def run(url: str, rounds: int, count: int) -> None:
    """Measure by turns and print."""
    whatsapp = WhatsApp()
    base = await whatsapp.start()
    shop = new_shop(url, "bench_workers", customers=count)
    postgres = Postgres(url)
    results: dict[int, list[tuple[float, ...]]] = {1: [], 2: []}
    await work_off(shop, whatsapp, base, postgres, workers=1, count=count // 3)
    for _ in range(rounds):
        for workers, measured in results.items():
            measured.append(await work_off(shop, whatsapp, base, postgres, workers=workers, count=count))
    whatsapp.stop()
    print(f"{'workers':>8} {'turns/s':>9} {'worker ms/turn':>15} {'Postgres ms/turn':>17} {'machine busy':>13}")
    rates: dict[int, float] = {}
    for workers, measured in results.items():
        rate, own, server, busy = (median(values) for values in zip(*measured, strict=True))
        rates[workers] = rate
        print(f"{workers:>8} {rate:>9.0f} {own:>15.2f} {server:>17.2f} {busy:>12.0f}%")
    print(f"two workers: × {rates[2] / rates[1]:.2f} of one, on {psutil.cpu_count()} cores with Postgres beside them")


def main() -> None:
    """Run on an embedded Postgres of its own."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--count", type=int, default=BACKLOG)
    parser.add_argument("--data", type=Path, default=Path("/tmp/relevo-bench-workers"))
    options = parser.parse_args()
    with attach_sync(options.data) as attached:
        uvloop.run(run(attached.url, options.rounds, options.count))


if __name__ == "__main__":
    main()
