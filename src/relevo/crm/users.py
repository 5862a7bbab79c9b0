"""Users: those who sign in. A user acts as the members that are linked to them; here nobody gains access to a shop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from uuid_utils.compat import uuid7

from relevo.errors import ConflictError, InvalidRequestError, NotFoundError
from relevo.store.database import execute, fetch_all, fetch_one

if TYPE_CHECKING:
    import uuid

    from relevo.store.database import Connection, Row

_LIST = """
select u.id, u.email, u.name, u.created_at, u.disabled_at, u.password_hash is not null as has_password,
       (select max(s.seen_at) from user_sessions s where s.user_id = u.id) as seen_at,
       coalesce((
           select jsonb_agg(jsonb_build_object('workspace', w.name, 'role', m.role) order by w.name)
           from members m join workspaces w on w.id = m.workspace_id
           where m.user_id = u.id and m.deactivated_at is null
       ), '[]') as workspaces
from users u order by u.email
"""


def plain_email(email: str) -> str:
    """Return an e-mail address as it is stored.

    Raises:
        InvalidRequestError: that is none.

    """
    email = email.strip().lower()
    name, _, host = email.rpartition("@")
    if not name or not host or any(c.isspace() or not c.isprintable() for c in email):
        raise InvalidRequestError(f"`{email}` is not an e-mail address.")
    return email


async def create_user(connection: Connection, *, email: str, name: str, password_hash: str | None) -> uuid.UUID:
    """Create somebody who may sign in.

    Raises:
        ConflictError: there is an account for this address.
        InvalidRequestError: that is no e-mail address.

    """
    email = plain_email(email)
    row = await fetch_one(
        connection,
        "insert into users (id, email, name, password_hash) values (%(id)s, %(email)s, %(name)s, %(hash)s)"
        " on conflict (email) do nothing returning id",
        {"id": uuid7(), "email": email, "name": name.strip() or email, "hash": password_hash},
    )
    if row is None:
        raise ConflictError(f"There is an account for {email} already: sign in with it.")
    return row["id"]


async def find_user(connection: Connection, email: str) -> Row | None:
    """Return `id, email, name, password_hash, disabled_at` of the account of this address, if there is one."""
    return await fetch_one(
        connection,
        "select id, email, name, password_hash, disabled_at from users where email = %(email)s",
        {"email": email.strip().lower()},
    )


async def link_member(connection: Connection, member_id: uuid.UUID, user_id: uuid.UUID) -> None:
    """Let a user act as this member. Whoever calls this knows that they are the one who was meant.

    Raises:
        ConflictError: the member goes by another address, or has left.

    """
    linked = await execute(
        connection,
        "with linked as ("
        " update members m set user_id = u.id from users u"
        " where m.id = %(member)s and u.id = %(user)s and m.email = u.email and m.deactivated_at is null"
        " returning m.id, m.workspace_id)"
        " insert into events (workspace_id, type, data)"
        " select workspace_id, 'member.changed', jsonb_build_object('memberId', id) from linked",
        {"member": member_id, "user": user_id},
    )
    if not linked:
        raise ConflictError("This invitation is for somebody else, or was withdrawn.")


async def link_members_by_email(connection: Connection, user_id: uuid.UUID) -> int:
    """Let a user act as every member of their address. Only for addresses that somebody trusted has verified.

    Returns how many there were that nobody acted as before.
    """
    return await execute(
        connection,
        "with linked as ("
        " update members m set user_id = u.id from users u"
        " where u.id = %(user)s and m.email = u.email and m.user_id is null and m.deactivated_at is null"
        " returning m.id, m.workspace_id)"
        " insert into events (workspace_id, type, data)"
        " select workspace_id, 'member.changed', jsonb_build_object('memberId', id) from linked",
        {"user": user_id},
    )


async def workspaces_of(connection: Connection, user_id: uuid.UUID) -> list[dict[str, Any]]:
    """List where a user belongs: `id, name, member_id, role`, the oldest membership first."""
    rows = await fetch_all(
        connection,
        "select w.id, w.name, m.id as member_id, m.role from members m join workspaces w on w.id = m.workspace_id"
        " where m.user_id = %(user)s and m.deactivated_at is null order by m.created_at, m.id",
        {"user": user_id},
    )
    return [dict(row) for row in rows]


async def set_password(
    connection: Connection, user_id: uuid.UUID, password_hash: str, *, keep_session: uuid.UUID | None = None
) -> None:
    """Change a password; every other session ends, and so do links that would set another one.

    Raises:
        NotFoundError: no such user.

    """
    changed = await execute(
        connection,
        "update users set password_hash = %(hash)s where id = %(user)s and disabled_at is null",
        {"hash": password_hash, "user": user_id},
    )
    if not changed:
        raise NotFoundError("There is no such account.")
    await revoke_sessions(connection, user_id, keep=keep_session)
    await execute(
        connection,
        "update one_time_links set used_at = now() where user_id = %(user)s and used_at is null",
        {"user": user_id},
    )


async def revoke_sessions(connection: Connection, user_id: uuid.UUID, *, keep: uuid.UUID | None = None) -> int:
    """End a user's sessions, all but one; returns how many ended."""
    return await execute(
        connection,
        "update user_sessions set revoked_at = now()"
        " where user_id = %(user)s and revoked_at is null and id is distinct from %(keep)s::uuid",
        {"user": user_id, "keep": keep},
    )


async def disable_user(connection: Connection, email: str) -> int:
    """Keep somebody from signing in anywhere; returns how many sessions ended.

    Raises:
        NotFoundError: no account has this address.

    """
    row = await fetch_one(
        connection,
        "update users set disabled_at = coalesce(disabled_at, now()) where email = %(email)s returning id",
        {"email": email.strip().lower()},
    )
    if row is None:
        raise NotFoundError(f"There is no account for {email}.")
    return await revoke_sessions(connection, row["id"])


async def list_users(connection: Connection) -> list[dict[str, Any]]:
    """List all accounts by address, with where they belong."""
    return [dict(row) for row in await fetch_all(connection, _LIST, {})]
