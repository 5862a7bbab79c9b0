"""Sessions of signed-in users: opened, found by their token, ended. The token itself is never kept."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from uuid_utils.compat import uuid7

from relevo.crm.workspaces import token_hash
from relevo.errors import NotFoundError, UnauthorizedError
from relevo.store.database import execute, fetch_all, fetch_one
from relevo.store.sql_files import sql_file

if TYPE_CHECKING:
    import uuid

    from relevo.store.database import Connection, Row

IDLE = timedelta(days=7)
"""Silent for so long, a session ends: a browser nobody opens any more."""
LONGEST = timedelta(days=30)
"""A session ends then, however busy it is."""
_USER_AGENT = 200


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session just opened; the token goes into the browser's cookie and nowhere else."""

    id: uuid.UUID
    user_id: uuid.UUID
    token: str


async def open_session(connection: Connection, user_id: uuid.UUID, user_agent: str) -> NewSession:
    """Open a session; what ended long ago is forgotten."""
    opened = NewSession(uuid7(), user_id, secrets.token_urlsafe(32))
    await execute(
        connection,
        "delete from user_sessions where user_id = %(user)s and least(expires_at, revoked_at) < now() - %(idle)s",
        {"user": user_id, "idle": IDLE},
    )
    await execute(
        connection,
        "insert into user_sessions (id, user_id, token_hash, user_agent, expires_at)"
        " values (%(id)s, %(user)s, %(hash)s, %(agent)s, now() + %(longest)s)",
        {
            "id": opened.id,
            "user": user_id,
            "hash": token_hash(opened.token),
            "agent": user_agent[:_USER_AGENT],
            "longest": LONGEST,
        },
    )
    return opened


async def find_session(connection: Connection, token: str, workspace_id: uuid.UUID | None = None) -> Row:
    """Return the session of a token, and its user as a member of the workspace named (or of their first).

    The row: `session_id, user_id, email, name, member_id, workspace_id, role`; the last three are null where the
    user is no member. `seen_at` is written at most once a minute.

    Raises:
        UnauthorizedError: it ended, or never was.

    """
    wanted = {"hash": token_hash(token), "workspace": workspace_id, "idle": IDLE}
    row = await fetch_one(connection, sql_file("relevo.crm", "find_session"), wanted)
    if row is None:
        raise UnauthorizedError("You are not signed in (any more).")
    if row["stale"]:
        await execute(
            connection,
            "update user_sessions set seen_at = now() where id = %(session)s and seen_at < now() - interval '1 minute'",
            {"session": row["session_id"]},
        )
    return row


async def end_session(connection: Connection, token: str) -> None:
    """End the session of a token, if it is one."""
    await execute(
        connection,
        "update user_sessions set revoked_at = now() where token_hash = %(hash)s and revoked_at is null",
        {"hash": token_hash(token)},
    )


async def list_sessions(connection: Connection, user_id: uuid.UUID) -> list[dict[str, Any]]:
    """List a user's open sessions, the one used last first: `id, user_agent, created_at, seen_at, expires_at`."""
    rows = await fetch_all(
        connection,
        "select id, user_agent, created_at, seen_at, expires_at from user_sessions where user_id = %(user)s"
        " and revoked_at is null and expires_at > now() and seen_at > now() - %(idle)s order by seen_at desc, id desc",
        {"user": user_id, "idle": IDLE},
    )
    return [dict(row) for row in rows]


async def revoke_session(connection: Connection, user_id: uuid.UUID, session_id: uuid.UUID) -> None:
    """End one of a user's own sessions.

    Raises:
        NotFoundError: they have no such session.

    """
    ended = await execute(
        connection,
        "update user_sessions set revoked_at = now()"
        " where id = %(session)s and user_id = %(user)s and revoked_at is null",
        {"session": session_id, "user": user_id},
    )
    if not ended:
        raise NotFoundError(f"There is no session {session_id}.")
