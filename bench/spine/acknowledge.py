"""(a) Webhooks acknowledged a second, and CPU for each: Relevo and the floor by turns, at several concurrencies."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from spine.bodies import messages, mixed
from spine.lines import blast
from spine.shop import NUMBER, forget_open_work, speak

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spine.processes import Child, Postgres
    from spine.shop import Target

MOST_PER_SECOND = 6000
"""Requests built for each second of a round; a system faster than that ends its round early."""


WARM_UP = {"messages": (128, 10.0), "1:3": (16, 1.0)}
"""Connections and seconds by load: the database has just started, and a service that runs finds its pages in memory."""


@dataclass(frozen=True, slots=True)
class Round:
    """One system, one concurrency, one kind of load, once. CPU in microseconds a webhook."""

    system: str
    load: str
    connections: int
    per_second: float
    p50: float
    p99: float
    service_cpu: float
    postgres_cpu: float


@dataclass(frozen=True, slots=True)
class Running:
    """A system that can be measured."""

    target: Target
    process: Child


async def one_round(system: Running, load: str, connections: int, seconds: float, postgres: Postgres) -> Round:
    """Load one system for a while.

    Raises:
        RuntimeError: it answered anything but 200.

    """
    target = system.target
    count = int(MOST_PER_SECOND * seconds)
    if load == "messages":
        requests = messages(NUMBER, count, target.customers)
    else:
        requests = mixed(NUMBER, speak(target, count // 4), target.customers)
    await asyncio.sleep(0.2)
    before = system.process.cpu, postgres.cpu
    answers = await blast(target.port, requests, connections, seconds)
    after = system.process.cpu, postgres.cpu
    if answers.refused:
        raise RuntimeError(f"{target.name} refused {answers.refused} webhooks")
    done = len(answers.waits)
    return Round(
        system=target.name, load=load, connections=connections, per_second=answers.per_second,
        p50=answers.quantile(0.5), p99=answers.quantile(0.99),
        service_cpu=1e6 * (after[0] - before[0]) / done, postgres_cpu=1e6 * (after[1] - before[1]) / done,
    )  # fmt: skip


async def warm_up(systems: Sequence[Running], postgres: Postgres) -> None:
    """Let systems work for a while before anything is measured."""
    for system in systems:
        for load, (connections, seconds) in WARM_UP.items():
            await one_round(system, load, connections, seconds, postgres)
    _forget(systems)


async def measure(
    systems: Sequence[Running], *, loads: Sequence[str], concurrencies: Sequence[int], rounds: int, seconds: float,
    postgres: Postgres,
) -> list[Round]:  # fmt: skip
    """Measure all systems by turns; who goes first changes, so that a busy moment of the machine favours nobody."""
    found: list[Round] = []
    for load in loads:
        for connections in concurrencies:
            for number in range(rounds):
                order = systems if number % 2 == 0 else systems[::-1]
                found.extend([await one_round(system, load, connections, seconds, postgres) for system in order])
    _forget(systems)
    return found


def _forget(systems: Sequence[Running]) -> None:
    for system in systems:
        if not system.target.is_floor:
            forget_open_work(system.target.url)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Medians of a load and concurrency, and `system` against `against` pair by pair."""

    load: str
    connections: int
    system: str
    against: str
    per_second: float
    against_per_second: float
    ratio: float
    p99: float
    service_cpu: float
    against_service_cpu: float
    postgres_cpu: float
    against_postgres_cpu: float


def compare(rounds: Sequence[Round], system: str, against: str) -> list[Comparison]:
    """Pair rounds by their place in the run."""
    keys = list(dict.fromkeys((r.load, r.connections) for r in rounds))
    found: list[Comparison] = []
    for load, connections in keys:
        ours, theirs = (
            [r for r in rounds if (r.load, r.connections, r.system) == (load, connections, name)]
            for name in (system, against)
        )
        found.append(
            Comparison(
                load=load, connections=connections, system=system, against=against,
                per_second=median(r.per_second for r in ours),
                against_per_second=median(r.per_second for r in theirs),
                ratio=median(o.per_second / t.per_second for o, t in zip(ours, theirs, strict=True)),
                p99=median(r.p99 for r in ours),
                service_cpu=median(r.service_cpu for r in ours),
                against_service_cpu=median(r.service_cpu for r in theirs),
                postgres_cpu=median(r.postgres_cpu for r in ours),
                against_postgres_cpu=median(r.postgres_cpu for r in theirs),
            )
        )  # fmt: skip
    return found
