"""`/search`: customers by name or number, messages by their words; the newest first, never a whole shop."""

import time
import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from relevo.conversations.words import WordIndex
from relevo.store.database import Connection, DatabaseError, Row, fetch_all, fetch_one
from relevo.store.sql_files import sql_file
from relevo.web.api.access import Caller, Db, Me
from relevo.web.api.conversations import Conversation, by_ids
from relevo.web.api.paging import Cursor, cursor_after, place
from relevo.web.api.search_words import BUCKET_BITS, Phones, patterns_of, phones_of, query, snippet, steps, words_of

router = APIRouter(prefix="/search", tags=["search"])

CANDIDATES = 300
"""Customers that fit, beyond which only conversations active lately are looked through."""
NEWEST = 2000
SHORT = 4
"""Characters up to which half of all messages may have a word that begins like that."""
FEW = 1000
"""Messages with all words but a short unfinished one, up to which that one is looked for in their texts."""
BUDGET_SECONDS = 1.5
TIMEOUT_MS = 2000
LAST_ARRIVAL = 2**62

_BOUNDS = """
select set_config('statement_timeout', %(ms)s, true), set_config('max_parallel_workers_per_gather', '0', true),
       set_config('enable_seqscan', 'off', true)
"""
"""Starting a parallel worker takes longer than a bucket does; reading all words there are in any order does, too."""
_FOLDED = """
select fold(%(q)s) as folded, array(select phone from channels where workspace_id = %(workspace)s limit 20) as phones,
       (select last_value from messages_arrival_seq) as newest
"""
_LATEST = """
select id from conversations where contact_id = any(%(contacts)s::uuid[]) and workspace_id = %(workspace)s
order by last_message_at desc, id desc limit %(limit)s
"""


class Found(BaseModel):
    """A message with the words."""

    id: uuid.UUID
    conversation_id: uuid.UUID
    contact_id: uuid.UUID
    contact_name: str | None
    contact_phone: str | None
    direction: Literal["in", "out"]
    author: Literal["customer", "agent", "person", "phone"]
    kind: str
    at: datetime
    snippet: str
    marks: list[tuple[int, int]] = Field(description="Where in the snippet the words stand: start and end.")


class Results(BaseModel):
    """What was found. A group that is not complete says nothing about what is older."""

    names: list[Conversation]
    names_complete: bool
    numbers: list[Conversation]
    messages: list[Found]
    messages_complete: bool = Field(description="False: there may be older ones; go on with `next_cursor`.")
    next_cursor: str | None


class Wanted(BaseModel):
    """What to look for."""

    q: str = Field(min_length=1, max_length=200, description="Words, the last one perhaps unfinished; or a number.")
    conversation_id: uuid.UUID | None = Field(default=None, description="Messages of one conversation only.")
    limit: int = Field(default=20, ge=1, le=50, description="Of each group.")
    cursor: Cursor = None


@router.get("")
async def search(me: Me, db: Db, wanted: Annotated[Wanted, Query()]) -> Results:
    """Search. With a cursor, or in one conversation, only messages are looked for."""
    await WordIndex(db).once()  # what was said a moment ago is found, too
    async with db.transaction() as connection:
        await fetch_one(connection, _BOUNDS, {"ms": str(TIMEOUT_MS)})
        asked = await fetch_one(connection, _FOLDED, {"q": wanted.q, "workspace": me.workspace_id}) or {}
        words = words_of(asked["folded"])
        names: list[Conversation] = []
        numbers: list[Conversation] = []
        complete = True
        if wanted.cursor is None and wanted.conversation_id is None:
            phones = phones_of(wanted.q, asked["phones"])
            names, complete, numbers = await _customers(connection, me, words, phones, wanted.limit)
        found = await _messages(connection, me, words, wanted, asked["newest"])
    rows, end = found
    return Results(
        names=names,
        names_complete=complete,
        numbers=numbers,
        messages=[_found(row, words) for row in rows],
        messages_complete=end is None,
        next_cursor=None if end is None else cursor_after(end),
    )


