"""Handoffs that cannot be half done, hand-backs that leave nobody waiting, and ownership the database guards."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from uuid_utils.compat import uuid7

from relevo.agents.decision import Bubble, Decision, HandoffRequest, MessageOutcome, ModelBudget
from relevo.conversations.change import lock_conversation
from relevo.conversations.handback import hand_back
from relevo.conversations.handoff import hand_off
from relevo.conversations.ownership import switch_agent, take_over
from relevo.conversations.person_reply import reply
from support.rows import Rows
from support.shop import said, shop
from support.storefront import open_shop

if TYPE_CHECKING:
    import uuid

    from relevo.agents.decision import Crm, TurnInput
    from relevo.store.database import Database
    from support.service import Service

ANNOUNCED = "Regálame 1 min, ya te comunico con un asesor"


class Clerk:
    """Answers, counts what it sold, and calls a person when asked for one."""

    name = "clerk"
    budget = ModelBudget()
    crm: Crm | None = None

    def __init__(self) -> None:
        self.turns: list[TurnInput] = []

    def quiet_seconds(self, text: str) -> float | None:
        del text
        return None

    async def decide(self, turn: TurnInput) -> Decision:
        self.turns.append(turn)
        texts = [message.text for message in turn.messages]
        if any("error" in text for text in texts):
            raise ZeroDivisionError
        asked = any("persona" in text for text in texts)
        outcomes = tuple(
            MessageOutcome(message.id, "handed_off" if asked else "answered", "clerk") for message in turn.messages
        )
        return Decision(
            outcomes=outcomes,
            state={"packs": int(turn.state.get("packs", 0)) + 1},
            bubbles=() if asked else (Bubble(key="a", text=f"ok: {', '.join(texts)}"),),
            handoff=HandoffRequest("customer_asked", "quiere una persona") if asked else None,
        )


async def conversation_of(service: Service) -> uuid.UUID:
    return (await service.rows("select id from conversations"))[0]["id"]


async def give_back(service: Service) -> None:
    async with service.relevo.database.transaction() as connection:
        locked = await lock_conversation(connection, service.workspace_id, await conversation_of(service))
        await hand_back(connection, locked, member_id=None, by="person")


async def test_a_customer_who_asks_gets_a_word_a_task_and_silence(database_url: str) -> None:
    async with shop(database_url, Clerk()) as (sim, service):
        customer = sim.customer("573001234567")
        await customer.say("quiero una persona")
        await sim.delivered()
        await service.idle()
        await customer.say("¿hola?", expects_reply=False)
        await sim.delivered()
        await service.idle()
        task = (await service.rows("select kind, priority, reason, summary, assignee_id, due_at from tasks"))[0]
        told = [row["type"] for row in await service.rows("select type from events where type like 'conversation.%%'")]
        last = (await service.rows("select outcome_reason from messages where text = '¿hola?'"))[0]
        agent = (await service.rows("select agent_crm, agent_conversational from conversations"))[0]
    assert said(sim) == [ANNOUNCED]
    assert (task["kind"], task["priority"], task["reason"]) == ("handoff", "high", "customer_asked")
    assert (task["summary"], task["assignee_id"]) == ("quiere una persona", None)
    assert task["due_at"] is not None
    assert told == ["conversation.handed_off"]
    assert last["outcome_reason"] == "a person has the conversation"
    assert (agent["agent_crm"], agent["agent_conversational"]) == (None, False)


async def test_handed_back_the_agent_answers_what_is_open_and_goes_on_where_it_was(database_url: str) -> None:
    clerk = Clerk()
    async with shop(database_url, clerk) as (sim, service):
        customer = sim.customer("573001234567")
        for text in ("dos libras", "quiero una persona"):
            await customer.say(text)
            await sim.delivered()
            await service.idle()
        async with service.relevo.database.transaction() as connection:
            bubble = Bubble(key="person", text="Hola, soy Ana")
            await reply(connection, service.workspace_id, await conversation_of(service), bubble)
        await service.idle()
        await customer.say("¿y el envío?", expects_reply=False)
        await sim.delivered()
        await service.idle()
        await give_back(service)
        await service.idle()
        tasks = await service.rows("select status from tasks")
    assert said(sim) == ["ok: dos libras", ANNOUNCED, "Hola, soy Ana", "ok: ¿y el envío?"]
    last = clerk.turns[-1]
    assert last.handed_back_at is not None
    assert last.state == {"packs": 2}, "the session goes on where the handoff left it"
    assert "Hola, soy Ana" in [item.text for item in last.history if item.author == "person"]
    assert [task["status"] for task in tasks] == ["done"]


async def test_what_a_person_answered_is_not_answered_again(database_url: str) -> None:
    async with shop(database_url, Clerk()) as (sim, service):
        customer = sim.customer("573001234567")
        for text in ("quiero una persona", "¿me oyen?"):
            await customer.say(text, expects_reply=False)
            await sim.delivered()
            await service.idle()
        async with service.relevo.database.transaction() as connection:
            await reply(
                connection, service.workspace_id, await conversation_of(service), Bubble(key="person", text="Sí")
            )
        await service.idle()
        await give_back(service)
        await service.idle()
    assert said(sim) == [ANNOUNCED, "Sí"]


async def test_the_agent_takes_back_what_people_left_alone(database_url: str) -> None:
    async with shop(database_url, Clerk()) as (sim, service):
        customer = sim.customer("573001234567")
        await customer.say("hola")
        await sim.delivered()
        await service.idle()
        async with service.relevo.database.transaction() as connection:
            locked = await lock_conversation(connection, service.workspace_id, await conversation_of(service))
            await take_over(connection, locked, member_id=None, by="person")
        await customer.say("¿siguen?", expects_reply=False)
        await sim.delivered()
        await service.idle()
        assert said(sim) == ["ok: hola"]
        await service.write("update agent_configs set release_after = interval '1 second'")
        await service.write("update mailbox set due_at = now() where kind = 'conversation'")
        async with asyncio.timeout(20):
            while len(said(sim)) < 2:  # noqa: ASYNC110 - the ledger is looked at, nobody tells
                await asyncio.sleep(0.1)
        back = await service.rows("select data from events where type = 'conversation.handed_back'")
    assert said(sim) == ["ok: hola", "ok: ¿siguen?"]
    assert back[0]["data"]["by"] == "release_after"


async def test_a_handoff_nobody_acted_on_is_not_released(database: Database) -> None:
    shop_ = await open_shop(database, release_after="1 second")
    conversation = await shop_.hears("573001234567", "quiero una persona")
    async with database.transaction() as connection:
        locked = await lock_conversation(connection, shop_.workspace_id, conversation)
        await hand_off(connection, locked, HandoffRequest("customer_asked", ""), asked_by="agent")
    row = await shop_.one("select person_active_at from conversations")
    assert row["person_active_at"] is None


async def test_a_run_that_fails_for_good_hands_off_with_a_word(database_url: str, monkeypatch: Any) -> None:
    monkeypatch.setattr("relevo.durable.runner.BACKOFF_SECONDS", (0.0, 0.0))
    async with shop(database_url, Clerk()) as (sim, service):
        await sim.customer("573001234567").say("error")
        await sim.delivered()
        await service.idle()
        task = (await service.rows("select kind, reason, summary from tasks"))[0]
        inbound = (await service.rows("select outcome from messages where direction = 'in'"))[0]
    assert said(sim) == [ANNOUNCED]
    assert (task["kind"], task["reason"], task["summary"]) == ("handoff", "failed_run", "error")
    assert inbound["outcome"] == "failed"


async def test_out_of_hours_the_customer_is_told_when(database_url: str) -> None:
    closed = '{"timezone": "UTC", "mon-sun": "00:00-00:01"}'
    async with shop(database_url, Clerk(), config={"people_hours": closed}) as (sim, service):
        await sim.customer("573001234567").say("quiero una persona")
        await sim.delivered()
        await service.idle()
        due = (await service.rows("select due_at > now() + interval '29 minutes' as later from tasks"))[0]
    assert said(sim) == [
        f"{ANNOUNCED}\nEn este momento nuestro equipo no está; te escribe mañana desde las 12:00 a. m."
    ]
    assert due["later"]


async def test_an_echo_from_the_owners_phone_takes_over_and_ends_follow_ups(database: Database) -> None:
    shop_ = await open_shop(database)
    conversation = await shop_.hears("573001234567", "hola")
    await shop_.rows(
        "insert into follow_ups (id, workspace_id, conversation_id, name, due_at)"
        " values (%(id)s, %(w)s, %(c)s, 'nudge', now()) returning id",
        id=uuid7(),
        w=shop_.workspace_id,
        c=conversation,
    )
    await shop_.hears("573001234567", "hola, soy el dueño", echo=True)
    row = await shop_.one("select owner, agent_conversational, epoch, person_active_at, owned_since from conversations")
    assert (row["owner"], row["agent_conversational"], row["epoch"]) == ("person", False, 1)
    assert row["person_active_at"] is not None
    assert row["owned_since"] is not None
    assert (await shop_.one("select reason from follow_ups"))["reason"] == "the owner wrote"


async def test_a_wordless_takeover_keeps_the_announcement_and_a_reply_makes_it_pointless(database: Database) -> None:
    shop_ = await open_shop(database)
    for phone, wordless in (("573000000001", True), ("573000000002", False)):
        conversation = await shop_.hears(phone, "quiero una persona")
        async with database.transaction() as connection:
            locked = await lock_conversation(connection, shop_.workspace_id, conversation)
            await hand_off(connection, locked, HandoffRequest("customer_asked", ""), asked_by="agent")
        async with database.transaction() as connection:
            if wordless:
                locked = await lock_conversation(connection, shop_.workspace_id, conversation)
                await take_over(connection, locked, member_id=None, by="person")
            else:
                await reply(connection, shop_.workspace_id, conversation, Bubble(key="person", text="Hola"))
        row = await shop_.one(
            "select m.state, m.epoch = v.epoch as current"
            " from messages m join conversations v on v.id = m.conversation_id"
            " where m.key = 'handoff' and v.id = %(id)s",
            id=conversation,
        )
        assert (row["state"], row["current"]) == (("planned", True) if wordless else ("dropped", False))


async def test_switching_the_agent_off_and_on_in_a_chat(database: Database) -> None:
    shop_ = await open_shop(database)
    conversation = await shop_.hears("573001234567", "hola")
    for conversational, epoch in ((False, 1), (False, 1), (True, 3)):
        async with database.transaction() as connection:
            locked = await lock_conversation(connection, shop_.workspace_id, conversation)
            await switch_agent(connection, locked, conversational=conversational, crm=None, member_id=None)
        row = await shop_.one("select owner, agent_conversational, epoch from conversations")
        assert (row["owner"], row["agent_conversational"], row["epoch"]) == ("agent", conversational, epoch)


@pytest.mark.parametrize(
    "change",
    [
        "update conversations set agent_conversational = false",
        "update conversations set agent_conversational = false, owner = 'person'",
        "update conversations set epoch = -1",
        "update conversations set owner = 'person', epoch = epoch + 1",
        "update conversations set owner = 'person', agent_conversational = true, epoch = epoch + 1",
    ],
)
async def test_who_may_speak_cannot_change_unnoticed(database: Database, change: str) -> None:
    rows = await Rows.create(database)
    with pytest.raises(psycopg.errors.CheckViolation):
        await rows.write(change)


async def test_words_that_promise_a_person_need_a_handoff(database: Database) -> None:
    rows = await Rows.create(database)
    with pytest.raises(psycopg.errors.CheckViolation, match="promises a person"):
        await rows.plan(key="handoff", text=ANNOUNCED)


async def test_a_handoff_needs_words_or_the_reason_for_none(database: Database) -> None:
    rows = await Rows.create(database)
    task = uuid7()
    await rows.write(
        "insert into tasks (id, workspace_id, conversation_id, kind, priority, reason, summary)"
        " values (%(id)s, %(w)s, %(c)s, 'handoff', 'high', 'x', '')",
        id=task, w=rows.workspace, c=rows.conversation,
    )  # fmt: skip
    insert = (
        "insert into handoffs (id, workspace_id, conversation_id, epoch, task_id, asked_by, reason, words,"
        " silent_because) values (%(id)s, %(w)s, %(c)s, %(epoch)s, %(task)s, 'agent', 'x', %(words)s, %(silent)s)"
    )
    common = {"w": rows.workspace, "c": rows.conversation, "task": task}
    with pytest.raises(psycopg.errors.CheckViolation, match="no word to the customer"):
        await rows.write(insert, id=uuid7(), epoch=1, words="hola", silent=None, **common)
    with pytest.raises(psycopg.errors.CheckViolation):
        await rows.write(insert, id=uuid7(), epoch=1, words=None, silent=None, **common)
    await rows.write(insert, id=uuid7(), epoch=1, words=None, silent="outside the 24-hour window", **common)


async def test_a_task_has_one_conversation_of_its_own_workspace(database: Database) -> None:
    rows = await Rows.create(database)
    other = await Rows.create(database, number="106540352242923")
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        await rows.write(
            "insert into tasks (id, workspace_id, conversation_id, kind, priority, reason, summary)"
            " values (%(id)s, %(w)s, %(c)s, 'handoff', 'high', 'x', '')",
            id=uuid7(), w=rows.workspace, c=other.conversation,
        )  # fmt: skip
