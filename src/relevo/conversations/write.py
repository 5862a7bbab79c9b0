"""How a run writes: in transactions that hold the conversation and the lease, or not at all."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from relevo.errors import LeaseLostError
from relevo.store.database import fetch_one
from relevo.store.sql_files import sql_file

if TYPE_CHECKING:
    import uuid
    from collections.abc import AsyncGenerator, Sequence

    from relevo.durable.lease import Lease
    from relevo.store.database import Connection, Database


@dataclass(frozen=True, slots=True)
class Held:
    """The conversation as it is under our lock."""

    connection: Connection
    epoch: int
    restarts: int
    agent_enabled: bool
    agent_conversational: bool
    newer: int
    """Inbound messages nobody accounted for, besides those `known` to the caller."""


@asynccontextmanager
async def holding(database: Database, lease: Lease, known: Sequence[uuid.UUID] = ()) -> AsyncGenerator[Held]:
    """One transaction of a run, with the conversation locked and the lease held until it ends.

    Raises:
        LeaseLostError: another run has the conversation; nothing was written.

    """
    async with database.transaction() as connection:
        row = await fetch_one(
            connection,
            sql_file("relevo.conversations", "lock_conversation"),
            {"conversation": lease.actor.key, "token": lease.token, "known": list(known)},
        )
        if row is None:
            lease.lost()
            raise LeaseLostError(f"{lease!r} is held by another run")
        yield Held(connection, **row)
