"""Signing in with an address that a trusted provider has verified. It makes nobody a member of anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relevo.crm.sign_in import admit
from relevo.crm.users import create_user, find_user, link_members_by_email, plain_email, revoke_sessions
from relevo.errors import ForbiddenError
from relevo.store.database import execute, fetch_one

if TYPE_CHECKING:
    from relevo.crm.sessions import NewSession
    from relevo.store.database import Connection


async def admit_verified(
    connection: Connection, email: str, name: str, user_agent: str, *, instead_of: str | None = None
) -> NewSession:
    """Open a session for the owner of an address: they have an account, or are a member somewhere.

    Members of the address become theirs. If that opens a shop, a password the account had stops working: whoever set
    it held an invitation of another shop to this address, and need not be its owner.

    Raises:
        ForbiddenError: nobody knows them, or the account is disabled.

    """
    email = plain_email(email)
    user = await find_user(connection, email)
    if user is None:
        invited = await fetch_one(
            connection,
            "select 1 from members where email = %(email)s and deactivated_at is null limit 1",
            {"email": email},
        )
        if invited is None:
            raise ForbiddenError("Nobody invited this address.")
        user_id = await create_user(connection, email=email, name=name, password_hash=None)
    elif user["disabled_at"] is not None:
        raise ForbiddenError("This account is disabled.")
    else:
        user_id = user["id"]
    if await link_members_by_email(connection, user_id):
        await execute(connection, "update users set password_hash = null where id = %(user)s", {"user": user_id})
        await revoke_sessions(connection, user_id)
    return await admit(connection, user_id, user_agent, instead_of=instead_of)
