"""A lease: the right to run one actor for a while. Who lost it writes nothing and sends nothing."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from relevo.errors import LeaseLostError
from relevo.store.database import fetch_one
from relevo.store.sql_files import sql_file

if TYPE_CHECKING:
    import uuid

    from relevo.durable.actor import Actor
    from relevo.store.database import Connection


class Lease:
    """Held by one run of one actor. `seconds` is how long it lasts without renewal."""

    def __init__(self, actor: Actor, token: uuid.UUID, *, attempts: int, crashes: int, seconds: float) -> None:
        self.actor = actor
        self.token = token
        self.attempts = attempts
        """Runs before this one that raised, in a row."""
        self.crashes = crashes
        """Runs before this one whose process vanished, in a row."""
        self._seconds = seconds
        self._lost = False
        self._valid_until = time.monotonic() + seconds

    def __repr__(self) -> str:
        """Name the actor."""
        return f"Lease({self.actor.kind}/{self.actor.key})"

    def renewed(self, since: float) -> None:
        """Note a renewal asked for at monotonic time `since`."""
        self._valid_until = since + self._seconds

    def lost(self) -> None:
        """Note that somebody else has it, or may have it."""
        self._lost = True

    def check_clock(self) -> None:
        """Check by this machine's clock alone that the lease still holds; the last look before something leaves.

        Raises:
            LeaseLostError: it ran out (a frozen process, a database out of reach), or is known to be lost.

        """
        if self._lost or time.monotonic() >= self._valid_until:
            raise LeaseLostError(f"{self!r} ran out")

    async def hold(self, connection: Connection) -> None:
        """Keep the lease from being taken over until this transaction ends. Every write of a run starts with it.

        Raises:
            LeaseLostError: another run owns the actor.

        """
        row = await fetch_one(
            connection,
            sql_file("relevo.durable", "hold"),
            {"kind": self.actor.kind, "key": self.actor.key, "token": self.token},
        )
        if row is None:
            self.lost()
            raise LeaseLostError(f"{self!r} is held by another run")
