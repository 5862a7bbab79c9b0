"""The mailbox: one run at a time, no wake lost, nothing for who lost the lease, and fairness."""

from __future__ import annotations

import asyncio
import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from relevo.durable.actor import Actor, Behaviour
from relevo.durable.local import LocalEngine
from relevo.durable.mailbox import Mailbox, wake
from relevo.durable.runner import RETRIES, Runner
from relevo.errors import LeaseLostError
from relevo.store.database import execute, fetch_all

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from relevo.durable.lease import Lease
    from relevo.store.database import Database


def actor(number: int, workspace: int = 1, kind: str = "test") -> Actor:
    return Actor(kind, uuid.UUID(int=number), uuid.UUID(int=workspace))


def mailbox(database: Database, seconds: float = 5.0) -> Mailbox:
    return Mailbox(database, lease_seconds=seconds, worker="test")


async def wake_now(database: Database, *actors: Actor, ago: float = 0.0) -> None:
    async with database.transaction() as connection:
        for one in actors:
            await wake(connection, one, datetime.now(UTC) - timedelta(seconds=ago))


async def rows(database: Database, statement: str = "select * from mailbox order by key") -> Any:
    async with database.reading() as connection:
        return await fetch_all(connection, statement, {})


async def test_a_wake_that_is_rolled_back_never_was(database: Database) -> None:
    async def wake_and_fail() -> None:
        async with database.transaction() as connection:
            await wake(connection, actor(1), datetime.now(UTC))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await wake_and_fail()
    assert await mailbox(database).claim(10) == []


async def test_a_burst_of_wakes_is_one_run_at_the_earliest_moment(database: Database) -> None:
    soon = datetime.now(UTC) + timedelta(seconds=60)
    async with database.transaction() as connection:
        for seconds in (30, 0, 90):
            await wake(connection, actor(1), soon + timedelta(seconds=seconds))
    (row,) = await rows(database)
    assert row["due_at"] == soon


async def test_an_actor_is_claimed_once(database: Database) -> None:
    await wake_now(database, *(actor(n) for n in range(40)))
    one, other = mailbox(database), mailbox(database)
    claims = await asyncio.gather(*(box.claim(10) for box in (one, other) for _ in range(4)))
    keys = [lease.actor.key for leases in claims for lease in leases]
    assert len(keys) == len(set(keys)) == 40


async def test_a_wake_during_a_run_is_not_lost(database: Database) -> None:
    await wake_now(database, actor(1))
    box = mailbox(database)
    (lease,) = await box.claim(10)
    await wake_now(database, actor(1))
    assert await box.claim(10) == [], "one run at a time"
    assert await box.finish(lease, None)
    assert len(await box.claim(10)) == 1


async def test_of_what_came_and_what_the_run_wants_the_earlier_counts(database: Database) -> None:
    await wake_now(database, actor(1))
    box = mailbox(database)
    (lease,) = await box.claim(10)
    later = datetime.now(UTC) + timedelta(hours=1)
    assert not await box.finish(lease, later)
    (row,) = await rows(database)
    assert row["due_at"] == later


async def test_who_lost_the_lease_can_neither_write_nor_let_go(database: Database) -> None:
    await wake_now(database, actor(1))
    box = mailbox(database, seconds=0.3)
    (old,) = await box.claim(10)
    await asyncio.sleep(0.4)
    with pytest.raises(LeaseLostError):
        old.check_clock()
    assert await box.take_over() == 1
    (new,) = await box.claim(10)
    assert (new.attempts, new.crashes) == (0, 1)
    async with database.transaction() as connection:
        with pytest.raises(LeaseLostError):
            await old.hold(connection)
    await box.finish(old, None)
    (row,) = await rows(database)
    assert row["lease_token"] == new.token, "the old run's finish changes nothing"


async def test_a_held_lease_cannot_be_taken_over_before_the_transaction_ends(database: Database) -> None:
    await wake_now(database, actor(1))
    box = mailbox(database, seconds=0.3)
    (lease,) = await box.claim(10)
    async with database.transaction() as connection:
        await lease.hold(connection)
        await asyncio.sleep(0.4)
        assert await box.take_over() == 0
    assert await box.take_over() == 1


async def test_renewing_keeps_what_is_ours_and_tells_what_is_not(database: Database) -> None:
    await wake_now(database, actor(1), actor(2))
    box = mailbox(database, seconds=0.5)
    one, two = await box.claim(10)
    async with database.transaction() as connection:
        await execute(
            connection,
            "update mailbox set lease_token = gen_random_uuid() where key = %(key)s",
            {"key": two.actor.key},
        )
    await asyncio.sleep(0.3)
    await box.renew([one, two])
    await asyncio.sleep(0.3)
    one.check_clock()
    with pytest.raises(LeaseLostError):
        two.check_clock()


async def test_a_workspace_with_a_flood_does_not_keep_others_waiting(database: Database) -> None:
    await wake_now(database, *(actor(n, workspace=1) for n in range(200)), ago=60)
    await wake_now(database, *(actor(1000 + n, workspace=2 + n) for n in range(3)))
    first = await mailbox(database).claim(8)
    assert {lease.actor.workspace_id.int for lease in first} == {1, 2, 3, 4}


async def test_the_oldest_of_a_workspace_comes_first(database: Database) -> None:
    for age in (10, 30, 20):
        await wake_now(database, actor(age), ago=age)
    box = mailbox(database)
    assert [(await box.claim(1))[0].actor.key.int for _ in range(3)] == [30, 20, 10]


