"""The relay: everything leaves at least once, in order; nothing waits for it; Inngest may be away or forget."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from relevo.durable.actor import CONVERSATION, RELAY, Actor, Behaviour
from relevo.durable.inngest.client import EventApi
from relevo.durable.mailbox import Mailbox, wake
from relevo.durable.relay import RELAY_ACTOR, Relay
from relevo.durable.relay_events import MAX_REQUEST_BYTES, event_of, requests
from relevo.durable.runner import Runner
from relevo.errors import EngineAwayError, EngineRefusedError
from relevo.simulator.simulator import Simulator
from support.echo_agent import EchoAgent, OneAgent
from support.inngest_double import InngestDouble, Misbehaviour
from support.rows import Rows
from support.service import running

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

    from relevo.store.database import Database


class Recorder:
    """Takes events, unless told otherwise."""

    def __init__(self) -> None:
        self.taken: list[dict[str, Any]] = []
        self.away = False
        self.poison: str | None = None

    async def __call__(self, events: Sequence[bytes], /) -> None:
        if self.away:
            raise EngineAwayError("away")
        if self.poison and any(self.poison.encode() in event for event in events):
            raise EngineRefusedError("poison")
        self.taken.extend(json.loads(event) for event in events)

    def messages(self) -> list[str]:
        return [event["data"]["messageId"] for event in self.taken if event["name"].startswith("agent/")]

    def wake_ups(self) -> list[str]:
        return [event["data"]["key"] for event in self.taken if event["name"].startswith("relevo/")]


class Relays:
    """Runs the relay as an engine would, one run at a time."""

    def __init__(self, database: Database, recorder: Recorder, **options: float) -> None:
        self.database = database
        self.relay = Relay(database, recorder, **options)
        self._mailbox = Mailbox(database, lease_seconds=5, worker="test")
        self._runner = Runner(self._mailbox, {RELAY: Behaviour(self.relay.run, self.relay.give_up)})

    async def once(self) -> None:
        asked = await self._mailbox.claim_one(RELAY_ACTOR.kind, RELAY_ACTOR.key, ahead=3600)
        assert asked.lease is not None
        ended = await self._runner.run(asked.lease)
        assert ended.error is None

    async def place(self) -> dict[str, Any]:
        async with self.database.reading() as connection:
            row = await (await connection.execute("select *, xact::text from relays where name = 'relay'")).fetchone()
        assert row is not None
        return row


@asynccontextmanager
async def relaying(database: Database, **options: float) -> AsyncGenerator[tuple[Relays, Recorder, Rows]]:
    recorder = Recorder()
    relays = Relays(database, recorder, **options)
    rows = await Rows.create(database)
    await relays.relay.start()
    yield relays, recorder, rows


async def test_what_was_said_leaves_with_ids_and_little_else(database: Database) -> None:
    async with relaying(database) as (relays, recorder, rows):
        message = await rows.hear(text="hola")
        await relays.once()
        (event,) = recorder.taken
        assert event["name"] == "agent/whatsapp.message_received"
        assert event["data"] == {
            "messageId": str(message),
            "conversationId": str(rows.conversation),
            "workspaceId": str(rows.workspace),
            "messageContent": "hola",
            "contactId": str(rows.contact),
            "phone": "+573001234567",
        }
        assert event["id"].startswith(str(rows.workspace))
        await relays.once()
        assert len(recorder.taken) == 1


async def test_what_happened_before_the_relay_first_ran_stays(database: Database) -> None:
    rows = await Rows.create(database)
    await rows.hear(text="long ago")
    recorder = Recorder()
    relays = Relays(database, recorder)
    await relays.relay.start()
    await relays.once()
    assert recorder.messages() == []
    message = await rows.hear(text="now")
    await relays.once()
    assert recorder.messages() == [str(message)]


async def test_an_event_of_a_transaction_that_commits_late_is_not_skipped(database: Database) -> None:
    async with relaying(database) as (relays, recorder, rows):
        async with database.transaction() as slow:
            await slow.execute(
                "insert into events (workspace_id, conversation_id, type, data)"
                " values (%(w)s, %(c)s, 'agent/whatsapp.message_received', '{\"messageId\": \"late\"}')",
                {"w": rows.workspace, "c": rows.conversation},
            )
            quick = await rows.hear(text="overtakes")
            await relays.once()
            assert recorder.messages() == [], "nothing above the oldest transaction still running"
        await relays.once()
        assert recorder.messages() == ["late", str(quick)]


async def test_more_than_one_batch_leaves_in_order(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("relevo.durable.relay.BATCH", 7)
    async with relaying(database) as (relays, recorder, rows):
        messages = [str(await rows.hear(text=f"m{number}")) for number in range(30)]
        await relays.once()
        assert recorder.messages() == messages


async def test_while_inngest_is_away_nothing_is_lost_and_tries_grow_rarer(database: Database) -> None:
    async with relaying(database) as (relays, recorder, rows):
        recorder.away = True
        messages = [str(await rows.hear(text=f"m{number}")) for number in range(3)]
        pauses: list[float] = []
        for _ in range(4):
            await relays.once()
            (row,) = await rows.read(
                "select extract(epoch from due_at - now())::float8 as pause from mailbox where kind = 'relay'"
            )
            pauses.append(row["pause"])
        assert recorder.taken == []
        assert pauses == sorted(pauses)
        assert pauses[-1] > 4 * pauses[0]
        place = await relays.place()
        assert (place["failures"], place["last_error"]) == (4, "away")
        recorder.away = False
        await relays.once()
        assert recorder.messages() == messages
        place = await relays.place()
        assert (place["failures"], place["failing_since"]) == (0, None)


async def test_an_event_that_will_never_be_taken_holds_up_no_other(database: Database) -> None:
    async with relaying(database) as (relays, recorder, rows):
        recorder.poison = "poison"
        messages = [str(await rows.hear(text=text)) for text in ("a", "b", "poison", "c", "d")]
        await relays.once()
        assert recorder.messages() == [*messages[:2], *messages[3:]]


async def test_an_actor_is_told_of_when_it_is_due_and_once(database: Database) -> None:
    async with relaying(database) as (relays, recorder, rows):
        due, later = uuid4(), uuid4()
        async with database.transaction() as connection:
            await wake(connection, Actor(CONVERSATION, due, rows.workspace), datetime.now(UTC))
            await wake(connection, Actor(CONVERSATION, later, rows.workspace), datetime.now(UTC) + timedelta(hours=1))
        await relays.once()
        await relays.once()
        assert recorder.wake_ups() == [str(due)]
        async with database.transaction() as connection:
            await wake(connection, Actor(CONVERSATION, later, rows.workspace), datetime.now(UTC))
        await relays.once()
        assert recorder.wake_ups() == [str(due), str(later)]


async def test_a_wake_up_that_was_forgotten_is_told_again(database: Database) -> None:
    async with relaying(database, grace_seconds=0.2) as (relays, recorder, rows):
        actor = Actor("rotation", rows.workspace, rows.workspace)
        async with database.transaction() as connection:
            await wake(connection, actor, datetime.now(UTC))
        await relays.once()
        await asyncio.sleep(0.3)
        await relays.once()
        assert recorder.wake_ups() == [str(rows.workspace)] * 2
        assert all("id" not in event for event in recorder.taken), "or the second would be taken for a duplicate"


async def test_an_actor_at_work_is_told_of_when_it_is_due_again_afterwards(database: Database) -> None:
    async with relaying(database) as (relays, recorder, rows):
        actor = Actor(CONVERSATION, rows.conversation, rows.workspace)
        mailbox = Mailbox(database, lease_seconds=5, worker="run")
        async with database.transaction() as connection:
            await wake(connection, actor, datetime.now(UTC))
        await relays.once()
        asked = await mailbox.claim_one(actor.kind, actor.key)
        assert asked.lease is not None
        async with database.transaction() as connection:
            await wake(connection, actor, datetime.now(UTC))
        await relays.once()
        assert len(recorder.wake_ups()) == 1
        await mailbox.finish(asked.lease, None)
        await relays.once()
        assert len(recorder.wake_ups()) == 2


async def test_one_that_lost_its_lease_moves_nothing(database: Database) -> None:
    async with relaying(database) as (relays, recorder, rows):
        mailbox = Mailbox(database, lease_seconds=0.01, worker="frozen")
        asked = await mailbox.claim_one(RELAY_ACTOR.kind, RELAY_ACTOR.key, ahead=3600)
        assert asked.lease is not None
        before = await relays.place()
        await asyncio.sleep(0.05)
        assert await mailbox.take_over() == 1
        message = await rows.hear(text="hola")
        runner = Runner(mailbox, {RELAY: Behaviour(relays.relay.run, relays.relay.give_up)})
        await runner.run(asked.lease)
        assert (await relays.place())["xact"] == before["xact"]
        await relays.once()
        assert recorder.messages() == [str(message)] * 2, "at least once; Inngest knows the second by its id"
        assert len({event["id"] for event in recorder.taken}) == 1


def test_requests_stay_within_what_inngest_takes() -> None:
    events = [b"x" * 30_000] * 20
    cut = list(requests(events))
    assert [event for request in cut for event in request] == events
    assert all(sum(len(event) + 1 for event in request) <= MAX_REQUEST_BYTES + 1 for request in cut)
    assert len(cut) == 4
    assert list(requests([b"x" * 500_000])) == [[b"x" * 500_000]]
    assert list(requests([])) == []


def test_long_words_leave_shortened() -> None:
    row = {"workspace_id": uuid4(), "id": 1, "type": "agent/whatsapp.message_received",
           "created_at": datetime.now(UTC), "data": {"messageContent": "x" * 100_000, "phone": None}}  # fmt: skip
    assert len(json.loads(event_of(row))["data"]["messageContent"]) == 4096


async def test_inngest_that_takes_nothing_is_away(inngest: InngestDouble) -> None:
    wrong = inngest.client()
    wrong._event_key = "wrong"  # pyright: ignore[reportPrivateUsage] - as if set up wrongly
    apis = EventApi(wrong), EventApi(inngest.client())
    inngest.away = True
    for api in apis:
        with pytest.raises(EngineAwayError):
            await api([b'{"name": "x", "data": {}}'])
    inngest.away = False
    await apis[1]([b'{"name": "x", "data": {}}'])
    with pytest.raises(EngineAwayError, match="INNGEST_EVENT_KEY"):
        await apis[0]([b'{"name": "x", "data": {}}'])
    for api in apis:
        await api.close()


async def test_a_request_inngest_finds_too_large_is_refused(inngest: InngestDouble) -> None:
    api = EventApi(inngest.client())
    try:
        with pytest.raises(EngineRefusedError):
            await api([b'"' + b"x" * 300_000 + b'"'])
    finally:
        await api.close()


async def test_customers_are_answered_after_inngest_was_away_and_forgot_things(database_url: str) -> None:
    async with (
        InngestDouble(Misbehaviour(lose_first=12)) as inngest,
        Simulator() as sim,
        running(database_url, sim.numbers[0], OneAgent(EchoAgent()), sim.base_url, inngest=inngest) as service,
    ):
        sim.connect(service.webhook)
        assert service.relevo.inngest is not None
        service.relevo.inngest.relay.grace_seconds = 0.5
        inngest.away = True
        for number in range(5):
            await sim.customer(f"57300000000{number}").say("m1")
        await sim.delivered()
        assert await service.rows("select from mailbox where kind = 'conversation' and due_at is not null")
        inngest.away = False
        await service.idle(60)
        assert len(sim.ledger.sends) == 10
