"""Signing in by password. Whether an account exists is not told: neither by the answer nor by the time it takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relevo.crm.passwords import hash_password, verify_password
from relevo.crm.sessions import NewSession, end_session, open_session
from relevo.crm.sign_in_throttle import begin_attempt, forgive
from relevo.crm.users import find_user, set_password, workspaces_of
from relevo.errors import ForbiddenError, UnauthorizedError
from relevo.store.database import fetch_one

if TYPE_CHECKING:
    import uuid

    from relevo.store.database import Connection, Database

_WRONG = "E-mail or password is wrong."
_NOWHERE = "This account belongs to no shop (any more). Ask somebody there to invite you."


async def sign_in(
    database: Database, email: str, password: str, *, address: str, user_agent: str, instead_of: str | None = None
) -> NewSession:
    """Open a session for whoever knows the password; the one that was open in this browser ends.

    Raises:
        UnauthorizedError: e-mail or password is wrong.
        ForbiddenError: they belong to no shop.
        ThrottledError: too many attempts.

    """
    email = email.strip().lower()
    await begin_attempt(database, email, address)
    async with database.reading() as connection:
        user = await find_user(connection, email)
    known = user if user is not None and user["disabled_at"] is None else None
    right = await verify_password(password, known["password_hash"] if known else None)
    if known is None or not right:
        raise UnauthorizedError(_WRONG)
    async with database.transaction() as connection:
        await _still(connection, known["id"], known["password_hash"])
        await forgive(connection, email, address)
        return await admit(connection, known["id"], user_agent, instead_of=instead_of)


async def admit(
    connection: Connection, user_id: uuid.UUID, user_agent: str, *, instead_of: str | None = None
) -> NewSession:
    """Open a session for somebody who has proved who they are; always under a new token.

    Raises:
        ForbiddenError: they belong to no shop.

    """
    if not await workspaces_of(connection, user_id):
        raise ForbiddenError(_NOWHERE)
    if instead_of is not None:
        await end_session(connection, instead_of)
    return await open_session(connection, user_id, user_agent)


async def change_password(
    database: Database, user_id: uuid.UUID, *, old: str, new: str, address: str, session_id: uuid.UUID
) -> None:
    """Change one's own password; one's other sessions end.

    Raises:
        ForbiddenError: the old one is wrong.
        InvalidRequestError: the new one cannot be used.
        ThrottledError: too many attempts.

    """
    async with database.reading() as connection:
        row = await fetch_one(
            connection, "select email, password_hash from users where id = %(user)s", {"user": user_id}
        )
    email, stored = (row["email"], row["password_hash"]) if row else ("", None)
    await begin_attempt(database, email, address)
    if not await verify_password(old, stored):
        raise ForbiddenError("The present password is wrong.")
    hashed = await hash_password(new)
    async with database.transaction() as connection:
        await _still(connection, user_id, stored)
        await forgive(connection, email, address)
        await set_password(connection, user_id, hashed, keep_session=session_id)


async def _still(connection: Connection, user_id: uuid.UUID, password_hash: str | None) -> None:
    """Make sure that what was compared is what is stored, and stays so until the transaction ends."""
    row = await fetch_one(
        connection,
        "select 1 from users where id = %(user)s and password_hash = %(hash)s and disabled_at is null for update",
        {"user": user_id, "hash": password_hash},
    )
    if row is None:
        raise UnauthorizedError(_WRONG)