async def test_thousands_of_sleepers_are_not_looked_at(database: Database) -> None:
    async with database.transaction() as connection:
        await execute(
            connection,
            "insert into mailbox (kind, key, workspace_id, due_at)"
            " select 'test', gen_random_uuid(), %(w)s, now() + interval '1 day' from generate_series(1, 20000)",
            {"w": uuid.UUID(int=1)},
        )
        await execute(connection, "analyze mailbox", {})
    await wake_now(database, actor(1))
    box = mailbox(database)
    assert [lease.actor.key.int for lease in await box.claim(10)] == [1]
    async with database.reading() as connection:
        (before,) = await fetch_all(
            connection, "select seq_scan from pg_stat_user_tables where relname = 'mailbox'", {}
        )
    for _ in range(5):
        assert await box.claim(10) == []
        await box.seconds_to_next()
    async with database.reading() as connection:
        await execute(connection, "select pg_stat_force_next_flush()", {})
        (after,) = await fetch_all(connection, "select seq_scan from pg_stat_user_tables where relname = 'mailbox'", {})
    assert after["seq_scan"] - before["seq_scan"] <= 1


class Recorder:
    """A behaviour that notes its runs."""

    def __init__(self, run: Callable[[int], Awaitable[datetime | None]]) -> None:
        self._run = run
        self.runs = 0
        self.given_up: list[str] = []

    def behaviour(self) -> Behaviour:
        return Behaviour(self.run, self.give_up)

    async def run(self, lease: Lease) -> datetime | None:
        del lease
        self.runs += 1
        return await self._run(self.runs)

    async def give_up(self, lease: Lease, error: str) -> None:
        del lease
        self.given_up.append(error)


async def fail(_: int) -> datetime | None:
    raise ValueError("a secret might stand here")


async def test_a_failing_run_is_tried_again_and_then_given_up(database: Database) -> None:
    recorder = Recorder(fail)
    box = mailbox(database)
    runner = Runner(box, {"test": recorder.behaviour()})
    await wake_now(database, actor(1))
    for _ in range(RETRIES + 1):
        (lease,) = await box.claim(10)
        await runner.run(lease)
        await execute_all(database, "update mailbox set due_at = now() where due_at is not null")
    assert recorder.runs == RETRIES + 1
    assert recorder.given_up == ["ValueError"], "the message of a foreign error is not repeated"
    (row,) = await rows(database)
    assert row["failed_at"] is not None
    assert row["due_at"] is None


async def test_a_database_that_is_away_is_no_runs_fault(database: Database) -> None:
    async def away(_: int) -> datetime | None:
        raise psycopg.OperationalError("the database system is shutting down")

    recorder = Recorder(away)
    box = mailbox(database)
    await wake_now(database, actor(1))
    for _ in range(RETRIES + 3):
        (lease,) = await box.claim(10)
        await Runner(box, {"test": recorder.behaviour()}).run(lease)
        assert (await box.seconds_to_next() or 0.0) > 0, "it waits a moment"
        await execute_all(database, "update mailbox set due_at = now() where due_at is not null")
    assert (recorder.runs, recorder.given_up) == (RETRIES + 3, [])


async def test_retries_wait_longer_each_time(database: Database) -> None:
    box = mailbox(database)
    runner = Runner(box, {"test": Recorder(fail).behaviour()})
    await wake_now(database, actor(1))
    waits: list[float] = []
    for _ in range(RETRIES):
        (lease,) = await box.claim(10)
        await runner.run(lease)
        waits.append(await box.seconds_to_next() or 0.0)
        await execute_all(database, "update mailbox set due_at = now() where due_at is not null")
    assert waits[0] > 0
    assert waits[1] > waits[0]


async def test_a_poison_that_kills_processes_is_given_up_in_the_end(database: Database) -> None:
    recorder = Recorder(fail)
    box = mailbox(database)
    await wake_now(database, actor(1))
    await execute_all(database, "update mailbox set crashes = 11")
    (lease,) = await box.claim(10)
    await Runner(box, {"test": recorder.behaviour()}).run(lease)
    assert recorder.runs == 0
    assert "died" in recorder.given_up[0]


async def test_a_stopped_worker_lets_runs_finish_and_puts_back_the_rest(database: Database) -> None:
    async def slow(_: int) -> datetime | None:
        await asyncio.sleep(60)
        return None

    recorder = Recorder(slow)
    engine = LocalEngine(database, {"test": recorder.behaviour()}, lease_seconds=5, drain_seconds=0.3)
    await wake_now(database, actor(1))
    working = asyncio.create_task(engine.run())
    async with asyncio.timeout(10):
        while not recorder.runs:  # noqa: ASYNC110 - the engine tells nobody
            await asyncio.sleep(0.02)
    engine.stop()
    await working
    (row,) = await rows(database)
    assert row["lease_token"] is None
    assert row["due_at"] is not None
    assert row["attempts"] == row["crashes"] == 0, "nobody's fault"


async def test_a_notified_worker_starts_without_waiting_for_its_poll(database: Database) -> None:
    done = asyncio.Event()

    async def note(_: int) -> datetime | None:
        done.set()
        return None

    engine = LocalEngine(database, {"test": Recorder(note).behaviour()}, lease_seconds=5)
    working = asyncio.create_task(engine.run())
    await asyncio.sleep(0.5)
    await wake_now(database, actor(1))
    async with asyncio.timeout(10):
        await done.wait()
    engine.stop()
    await working


async def execute_all(database: Database, statement: str) -> None:
    async with database.transaction() as connection:
        await execute(connection, statement, {})
