"""From a customer's message to the reply, over real HTTP on both sides."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from support.echo_agent import EchoAgent, OneAgent
from support.service import running

from relevo.simulator.echo import EchoProtocol
from relevo.simulator.faults import Faults
from relevo.simulator.simulator import Simulator

if TYPE_CHECKING:
    from relevo.simulator.report import Report


async def play(database_url: str, *, customers: int, messages: int, faults: Faults | None = None) -> Report:
    async with Simulator(faults=faults) as sim:
        number = sim.numbers[0]
        async with running(database_url, number, OneAgent(EchoAgent()), sim.base_url) as service:
            sim.connect(service.webhook)

            async def customer(index: int) -> None:
                who = sim.customer(f"57300{index:07d}", name=f"Cliente {index}")
                for seq in range(1, messages + 1):
                    await who.say(EchoProtocol.message(seq))
                    await asyncio.sleep(0.05 * (index % 3))

            await asyncio.gather(*(customer(index) for index in range(customers)))
            await sim.answered(timeout=40)
            rows = await service.rows("select count(*) from messages where direction = 'in' and outcome is null")
            assert rows[0]["count"] == 0
        return sim.ledger.report(echo=True)


async def test_every_message_is_answered_once_and_in_order(database_url: str) -> None:
    report = await play(database_url, customers=10, messages=3)
    assert report.ok, report.explain()
    assert report.messages_in == 30
    assert report.answered + report.coalesced == 30


@pytest.mark.parametrize("seed", range(3))
async def test_faults_of_all_kinds_lose_nothing_and_double_nothing(database_url: str, seed: int) -> None:
    report = await play(database_url, customers=30, messages=3, faults=Faults.rough(seed).quicker(3.0))
    assert report.ok, report.explain()
