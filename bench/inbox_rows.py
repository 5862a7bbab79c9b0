"""One shop with 100,000 conversations and five million messages of a varied vocabulary; made with SQL, and kept."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, LiteralString, cast

import psycopg
from psycopg import sql
from spine.million import drop_indexes, mark_of
from spine.shop import NUMBER, SHOP, add_customers, add_shop, connect, named, new_database

from relevo.store.schema import migrate

if TYPE_CHECKING:
    from collections.abc import Callable

MEMBERS = 5
_SETTINGS = ("synchronous_commit = off", "work_mem = '256MB'", "maintenance_work_mem = '1GB'")
_STATEMENTS = (Path(__file__).with_suffix(".sql")).read_text(encoding="utf-8").strip().removesuffix(";").split(";\n")


def big_inbox(url: str, database: str, *, conversations: int, each: int, tell: Callable[[str], None]) -> str:
    """Return the URL of the installation: of an earlier run, brought up to date, or a new one."""
    where = named(url, database)
    mark = f"inbox (words apart) of {conversations} conversations, {each} messages each"
    if mark_of(url, database) == mark:
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
        rebuild = drop_indexes(connection, "messages", "events", "conversations", "contacts", "contact_identities",
                                "message_words")  # fmt: skip
        add_customers(connection, SHOP, range(conversations))
        values: dict[str, Any] = {"shop": SHOP, "each": each, "conversations": conversations}
        for number, statement in enumerate(_STATEMENTS):
            if number == len(_STATEMENTS) - 1:
                for index in rebuild:
                    connection.execute(index)
                    tell(f"… {time.monotonic() - begun:.0f} s: {index[:90].decode()}")
            with psycopg.ClientCursor(connection) as cursor:
                cursor.execute(sql.SQL(cast("LiteralString", statement)), values)
            tell(f"… {time.monotonic() - begun:.0f} s: {statement[:70]}")
        connection.execute("vacuum analyze")
        connection.execute("checkpoint")
        connection.execute(sql.SQL("comment on database {} is {}").format(sql.Identifier(database), sql.Literal(mark)))
    tell(f"… made in {time.monotonic() - begun:.0f} s")
    return where
