"""Links that work once. Whoever holds one may do what it says; what that is, others decide."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

from uuid_utils.compat import uuid7

from relevo.crm.workspaces import token_hash
from relevo.errors import NotFoundError
from relevo.store.database import execute, fetch_one

if TYPE_CHECKING:
    import uuid

    from relevo.store.database import Connection, Row

Kind = Literal["invitation", "password_reset", "set_up"]
LASTS: dict[Kind, timedelta] = {
    "invitation": timedelta(days=7),
    "password_reset": timedelta(hours=24),
    "set_up": timedelta(days=7),
}
_GONE = "This link is not valid any more: it was used, replaced, or is too old. Ask for a new one."


async def make_link(
    connection: Connection, kind: Kind, *, member_id: uuid.UUID | None = None, user_id: uuid.UUID | None = None
) -> str:
    """Make a link's token; earlier ones of the same kind for the same person stop working. Only its hash is kept."""
    token = secrets.token_urlsafe(32)
    whose = {"kind": kind, "member": member_id, "user": user_id}
    if kind != "set_up":  # each server that starts prints a code of its own
        await execute(
            connection,
            "update one_time_links set used_at = now() where kind = %(kind)s and used_at is null"
            " and member_id is not distinct from %(member)s::uuid and user_id is not distinct from %(user)s::uuid",
            whose,
        )
    await execute(
        connection, "delete from one_time_links where greatest(expires_at, used_at) < now() - interval '30 days'", {}
    )
    await execute(
        connection,
        "insert into one_time_links (id, kind, token_hash, member_id, user_id, expires_at)"
        " values (%(id)s, %(kind)s, %(hash)s, %(member)s, %(user)s, now() + %(lasts)s)",
        {**whose, "id": uuid7(), "hash": token_hash(token), "lasts": LASTS[kind]},
    )
    return token


async def look_at_link(connection: Connection, kind: Kind, token: str) -> Row:
    """Return `id, member_id, user_id, expires_at` of a link that still works, without using it.

    Raises:
        NotFoundError: it does not.

    """
    row = await fetch_one(
        connection,
        "select id, member_id, user_id, expires_at from one_time_links"
        " where kind = %(kind)s and token_hash = %(hash)s and used_at is null and expires_at > now()",
        {"kind": kind, "hash": token_hash(token)},
    )
    if row is None:
        raise NotFoundError(_GONE)
    return row


async def use_link(connection: Connection, kind: Kind, token: str) -> Row:
    """Use a link up; of two at once, one gets it. Rolled back, it was not used.

    Raises:
        NotFoundError: it does not work (any more).

    """
    row = await fetch_one(
        connection,
        "update one_time_links set used_at = now()"
        " where kind = %(kind)s and token_hash = %(hash)s and used_at is null and expires_at > now()"
        " returning id, member_id, user_id, expires_at",
        {"kind": kind, "hash": token_hash(token)},
    )
    if row is None:
        raise NotFoundError(_GONE)
    return row
