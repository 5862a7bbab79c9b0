"""How the installation is doing: queue, open messages, trouble. For metrics and `relevo doctor`; reads only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from relevo.store.database import fetch_all, fetch_one
from relevo.store.sql_files import sql_file

if TYPE_CHECKING:
    from collections.abc import Sequence

    from relevo.store.database import Database, Row


@dataclass(frozen=True, slots=True)
class Operations:
    """Figures of one moment. Ages are seconds, 0 when there is nothing."""

    queue_depth: int
    """Actors that are due and wait for a worker."""
    queue_age: float
    leased: int
    """Runs under way in all workers."""
    failed: int
    """Actors given up for good."""
    unanswered: int
    oldest_unanswered: float
    """Age of the oldest inbound message nobody accounted for."""
    outbox: int
    """Messages planned, being sent, or of unknown fate."""
    set_aside: int
    """Updates that wait for `relevo deliveries replay`."""
    workers: int
    """Local engines connected to this database."""


async def operations(database: Database) -> Operations:
    """Read the figures, in one statement."""
    async with database.reading() as connection:
        row = await fetch_one(connection, sql_file("relevo.insights", "operations"), {})
    return Operations(**row) if row is not None else Operations(0, 0, 0, 0, 0, 0, 0, 0, 0)


_FAILED = """
select m.kind, m.key, w.name as workspace, m.failed_at, coalesce(m.last_error, '') as error
from mailbox m left join workspaces w on w.id = m.workspace_id
where m.failed_at is not null order by m.failed_at desc limit %(limit)s
"""
_AT_WORK = """
select leased_by as worker, count(*) as runs,
       coalesce(extract(epoch from now() - min(lease_until)), 0)::float8 as overdue
from mailbox where lease_token is not null group by leased_by order by leased_by
"""
_RELAY = """
select failures, failing_since, coalesce(last_error, '') as error,
       extract(epoch from now() - moved_at)::float8 as silent from relays where name = 'relay'
"""
_SET_ASIDE = """
select s.error, count(*) as updates, min(s.created_at) as since
from set_aside_updates s where s.replayed_at is null group by s.error order by count(*) desc limit %(limit)s
"""
_CHANNELS = """
select c.id, c.workspace_id, w.name as workspace, c.provider, c.phone, c.phone_number_id, c.status, c.status_reason,
       c.paused_until, c.access_token, c.app_secret, c.verify_token, c.created_at,
       (select max(received_at) from deliveries d where d.channel_id = c.id) as last_delivery_at,
       a.conversational_agent_id as agent, a.agent_enabled
from channels c join workspaces w on w.id = c.workspace_id join agent_configs a on a.workspace_id = w.id
order by w.name, c.created_at
"""


async def failed_runs(database: Database, limit: int = 10) -> Sequence[Row]:
    """List actors given up for good, newest first, with the last error."""
    return await _rows(database, _FAILED, limit)


async def at_work(database: Database) -> Sequence[Row]:
    """Who works on how many actors; `overdue` is positive where a worker has not renewed in time."""
    return await _rows(database, _AT_WORK)


async def relay_state(database: Database) -> Row | None:
    """How the relay to an engine outside is doing; `silent` is seconds since it last moved. None: it never ran."""
    rows = await _rows(database, _RELAY)
    return rows[0] if rows else None


async def set_aside_reasons(database: Database, limit: int = 10) -> Sequence[Row]:
    """Why updates were set aside, the commonest first."""
    return await _rows(database, _SET_ASIDE, limit)


async def connected_channels(database: Database) -> Sequence[Row]:
    """List all channels with their sealed secrets and when a webhook last came in."""
    return await _rows(database, _CHANNELS)


async def _rows(database: Database, statement: str, limit: int = 0) -> Sequence[Row]:
    async with database.reading() as connection:
        return await fetch_all(connection, statement, {"limit": limit})
