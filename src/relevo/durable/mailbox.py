"""The mailbox: one row per actor, saying when it is due and who is at it. Order and exclusion are the database's."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from relevo.durable.actor import Actor
from relevo.durable.lease import Lease
from relevo.store.database import Database, execute, fetch_all, fetch_one
from relevo.store.sql_files import sql_file

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from relevo.store.database import Connection


async def wake(connection: Connection, actor: Actor, at: datetime) -> None:
    """Have `actor` run at `at` or earlier, if the caller's transaction commits."""
    await wake_many(connection, actor.kind, [(actor, at)])


async def wake_many(connection: Connection, kind: str, wakes: Iterable[tuple[Actor, datetime]]) -> None:
    """Have several actors of one kind run. Rows are touched in the order of their keys: callers cannot deadlock."""
    wanted = list(wakes)
    await execute(
        connection,
        sql_file("relevo.durable", "wake"),
        {
            "kind": kind,
            "keys": [actor.key for actor, _ in wanted],
            "workspaces": [actor.workspace_id for actor, _ in wanted],
            "due": [at for _, at in wanted],
        },
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """What became of asking for one actor."""

    lease: Lease | None = None
    leased: bool = False
    """Another run has it."""
    due_in: float | None = None
    """Seconds until it is due; None: it sleeps, or nothing of the name exists."""


class Mailbox:
    """What an engine does with the mailbox. Each method is one statement."""

    def __init__(self, database: Database, *, lease_seconds: float, worker: str) -> None:
        self._database = database
        self._lease_seconds = lease_seconds
        self._worker = worker

    async def claim(self, limit: int) -> list[Lease]:
        """Take up to `limit` actors that are due."""
        since = time.monotonic()
        async with self._database.urgent() as connection:
            rows = await fetch_all(
                connection,
                sql_file("relevo.durable", "claim"),
                {"limit": limit, "lease": self._lease_seconds, "worker": self._worker},
            )
        leases = [
            Lease(
                Actor(row["kind"], row["key"], row["workspace_id"]),
                row["lease_token"],
                attempts=row["attempts"],
                crashes=row["crashes"],
                seconds=self._lease_seconds,
            )
            for row in rows
        ]
        for lease in leases:
            lease.renewed(since)
        return leases

    async def claim_one(self, kind: str, key: uuid.UUID, *, ahead: float = 0.0) -> Asked:
        """Take one actor if it is due, or will be within `ahead` seconds."""
        since = time.monotonic()
        parameters = {
            "kind": kind, "key": key, "ahead": ahead, "lease": self._lease_seconds, "worker": self._worker,
        }  # fmt: skip
        async with self._database.reading() as connection:
            row = await fetch_one(connection, sql_file("relevo.durable", "claim_one"), parameters)
        if row is None or row["lease_token"] is None:
            return Asked(leased=bool(row and row["leased"]), due_in=row["due_in"] if row else None)
        lease = Lease(
            Actor(kind, key, row["workspace_id"]),
            row["lease_token"],
            attempts=row["attempts"],
            crashes=row["crashes"],
            seconds=self._lease_seconds,
        )
        lease.renewed(since)
        return Asked(lease=lease)

    async def seconds_to_next(self) -> float | None:
        """Return the seconds until the next actor is due (negative: overdue); None when all sleep."""
        async with self._database.urgent() as connection:
            row = await fetch_one(connection, sql_file("relevo.durable", "next_due"), {})
        return row["seconds"] if row else None

    async def renew(self, leases: Sequence[Lease]) -> None:
        """Renew what is still ours; mark what is not as lost."""
        since = time.monotonic()
        async with self._database.urgent() as connection:
            rows = await fetch_all(
                connection,
                sql_file("relevo.durable", "renew"),
                {
                    "lease": self._lease_seconds,
                    "tokens": [lease.token for lease in leases],
                    "kinds": [lease.actor.kind for lease in leases],
                    "keys": [lease.actor.key for lease in leases],
                },
            )
        kept = {row["lease_token"] for row in rows}
        for lease in leases:
            if lease.token in kept:
                lease.renewed(since)
            else:
                lease.lost()

    async def take_over(self) -> int:
        """Make actors of dead workers due again; return how many."""
        async with self._database.urgent() as connection:
            return await execute(connection, sql_file("relevo.durable", "take_over"), {})

    async def finish(self, lease: Lease, due: datetime | None) -> bool:
        """Let go after a good run that wants to be woken at `due`; returns whether the actor is due again soon."""
        async with self._database.reading() as connection:
            row = await fetch_one(
                connection,
                sql_file("relevo.durable", "finish"),
                {"kind": lease.actor.kind, "key": lease.actor.key, "token": lease.token, "due": due},
            )
        return bool(row and row["soon"])

    async def retry(self, lease: Lease, error: str, backoff: float) -> None:
        """Let go after a run that raised; try again in `backoff` seconds."""
        await self._let_go("retry", lease, {"error": error, "backoff": backoff})

    async def release(self, lease: Lease) -> None:
        """Let go of a run cut short by a shutdown."""
        await self._let_go("release", lease, {})

    async def fail(self, lease: Lease, error: str) -> None:
        """Let go of an actor that failed for good."""
        await self._let_go("fail", lease, {"error": error})

    async def _let_go(self, statement: str, lease: Lease, parameters: dict[str, Any]) -> None:
        who = {"kind": lease.actor.kind, "key": lease.actor.key, "token": lease.token}
        await self._run(statement, {**who, **parameters})

    async def _run(self, statement: str, parameters: dict[str, Any]) -> int:
        async with self._database.reading() as connection:
            return await execute(connection, sql_file("relevo.durable", statement), parameters)
