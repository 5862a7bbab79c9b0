"""One customer says 5,000 things while 100 others say one each: how long the others wait, with and without the flood.

`python bench/starvation.py`: both by turns; the ratio is what counts, the milliseconds are this machine's.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import random
import time
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import uvloop
from spine.bodies import new_wamid, phone_of
from spine.graph import WhatsApp
from spine.processes import child
from spine.shop import NUMBER, SHOP, connect, forget_open_work, new_shop
from uuid_utils.compat import uuid7

from relevo.conversations.receive import Arrival, receive
from relevo.conversations.updates import Place
from relevo.simulator import wire
from relevo.simulator.numbers import Profile
from relevo.store.database import Database
from relevo.store.embedded import attach_sync
from relevo.whatsapp.parsing import parse

FLOOD = 5_000
OTHERS = 100
IN_ONE_DELIVERY = 100
SECONDS = 10.0
PLACE = Place(SHOP, SHOP)


def arrival(phones: list[str]) -> Arrival:
    """Return a delivery in which each of these phones says one thing."""
    updates: list[wire.Update] = []
    for phone in phones:
        profile, wamid = Profile(phone, phone, f"Cliente {phone[-4:]}"), new_wamid()
        item = {
            **wire.sender(profile), "id": wamid, "timestamp": str(int(time.time())), "type": "text",
            "text": {"body": "hola"},
        }  # fmt: skip
        updates.append(wire.Update(NUMBER, "messages", item, wamid, wire.contact(profile), wamid))
    body = wire.envelope(updates)
    return Arrival(uuid7(), datetime.now(UTC), body, [(update, PLACE) for update in parse(body).updates], SHOP)


async def flood(database: Database) -> None:
    """Say all of it, as fast as it is taken."""
    for _ in range(FLOOD // IN_ONE_DELIVERY):
        await receive(database, [arrival([phone_of(0)] * IN_ONE_DELIVERY)])


async def measure(database: Database, whatsapp: WhatsApp, first: int, *, flooded: bool) -> list[float]:
    """Let the others write over `SECONDS`, and the flooder besides; returns how long each other waited, in ms."""
    asked: dict[str, float] = {}
    waited: dict[str, float] = {}
    done = asyncio.Event()

    def posted(to: str, ours: str, wamid: str, at: float) -> None:
        del ours, wamid
        if to in asked and to not in waited:
            waited[to] = (at - asked[to]) * 1000
            if len(waited) == OTHERS:
                done.set()

    whatsapp.posted = posted
    flooding = asyncio.create_task(flood(database)) if flooded else None
    for number in range(OTHERS):
        await asyncio.sleep(random.uniform(0, 2 * SECONDS / OTHERS))
        phone = phone_of(first + number)
        asked[phone] = time.perf_counter()
        await receive(database, [arrival([phone])])
    async with asyncio.timeout(60):
        await done.wait()
        if flooding is not None:
            await flooding
    return sorted(waited.values())


async def run(url: str, rounds: int) -> None:
    """Measure by turns and print."""
    whatsapp = WhatsApp()
    base = await whatsapp.start()
    shop = new_shop(url, "bench_starvation", customers=1 + OTHERS * (2 * rounds + 1))
    database = Database(shop)
    result: dict[bool, list[list[float]]] = {False: [], True: []}
    async with child("worker", url=shop, whatsapp=base):
        await measure(database, whatsapp, 1, flooded=False)
        for turn in range(rounds):
            for which in (False, True):
                first = 1 + OTHERS * (1 + 2 * turn + which)
                result[which].append(await measure(database, whatsapp, first, flooded=which))
                await asyncio.sleep(2)
                forget_open_work(shop)
    await database.close()
    whatsapp.stop()
    with contextlib.suppress(Exception), connect(url) as connection:
        connection.execute("drop database bench_starvation with (force)")
    for name, share in (("p50", 0.5), ("p90", 0.9), ("p99", 0.99)):
        plain, flooded = (
            median(waits[int(share * (OTHERS - 1))] for waits in result[which]) for which in (False, True)
        )
        print(f"{name}: {plain:7.1f} ms without the flood, {flooded:7.1f} ms with it: × {flooded / plain:.2f}")


def main() -> None:
    """Run on an embedded Postgres of its own."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--data", type=Path, default=Path("/tmp/relevo-bench-starvation"))
    options = parser.parse_args()
    with attach_sync(options.data) as attached:
        uvloop.run(run(attached.url, options.rounds))


if __name__ == "__main__":
    main()
