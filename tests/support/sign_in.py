"""People who sign in: accounts and browsers, made in the database, and an application to ask."""

from __future__ import annotations

from contextlib import asynccontextmanager
from functools import cache
from typing import TYPE_CHECKING

import httpx2
from uuid_utils.compat import uuid7

from relevo.app import Relevo
from relevo.crm.members import add_member
from relevo.crm.sessions import open_session
from relevo.crm.users import create_user, find_user, link_member
from relevo.settings import Settings
from relevo.store.secrets import SecretBox
from support.echo_agent import EchoAgent, OneAgent
from support.service import KEY

if TYPE_CHECKING:
    import uuid
    from collections.abc import AsyncGenerator

    from fastapi import FastAPI

    from relevo.crm.members import Role
    from relevo.store.database import Database

ORIGIN = "http://test"
PASSWORD = "caballo correcto"


@cache
def password_hash() -> str:
    """The hash of `PASSWORD`, made once: it is slow on purpose."""
    from pwdlib import PasswordHash  # noqa: PLC0415 - only tests of passwords wait for it

    return PasswordHash.recommended().hash(PASSWORD)


async def add_person(
    database: Database, workspace_id: uuid.UUID, email: str, *, role: Role = "agent", password: bool = True
) -> uuid.UUID:
    """Add a member of a shop who signs in; a user already, they join another shop. Returns the member's id."""
    async with database.transaction() as connection:
        member_id = await add_member(connection, workspace_id, email=email, name=email.partition("@")[0], role=role)
        user = await find_user(connection, email)
        user_id = (
            user["id"]
            if user
            else await create_user(
                connection, email=email, name="Ana", password_hash=password_hash() if password else None
            )
        )
        await link_member(connection, member_id, user_id)
    return member_id


async def cookie_of(database: Database, email: str) -> dict[str, str]:
    """Sign somebody in behind the scenes; returns the cookies of their browser."""
    async with database.transaction() as connection:
        user = await find_user(connection, email)
        assert user is not None
        opened = await open_session(connection, user["id"], "test")
    return {"relevo_session": opened.token}


def browser(application: FastAPI, *, address: str = "203.0.113.7", **cookies: str) -> httpx2.AsyncClient:
    """A browser on the inbox's own pages."""
    return httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=application, client=(address, 1234)),
        base_url=f"{ORIGIN}/api/v1",
        headers={"Origin": ORIGIN, "Sec-Fetch-Site": "same-origin", "User-Agent": "Firefox"},
        cookies=cookies,
    )


@asynccontextmanager
async def application(database_url: str, **settings: object) -> AsyncGenerator[FastAPI]:
    """The web application, without a server or worker."""
    relevo = Relevo(
        Settings.model_validate(settings),
        database_url=database_url,
        secrets=SecretBox(KEY),
        agents=OneAgent(EchoAgent()),
    )
    try:
        yield relevo.web()
    finally:
        await relevo.stop()


def unique_email(name: str = "ana") -> str:
    """An address nobody has."""
    return f"{name}.{uuid7().hex[-12:]}@example.com"
