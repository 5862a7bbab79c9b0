"""How long the figures of a shop take: 100,000 conversations and 5 million messages of the last 30 days.

Five visits of ten messages to each conversation, each within some minutes: made with SQL, kept between runs.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql
from spine.million import drop_indexes
from spine.shop import NUMBER, SHOP, add_customers, add_shop, connect, named, new_database

from relevo.insights.figures import insights
from relevo.insights.keep import Keeper, keep
from relevo.insights.periods import named_period, zone_of
from relevo.store.database import Database, execute
from relevo.store.embedded import attach_sync
from relevo.store.schema import migrate

if TYPE_CHECKING:
    from relevo.insights.periods import Period

VISITS, EACH = 5, 10
ZONE = zone_of("America/Bogota")
_MESSAGES = """
insert into messages (id, workspace_id, channel_id, conversation_id, direction, author, sent_by_agent, state, wamid,
                      kind, text, content, provider_at, created_at, outcome, outcome_reason, accepted_at)
select bench_id(3, (v.n * %(visits)s + w) * %(each)s + k), %(shop)s, %(shop)s, bench_id(2, v.n),
       case when d.inbound then 'in' else 'out' end, case when d.inbound then 'customer' else 'agent' end,
       not d.inbound,
       case when d.inbound then 'received' else 'accepted' end,
       'wamid.' || md5(((v.n * %(visits)s + w) * %(each)s + k)::text), 'text', 'hola quiero saber el precio', '{}',
       case when d.inbound then d.at end, d.at, case when d.inbound then 'answered' end,
       case when d.inbound then 'bench' end, case when not d.inbound then d.at + interval '2 seconds' end
from generate_series(0, %(last)s::bigint) as v (n)
cross join generate_series(0, %(visits)s - 1) w
cross join generate_series(0, %(each)s - 1) k
cross join lateral (
    select k %% 2 = 0 as inbound,
           now() - interval '30 days' + w * interval '6 days' - interval '8 hours' + k * interval '20 seconds'
               + (hashtext((v.n * 7 + w)::text) & 524287) * interval '1 s'
               + (hashtext((v.n + k)::text) & 15) * interval '1 s' as at) d
"""
_REST = (
    """update conversations c set last_message_at = m.at, created_at = m.first
    from (select conversation_id, max(created_at) as at, min(created_at) as first from messages group by 1) m
    where m.conversation_id = c.id""",
    """insert into turns (id, workspace_id, conversation_id, agent, discardable, cost_usd, created_at, started_at)
    select gen_random_uuid(), workspace_id, conversation_id, 'bench', true, 0.001, created_at, created_at
    from messages where author = 'agent' and hashtext(id::text) % 10 = 0""",
    """insert into orders (id, workspace_id, number, conversation_id, status, lines, total, currency, created_at)
    select gen_random_uuid(), workspace_id, row_number() over (), id, 'confirmed', '[]', 89900, 'COP', last_message_at
    from conversations where hashtext(id::text) % 5 = 0""",
)


def big_month(url: str, conversations: int) -> str:
    """Return the database of an earlier run on the same day, or a new one."""
    name, today = "relevo_insights", datetime.now(UTC).date()
    mark = f"{conversations} conversations until {today}"
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(
            "select shobj_description(oid, 'pg_database') from pg_database where datname = %s", (name,)
        ).fetchone()
    if row and row[0] == mark:
        migrate(named(url, name))
        return named(url, name)
    where = new_database(url, name)
    migrate(where)
    with connect(where) as connection:
        for setting in ("synchronous_commit = off", "work_mem = '256MB'", "maintenance_work_mem = '1GB'"):
            connection.execute(sql.SQL("set {}").format(sql.SQL(setting)))
        add_shop(connection, SHOP, NUMBER)
        add_customers(connection, SHOP, range(conversations))
        rebuild = drop_indexes(connection, "messages", "conversations")
        with psycopg.ClientCursor(connection) as cursor:
            wanted = {"shop": SHOP, "visits": VISITS, "each": EACH, "last": conversations - 1}
            cursor.execute(_MESSAGES, wanted)
        for statement in rebuild:
            connection.execute(statement)
        for statement in _REST:
            connection.execute(statement.encode())
        connection.execute("vacuum analyze")
        connection.execute(sql.SQL("comment on database {} is {}").format(sql.Identifier(name), sql.Literal(mark)))
    return where


async def measure(url: str, rounds: int) -> None:
    database = Database(url)
    now = datetime.now(UTC)
    try:
        async with database.transaction() as connection:
            for table in ("insights_activity", "insights_waits", "insights_model_cost", "insights_progress"):
                await execute(connection, f"delete from {table}", {})
        day = named_period("today", ZONE, now)
        await _time("today, nothing kept", database, day, 1)
        begun = time.perf_counter()
        async with database.transaction() as connection:
            await keep(connection, SHOP, _quarter(now - timedelta(hours=1)))
        print(f"{'keeping all of it at once':<34} {time.perf_counter() - begun:8.2f} s")
        begun = time.perf_counter()
        await Keeper(database).keep(now)
        print(f"{'keeping the last hour':<34} {(time.perf_counter() - begun) * 1000:8.0f} ms")
        async with database.reading() as connection:
            await execute(connection, "vacuum analyze insights_activity", {})
            await execute(connection, "vacuum analyze insights_waits", {})
        for name in ("today", "7d", "30d"):
            await _time(f"{name}, kept", database, named_period(name, ZONE, now), rounds)
    finally:
        await database.close()


async def _time(name: str, database: Database, period: Period, rounds: int) -> None:
    took: list[float] = []
    told = None
    for _ in range(rounds):
        begun = time.perf_counter()
        told = await insights(database, SHOP, period)
        took.append((time.perf_counter() - begun) * 1000)
    messages = told.figures.messages_in + told.figures.messages_by_agent if told else 0
    print(f"{name:<34} {statistics.median(took):8.0f} ms median, {max(took):.0f} at most ({messages:,} messages)")


def _quarter(moment: datetime) -> datetime:
    return moment - timedelta(seconds=moment.timestamp() % 900)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--conversations", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--data-dir", type=Path, default=Path("/var/tmp/relevo-bench"))
    options = parser.parse_args()
    options.data_dir.mkdir(parents=True, exist_ok=True)
    with attach_sync(options.data_dir) as attached:
        begun = time.monotonic()
        url = big_month(attached.url, options.conversations)
        print(f"data there after {time.monotonic() - begun:.0f} s")
        asyncio.run(measure(url, options.rounds))


if __name__ == "__main__":
    main()