async def _customers(
    connection: Connection, me: Caller, words: Sequence[str], phones: Phones, limit: int
) -> tuple[list[Conversation], bool, list[Conversation]]:
    tsquery = query(me.workspace_id, words, [0]) if words else None
    scope = {"workspace": me.workspace_id, "words": tsquery, "limit": limit}
    rows = await fetch_all(
        connection,
        sql_file("relevo.web.api", "search_contacts"),
        {**scope, "starts": phones.starts, "end": phones.end, "bound": CANDIDATES},
    )
    named = [row["id"] for row in rows if row["by"] == "name"]
    numbered = [row["id"] for row in rows if row["by"] == "identity"]
    complete = len(named) < CANDIDATES
    if complete:
        latest = await fetch_all(connection, _LATEST, {**scope, "contacts": named}) if named else ()
    else:
        latest = await fetch_all(
            connection,
            sql_file("relevo.web.api", "search_newest"),
            {**scope, "newest": NEWEST, "patterns": patterns_of(words)},
        )
    by_number = await fetch_all(connection, _LATEST, {**scope, "contacts": numbered}) if numbered else ()
    return (
        await by_ids(connection, me, [row["id"] for row in latest]),
        complete,
        await by_ids(connection, me, [row["id"] for row in by_number]),
    )


async def _messages(
    connection: Connection, me: Caller, words: Sequence[str], wanted: Wanted, newest: int
) -> tuple[list[Row], int | None]:
    """Walk from the newest bucket on; returns rows and before which arrival to go on (null: all was looked through)."""
    before = place(wanted.cursor, "arrival")["after_arrival"] or LAST_ARRIVAL
    rows: list[Row] = []
    if not words:
        return rows, None
    if wanted.conversation_id is not None:
        parameters = {
            "workspace": me.workspace_id,
            "words": query(me.workspace_id, words, [0]),
            "before": before,
            "conversation": wanted.conversation_id,
            "limit": wanted.limit + 1,
        }
        rows = list(await fetch_all(connection, sql_file("relevo.web.api", "search_conversation"), parameters))
        return rows[: wanted.limit], rows[wanted.limit - 1]["arrival"] if len(rows) > wanted.limit else None
    until = time.monotonic() + BUDGET_SECONDS
    for buckets in steps(min(newest, before) >> BUCKET_BITS):
        try:
            async with connection.transaction():
                rows += await _step(connection, me.workspace_id, words, buckets, before, wanted.limit + 1 - len(rows))
        except DatabaseError as error:
            if error.sqlstate != QUERY_CANCELED:
                raise
            return rows, (buckets[0] + 1) << BUCKET_BITS
        if len(rows) > wanted.limit:
            return rows[: wanted.limit], rows[wanted.limit - 1]["arrival"]
        if buckets[-1] > 0 and time.monotonic() > until:
            return rows, buckets[-1] << BUCKET_BITS
    return rows, None


async def _step(
    connection: Connection, workspace_id: uuid.UUID, words: Sequence[str], buckets: range, before: int, limit: int
) -> Sequence[Row]:
    """Search some buckets.

    A short beginning of a word (`lucia p`) makes the index gather half of all there is, whatever the other words are.
    So these are asked for first: mostly they are in few messages or in none.
    """
    wanted: dict[str, object] = {"workspace": workspace_id, "before": before, "limit": limit, "beginning": None}
    finished = words[:-1]
    if finished and len(words[-1]) <= SHORT:
        exact = {"words": query(workspace_id, finished, buckets, unfinished=False), "before": before, "bound": FEW + 1}
        row = await fetch_one(connection, sql_file("relevo.web.api", "search_few"), exact)
        count = row["count"] if row else 0
        if count == 0:
            return ()
        if count <= FEW:
            wanted |= {"words": exact["words"], "beginning": f"% {words[-1]}%"}
            return await fetch_all(connection, sql_file("relevo.web.api", "search_messages"), wanted)
    wanted["words"] = query(workspace_id, words, buckets)
    return await fetch_all(connection, sql_file("relevo.web.api", "search_messages"), wanted)


QUERY_CANCELED = "57014"


def _found(row: Row, words: Sequence[str]) -> Found:
    piece = snippet(row["text"], words)
    return Found.model_validate({**row, "at": row["created_at"], "snippet": piece.text, "marks": piece.marks})
