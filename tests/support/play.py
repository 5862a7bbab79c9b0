"""Numbered conversations with the echo agent, judged by the simulator's ledger alone."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from relevo.simulator.echo import EchoProtocol
from relevo.simulator.simulator import Simulator
from support.echo_agent import EchoAgent, OneAgent
from support.service import running

if TYPE_CHECKING:
    from relevo.simulator.faults import Faults
    from relevo.simulator.phone import Customer
    from relevo.simulator.report import Report
    from support.inngest_double import InngestDouble


async def write(customer: Customer, messages: int, pause: float) -> None:
    """Say m1, m2, …"""
    for seq in range(1, messages + 1):
        await customer.say(EchoProtocol.message(seq))
        await asyncio.sleep(pause)


async def play(
    database_url: str,
    *,
    customers: int,
    messages: int,
    faults: Faults | None = None,
    agent: EchoAgent | None = None,
    workers: int = 1,
    pause: float = 0.05,
    within: float = 90.0,
    settle_seconds: float = 8.0,
    inngest: InngestDouble | None = None,
) -> Report:
    """Let customers write all at once to a running service; return the judgement once all is quiet."""
    async with Simulator(faults=faults, retries=(0.05, 0.1, 0.2, 0.5, 1.0, 1.0, 1.0, 1.0)) as sim:
        agents = OneAgent(agent or EchoAgent())
        async with running(
            database_url,
            sim.numbers[0],
            agents,
            sim.base_url,
            workers=workers,
            settle_seconds=settle_seconds,
            inngest=inngest,
        ) as service:
            sim.connect(service.webhook)
            await asyncio.gather(
                *(
                    write(sim.customer(f"57300{index:07d}", name=f"Cliente {index}"), messages, pause * (index % 3))
                    for index in range(customers)
                )
            )
            await sim.delivered(timeout=within)
            await service.idle(within)
        return sim.ledger.report(echo=True)
