"""SIGKILL at every point of receive, turn and deliver where something outside is awaited; then another process goes on.

Judged by the simulator's ledger alone: nothing lost, nothing doubled, order kept.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, LiteralString

import psycopg
import pytest
from psycopg import sql
from sqlalchemy.engine import make_url

from relevo.simulator.echo import EchoProtocol
from relevo.simulator.simulator import Simulator
from relevo.store.database import Database, fetch_one
from relevo.store.secrets import SecretBox
from support.crash_child import ChildPlan
from support.forks import free_port, start
from support.inngest_double import InngestDouble
from support.service import KEY, OPEN, add_shop

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable
    from multiprocessing.context import ForkServerProcess
    from pathlib import Path

    from relevo.simulator.phone import Customer
    from relevo.simulator.report import Report

AT_ONCE = 5
RETRIES = (0.2,) * 100
SHARDS = 4
TIMES = 2
"""Each point is died at the first and the second time it is reached: a stranger's first message, and a known one's."""


class Run:
    """One conversation with a process that dies once."""

    def __init__(self, postgres: str, template: str, name: str, inngest: InngestDouble | None) -> None:
        self._inngest = inngest
        self._postgres = postgres
        self._template = template
        self._name = name
        self.url = make_url(postgres).set(database=name).render_as_string(hide_password=False)
        self.died = False

    async def __call__(self, die_at: str | None, log: str | None = None) -> Report:
        await asyncio.to_thread(
            self._admin, "create database {} template {} strategy file_copy", self._name, self._template
        )
        database = Database(self.url, pool_size=2)
        try:
            async with Simulator(retries=RETRIES) as sim:
                await add_shop(database, SecretBox(KEY), sim.numbers[0])
                port = free_port()
                sim.connect(f"http://127.0.0.1:{port}/webhooks/whatsapp")
                plan = ChildPlan(
                    self.url, sim.base_url, port, die_at, log=log,
                    inngest=self._inngest.base_url if self._inngest else None,
                )  # fmt: skip
                process = await start(plan)
                try:
                    talking = asyncio.create_task(self._talk(sim.customer("573001234567", name="Ana")))
                    process = await self._outlive(process, plan, database, talking)
                    await sim.delivered(timeout=90)
                    await self._quiet(database)
                finally:
                    process.kill()
                    await asyncio.to_thread(process.join)
                return sim.ledger.report(echo=True)
        finally:
            await database.close()
            await asyncio.to_thread(self._admin, "drop database {} with (force)", self._name)

    def _admin(self, statement: LiteralString, *names: str) -> None:
        with psycopg.connect(self._postgres, autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*(sql.Identifier(name) for name in names)))

    async def _talk(self, customer: Customer) -> None:
        await customer.say(EchoProtocol.message(1))
        await asyncio.sleep(0.5)
        await customer.say(EchoProtocol.message(2))

    async def _outlive(
        self, process: ForkServerProcess, plan: ChildPlan, database: Database, talking: asyncio.Task[None]
    ) -> ForkServerProcess:
        """Wait until all is said or the process has died; then let another one go on."""
        async with asyncio.timeout(90):
            while process.is_alive() and not (  # noqa: ASYNC110 - another process is watched
                talking.done() and await self._is_quiet(database)
            ):
                await asyncio.sleep(0.1)
        await talking
        if process.is_alive():
            return process
        self.died = True
        await asyncio.to_thread(process.join)
        return await start(replace(plan, die_at=None, log=None))

    async def _is_quiet(self, database: Database) -> bool:
        async with database.reading() as connection:
            stored = await fetch_one(connection, "select count(*) as messages from messages where direction = 'in'", {})
            return stored == {"messages": 2} and await fetch_one(connection, OPEN, {}) == {"open": 0}

    async def _quiet(self, database: Database) -> None:
        async with asyncio.timeout(90):
            while not await self._is_quiet(database):  # noqa: ASYNC110 - the database is asked, nobody tells
                await asyncio.sleep(0.1)


@asynccontextmanager
async def server(engine: str) -> AsyncGenerator[InngestDouble | None]:
    """An Inngest for one conversation, where it is the engine."""
    if engine == "local":
        yield None
        return
    async with InngestDouble() as double:
        yield double


@pytest.fixture
def run(postgres: str, template: str, worker_id: str) -> Callable[[str, InngestDouble | None], Run]:
    return lambda name, inngest: Run(postgres, template, f"crash_{worker_id}_{name}", inngest)


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("shard", range(SHARDS))
@pytest.mark.parametrize("engine", ["local", "inngest"])
async def test_dying_anywhere_loses_nothing_and_doubles_nothing(
    run: Callable[[str, InngestDouble | None], Run], tmp_path: Path, engine: str, shard: int
) -> None:
    log = tmp_path / "points"
    async with server(engine) as inngest:
        report = await run(f"{engine}{shard}_all", inngest)(None, str(log))
    assert report.ok, report.explain()
    points = [point for point in dict.fromkeys(log.read_text().splitlines()) if int(point.split()[-1]) <= TIMES]
    assert len(points) > 40, "the way of a message has many points to die at"
    slots = asyncio.Semaphore(AT_ONCE)
    failures: list[str] = []
    died = 0

    async def die_at(number: int, point: str) -> None:
        nonlocal died
        async with slots, server(engine) as inngest:
            one = run(f"{engine}{shard}_{number}", inngest)
            try:
                report = await one(point)
            except TimeoutError:
                failures.append(f"{point}: never quiet again")
                return
            died += one.died
            if not report.ok or report.answered + report.coalesced != 2:
                failures.append(f"{point}: {report.explain()}")

    mine = points[shard::SHARDS]
    await asyncio.gather(*(die_at(number, point) for number, point in enumerate(mine)))
    assert not failures, "\n".join(failures)
    assert died >= len(mine) * 0.5, "hardly any process died where it should have"
