"""One shop with 100,000 conversations and five million messages of a varied vocabulary; made with SQL, kept between runs."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql
from spine.million import _drop_indexes  # noqa: PLC2701 - the same for every big installation
from spine.shop import NUMBER, SHOP, add_customers, add_shop, connect, named, new_database

from relevo.store.schema import migrate

if TYPE_CHECKING:
    from collections.abc import Callable

MEMBERS = 5
_SETTINGS = ("synchronous_commit = off", "work_mem = '256MB'", "maintenance_work_mem = '1GB'")
_STATEMENTS = (
    # Words as people use them: few all the time, most of them hardly ever.
    "create unlogged table bench_words as select n, case when n < 400 then (array["
    "'hola','quiero','precio','pedido','envío','gracias','cuánto','cuesta','dirección','bogotá','medellín','café',"
    "'molido','libra','mañana','tarde','pago','transferencia','contraentrega','sí','no','buenas','días','color',"
    "'talla','disponible','foto','casa','barrio','calle'])[1 + n %% 30] || case when n < 30 then '' else (n / 30)::text end"
    " else 'p' || substr(translate(md5(n::text), '0123456789', 'aeioulmnrs'), 1, 4 + n %% 5) end as word"
    " from generate_series(0, 29999) n",
    "create unique index on bench_words (n)",
    "create unlogged table bench_sentences as select s as n, string_agg(w.word, ' ') as text from generate_series(0, 199999) s"
    " cross join lateral (select floor(30000 * power(random() + s * 0, 4))::int as n from generate_series(1, 3 + s %% 9)) x"
    " join bench_words w on w.n = x.n group by s",
    "create unique index on bench_sentences (n)",
    "insert into messages (id, workspace_id, channel_id, conversation_id, direction, author, sent_by_agent, state, wamid,"
    " kind, text, content, provider_at, created_at, outcome, outcome_reason, accepted_at, sent_at, delivered_at, read_at)"
    " select bench_id(3, v.n * %(each)s + k), %(shop)s, %(shop)s, bench_id(2, v.n), d.direction,"
    " case when d.inbound then 'customer' else 'agent' end, not d.inbound,"
    " case when d.inbound then 'received' else 'read' end, 'wamid.' || md5((v.n * %(each)s + k)::text) || 'AA==', 'text',"
    " t.text, jsonb_build_object('type', 'text', 'text', jsonb_build_object('body', t.text)), d.at, d.at,"
    " case when d.inbound then 'answered' end, case when d.inbound then 'bench' end, d.said, d.said, d.said, d.said"
    " from generate_series(0, %(each)s - 1) k cross join generate_series(0, %(conversations)s - 1) v (n)"
    " cross join lateral (select k %% 2 = 0 as inbound, case when k %% 2 = 0 then 'in' else 'out' end as direction,"
    " now() - (%(each)s - k) * interval '7 days' as at,"
    " case when k %% 2 = 1 then now() - (%(each)s - k) * interval '7 days' end as said) d"
    " join bench_sentences t on t.n = (v.n * 7919 + k * 104729) %% 200000",
    "insert into events (workspace_id, conversation_id, type, data, created_at)"
    " select m.workspace_id, m.conversation_id, 'message.read', jsonb_build_object('messageId', m.id), m.created_at"
    " from messages m where hashtext(m.id::text) %% 5 = 0",
    "insert into members (id, workspace_id, email, name, created_at) select bench_id(4, n), %(shop)s,"
    " 'm' || n || '@example.com', 'Miembro ' || n, now() - interval '1 year' from generate_series(1, 5) n",
    "update contacts set name = (array['Ana','Luis','María','José','Lucía','Pedro','Sofía','Camilo','Valentina','Andrés'])"
    "[1 + (hashtext(id::text) & 1023) %% 10] || ' ' || (select initcap(word) from bench_words"
    " where n = 400 + (hashtext(id::text) & 16383)) where name not like '%%00'",
    # A third of the chats without the agent, some that people have, some that nobody has taken.
    "update conversations set agent_conversational = false where hashtext(id::text) %% 3 = 0",
    "update conversations set owner = 'person', agent_conversational = false, owned_since = now(),"
    " owner_member_id = bench_id(4, 1 + (hashtext(id::text) & 7) %% 5) where hashtext(id::text) %% 25 = 0",
    "update conversations set last_inbound_at = last_message_at",
    "insert into tasks (id, workspace_id, conversation_id, kind, priority, reason, summary, assignee_id, assigned_at)"
    " select gen_random_uuid(), %(shop)s, id, 'handoff', 'normal', 'customer_asked', '',"
    " case when hashtext(id::text) %% 2 = 0 then bench_id(4, 1) end, case when hashtext(id::text) %% 2 = 0 then now() end"
    " from conversations where hashtext(id::text) %% 20 = 0",
    # The first member has read all but the newest 300, the second everything.
    "insert into conversation_reads (member_id, conversation_id, read_arrival)"
    " select bench_id(4, b), v.id, (select max(arrival) from messages m where m.conversation_id = v.id)"
    " from conversations v, generate_series(1, 2) b where b = 2 or v.last_message_at < now() - interval '300 s'",
)  # fmt: skip


def big_inbox(url: str, database: str, *, conversations: int, each: int, tell: Callable[[str], None]) -> str:
    """Return the URL of the installation: of an earlier run, brought up to date, or a new one."""
    where = named(url, database)
    mark = f"inbox of {conversations} conversations, {each} messages each"
    if _mark(url, database) == mark:
        migrate(where)
        return where
    begun = time.monotonic()
    tell(f"making {conversations:,} conversations with {each * conversations:,} messages …")
    new_database(url, database)
    migrate(where)
    with connect(where) as connection:
        for setting in _SETTINGS:
            connection.execute(sql.SQL("set {}").format(sql.SQL(setting)))
        add_shop(connection, SHOP, NUMBER)
        rebuild = _drop_indexes(connection, "messages", "events", "conversations", "contacts", "contact_identities")
        add_customers(connection, SHOP, range(conversations))
        values: dict[str, Any] = {"shop": SHOP, "each": each, "conversations": conversations}
        for number, statement in enumerate(_STATEMENTS):
            if number == len(_STATEMENTS) - 1:
                for index in rebuild:
                    connection.execute(index)
                    tell(f"… {time.monotonic() - begun:.0f} s: {index[:90].decode()}")
            with psycopg.ClientCursor(connection) as cursor:
                cursor.execute(sql.SQL(statement), values)
            tell(f"… {time.monotonic() - begun:.0f} s: {statement[:70]}")
        connection.execute("vacuum analyze")
        connection.execute("checkpoint")
        connection.execute(sql.SQL("comment on database {} is {}").format(sql.Identifier(database), sql.Literal(mark)))
    tell(f"… made in {time.monotonic() - begun:.0f} s")
    return where


def _mark(url: str, database: str) -> str | None:
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(
            "select shobj_description(oid, 'pg_database') from pg_database where datname = %s", (database,)
        ).fetchone()
    return row[0] if row else None
