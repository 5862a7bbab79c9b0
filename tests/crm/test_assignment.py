"""Handoffs go to people fairly, one each, oldest first, whoever asks at once; and the ledger can be replayed."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from relevo.agents.decision import HandoffRequest
from relevo.conversations.change import lock_conversation
from relevo.conversations.handback import hand_back
from relevo.conversations.handoff import hand_off
from relevo.crm.members import change_member
from relevo.crm.presence import heartbeat, set_presence
from relevo.crm.rotation import RotationRuns
from relevo.crm.tasks import complete_task
from relevo.durable.actor import ROTATION, Behaviour
from relevo.durable.mailbox import Mailbox
from relevo.durable.runner import Runner
from relevo.store.database import Database
from support.storefront import Shop, open_shop

if TYPE_CHECKING:
    import uuid


async def hand_over(database: Database, shop: Shop, conversation: uuid.UUID) -> None:
    async with database.transaction() as connection:
        locked = await lock_conversation(connection, shop.workspace_id, conversation)
        await hand_off(connection, locked, HandoffRequest("customer_asked", "pide persona"), asked_by="agent")


async def conversations(shop: Shop, count: int) -> list[uuid.UUID]:
    return [await shop.hears(f"57300{n:07d}", "quiero un asesor") for n in range(count)]


async def let_time_pass(shop: Shop) -> None:
    """Run the workspace's rotation once, as a worker would."""
    await shop.rows("update mailbox set due_at = null where kind <> 'rotation' returning kind")
    await shop.rows("update mailbox set due_at = now() where kind = 'rotation' returning kind")
    mailbox = Mailbox(shop.database, lease_seconds=10, worker="test")
    rotation = RotationRuns(shop.database)
    for lease in await mailbox.claim(10):
        assert lease.actor.kind == ROTATION
        await Runner(mailbox, {ROTATION: Behaviour(rotation.run, rotation.give_up)}).run(lease)


def replayed(entry: dict[str, Any]) -> str | None:
    """Choose again from what the ledger says was seen, by the rule in words."""
    free = [one for one in entry["considered"] if one["online"] and one["load"] < one["capacity"]]
    free.sort(
        key=lambda one: (
            not one["preferred"],
            one["avoided"],
            one["lastAssignment"] is not None,
            one["lastAssignment"] or 0,
            one["memberId"],
        )
    )
    return free[0]["memberId"] if free else None


async def ledger(shop: Shop) -> list[dict[str, Any]]:
    rows = await shop.rows(
        "select id, task_id, member_id::text as member_id, cause, considered from assignments"
        " where workspace_id = %(workspace)s order by id",
        workspace=shop.workspace_id,
    )
    return [dict(row) for row in rows]


async def check_ledger(shop: Shop) -> None:
    """Replaying the ledger gives each choice again, and `lastAssignment` is what the ledger itself had said last."""
    last: dict[str, int] = {}
    for entry in await ledger(shop):
        if entry["considered"]:
            assert replayed(entry) == entry["member_id"], entry
            for seen in entry["considered"]:
                assert seen["lastAssignment"] == last.get(seen["memberId"]), entry
        if entry["member_id"] is not None:
            last[entry["member_id"]] = entry["id"]


async def test_fifty_handoffs_at_once_from_several_processes_differ_by_one_at_most(database_url: str) -> None:
    databases = [Database(database_url) for _ in range(3)]
    shop = await open_shop(databases[0])
    members = [await shop.member(f"M{n}", capacity=50) for n in range(7)]
    waiting = await conversations(shop, 50)
    await asyncio.gather(*(hand_over(databases[n % 3], shop, one) for n, one in enumerate(waiting)))
    given = Counter(entry["member_id"] for entry in await ledger(shop))
    assert sum(given.values()) == 50
    assert set(given) == {str(member) for member in members}
    assert max(given.values()) - min(given.values()) <= 1
    await check_ledger(shop)
    for database in databases:
        await database.close()


async def test_the_same_conversation_handed_off_many_times_at_once_is_handed_off_once(database: Database) -> None:
    shop = await open_shop(database)
    await shop.member("Ana")
    (conversation,) = await conversations(shop, 1)
    await asyncio.gather(*(hand_over(database, shop, conversation) for _ in range(8)))
    row = await shop.one(
        "select (select count(*) from tasks) as tasks, (select count(*) from handoffs) as handoffs,"
        " (select count(*) from messages where key = 'handoff') as words, (select epoch from conversations) as epoch"
    )
    assert (row["tasks"], row["handoffs"], row["words"], row["epoch"]) == (1, 1, 1, 1)


@pytest.mark.parametrize("seed", range(4))
async def test_members_come_go_and_fill_up_and_nobody_is_overtaken(database: Database, seed: int) -> None:
    chance = random.Random(seed)
    shop = await open_shop(database, sticky_assignment=False)
    members = [await shop.member(f"M{n}", online=False, capacity=chance.randint(1, 2)) for n in range(4)]
    waiting = await conversations(shop, 24)
    for conversation in waiting:
        acts: list[Any] = [hand_over(database, shop, conversation)]
        member = chance.choice(members)
        match chance.randrange(4):
            case 0:
                acts.append(_presence(database, shop, member, chance.choice(["online", "offline"])))
            case 1:
                acts.append(_capacity(database, shop, member, chance.randint(0, 3)))
            case 2:
                acts.append(_finish_one(database, shop, chance))
            case _:
                acts.append(_presence(database, shop, member, "online"))
        await asyncio.gather(*acts)
        await _nobody_overtaken(shop)
    await check_ledger(shop)


