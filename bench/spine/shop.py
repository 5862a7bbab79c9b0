"""The shop under measurement: its databases, its number, its customers, and words it said earlier."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, LiteralString

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url
from uuid_utils.compat import uuid7

from relevo.simulator.numbers import Number
from relevo.store.schema import migrate
from relevo.store.secrets import SecretBox
from spine.bodies import Spoken, new_wamid, phone_of
from spine.floor import SCHEMA

if TYPE_CHECKING:
    from collections.abc import Sequence

SECRET_KEY = "a benchmark's key, long enough"
SHOP = uuid.UUID(int=1)
NUMBER = Number()


def connect(url: str) -> psycopg.Connection[Any]:
    """Connect as the measurement itself: every statement commits, no triggers, no foreign keys checked."""
    return psycopg.connect(url, autocommit=True, options="-c session_replication_role=replica")


def named(url: str, database: str) -> str:
    """Return the URL of another database of the same server."""
    return make_url(url).set(database=database).render_as_string(hide_password=False)


def new_database(url: str, database: str) -> str:
    """Create a database, dropping one of that name; returns its URL."""
    with psycopg.connect(url, autocommit=True) as connection:
        name = sql.Identifier(database)
        connection.execute(sql.SQL("drop database if exists {} with (force)").format(name))
        connection.execute(sql.SQL("create database {}").format(name))
    return named(url, database)


def new_floor(url: str, database: str) -> str:
    """Create the floor's own database."""
    where = new_database(url, database)
    with connect(where) as connection:
        connection.execute(SCHEMA)
    return where


def new_shop(url: str, database: str, *, customers: int) -> str:
    """Create a Relevo with one shop that waits for nothing, and customers who have a conversation but said nothing."""
    where = new_database(url, database)
    migrate(where)
    with connect(where) as connection:
        add_shop(connection, SHOP, NUMBER)
        add_customers(connection, SHOP, range(customers))
    return where


def add_shop(connection: psycopg.Connection[Any], shop: uuid.UUID, number: Number) -> None:
    """Add a workspace and its channel, which has the same id."""
    secrets = SecretBox(SECRET_KEY)
    connection.execute("insert into workspaces (id, name) values (%s, %s)", (shop, f"shop {shop.int}"))
    connection.execute(
        "insert into agent_configs (workspace_id, timer_preset, burst_quiet_seconds, burst_max_seconds)"
        " values (%s, 'instantaneo', 0, 0)",
        (shop,),
    )
    connection.execute(
        "insert into channels (id, workspace_id, provider, phone_number_id, phone, access_token, app_secret,"
        " verify_token) values (%s, %s, 'meta', %s, %s, %s, %s, %s)",
        (
            shop, shop, number.phone_number_id, f"+{number.display_phone}", secrets.seal(number.access_token),
            secrets.seal(number.app_secret), secrets.seal(number.verify_token),
        ),
    )  # fmt: skip


_CUSTOMERS: tuple[LiteralString, ...] = (
    """create or replace function bench_id(kind int, n bigint) returns uuid language sql immutable parallel safe as
    $$ select ('0193' || lpad(to_hex(kind), 4, '0') || '-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid $$""",
    """insert into contacts (id, workspace_id, name)
    select bench_id(1, n), %(shop)s, 'Cliente ' || n from generate_series(%(first)s::bigint, %(last)s) n""",
    """insert into contact_identities (workspace_id, kind, value, contact_id)
    select %(shop)s, 'phone', '+57' || (3000000000 + n), bench_id(1, n)
    from generate_series(%(first)s::bigint, %(last)s) n""",
    """insert into conversations (id, workspace_id, channel_id, contact_id, window_until, last_message_at)
    select bench_id(2, n), %(shop)s, %(shop)s, bench_id(1, n), now() - interval '1 day', now() - n * interval '1 s'
    from generate_series(%(first)s::bigint, %(last)s) n""",
    """insert into mailbox (kind, key, workspace_id)
    select 'conversation', bench_id(2, n), %(shop)s from generate_series(%(first)s::bigint, %(last)s) n""",
)


def add_customers(connection: psycopg.Connection[Any], shop: uuid.UUID, numbers: range) -> None:
    """Add contacts with conversations; the mailbox rows of conversations at rest included."""
    with connection.cursor(), psycopg.ClientCursor(connection) as cursor:
        for statement in _CUSTOMERS:
            cursor.execute(statement, {"shop": shop, "first": numbers.start, "last": numbers.stop - 1})


@dataclass(frozen=True, slots=True)
class Target:
    """A running service with the database behind it, and whom its customers are drawn from."""

    name: str
    port: int
    url: str
    customers: Sequence[int]

    @property
    def is_floor(self) -> bool:
        """Whether it is the floor."""
        return self.name == "floor"


def speak(target: Target, count: int) -> list[Spoken]:
    """Store messages the shop said a moment ago and WhatsApp accepted, so that statuses of them can come."""
    spoken = [Spoken(uuid7(), new_wamid(), phone_of(target.customers[n % len(target.customers)])) for n in range(count)]
    rows = [(one.id, one.wamid, one.phone) for one in spoken]
    with connect(target.url) as connection, connection.cursor() as cursor:
        if target.is_floor:
            with cursor.copy(
                "copy messages (id, wamid, phone, direction, kind, text, content, state) from stdin"
            ) as copy:
                for row in rows:
                    copy.write_row((*row, "out", "text", "Con gusto.", "{}", "accepted"))
            return spoken
        cursor.execute("create temp table spoken (id uuid, wamid text, phone text)")
        with cursor.copy("copy spoken from stdin") as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute(
            "insert into messages (id, workspace_id, channel_id, conversation_id, direction, author, sent_by_agent,"
            " state, wamid, kind, text, content, accepted_at)"
            " select s.id, v.workspace_id, v.channel_id, v.id, 'out', 'agent', true, 'accepted', s.wamid, 'text',"
            ' \'Con gusto.\', \'{"type": "text", "text": {"body": "Con gusto."}}\', now()'
            " from spoken s join contact_identities i"
            " on i.workspace_id = %(shop)s and i.kind = 'phone' and i.value = '+' || s.phone"
            " join conversations v on v.contact_id = i.contact_id and v.channel_id = %(shop)s",
            {"shop": SHOP},
        )
    return spoken


def forget_open_work(url: str) -> None:
    """Account for what nobody answered, so that one measurement does not work off another's."""
    with connect(url) as connection:
        connection.execute(
            "update messages set outcome = 'ignored', outcome_reason = 'bench'"
            " where direction = 'in' and outcome is null"
        )
        connection.execute("update mailbox set due_at = null, lease_token = null, lease_until = null"
                           " where due_at is not null or lease_token is not null")  # fmt: skip
        connection.execute("vacuum (analyze) messages")
        connection.execute("vacuum (analyze) mailbox")
