"""Words a shop keeps at hand, by shortcut. An event with each change, so that open inboxes have them too."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from uuid_utils.compat import uuid7

from relevo.errors import ConflictError, InvalidRequestError, NotFoundError
from relevo.store.database import IntegrityError, execute, fetch_one

if TYPE_CHECKING:
    import uuid
    from collections.abc import Mapping

    from relevo.store.database import Connection

_SHORTCUT = re.compile(r"[^\s/]{1,40}")
_ADD = """
with saved as (
    insert into canned_replies (id, workspace_id, shortcut, text)
    values (%(id)s, %(workspace)s, %(shortcut)s, %(text)s)
    returning id, workspace_id
)
insert into events (workspace_id, type, data)
select workspace_id, 'canned_reply.changed', jsonb_build_object('cannedReplyId', id) from saved
"""
_CHANGE = """
with saved as (
    update canned_replies
    set shortcut = coalesce(%(shortcut)s, shortcut), text = coalesce(%(text)s, text), updated_at = now()
    where id = %(id)s and workspace_id = %(workspace)s
    returning id, workspace_id
)
insert into events (workspace_id, type, data)
select workspace_id, 'canned_reply.changed', jsonb_build_object('cannedReplyId', id) from saved
"""
_REMOVE = """
with gone as (
    delete from canned_replies where id = %(id)s and workspace_id = %(workspace)s returning id, workspace_id
)
insert into events (workspace_id, type, data)
select workspace_id, 'canned_reply.removed', jsonb_build_object('cannedReplyId', id) from gone
"""


async def add_canned_reply(connection: Connection, workspace_id: uuid.UUID, *, shortcut: str, text: str) -> uuid.UUID:
    """Keep a reply; returns its id.

    Raises:
        ConflictError: the shortcut is taken.
        InvalidRequestError: it cannot be typed after a slash.

    """
    reply_id = uuid7()
    values = {"id": reply_id, "workspace": workspace_id, "shortcut": _checked(shortcut), "text": text}
    await _write(connection, _ADD, values)
    return reply_id


async def change_canned_reply(
    connection: Connection, workspace_id: uuid.UUID, reply_id: uuid.UUID, *, shortcut: str | None, text: str | None
) -> None:
    """Change a reply; None leaves a part as it is.

    Raises:
        NotFoundError: no such reply in this workspace.
        ConflictError: the shortcut is taken.
        InvalidRequestError: it cannot be typed after a slash.

    """
    values = {"shortcut": None if shortcut is None else _checked(shortcut), "text": text}
    if not await _write(connection, _CHANGE, {"id": reply_id, "workspace": workspace_id, **values}):
        raise NotFoundError(f"There is no canned reply {reply_id}.")


async def remove_canned_reply(connection: Connection, workspace_id: uuid.UUID, reply_id: uuid.UUID) -> None:
    """Throw a reply away.

    Raises:
        NotFoundError: no such reply in this workspace.

    """
    row = await fetch_one(
        connection,
        "select 1 from canned_replies where id = %(id)s and workspace_id = %(workspace)s",
        {"id": reply_id, "workspace": workspace_id},
    )
    if row is None:
        raise NotFoundError(f"There is no canned reply {reply_id}.")
    await execute(connection, _REMOVE, {"id": reply_id, "workspace": workspace_id})


async def _write(connection: Connection, statement: str, values: Mapping[str, object]) -> int:
    try:
        async with connection.transaction():
            return await execute(connection, statement, values)
    except IntegrityError:
        raise ConflictError(f"There is another reply by the shortcut /{values['shortcut']}.") from None


def _checked(shortcut: str) -> str:
    plain = shortcut.strip().removeprefix("/").lower()
    if not _SHORTCUT.fullmatch(plain):
        raise InvalidRequestError("A shortcut is one word of at most 40 characters, without a slash in it.")
    return plain
