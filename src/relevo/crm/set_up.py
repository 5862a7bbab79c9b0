"""The first user: whoever holds the code that a starting server printed. Closed for good once there is a user."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relevo.crm.members import add_or_promote
from relevo.crm.one_time_links import look_at_link, make_link, use_link
from relevo.crm.passwords import hash_password
from relevo.crm.sign_in import admit
from relevo.crm.users import create_user, link_member
from relevo.crm.workspaces import create_workspace, find_workspace
from relevo.errors import ConflictError, NotFoundError
from relevo.store.database import execute, fetch_one

if TYPE_CHECKING:
    from relevo.crm.sessions import NewSession
    from relevo.store.database import Connection, Database

_LOCK = 0x52656C65766F01
"""One set-up at a time, on whatever machine: two codes may be about."""


async def is_set_up(connection: Connection) -> bool:
    """Whether anybody can sign in."""
    row = await fetch_one(connection, "select exists (select from users) as done", {})
    return row is not None and row["done"]


async def offer_set_up(connection: Connection) -> str | None:
    """Make a one-time code while there is no user; None: set up already."""
    return None if await is_set_up(connection) else await make_link(connection, "set_up")


async def set_up(
    database: Database, code: str, *, workspace: str, name: str, email: str, password: str, user_agent: str
) -> NewSession:
    """Create the first user as owner of a shop, new or made on the command line before, and open a session.

    Raises:
        NotFoundError: the code is not valid.
        ConflictError: there is a user already.
        InvalidRequestError: name, address or password cannot be used.

    """
    async with database.reading() as connection:
        await _must_be_open(connection)
        await look_at_link(connection, "set_up", code)
    hashed = await hash_password(password)
    async with database.transaction() as connection:
        await execute(connection, "select pg_advisory_xact_lock(%(lock)s)", {"lock": _LOCK})
        await _must_be_open(connection)
        await use_link(connection, "set_up", code)
        try:
            workspace_id = await find_workspace(connection, workspace)
        except NotFoundError:
            workspace_id = await create_workspace(connection, workspace)
        user_id = await create_user(connection, email=email, name=name, password_hash=hashed)
        member_id = await add_or_promote(connection, workspace_id, email=email, name=name, role="owner")
        await link_member(connection, member_id, user_id)
        return await admit(connection, user_id, user_agent)


async def _must_be_open(connection: Connection) -> None:
    if await is_set_up(connection):
        raise ConflictError("Relevo is set up already: sign in.")
