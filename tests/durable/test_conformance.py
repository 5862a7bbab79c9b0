"""The workflow's promises on both engines, judged by what WhatsApp's double saw."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from relevo.agents.decision import Decision, HandoffRequest, MessageOutcome
from relevo.simulator.faults import Faults
from relevo.simulator.simulator import Simulator
from support.echo_agent import EchoAgent, OneAgent
from support.inngest_double import InngestDouble, Misbehaviour
from support.play import play
from support.service import running

if TYPE_CHECKING:
    from relevo.agents.decision import TurnInput
    from relevo.simulator.report import Report


TASKS = "select id from tasks where kind in ('handoff', 'failed_run')"


def in_order(report: Report) -> None:
    assert report.ok, report.explain()
    assert report.answered + report.coalesced == report.expecting


async def test_every_message_is_answered_once_and_in_order(database_url: str, engine: InngestDouble | None) -> None:
    report = await play(database_url, customers=8, messages=3, inngest=engine)
    in_order(report)
    assert report.messages_in == 24


async def test_a_burst_is_answered_in_order_by_a_slow_agent(database_url: str, engine: InngestDouble | None) -> None:
    agent = EchoAgent(thinks=0.15, delay=0.3)
    in_order(await play(database_url, customers=5, messages=5, agent=agent, pause=0.1, inngest=engine))


async def test_faults_of_whatsapp_lose_nothing_and_double_nothing(
    database_url: str, engine: InngestDouble | None
) -> None:
    faults = Faults.mild(4).quicker(3.0)
    in_order(await play(database_url, customers=12, messages=3, faults=faults, inngest=engine))


@pytest.mark.parametrize(
    "misbehaviour",
    [
        Misbehaviour(duplicate=1.0, ignore_keys=True),
        Misbehaviour(shuffle=0.5, ignore_keys=True, replay=0.5),
        Misbehaviour(hang_up=0.5),
        Misbehaviour(duplicate=0.5, shuffle=0.3, replay=0.3, hang_up=0.3, ignore_keys=True),
    ],
    ids=["twice at once", "reordered and replayed", "hangs up", "everything"],
)
async def test_whatever_inngest_does_nothing_is_lost_doubled_or_out_of_turn(
    database_url: str, misbehaviour: Misbehaviour
) -> None:
    async with InngestDouble(misbehaviour) as double:
        in_order(
            await play(database_url, customers=8, messages=3, agent=EchoAgent(thinks=0.05, delay=0.2), inngest=double)
        )


class FailingAgent(EchoAgent):
    """Never gets anywhere."""

    def __init__(self) -> None:
        super().__init__()
        self.tries = 0

    async def decide(self, turn: TurnInput) -> Decision:
        del turn
        self.tries += 1
        raise RuntimeError("nothing works today")


async def test_two_retries_then_a_person_is_told(
    database_url: str, engine: InngestDouble | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("relevo.durable.runner.BACKOFF_SECONDS", (0.3, 0.6))
    agent = FailingAgent()
    async with (
        Simulator() as sim,
        running(database_url, sim.numbers[0], OneAgent(agent), sim.base_url, inngest=engine) as service,
    ):
        sim.connect(service.webhook)
        await sim.customer("573001112233").say("hola")
        async with asyncio.timeout(60):
            while not await service.rows(TASKS):  # noqa: ASYNC110 - the database is asked, nobody tells
                await asyncio.sleep(0.1)
        await service.idle()
        assert agent.tries == 3
        (event,) = await service.rows("select data from events where type = 'agent/run.failed'")
        assert event["data"]["error"] == "RuntimeError"
        if engine is not None:
            assert {run.status for run in engine.runs if run.function == "relevo-whatsapp-agent-processor"} <= {
                "failed", "completed",
            }  # fmt: skip


class HandingAgent(EchoAgent):
    """Hands everything to a person."""

    async def decide(self, turn: TurnInput) -> Decision:
        outcomes = tuple(MessageOutcome(message.id, "handed_off", "asked for a person") for message in turn.messages)
        request = HandoffRequest(reason="asked for a person", summary="wants a person")
        return Decision(outcomes=outcomes, state={}, handoff=request)


async def test_a_handoff_is_whole_and_the_agent_stays_silent(database_url: str, engine: InngestDouble | None) -> None:
    async with (
        Simulator() as sim,
        running(database_url, sim.numbers[0], OneAgent(HandingAgent()), sim.base_url, inngest=engine) as service,
    ):
        sim.connect(service.webhook)
        customer = sim.customer("573001112233")
        await customer.say("quiero una persona")
        await sim.delivered()
        await service.idle()
        await customer.say("¿hola?")
        await sim.delivered()
        await service.idle()
        (conversation,) = await service.rows("select owner, agent_conversational from conversations")
        assert (conversation["owner"], conversation["agent_conversational"]) == ("person", False)
        said = await service.rows("select key, state from messages where direction = 'out'")
        assert [row["key"] for row in said] == ["handoff"]
        outcomes = await service.rows("select outcome from messages where direction = 'in' order by arrival")
        assert [row["outcome"] for row in outcomes] == ["handed_off", "ignored"]
