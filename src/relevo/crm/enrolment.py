"""Letting somebody in by the operator's hand: member and account in one step. Whoever runs commands here is trusted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from relevo.crm.invitations import invite
from relevo.crm.members import Role, add_member, change_member, find_member
from relevo.crm.users import create_user, find_user, link_member, plain_email, set_password
from relevo.store.database import execute, fetch_one

if TYPE_CHECKING:
    import uuid

    from relevo.store.database import Connection


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What came of it."""

    email: str
    member_id: uuid.UUID
    user_id: uuid.UUID | None
    role: Role
    invitation: str | None
    """The token of a link to choose a password with; None: they have one."""


async def enrol(
    connection: Connection,
    workspace_id: uuid.UUID,
    *,
    email: str,
    name: str = "",
    role: Role | None = None,
    password_hash: str | None = None,
) -> Enrolled:
    """Make somebody a member who signs in. Repeating it is harmless; a password given replaces the one there was.

    `role` None: as they are, or agent. An account that was disabled works again.

    Raises:
        InvalidRequestError: that is no e-mail address.
        ConflictError: the shop would lose its last owner.

    """
    email = plain_email(email)
    member_id = await _member(connection, workspace_id, email=email, name=name, role=role)
    user_id = await _user(connection, email=email, name=name, password_hash=password_hash)
    token = None
    if user_id is None:
        token = await invite(connection, workspace_id, member_id)
    else:
        await link_member(connection, member_id, user_id)
    row = await fetch_one(connection, "select role from members where id = %(member)s", {"member": member_id})
    return Enrolled(email, member_id, user_id, row["role"] if row else "agent", token)


async def _member(
    connection: Connection, workspace_id: uuid.UUID, *, email: str, name: str, role: Role | None
) -> uuid.UUID:
    member_id = await find_member(connection, workspace_id, email)
    if member_id is None:
        return await add_member(connection, workspace_id, email=email, name=name, role=role or "agent")
    changes = {key: value for key, value in (("name", name.strip()), ("role", role)) if value}
    if changes:
        await change_member(connection, workspace_id, member_id, changes)
    return member_id


async def _user(connection: Connection, *, email: str, name: str, password_hash: str | None) -> uuid.UUID | None:
    user = await find_user(connection, email)
    if user is None:
        if password_hash is None:
            return None
        return await create_user(connection, email=email, name=name, password_hash=password_hash)
    await execute(connection, "update users set disabled_at = null where id = %(user)s", {"user": user["id"]})
    if password_hash is not None:
        await set_password(connection, user["id"], password_hash)
    return user["id"]
