"""The sweep: wakes conversations somebody forgot, and clears raw bodies nobody needs any more."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from relevo.durable.actor import NO_WORKSPACE, SWEEP, Actor
from relevo.durable.mailbox import wake
from relevo.store.database import execute
from relevo.store.sql_files import sql_file

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from relevo.durable.lease import Lease
    from relevo.store.database import Database

SWEEP_ACTOR = Actor(SWEEP, NO_WORKSPACE, NO_WORKSPACE)
EVERY = timedelta(seconds=30)
FORGOTTEN_SECONDS = 30.0
PURGE_BATCH = 5000

_PURGE = """
delete from deliveries where id in (
    select d.id from deliveries d
    where d.received_at < now() - %(days)s * interval '1 day'
      and not exists (select from set_aside_updates s where s.delivery_id = d.id and s.replayed_at is null)
    order by d.received_at limit %(batch)s)
"""

log = structlog.get_logger(__name__)


class Sweep:
    """The behaviour of the `sweep` actor, one for the installation. `chores` are done on each round, after the rest."""

    def __init__(
        self, database: Database, *, retention_days: int, chores: Sequence[Callable[[], Awaitable[None]]] = ()
    ) -> None:
        self._database = database
        self._chores = chores
        self._retention_days = retention_days

    async def start(self) -> None:
        """Make sure the sweep is on its round."""
        async with self._database.transaction() as connection:
            await wake(connection, SWEEP_ACTOR, datetime.now(UTC))

    async def run(self, lease: Lease) -> datetime:
        """Sweep once."""
        async with self._database.transaction() as connection:
            await lease.hold(connection)
            woken = await execute(connection, sql_file("relevo.conversations", "sweep"), {"age": FORGOTTEN_SECONDS})
            purged = await execute(connection, _PURGE, {"days": self._retention_days, "batch": PURGE_BATCH})
        if woken:
            log.warning("woke forgotten conversations", conversations=woken)
        if purged:
            log.info("cleared raw deliveries", deliveries=purged)
        for chore in self._chores:
            await chore()
        return datetime.now(UTC) + EVERY

    async def give_up(self, lease: Lease, error: str) -> None:
        """Sweep again later all the same."""
        log.error("the sweep failed", error=error)
        async with self._database.transaction() as connection:
            await lease.hold(connection)
            await wake(connection, SWEEP_ACTOR, datetime.now(UTC) + EVERY)
