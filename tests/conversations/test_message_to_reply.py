"""From a customer's message to the reply, over real HTTP on both sides."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from relevo.simulator.faults import Faults
from support.echo_agent import EchoAgent
from support.play import play

if TYPE_CHECKING:
    from relevo.simulator.report import Report


def in_order(report: Report) -> None:
    assert report.ok, report.explain()
    assert report.answered + report.coalesced == report.expecting


async def test_every_message_is_answered_once_and_in_order(database_url: str) -> None:
    report = await play(database_url, customers=10, messages=3)
    in_order(report)
    assert report.messages_in == 30


async def test_two_workers_in_one_database_do_not_answer_twice(database_url: str) -> None:
    in_order(await play(database_url, customers=20, messages=3, workers=2))


async def test_words_of_a_slow_agent_are_not_said_over_newer_ones(database_url: str) -> None:
    in_order(await play(database_url, customers=8, messages=4, agent=EchoAgent(thinks=0.15, delay=0.3), pause=0.1))


@pytest.mark.parametrize("seed", range(3))
async def test_mild_faults_lose_nothing_and_double_nothing(database_url: str, seed: int) -> None:
    in_order(await play(database_url, customers=30, messages=3, faults=Faults.mild(seed).quicker(3.0)))


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("seed", range(20))
async def test_two_hundred_customers_and_every_fault_lose_nothing_and_double_nothing(
    database_url: str, seed: int
) -> None:
    in_order(
        await play(
            database_url,
            customers=200,
            messages=2,
            faults=Faults.rough(seed).quicker(3.0),
            within=240,
            settle_seconds=10,
        )
    )
