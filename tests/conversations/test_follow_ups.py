"""Timers: planned with the turn, cancelled by the customer's next word, looked at again when due."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

from relevo.agents.decision import Bubble, Decision, FollowUpPlan
from support.agents import ScriptedAgent, answered
from support.shop import said, shop

if TYPE_CHECKING:
    from relevo.agents.decision import TurnInput


def nudging(after: float) -> ScriptedAgent:
    """Answers, and asks again after that many seconds."""

    def decide(turn: TurnInput) -> Decision:
        if turn.follow_up is not None:
            return Decision(outcomes=(), state=dict(turn.state), bubbles=(Bubble("nudge", "¿Sigues ahí?"),))
        plans = (FollowUpPlan("silent", timedelta(seconds=after)),)
        return answered(turn, bubbles=(Bubble("reply", "Hola"),), follow_ups=plans)

    return ScriptedAgent(decide)


async def test_a_silent_customer_is_nudged_once(database_url: str) -> None:
    async with shop(database_url, nudging(0.5)) as (sim, service):
        await sim.customer("573001234567").say("hola")
        await sim.delivered()
        await service.idle()
        await asyncio.sleep(1.5)
        await service.idle()
        states = [row["state"] for row in await service.rows("select state from follow_ups")]
    assert said(sim) == ["Hola", "¿Sigues ahí?"]
    assert states == ["said"]


async def test_a_word_of_the_customer_cancels_in_its_own_transaction(database_url: str) -> None:
    async with shop(database_url, nudging(3600)) as (sim, service):
        customer = sim.customer("573001234567")
        await customer.say("hola")
        await sim.delivered()
        await service.idle()
        await customer.say("sigo aquí")
        await sim.delivered()
        rows = await service.rows("select state, reason from follow_ups order by created_at")
        assert (rows[0]["state"], rows[0]["reason"]) == ("cancelled", "the customer wrote")
        await service.idle()
        planned = await service.rows("select 1 from follow_ups where state = 'planned'")
    assert len(planned) == 1


async def test_a_due_nudge_is_not_said_where_the_agent_is_off_or_unwanted(database_url: str) -> None:
    for change, reason in (
        ("update agent_configs set agent_enabled = false", "switched off"),
        ("update contacts set opted_out_at = now()", "opted out"),
        ("update contacts set marketing_opted_out_at = now()", "no marketing"),
    ):
        async with shop(database_url, nudging(3600)) as (sim, service):
            await sim.customer("573001234567").say("hola")
            await sim.delivered()
            await service.idle()
            await service.write(change)
            await service.write("update follow_ups set due_at = now() where state = 'planned'")
            await service.write("update mailbox set due_at = now() where kind = 'conversation'")
            await service.idle()
            await asyncio.sleep(0.3)
            rows = await service.rows("select state, reason from follow_ups where state = 'skipped'")
            await service.write("delete from workspaces")
            await service.write("delete from mailbox")
        assert said(sim) == ["Hola"]
        assert len(rows) == 1
        assert reason in rows[0]["reason"]
