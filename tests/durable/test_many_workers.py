"""Many workers over one database: killed at random, deployed one after the other, flooded by one customer."""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from uuid_utils.compat import uuid7

from relevo.conversations.receive import Arrival, receive
from relevo.conversations.updates import Place
from relevo.simulator.simulator import Simulator
from relevo.store.database import fetch_one
from relevo.whatsapp.parsing import parse
from support.crash_child import ChildPlan
from support.echo_agent import EchoAgent, OneAgent
from support.forks import free_port, start
from support.play import write
from support.service import running
from support.webhooks import delivery, text

if TYPE_CHECKING:
    from multiprocessing.context import ForkServerProcess

    from relevo.agents.decision import Decision, TurnInput
    from relevo.simulator.report import Report
    from support.service import Service

KILL_SECONDS = 60.0
KILL_EVERY = 2.0


def in_order(report: Report) -> None:
    assert report.ok, report.explain()
    assert report.answered + report.coalesced == report.expecting


@pytest.mark.slow
@pytest.mark.timeout(400)
async def test_two_workers_killed_at_random_lose_nothing_and_double_nothing(database_url: str) -> None:
    choice = random.Random(5)
    async with Simulator(retries=(0.2,) * 100) as sim:
        agents = OneAgent(EchoAgent())
        async with running(database_url, sim.numbers[0], agents, sim.base_url, workers=0) as service:
            sim.connect(service.webhook)
            plan = [
                ChildPlan(database_url, sim.base_url, free_port(), None, thinks=choice.random()) for _ in range(1000)
            ]
            workers = [await start(plan.pop()) for _ in range(2)]
            over = asyncio.Event()

            async def talk(index: int) -> None:
                customer = sim.customer(f"57300{index:07d}")
                for seq in range(1, 1000):
                    if over.is_set():
                        return
                    await customer.say(f"m{seq}")
                    await asyncio.sleep(choice.uniform(2.0, 6.0))

            talking = asyncio.gather(*(talk(index) for index in range(30)))
            kills = 0
            try:
                deadline = asyncio.get_running_loop().time() + KILL_SECONDS
                while asyncio.get_running_loop().time() < deadline:
                    await asyncio.sleep(KILL_EVERY)
                    victim = choice.randrange(2)
                    workers[victim].kill()
                    workers[victim] = await start(plan.pop())
                    kills += 1
                over.set()
                await talking
                await sim.delivered(timeout=60)
                await service.idle(120)
            finally:
                talking.cancel()
                for worker in workers:
                    await end(worker)
        report = sim.ledger.report(echo=True)
        in_order(report)
        assert kills >= KILL_SECONDS / (KILL_EVERY * 2)
        assert report.messages_in > 100


async def end(process: ForkServerProcess) -> None:
    process.kill()
    await asyncio.to_thread(process.join, 10)


async def test_a_rolling_deploy_interrupts_nobody(database_url: str) -> None:
    """New workers start, old ones are told to stop and drain: nobody waits for a lease to run out."""
    async with Simulator() as sim:
        agents = OneAgent(EchoAgent(thinks=0.4))
        async with running(
            database_url, sim.numbers[0], agents, sim.base_url, workers=0, lease_seconds=20.0
        ) as service:
            sim.connect(service.webhook)
            engine = service.relevo.local_engine()
            working = asyncio.create_task(engine.run())
            talking = asyncio.gather(*(write(sim.customer(f"57300{index:07d}"), 4, 0.25) for index in range(6)))
            for _ in range(3):
                await asyncio.sleep(0.4)
                newer = service.relevo.local_engine()
                starting = asyncio.create_task(newer.run())
                engine.stop()
                await working
                assert engine.running == 0
                engine, working = newer, starting
            await talking
            await sim.delivered()
            await service.idle(60)
            engine.stop()
            await working
            crashes = await service.rows("select sum(crashes) as n from mailbox")
            assert crashes[0]["n"] == 0
        in_order(sim.ledger.report(echo=True))


FLOOD = 5_000
OTHERS = 100


class PatientAgent(EchoAgent):
    """Does not get done with the flood before everybody else was answered."""

    def __init__(self) -> None:
        super().__init__(parts=1)
        self.others_answered = asyncio.Event()
        self.others = 0
        self.flooded = 0

    async def decide(self, turn: TurnInput) -> Decision:
        if any(message.text == "flood" for message in turn.messages):
            self.flooded += 1
            await self.others_answered.wait()
        else:
            self.others += 1
            if self.others == OTHERS:
                self.others_answered.set()
        return await super().decide(turn)


async def flood(service: Service, sim: Simulator) -> None:
    """One customer says 5,000 things, a hundred in each delivery."""
    number = sim.numbers[0]
    async with service.relevo.database.reading() as connection:
        row = await fetch_one(connection, "select id, workspace_id from channels", {})
    assert row is not None
    place = Place(row["id"], row["workspace_id"])
    now = int(datetime.now(UTC).timestamp())
    for batch in range(FLOOD // 100):
        messages = [text(f"wamid.flood.{batch}.{n}", "flood", at=now) for n in range(100)]
        body = delivery(number, messages=messages)
        updates = [(update, place) for update in parse(body).updates]
        await receive(service.relevo.database, [Arrival(uuid7(), datetime.now(UTC), body, updates, place.channel_id)])


@pytest.mark.slow
@pytest.mark.timeout(400)
async def test_a_customer_who_says_five_thousand_things_keeps_nobody_waiting(database_url: str) -> None:
    """The flood's turn waits for all the others; if any of them waited for the flood, nobody would ever be answered."""
    agent = PatientAgent()
    async with (
        Simulator() as sim,
        running(database_url, sim.numbers[0], OneAgent(agent), sim.base_url, worker_runs=4) as service,
    ):
        sim.connect(service.webhook)
        await flood(service, sim)
        for index in range(OTHERS):
            await sim.customer(f"57310{index:07d}").say("m1")
        await sim.delivered()
        await service.idle(100)
        assert agent.flooded >= 1
        assert len({send.to for send in sim.ledger.sends}) == OTHERS
