"""Invitations and password resets: what the links handed out do. Being a member is decided elsewhere.

A link to one shop opens that shop only. Whoever is invited by several accepts each: otherwise the holder of one shop's
link to an address could open an account for it and walk into the others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from relevo.crm.one_time_links import look_at_link, make_link, use_link
from relevo.crm.passwords import hash_password
from relevo.crm.sign_in import admit
from relevo.crm.users import create_user, find_user, link_member, set_password
from relevo.errors import ConflictError, ForbiddenError, InvalidRequestError, NotFoundError
from relevo.store.database import fetch_one

if TYPE_CHECKING:
    import uuid

    from relevo.crm.members import Role
    from relevo.crm.sessions import NewSession
    from relevo.store.database import Connection, Database, Row

_INVITED = """
select m.id, m.email, m.name, m.role, w.id as workspace_id, w.name as workspace,
       u.id as user_id, u.id is not null as has_account
from members m join workspaces w on w.id = m.workspace_id left join users u on u.email = m.email
where m.id = %(member)s and m.deactivated_at is null
"""


@dataclass(frozen=True, slots=True)
class Invitation:
    """What an invited person sees."""

    email: str
    name: str
    role: Role
    workspace: str
    has_account: bool
    """They sign in with it and accept. Nobody sets its password here."""


async def invite(connection: Connection, workspace_id: uuid.UUID, member_id: uuid.UUID) -> str:
    """Make the link by which a member begins to sign in; returns its token. Earlier ones stop working.

    Raises:
        NotFoundError: no such member in this workspace.
        ConflictError: they sign in here already.

    """
    row = await fetch_one(
        connection,
        "select email, user_id from members"
        " where id = %(member)s and workspace_id = %(workspace)s and deactivated_at is null for update",
        {"member": member_id, "workspace": workspace_id},
    )
    if row is None:
        raise NotFoundError(f"There is no member {member_id}.")
    if row["user_id"] is not None:
        raise ConflictError(f"{row['email']} signs in here already.")
    return await make_link(connection, "invitation", member_id=member_id)


async def look_at_invitation(connection: Connection, token: str) -> Invitation:
    """Tell what an invitation is for.

    Raises:
        NotFoundError: it does not work (any more).

    """
    link = await look_at_link(connection, "invitation", token)
    row = await _invited(connection, link["member_id"])
    return Invitation(row["email"], row["name"], row["role"], row["workspace"], row["has_account"])


async def accept_as_new(
    database: Database, token: str, *, name: str | None, password: str, user_agent: str, instead_of: str | None = None
) -> NewSession:
    """Open an account by invitation, and a session with it; of two at once, one succeeds. An older session ends.

    Raises:
        NotFoundError: the link does not work (any more).
        ConflictError: there is an account for this address: its owner signs in and accepts.
        InvalidRequestError: the password cannot be used.

    """
    async with database.reading() as connection:
        if (await look_at_invitation(connection, token)).has_account:
            raise ConflictError("There is an account for this address already: sign in, then accept.")
    hashed = await hash_password(password)
    async with database.transaction() as connection:
        link = await use_link(connection, "invitation", token)
        row = await _invited(connection, link["member_id"])
        user_id = await create_user(connection, email=row["email"], name=name or row["name"], password_hash=hashed)
        await link_member(connection, row["id"], user_id)
        return await admit(connection, user_id, user_agent, instead_of=instead_of)


async def accept_as_user(connection: Connection, token: str, user_id: uuid.UUID) -> uuid.UUID:
    """Accept an invitation with the account one has; returns the workspace's id.

    Raises:
        NotFoundError: the link does not work (any more).
        ForbiddenError: it is for another address.

    """
    link = await use_link(connection, "invitation", token)
    row = await _invited(connection, link["member_id"])
    if row["user_id"] != user_id:
        raise ForbiddenError(f"This invitation is for {row['email']}: sign in with that address.")
    await link_member(connection, row["id"], user_id)
    return row["workspace_id"]


async def make_reset(connection: Connection, email: str) -> str:
    """Make the link by which a user chooses a new password; returns its token.

    Raises:
        NotFoundError: no account has this address.
        InvalidRequestError: the account is disabled.

    """
    user = await find_user(connection, email)
    if user is None:
        raise NotFoundError(f"There is no account for {email}. `relevo user add` makes one.")
    if user["disabled_at"] is not None:
        raise InvalidRequestError(f"{email} is disabled: `relevo user add` lets them in again.")
    return await make_link(connection, "password_reset", user_id=user["id"])


async def reset_password(database: Database, token: str, password: str) -> None:
    """Choose a new password by link; every session ends.

    Raises:
        NotFoundError: the link does not work (any more).
        InvalidRequestError: the password cannot be used.

    """
    async with database.reading() as connection:
        await look_at_link(connection, "password_reset", token)
    hashed = await hash_password(password)
    async with database.transaction() as connection:
        link = await use_link(connection, "password_reset", token)
        await set_password(connection, link["user_id"], hashed)


async def _invited(connection: Connection, member_id: uuid.UUID) -> Row:
    row = await fetch_one(connection, _INVITED, {"member": member_id})
    if row is None:
        raise NotFoundError("This invitation was withdrawn. Ask for a new one.")
    return row