async def _presence(database: Database, shop: Shop, member: uuid.UUID, presence: Any) -> None:
    async with database.transaction() as connection:
        await set_presence(connection, shop.workspace_id, member, presence)


async def _capacity(database: Database, shop: Shop, member: uuid.UUID, capacity: int) -> None:
    async with database.transaction() as connection:
        await change_member(connection, shop.workspace_id, member, {"capacity": capacity})


async def _finish_one(database: Database, shop: Shop, chance: random.Random) -> None:
    rows = await shop.rows("select id from tasks where status = 'open' and assignee_id is not null order by id")
    if rows:
        async with database.transaction() as connection:
            await complete_task(connection, shop.workspace_id, chance.choice(rows)["id"], by_member_id=None)


async def _nobody_overtaken(shop: Shop) -> None:
    """While anything waits nobody is free; and no task got its first member while an older one was waiting."""
    waiting = await shop.rows("select id from tasks where status = 'open' and assignee_id is null")
    free = await shop.rows("select * from rotation(%(w)s) where online and load < capacity", w=shop.workspace_id)
    assert not (waiting and free)
    overtaken = await shop.rows(
        "select newer.id from assignments a join tasks newer on newer.id = a.task_id"
        " join tasks older on (older.created_at, older.id) < (newer.created_at, newer.id)"
        " join lateral (select min(x.id) as id from assignments x"
        "               where x.task_id = older.id and x.member_id is not null) f"
        " on f.id > a.id or f.id is null"
        " where a.member_id is not null and older.created_at < a.created_at - interval '1 second'"
    )
    assert not overtaken


async def test_a_member_who_falls_silent_gives_up_what_waits_for_an_answer(database: Database) -> None:
    shop = await open_shop(database)
    ana = await shop.member("Ana", online=False)
    await shop.rows("update members set presence = 'auto' returning id")
    await heartbeat(database, shop.workspace_id, ana, "laptop")
    (conversation,) = await conversations(shop, 1)
    await hand_over(database, shop, conversation)
    assert (await shop.one("select assignee_id from tasks"))["assignee_id"] == ana
    await shop.rows("update member_devices set seen_at = now() - interval '1 hour' returning device")
    await let_time_pass(shop)
    assert (await shop.one("select assignee_id from tasks"))["assignee_id"] is None
    luis = await shop.member("Luis", online=False)
    async with database.transaction() as connection:
        await set_presence(connection, shop.workspace_id, luis, "online")
    assert (await shop.one("select assignee_id from tasks"))["assignee_id"] == luis
    told = {row["type"] for row in await shop.rows("select type from events")}
    assert told >= {"member.online", "member.away", "task.queued"}
    await check_ledger(shop)


async def test_a_member_who_does_not_act_is_relieved_if_another_is_free(database: Database) -> None:
    shop = await open_shop(database)
    ana = await shop.member("Ana")
    (conversation,) = await conversations(shop, 1)
    await hand_over(database, shop, conversation)
    late = "update tasks set act_by = now() - interval '1 second' returning id"
    await shop.rows(late)
    await let_time_pass(shop)
    assert (await shop.one("select assignee_id from tasks"))["assignee_id"] == ana, "nobody else could take it"
    luis = await shop.member("Luis")
    await shop.rows(late)
    await let_time_pass(shop)
    assert (await shop.one("select assignee_id from tasks"))["assignee_id"] == luis
    await shop.hears("573000000000", "hola", echo=True)
    await shop.rows(late)
    await let_time_pass(shop)
    assert (await shop.one("select assignee_id from tasks"))["assignee_id"] == luis, "somebody has acted"


async def test_what_is_late_is_noticed_once_and_what_was_put_off_comes_back(database: Database) -> None:
    shop = await open_shop(database)
    for conversation in await conversations(shop, 2):
        await hand_over(database, shop, conversation)
    await shop.rows("update tasks set due_at = now() - interval '1 second' returning id")
    await shop.rows(
        "update tasks set snoozed_until = now() - interval '1 second'"
        " where id = (select min(id::text)::uuid from tasks) returning id"
    )
    for _ in range(3):
        await let_time_pass(shop)
    types = Counter(row["type"] for row in await shop.rows("select type from events where type like 'task.%%'"))
    assert (types["task.overdue"], types["task.back"]) == (2, 1)


async def test_handing_back_frees_capacity_for_whoever_waits(database: Database) -> None:
    shop = await open_shop(database)
    ana = await shop.member("Ana", capacity=1)
    first, second = await conversations(shop, 2)
    for conversation in (first, second):
        await hand_over(database, shop, conversation)
    async with database.transaction() as connection:
        locked = await lock_conversation(connection, shop.workspace_id, first)
        await hand_back(connection, locked, member_id=ana, by="person")
    row = await shop.one("select assignee_id from tasks where conversation_id = %(id)s", id=second)
    assert row["assignee_id"] == ana


async def test_the_ledger_cannot_be_rewritten(database: Database) -> None:
    shop = await open_shop(database)
    await shop.member("Ana")
    (conversation,) = await conversations(shop, 1)
    await hand_over(database, shop, conversation)
    with pytest.raises(Exception, match="appended, never changed"):
        await shop.rows("update assignments set why = 'because' returning id")
