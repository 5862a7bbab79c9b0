"""Whole runs: a correct service comes out clean whatever goes wrong on the way, and each classic mistake is noticed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from relevo.simulator import EchoProtocol, Faults, Receipts, Simulator

if TYPE_CHECKING:
    from relevo.simulator import Report

    from .conftest import MakeService, Mistake


async def play(
    sim: Simulator, *, customers: int, messages: int, spread: float = 0.4, patience: float = 30, quiet: float = 0.3
) -> Report:
    async def one(index: int) -> None:
        customer = sim.customer()
        for seq in range(1, messages + 1):
            await asyncio.sleep(((index * 7 + seq * 3) % 10) / 10 * spread)
            await customer.say(EchoProtocol.message(seq))

    await asyncio.gather(*(one(index) for index in range(customers)))
    await sim.answered(timeout=patience, quiet=quiet, echo=True)
    return sim.ledger.report(echo=True)


@pytest.mark.parametrize("seed", [1, 2])
async def test_a_correct_service_comes_out_clean_of_rough_faults(seed: int, make_service: MakeService) -> None:
    faults = Faults.rough(seed).quicker(hang_seconds=5)
    async with Simulator(faults=faults, receipts=Receipts(read=None)) as sim:
        await make_service(sim)
        report = await play(sim, customers=20, messages=5)
    assert report.ok, report.explain()
    assert report.answered + report.coalesced == report.expecting == report.messages_in == 100
    assert report.webhook_copies > 0
    assert report.unanswered > 0
    assert report.refused > 0
    assert report.errors > 0
    assert report.webhook_attempts > report.webhook_posts


async def test_without_faults_each_webhook_is_posted_once_and_nothing_is_refused(make_service: MakeService) -> None:
    async with Simulator() as sim:
        await make_service(sim)
        report = await play(sim, customers=10, messages=3)
    assert report.ok, report.explain()
    assert report.webhook_attempts == report.webhook_posts == report.messages_in + report.statuses
    assert report.accepted == report.sends
    assert report.acknowledge.count == report.webhook_posts
    assert report.first_reply.count == report.answered


@pytest.mark.parametrize(
    ("mistake", "faults", "finding"),
    [
        ("no dedup", Faults(seed=3, duplicate=0.5), "doubled"),
        ("blind retry", Faults(seed=3, reset_after=0.3, error_after=0.3), "doubled"),
        ("parallel turns", Faults(seed=3, slow=0.5), "out_of_turn"),
        ("forgets", Faults(seed=3), "lost"),
    ],
)
async def test_a_mistake_is_noticed(mistake: Mistake, faults: Faults, finding: str, make_service: MakeService) -> None:
    async with Simulator(faults=faults, receipts=Receipts(read=None)) as sim:
        await make_service(sim, mistake)
        report = await play(sim, customers=8, messages=4, spread=0.15, patience=2.5)
    assert not report.ok
    assert finding in {item.kind for item in report.findings}, report.explain()


async def test_an_answer_said_although_newer_messages_were_known_is_out_of_turn(make_service: MakeService) -> None:
    async with Simulator() as sim:
        await make_service(sim, "ignores newer")
        customer = sim.customer()
        await customer.say(EchoProtocol.message(1))
        await customer.replies()
        await customer.say(EchoProtocol.message(2))
        await sim.answered(quiet=0.8)
        strict = sim.ledger.report(echo=True, grace=0.1)
        lenient = sim.ledger.report(echo=True, grace=5)
    assert strict.out_of_turn == 1, strict.explain()
    assert lenient.ok, lenient.explain()
