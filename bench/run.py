"""The benchmark of the spine: one run, everything on loopback, systems under comparison measured by turns.

`python bench/run.py` measures all; `--parts a,b` some; `--quick` takes a minute and proves little.
"""

from __future__ import annotations

import argparse
import contextlib
import random
import sys
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import uvloop
from rich.console import Console
from spine import acknowledge, crowd, steady
from spine.acknowledge import Running
from spine.graph import WhatsApp
from spine.million import big_shop
from spine.processes import Postgres, child
from spine.report import Results, show, write
from spine.shop import NUMBER, Target, new_floor, new_shop

from relevo.store.embedded import attach_sync

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spine.acknowledge import Comparison
    from spine.steady import Waits

CUSTOMERS = 4000
POOL = 10
RATE = 90.0
CONVERSATIONS_PER_SECOND = 20.0
console = Console(stderr=True)


def tell(what: str) -> None:
    """Say what is going on."""
    console.print(f"[dim]{what}[/dim]")


async def measure(options: argparse.Namespace, url: str) -> Results:
    """Start everything, measure the parts asked for, judge."""
    results = Results()
    whatsapp = WhatsApp()
    base = await whatsapp.start()
    postgres = Postgres(url)
    floor_url = new_floor(url, "bench_floor")
    empty_url = new_shop(url, "bench_empty", customers=CUSTOMERS)
    random.seed(7)
    async with contextlib.AsyncExitStack() as stack:
        start = stack.enter_async_context
        floor = Running(
            Target("floor", 0, floor_url, range(CUSTOMERS)),
            await start(child("floor", url=floor_url, pool=POOL, secret=NUMBER.app_secret)),
        )
        shops = [Running(Target("empty", 0, empty_url, range(CUSTOMERS)), await start(child("service", url=empty_url)))]
        if "e" in options.parts:
            big_url = big_shop(url, "bench_big", conversations=options.conversations, tell=tell)
            customers = random.sample(range(options.conversations // 2), CUSTOMERS)
            shops.append(Running(Target("big", 0, big_url, customers), await start(child("service", url=big_url))))
        floor, *shops = (Running(_at(one.target, one.process.port), one.process) for one in (floor, *shops))
        tell("warming up")
        await acknowledge.warm_up([floor, *shops], postgres)
        if "a" in options.parts:
            await _part_a(results, [floor, *shops], options, postgres)
        if {"b", "c"} & options.parts:
            await _parts_b_and_c(results, shops, whatsapp, base, options)
        if "d" in options.parts:
            tell("(d) everybody at once")
            results.crowd = await crowd.measure(
                shops[0].target, whatsapp, base, conversations=options.crowd, thinks=options.thinks
            )
            _judge_crowd(results, results.crowd)
    whatsapp.stop()
    return results


async def _part_a(
    results: Results, systems: Sequence[Running], options: argparse.Namespace, postgres: Postgres
) -> None:
    tell("(a) webhooks a second")
    results.rounds = await acknowledge.measure(
        systems, loads=["messages", "1:3"], concurrencies=options.concurrencies, rounds=options.rounds,
        seconds=options.seconds, postgres=postgres,
    )  # fmt: skip
    against_floor = acknowledge.compare(results.rounds, "empty", "floor")
    results.comparisons = list(against_floor)
    for load in dict.fromkeys(one.load for one in against_floor):
        rows = [one for one in against_floor if one.load == load]
        most, theirs = max(one.per_second for one in rows), max(one.against_per_second for one in rows)
        what = f"{load}: the most acknowledged a second, each at its best, ≥ 0.8 × floor"
        results.judge("a", what, f"{most / theirs:.2f}", kept=most >= 0.8 * theirs)
    if len(systems) > 2:
        against_empty = acknowledge.compare(results.rounds, "big", "empty")
        results.comparisons += against_empty
        _judge_big_rates(results, against_empty)


def _judge_big_rates(results: Results, comparisons: Sequence[Comparison]) -> None:
    for one in comparisons:
        slower = 1 / one.ratio
        what = f"(a) {one.load} at {one.connections}: big within 1.3 × of empty"
        results.judge("e", what, f"{slower:.2f}", kept=slower <= 1.3)


async def _parts_b_and_c(
    results: Results, shops: Sequence[Running], whatsapp: WhatsApp, base: str, options: argparse.Namespace
) -> None:
    for number in range(options.rounds):
        for shop in shops if number % 2 == 0 else shops[::-1]:
            async with child("worker", url=shop.target.url, whatsapp=base, pool=POOL):
                tell(f"(b) and (c), {shop.target.name}, round {number + 1}")
                if "b" in options.parts:
                    found = await steady.acknowledge(shop.target, whatsapp, rate=RATE, seconds=options.steady)
                    results.acknowledged.append(found)
                if "c" in options.parts:
                    found = await steady.first_post(
                        shop.target, whatsapp, rate=CONVERSATIONS_PER_SECOND, seconds=options.steady
                    )
                    results.first_posts.append(found)
    _judge_waits(results, "b", "acknowledged at 90/s", results.acknowledged, p50=None, p99=100)
    _judge_waits(results, "c", "webhook to first POST", results.first_posts, p50=60, p99=250)


def _judge_waits(
    results: Results, part: str, what: str, found: Sequence[Waits], *, p50: float | None, p99: float
) -> None:
    names = list(dict.fromkeys(one.system for one in found))
    middle = {name: median(one.p50 for one in found if one.system == name) for name in names}
    tail = {name: median(one.p99 for one in found if one.system == name) for name in names}
    for name in names:
        missing = sum(one.missing for one in found if one.system == name)
        results.judge(part, f"{what}, {name}: none missing", str(missing), kept=missing == 0)
        if p50 is not None:
            results.judge(part, f"{what}, {name}: p50 ≤ {p50:.0f} ms", f"{middle[name]:.1f}", kept=middle[name] <= p50)
        results.judge(part, f"{what}, {name}: p99 ≤ {p99:.0f} ms", f"{tail[name]:.1f}", kept=tail[name] <= p99)
    if {"empty", "big"} <= set(names):
        for label, values in (("p50", middle), ("p99", tail)):
            ratio = values["big"] / values["empty"]
            results.judge("e", f"({part}) {label}: big within 1.3 × of empty", f"{ratio:.2f}", kept=ratio <= 1.3)


def _judge_crowd(results: Results, seen: crowd.Crowd) -> None:
    results.judge("d", "all in flight in one worker", f"{seen.in_flight}", kept=seen.in_flight >= seen.conversations)
    results.judge("d", "RSS ≤ 400 MB", f"{seen.rss_mb:.0f} MB", kept=seen.rss_mb <= 400)
    results.judge("d", "no connection held while waiting", f"{seen.held}", kept=seen.held == 0)
    results.judge("d", "all answered", f"{seen.answered}", kept=seen.answered == seen.conversations)


def _at(target: Target, port: int) -> Target:
    return Target(target.name, port, target.url, target.customers)


def main() -> int:
    """Run; the exit code says whether every promise was kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parts", default="", help="of a, b, c, d, e (e: also on the big installation)")
    parser.add_argument("--quick", action="store_true", help="short rounds, no big installation")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.5, help="of a round of (a)")
    parser.add_argument("--steady", type=float, default=8.0, help="seconds of a round of (b) and of (c)")
    parser.add_argument("--concurrencies", default="4,16,64,256")
    parser.add_argument("--conversations", type=int, default=1_000_000)
    parser.add_argument("--crowd", type=int, default=2000)
    parser.add_argument("--thinks", type=float, default=1.5, help="seconds of an agent call in (d)")
    parser.add_argument("--data-dir", type=Path, default=Path("/var/tmp/relevo-bench"))
    options = parser.parse_args()
    if options.quick:
        options.rounds, options.seconds, options.steady = 2, 1.0, 4.0
    options.parts = set((options.parts or ("a,b,c,d" if options.quick else "a,b,c,d,e")).split(","))
    options.concurrencies = [int(one) for one in options.concurrencies.split(",")]
    options.data_dir.mkdir(parents=True, exist_ok=True)
    with attach_sync(options.data_dir) as attached:
        results = uvloop.run(measure(options, attached.url))
    show(results)
    tell(f"written to {write(results, Path(__file__).parent / 'results', vars(options))}")
    return 0 if results.kept else 1


if __name__ == "__main__":
    sys.exit(main())
