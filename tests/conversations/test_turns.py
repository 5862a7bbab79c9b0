"""Turns under races, switches and failures."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from relevo.agents.decision import (
    Bubble,
    CrmUpdate,
    Decision,
    HandoffRequest,
    ModelBudget,
    ModelUsage,
    OrderDraft,
    OrderLine,
)
from relevo.durable.mailbox import Mailbox
from relevo.durable.runner import Runner
from relevo.simulator.echo import EchoProtocol
from support.agents import ScriptedAgent, answered
from support.echo_agent import EchoAgent
from support.shop import said, shop
from support.statements import counted

if TYPE_CHECKING:
    from relevo.agents.decision import TurnInput


async def test_fifty_messages_at_once_are_answered_together(database_url: str) -> None:
    config: dict[str, object] = {"burst_quiet_seconds": 0.5, "burst_max_seconds": 3.0}
    async with shop(database_url, EchoAgent(parts=1), config=config, workers=2) as (sim, service):
        customer = sim.customer("573001234567", name="Ana")
        await asyncio.gather(*(customer.say(EchoProtocol.message(seq)) for seq in range(1, 51)))
        await sim.delivered()
        await service.idle()
        report = sim.ledger.report(echo=True)
        turns = await service.rows("select 1 from turns where state = 'decided'")
    assert report.ok, report.explain()
    assert report.answered + report.coalesced == 50
    assert len(turns) <= 2


async def test_switched_off_while_the_agent_thinks_nothing_is_said(database_url: str) -> None:
    async with shop(database_url, EchoAgent(thinks=0.8)) as (sim, service):
        await sim.customer("573001234567").say("m1")
        await sim.delivered()
        await asyncio.sleep(0.3)
        await service.write("update agent_configs set agent_enabled = false")
        await service.idle()
        (row,) = await service.rows("select outcome, outcome_reason from messages where direction = 'in'")
    assert said(sim) == []
    assert row["outcome"] == "ignored"
    assert "switched off for the shop" in row["outcome_reason"]


async def test_switched_off_between_two_bubbles_the_second_is_not_said(database_url: str) -> None:
    async with shop(database_url, EchoAgent(delay=1.0)) as (sim, service):
        await sim.customer("573001234567").say("m1")
        while not said(sim):  # noqa: ASYNC110 - the ledger is looked at, nobody tells
            await asyncio.sleep(0.05)
        await service.write("update agent_configs set agent_enabled = false")
        await service.idle()
        (row,) = await service.rows("select drop_reason from messages where state = 'dropped'")
    assert said(sim) == ["#1 1/2"]
    assert "switched off" in row["drop_reason"]


async def test_a_failing_agent_is_tried_three_times_then_a_person_is_told(database_url: str) -> None:
    calls = 0

    def broken(_: TurnInput) -> Decision:
        nonlocal calls
        calls += 1
        raise ZeroDivisionError

    async with shop(database_url, ScriptedAgent(broken)) as (sim, service):
        await sim.customer("573001234567").say("hola")
        await sim.delivered()
        async with asyncio.timeout(40):
            while not await service.rows("select 1 from tasks"):
                await service.write("update mailbox set due_at = now() where kind = 'conversation' and attempts > 0")
                await asyncio.sleep(0.2)
        (message,) = await service.rows("select outcome, outcome_reason from messages where direction = 'in'")
        events = await service.rows("select 1 from events where type = 'agent/run.failed'")
    assert calls == 3
    assert message["outcome"] == "failed"
    assert "ZeroDivisionError" in message["outcome_reason"]
    assert len(events) == 1


async def test_a_handoff_is_one_transaction_with_its_words_and_task(database_url: str) -> None:
    def hand_over(turn: TurnInput) -> Decision:
        request = HandoffRequest("customer_asked", "wants to talk about a broken bag")
        return answered(turn, bubbles=(Bubble("sorry", "Lo siento"),), handoff=request)

    async with shop(database_url, ScriptedAgent(hand_over)) as (sim, service):
        customer = sim.customer("573001234567")
        await customer.say("quiero hablar con alguien")
        await sim.delivered()
        await service.idle()
        await customer.say("¿hola?")
        await sim.delivered()
        await service.idle()
        (conversation,) = await service.rows("select agent_conversational, agent_crm, epoch from conversations")
        tasks = await service.rows("select kind, summary from tasks where kind = 'handoff'")
        messages = await service.rows("select sent_by_agent, text, state from messages where direction = 'out'")
        last = await service.rows("select outcome, outcome_reason from messages where text = '¿hola?'")
    assert said(sim) == ["Lo siento", "Regálame 1 min, ya te comunico con un asesor"]
    assert conversation["agent_conversational"] is False
    assert conversation["agent_crm"] is None
    assert [task["summary"] for task in tasks] == ["wants to talk about a broken bag"]
    assert all(message["sent_by_agent"] for message in messages)
    assert last[0]["outcome"] == "ignored"


async def test_an_order_and_the_words_that_announce_it_are_one(database_url: str) -> None:
    lines = (OrderLine("bolsa2", "2 bolsas", 1, 6_990_000),)

    def order(turn: TurnInput) -> Decision:
        draft = OrderDraft(lines, 6_990_000, "COP", "por_despachar", {"nombre": "Ana"})
        words = Bubble("listo", f"Pedido {turn.next_order_id} listo", essential=True)
        return answered(turn, bubbles=(words,), order=draft)

    async with shop(database_url, ScriptedAgent(order)) as (sim, service):
        for phone in ("573000000001", "573000000002", "573000000003"):
            await sim.customer(phone).say("sí, confirmo")
        await sim.delivered()
        await service.idle()
        orders = await service.rows("select number, total, currency from orders order by number")
    assert [order["number"] for order in orders] == [1001, 1002, 1003]
    assert sorted(said(sim)) == [f"Pedido {number} listo" for number in (1001, 1002, 1003)]


async def test_a_closed_window_drops_the_words(database_url: str) -> None:
    async with shop(database_url, EchoAgent(thinks=0.5)) as (sim, service):
        await sim.customer("573001234567").say("m1")
        await sim.delivered()
        await service.write("update conversations set window_until = now() - interval '1 second'")
        await service.idle()
        rows = await service.rows("select distinct drop_reason from messages where direction = 'out'")
    assert said(sim) == []
    assert [row["drop_reason"] for row in rows] == ["outside the 24-hour window"]


async def test_what_everybody_forgot_is_found_by_the_sweep(database_url: str) -> None:
    async with shop(database_url, EchoAgent(parts=1), workers=0) as (sim, service):
        await sim.customer("573001234567").say("m1")
        await sim.delivered()
        await service.write("delete from mailbox where kind = 'conversation'")
        await service.write("update messages set created_at = created_at - interval '1 hour'")
        engine = service.relevo.local_engine()
        working = asyncio.create_task(engine.run())
        await service.idle()
        engine.stop()
        await working
    assert said(sim) == ["#1 1/1"]


async def test_a_refused_token_stops_the_channel_and_loses_nothing(database_url: str) -> None:
    async with shop(database_url, EchoAgent(parts=1)) as (sim, service):
        token = sim.numbers[0].access_token
        sim.numbers[0].access_token = "renewed"
        await sim.customer("573001234567").say("m1")
        await sim.delivered()
        async with asyncio.timeout(20):
            while not await service.rows("select 1 from channels where status = 'stopped'"):  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        (channel,) = await service.rows("select status_reason from channels")
        assert channel["status_reason"]
        sim.numbers[0].access_token = token
        await service.write("update channels set status = 'active'")
        await service.write("update mailbox set due_at = now() where kind = 'conversation'")
        await service.idle()
    assert said(sim) == ["#1 1/1"]


async def test_a_turn_takes_a_known_number_of_statements(database_url: str) -> None:
    async with shop(database_url, EchoAgent(parts=1), workers=0) as (sim, service):
        customer = sim.customer("573001234567")
        await customer.say("m1")
        await sim.delivered()
        with counted() as statements:
            await customer.say("m2")
            await sim.delivered()
        webhook = len(statements)
        mailbox = Mailbox(service.relevo.database, lease_seconds=5, worker="test")
        await service.write("update mailbox set due_at = null where kind = 'sweep'")
        (lease,) = await mailbox.claim(5)
        with counted() as statements:
            await Runner(mailbox, service.relevo.behaviours).run(lease)
        turn = len(statements)
    assert said(sim) == ["#1,2 1/1"]
    assert webhook == 1, "who it is, the delivery and its messages"
    assert turn == 10, "look, load twice, lock, decision, look, begin, end, look, finish"


async def test_the_customer_sees_typing_while_the_next_bubble_is_on_its_way(database_url: str) -> None:
    config: dict[str, object] = {"timer_preset": "real"}
    async with shop(database_url, EchoAgent(delay=2.0), config=config) as (sim, service):
        await sim.customer("573001234567").say("m1")
        await sim.delivered()
        await service.idle()
        marks = [mark for mark in sim.ledger.marks if mark.typing]
    assert said(sim) == ["#1 1/2", "#1 2/2"]
    assert marks


async def test_a_slow_agent_shows_typing(database_url: str) -> None:
    config: dict[str, object] = {"timer_preset": "real"}
    async with shop(database_url, EchoAgent(parts=1, thinks=1.5), config=config) as (sim, service):
        await sim.customer("573001234567").say("m1")
        await sim.delivered()
        await service.idle()
        first = min(send.at for send in sim.ledger.sends)
        marks = [mark for mark in sim.ledger.marks if mark.typing and mark.at < first]
    assert marks


class Notebook:
    """A CRM agent that writes down what it is told to."""

    async def observe(self, turn: TurnInput) -> CrmUpdate:
        words = turn.messages[-1].text
        fields = {"ciudad": "Cali"} if "Cali" in words else {}
        return CrmUpdate(contact_fields=fields, tags_add=("lead",), state={**turn.state, "seen": words})


async def test_the_crm_agent_reads_along_while_a_person_has_the_conversation(database_url: str) -> None:
    agent = EchoAgent(parts=1)
    agent.crm = Notebook()
    async with shop(database_url, agent) as (sim, service):
        customer = sim.customer("573001234567")
        await customer.say("m1")
        await sim.delivered()
        await service.idle()
        await service.write(
            "update conversations set agent_conversational = false, owner = 'person', epoch = epoch + 1"
        )
        await customer.say("vivo en Cali")
        await sim.delivered()
        await service.idle()
        (contact,) = await service.rows("select fields, tags from contacts")
        (session,) = await service.rows("select state from sessions")
        await service.write("update agent_configs set crm_agents_enabled = false")
        await customer.say("y también en Pasto, Cali no")
        await sim.delivered()
        await service.idle()
        (later,) = await service.rows("select state from sessions")
    assert contact["fields"] == {"ciudad": "Cali"}
    assert contact["tags"] == ["lead"]
    assert session["state"]["seen"] == "vivo en Cali"
    assert later["state"] == session["state"]
    assert said(sim) == ["#1 1/1"]


async def test_a_used_up_budget_sends_the_agent_offline(database_url: str) -> None:
    allowed: list[bool] = []

    def spend(turn: TurnInput) -> Decision:
        allowed.append(turn.model_allowed)
        return answered(turn, usage=(ModelUsage("some:model", 100, 10, 0.04, 0.5),))

    agent = ScriptedAgent(spend)
    agent.budget = ModelBudget(per_chat=0.05)
    async with shop(database_url, agent) as (sim, service):
        for words in ("uno", "dos", "tres"):
            await sim.customer("573001234567").say(words)
            await sim.delivered()
            await service.idle()
        await sim.customer("573009999999").say("otro")
        await sim.delivered()
        await service.idle()
    assert allowed == [True, True, False, True]
