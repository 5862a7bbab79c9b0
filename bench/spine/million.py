"""A big installation: a million conversations and five million messages, made with set-based SQL, kept between runs."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql

from relevo.simulator.numbers import Number
from relevo.store.schema import migrate
from spine.shop import NUMBER, SHOP, add_customers, add_shop, connect, named, new_database

if TYPE_CHECKING:
    import uuid
    from collections.abc import Callable

EACH = 5
"""Messages of a conversation: the customer writes, the shop answers, and so on."""
SHOPS = 20
"""The shop under measurement has half of all conversations, the others share the rest."""

_MESSAGES = """
insert into messages (id, workspace_id, channel_id, conversation_id, direction, author, sent_by_agent, state, wamid,
                      kind, text, content, provider_at, created_at, outcome, outcome_reason,
                      accepted_at, sent_at, delivered_at, read_at)
select bench_id(3, v.n * %(each)s + k), %(shop)s, %(shop)s, bench_id(2, v.n),
       d.direction, case when d.inbound then 'customer' else 'agent' end, not d.inbound,
       case when d.inbound then 'received' else 'read' end,
       'wamid.' || md5((v.n * %(each)s + k)::text) || 'AA==', 'text', t.text,
       jsonb_build_object('type', 'text', 'text', jsonb_build_object('body', t.text)), d.at, d.at,
       case when d.inbound then 'answered' end, case when d.inbound then 'bench' end,
       case when not d.inbound then d.at end, case when not d.inbound then d.at end,
       case when not d.inbound then d.at end, case when not d.inbound then d.at end
from generate_series(0, %(each)s - 1) k
cross join generate_series(%(first)s::bigint, %(last)s) as v (n)
cross join lateral (select k %% 2 = 0 as inbound, case when k %% 2 = 0 then 'in' else 'out' end as direction,
                           now() - interval '40 days' + k * interval '8 days' as at) d
cross join lateral (select 'hola quiero saber el precio del café molido número ' || v.n as text) t
"""
_EVENTS = """
insert into events (workspace_id, conversation_id, type, data, created_at)
select m.workspace_id, m.conversation_id,
       case when m.direction = 'in' then 'agent/whatsapp.message_received' else 'message.read' end,
       jsonb_build_object('messageId', m.id), m.created_at
from messages m where m.workspace_id = %(shop)s
"""


def big_shop(url: str, database: str, *, conversations: int, tell: Callable[[str], None]) -> str:
    """Return the URL of the big installation: of an earlier run, brought up to date, or a new one."""
    where = named(url, database)
    mark = f"{conversations} conversations of {EACH} messages"
    if mark_of(url, database) == mark:
        migrate(where)
        return where
    begun = time.monotonic()
    tell(f"making {conversations:,} conversations with {EACH * conversations:,} messages …")
    new_database(url, database)
    migrate(where)
    with connect(where) as connection:
        for setting in ("synchronous_commit = off", "work_mem = '256MB'", "maintenance_work_mem = '1GB'"):
            connection.execute(sql.SQL("set {}").format(sql.SQL(setting)))
        rebuild = drop_indexes(connection, "messages", "events", "conversations", "contacts", "contact_identities")
        half = conversations // 2
        share = (conversations - half) // (SHOPS - 1)
        _fill(connection, SHOP, NUMBER, range(half))
        for other in range(1, SHOPS):
            start = half + (other - 1) * share
            shop = type(SHOP)(int=SHOP.int + other)
            number = Number(phone_number_id=f"{NUMBER.phone_number_id}{other}", display_phone=f"5730011122{other:02}")
            _fill(connection, shop, number, range(start, start + share))
        tell(f"… rows there after {time.monotonic() - begun:.0f} s, indexing …")
        for statement in rebuild:
            connection.execute(statement)
        connection.execute("vacuum analyze")
        connection.execute("checkpoint")
        connection.execute(sql.SQL("comment on database {} is {}").format(sql.Identifier(database), sql.Literal(mark)))
    tell(f"… made in {time.monotonic() - begun:.0f} s")
    return where


def mark_of(url: str, database: str) -> str | None:
    """Return what a database says it holds; None: there is none."""
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(
            "select shobj_description(oid, 'pg_database') from pg_database where datname = %s", (database,)
        ).fetchone()
    return row[0] if row else None


def _fill(connection: psycopg.Connection[Any], shop: uuid.UUID, number: Number, numbers: range) -> None:
    add_shop(connection, shop, number)
    add_customers(connection, shop, numbers)
    with psycopg.ClientCursor(connection) as cursor:
        cursor.execute(_MESSAGES, {"shop": shop, "first": numbers.start, "last": numbers.stop - 1, "each": EACH})
        cursor.execute(_EVENTS, {"shop": shop})


def drop_indexes(connection: psycopg.Connection[Any], *tables: str) -> list[bytes]:
    """Drop what is quicker to build at once; returns the statements that bring it back."""
    rows = connection.execute(
        "select i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid), c.conname, c.conrelid::regclass::text,"
        " pg_get_constraintdef(c.oid)"
        " from pg_index i left join pg_constraint c on c.conindid = i.indexrelid and c.contype in ('p', 'u')"
        " where i.indrelid::regclass::text = any(%s)"
        " and not exists (select from pg_constraint f where f.conindid = i.indexrelid and f.contype = 'f')",
        (list(tables),),
    ).fetchall()
    rebuild: list[bytes] = []
    for index, definition, constraint, table, text in rows:
        if constraint:
            connection.execute(f"alter table {table} drop constraint {constraint}".encode())
            rebuild.append(f"alter table {table} add constraint {constraint} {text}".encode())
        else:
            connection.execute(f"drop index {index}".encode())
            rebuild.append(definition.encode())
    return rebuild
