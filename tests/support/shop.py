"""A shop with one number: simulator and service together."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from relevo.simulator.simulator import Simulator
from support.echo_agent import OneAgent
from support.service import Service, running

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from relevo.agents.decision import Agent


@asynccontextmanager
async def shop(
    database_url: str, agent: Agent, *, config: dict[str, object] | None = None, workers: int = 1, **settings: Any
) -> AsyncGenerator[tuple[Simulator, Service]]:
    async with Simulator() as sim:
        agents = OneAgent(agent)
        async with running(
            database_url, sim.numbers[0], agents, sim.base_url, config=config, workers=workers, **settings
        ) as service:
            sim.connect(service.webhook)
            yield sim, service


def said(sim: Simulator) -> list[str]:
    return [send.text for send in sim.ledger.sends if send.outcome == "accepted"]
