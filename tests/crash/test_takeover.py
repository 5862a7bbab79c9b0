"""Workers that die with others there, a database that restarts, answers that never come."""

from __future__ import annotations

import asyncio
import shutil
import signal
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from relevo.simulator.faults import Faults
from relevo.simulator.simulator import Simulator
from relevo.store.database import Database, DatabaseError, fetch_one
from relevo.store.embedded import attach_sync
from relevo.store.schema import migrate
from relevo.store.secrets import SecretBox
from support.crash_child import ChildPlan
from support.echo_agent import EchoAgent, OneAgent
from support.forks import free_port, start
from support.play import write
from support.service import KEY, add_shop, running

if TYPE_CHECKING:
    from collections.abc import Generator

    from relevo.simulator.report import Report


@pytest.fixture
def own_server() -> Generator[str]:
    """A durable Postgres that may be killed, migrated; its URL."""
    directory = Path(tempfile.mkdtemp(prefix="relevo-own-", dir="/tmp"))
    directory.chmod(0o755)
    attached = attach_sync(directory / "data")
    migrate(attached.url)
    yield attached.url
    attached.detach(wait=10)
    shutil.rmtree(directory, ignore_errors=True)


def in_order(report: Report) -> None:
    assert report.ok, report.explain()
    assert report.answered + report.coalesced == report.expecting


@pytest.mark.slow
@pytest.mark.timeout(200)
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
async def test_postgres_restarted_in_mid_run(own_server: str, how: signal.Signals) -> None:
    retries = (0.2,) * 100
    async with Simulator(retries=retries) as sim:
        agents = OneAgent(EchoAgent(thinks=0.3))
        async with running(own_server, sim.numbers[0], agents, sim.base_url, settle_seconds=3.0) as service:
            sim.connect(service.webhook)
            customers = [sim.customer(f"57300{n:07d}") for n in range(20)]
            talking = asyncio.gather(*(write(customer, 4, 0.4) for customer in customers))
            await asyncio.sleep(0.9)
            (row,) = await service.rows("select pg_backend_pid() as pid")
            postmaster = psutil.Process(row["pid"]).parent()
            assert postmaster is not None
            postmaster.send_signal(how)
            await talking
            await sim.delivered(timeout=60)
            async with asyncio.timeout(60):
                while True:
                    try:
                        await service.idle(60)
                    except DatabaseError:
                        # The pool still holds connections of the dead server.
                        await asyncio.sleep(0.2)
                    else:
                        break
        in_order(sim.ledger.report(echo=True))


async def test_accepted_and_never_answered_is_settled_by_its_status(database_url: str) -> None:
    async with Simulator(faults=Faults(seed=1, hang=1.0, hang_seconds=1.0, max_per_message=1)) as sim:
        agents = OneAgent(EchoAgent())
        async with running(database_url, sim.numbers[0], agents, sim.base_url, settle_seconds=20.0) as service:
            sim.connect(service.webhook)
            await write(sim.customer("573001234567"), 2, 0.3)
            await sim.delivered()
            await service.idle(30)
            attempts = await service.rows("select distinct attempts from messages where direction = 'out'")
        in_order(sim.ledger.report(echo=True))
    assert [row["attempts"] for row in attempts if row["attempts"]] == [1]


async def test_a_worker_killed_in_mid_turn_is_taken_over_by_another(database_url: str) -> None:
    async with Simulator(retries=(0.2,) * 100) as sim:
        database = Database(database_url, pool_size=2)
        await add_shop(database, SecretBox(KEY), sim.numbers[0])
        ports = [free_port(), free_port()]
        workers = {
            process.pid: (process, port)
            for port in ports
            if (process := await start(ChildPlan(database_url, sim.base_url, port, None, thinks=1.5)))
        }
        try:
            sim.connect(f"http://127.0.0.1:{ports[0]}/webhooks/whatsapp")
            await sim.customer("573001234567").say("m1")
            await sim.delivered()
            busy = await one(database, "select leased_by from mailbox where kind = 'conversation' and leased_by <> ''")
            victim, _ = workers.pop(int(busy.rpartition(":")[2]))
            victim.kill()
            ((_, port),) = workers.values()
            sim.connect(f"http://127.0.0.1:{port}/webhooks/whatsapp")
            await one(database, SAID_BOTH)
            await sim.settled()
        finally:
            for process, _ in workers.values():
                process.kill()
            await database.close()
        in_order(sim.ledger.report(echo=True))


SAID_BOTH = "select 1 from messages where state in ('sent', 'delivered', 'read') having count(*) = 2"


async def one(database: Database, statement: str) -> Any:
    """Wait until the statement has a row; return its first value."""
    async with asyncio.timeout(60):
        while True:
            async with database.reading() as connection:
                row = await fetch_one(connection, statement, {})
            value = next(iter(row.values())) if row else None
            if value is not None:
                return value
            await asyncio.sleep(0.05)
