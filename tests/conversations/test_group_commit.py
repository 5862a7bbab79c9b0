"""Deliveries share commits, and each is acknowledged by its own."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

import psycopg
import pytest
from uuid_utils.compat import uuid7

from relevo.conversations import group_commit
from relevo.conversations.group_commit import MAX_GROUP, GroupCommit
from relevo.conversations.receive import Arrival
from relevo.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from relevo.store.database import Database

NO_DATABASE = cast("Database", None)


def arrival(body: bytes = b"{}") -> Arrival:
    return Arrival(id=uuid7(), received_at=datetime.now(UTC), body=body, updates=(), channel_id=None)


class Store:
    """Stands for `receive`: notes groups, and lets each end when it is told to."""

    def __init__(self) -> None:
        self.groups: list[Sequence[Arrival]] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.refuse: Callable[[Sequence[Arrival]], Exception | None] = lambda _: None

    async def __call__(self, database: Database, arrivals: Sequence[Arrival]) -> None:
        del database
        self.groups.append(arrivals)
        await self.gate.wait()
        await asyncio.sleep(0.002)
        problem = self.refuse(arrivals)
        if problem is not None:
            raise problem


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Store:
    store = Store()
    monkeypatch.setattr(group_commit, "receive", store)
    return store


async def test_a_delivery_alone_is_stored_alone(store: Store) -> None:
    commits = GroupCommit(NO_DATABASE)
    for _ in range(5):
        await commits.store(arrival())
    assert [len(group) for group in store.groups] == [1] * 5


async def test_a_crowd_shares_commits_in_groups_of_like_size(store: Store) -> None:
    commits = GroupCommit(NO_DATABASE)

    async def sender() -> None:
        for _ in range(20):
            await commits.store(arrival())

    await asyncio.gather(*(sender() for _ in range(32)))
    sizes = [len(group) for group in store.groups]
    assert sum(sizes) == 640
    settled = sizes[8:-8]
    assert sum(settled) / len(settled) > 8
    assert max(settled) <= 20, "half of those who are here, with a few who came by"


async def test_groups_stay_within_bounds(store: Store) -> None:
    commits = GroupCommit(NO_DATABASE)
    store.gate.clear()
    waiting = [asyncio.create_task(commits.store(arrival())) for _ in range(500)]
    await asyncio.sleep(0.02)
    store.gate.set()
    await asyncio.gather(*waiting)
    assert max(len(group) for group in store.groups) == MAX_GROUP
    large = [asyncio.create_task(commits.store(arrival(b"x" * 2_500_000))) for _ in range(6)]
    await asyncio.gather(*large)
    assert all(len(group) <= 2 for group in store.groups if len(group[0].body) > 1000)


async def test_nobody_is_acknowledged_before_the_commit(store: Store) -> None:
    commits = GroupCommit(NO_DATABASE)
    store.gate.clear()
    waiting = [asyncio.create_task(commits.store(arrival())) for _ in range(3)]
    await asyncio.sleep(0.02)
    assert not any(task.done() for task in waiting)
    store.gate.set()
    await asyncio.gather(*waiting)


async def test_a_group_held_up_does_not_hold_up_the_next(store: Store) -> None:
    commits = GroupCommit(NO_DATABASE)
    store.gate.clear()
    first = asyncio.create_task(commits.store(arrival()))
    await asyncio.sleep(0.02)
    held, store.gate = store.gate, asyncio.Event()
    store.gate.set()
    await asyncio.wait_for(commits.store(arrival()), 5)
    assert not first.done()
    held.set()
    await first


async def test_a_refused_group_takes_nobody_else_with_it(store: Store) -> None:
    commits = GroupCommit(NO_DATABASE)
    store.refuse = lambda _: psycopg.OperationalError("away") if len(store.groups) == 1 else None
    with pytest.raises(psycopg.OperationalError):
        await commits.store(arrival())
    await commits.store(arrival())


async def test_a_hung_up_sender_changes_nothing_for_the_others(store: Store) -> None:
    commits = GroupCommit(NO_DATABASE)
    store.gate.clear()
    gone, stays = (asyncio.create_task(commits.store(arrival())) for _ in range(2))
    await asyncio.sleep(0.01)
    gone.cancel()
    store.gate.set()
    await asyncio.wait_for(stays, 5)
    await commits.store(arrival())
    assert sum(len(group) for group in store.groups) == 3


async def test_too_many_waiting_are_told_to_come_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(group_commit, "MAX_WAITING", 3)
    commits = GroupCommit(NO_DATABASE)
    store.gate.clear()
    waiting: list[asyncio.Task[None]] = []
    for taken_or_waiting in (1, 1, 3):
        waiting += [asyncio.create_task(commits.store(arrival())) for _ in range(taken_or_waiting)]
        await asyncio.sleep(0.02)
    with pytest.raises(StoreError):
        await commits.store(arrival())
    store.gate.set()
    await asyncio.gather(*waiting)
