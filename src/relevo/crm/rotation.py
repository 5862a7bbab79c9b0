"""What time does to handoffs, as a workspace's `rotation` actor: members fall silent, deadlines pass, tasks come back.

Whatever somebody *does* assigns at once, in their own transaction; this is for what nobody does.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from relevo.crm.assignment import assign_waiting, lock_rotation, watch_assignments
from relevo.store.database import execute, fetch_one
from relevo.store.sql_files import sql_file

if TYPE_CHECKING:
    from relevo.durable.lease import Lease
    from relevo.store.database import Database

AFTER_FAILURE = timedelta(minutes=1)
_STEPS = ("lapse_presence", "strand")

log = structlog.get_logger(__name__)


class RotationRuns:
    """The behaviour of the `rotation` actor."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def run(self, lease: Lease) -> datetime | None:
        """Do what is due; return when time next does something."""
        workspace = {"workspace": lease.actor.workspace_id}
        async with self._database.transaction() as connection:
            await lease.hold(connection)
            await lock_rotation(connection, lease.actor.workspace_id)
            for name in _STEPS:
                await execute(connection, sql_file("relevo.crm", name), workspace)
            # Before deadlines are put off: whoever was relieved just now must not keep the old one.
            await execute(connection, sql_file("relevo.crm", "remind"), workspace)
            await assign_waiting(connection, lease.actor.workspace_id)
            row = await fetch_one(connection, sql_file("relevo.crm", "next_rotation"), workspace)
        return row["due"] if row else None

    async def give_up(self, lease: Lease, error: str) -> None:
        """Look again later all the same."""
        log.error("the rotation failed", workspace=str(lease.actor.workspace_id), error=error)
        async with self._database.transaction() as connection:
            await watch_assignments(connection, lease.actor.workspace_id, datetime.now(UTC) + AFTER_FAILURE)
