"""Pages of one conversation's messages: before, after or around one of them, or by id. Reads only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from relevo.errors import NotFoundError
from relevo.store.database import fetch_all, fetch_one
from relevo.store.sql_files import sql_file
from relevo.web.api.paging import cursor_after, place

if TYPE_CHECKING:
    import uuid
    from collections.abc import Sequence

    from relevo.store.database import Connection, Row

Way = Literal["older", "newer"]

_FROM = "select * from messages m where m.workspace_id = %(workspace)s and m.conversation_id = %(conversation)s"
# A reaction is shown on what it is about; asked for by id, it stands for that.
_BY_ID = """
select * from messages m
where m.workspace_id = %(workspace)s and m.conversation_id = %(conversation)s and m.kind <> 'reaction'
  and m.id in (select coalesce(t.id, x.id)
               from messages x
               left join messages t on x.kind = 'reaction' and t.channel_id = x.channel_id and t.wamid = x.reply_to
               where x.id = any(%(ids)s::uuid[]) and x.conversation_id = %(conversation)s)
"""
_RANGE: dict[Way, str] = {
    "older": _FROM + " and m.kind <> 'reaction'{after} order by m.arrival desc limit %(limit)s",
    "newer": _FROM + " and m.kind <> 'reaction'{after} order by m.arrival limit %(limit)s",
}
_AFTER: dict[Way, str] = {"older": " and m.arrival < %(arrival)s", "newer": " and m.arrival > %(arrival)s"}
_WHERE = """
select arrival from messages
where id = %(id)s and conversation_id = %(conversation)s and workspace_id = %(workspace)s
"""


class Scope(NamedTuple):
    """Whose messages."""

    workspace_id: uuid.UUID
    conversation_id: uuid.UUID


class Messages(NamedTuple):
    """Rows, newest first, and cursors to what is older and newer (null: nothing, as of now)."""

    rows: Sequence[Row]
    older: str | None
    newer: str | None


async def by_ids(connection: Connection, scope: Scope, ids: Sequence[uuid.UUID]) -> Messages:
    """Read these; what is not there is left out."""
    return Messages(await _rows(connection, scope, _BY_ID, ids=list(ids)), None, None)


async def arrival_of(connection: Connection, scope: Scope, message_id: uuid.UUID) -> int:
    """Return where a message stands.

    Raises:
        NotFoundError: it is not one of this conversation.

    """
    wanted = {"id": message_id, "conversation": scope.conversation_id, "workspace": scope.workspace_id}
    row = await fetch_one(connection, _WHERE, wanted)
    if row is None:
        raise NotFoundError(f"There is no message {message_id} in this conversation.")
    return row["arrival"]


async def newest(connection: Connection, scope: Scope, limit: int) -> Messages:
    """Read the newest."""
    rows, older = await _range(connection, scope, "older", None, limit)
    return Messages(rows, older, None)


async def from_place(connection: Connection, scope: Scope, way: Way, arrival: int, limit: int) -> Messages:
    """Read those right before (or after) a place."""
    rows, more = await _range(connection, scope, way, arrival, limit)
    back = cursor_after(rows[0 if way == "older" else -1]["arrival"], _OTHER[way]) if rows else None
    return Messages(rows, more, back) if way == "older" else Messages(rows, back, more)


async def around(connection: Connection, scope: Scope, arrival: int, limit: int) -> Messages:
    """Read a message with about as many before as after it."""
    newer, more_newer = await _range(connection, scope, "newer", arrival, limit // 2)
    older, more_older = await _range(connection, scope, "older", arrival + 1, limit - limit // 2)
    return Messages([*newer, *older], more_older, more_newer)


def read_cursor(cursor: str) -> tuple[Way, int]:
    """Read a cursor.

    Raises:
        InvalidRequestError: it is not one of ours.

    """
    found = place(cursor, "arrival", "way")
    return ("newer" if found["after_way"] == "newer" else "older"), int(found["after_arrival"])


_OTHER: dict[Way, Way] = {"older": "newer", "newer": "older"}


async def _range(
    connection: Connection, scope: Scope, way: Way, arrival: int | None, limit: int
) -> tuple[list[Row], str | None]:
    which = _RANGE[way].format(after="" if arrival is None else _AFTER[way])
    rows = await _rows(connection, scope, which, arrival=arrival, limit=limit + 1)
    if len(rows) <= limit:
        return rows, None
    kept = rows[:limit] if way == "older" else rows[-limit:]
    return kept, cursor_after(kept[-1 if way == "older" else 0]["arrival"], way)


async def _rows(connection: Connection, scope: Scope, which: str, **parameters: Any) -> list[Row]:  # noqa: ANN401 - parameters of any type
    statement = sql_file("relevo.web.api", "messages").format(which=which)
    wanted = {**parameters, "workspace": scope.workspace_id, "conversation": scope.conversation_id}
    return list(await fetch_all(connection, statement, wanted))
