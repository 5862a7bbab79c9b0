"""`/session`, `/sessions`, `/sign-in`: signing in and out of the inbox, and the browsers one is signed in with."""

import uuid
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Header, Request, Response, status
from pydantic import BaseModel, Field

from relevo.crm.passwords import LONGEST, SHORTEST
from relevo.crm.sessions import end_session, list_sessions, revoke_session
from relevo.crm.set_up import is_set_up
from relevo.crm.sign_in import change_password, sign_in
from relevo.crm.users import workspaces_of
from relevo.errors import NotFoundError
from relevo.store.database import Connection, fetch_one
from relevo.web.api.access import Db, Parts, Role, User

router = APIRouter(tags=["sign-in"])

UserAgent = Annotated[str, Header(include_in_schema=False)]


class UserShown(BaseModel):
    """Who is signed in."""

    id: uuid.UUID
    email: str
    name: str


class WorkspaceShown(BaseModel):
    """A shop they belong to, and as whom. Name it in the header `Relevo-Workspace`."""

    id: uuid.UUID
    name: str
    member_id: uuid.UUID
    role: Role


class Session(BaseModel):
    """Who is signed in, and where they belong; the first workspace is theirs where none is named."""

    id: uuid.UUID
    user: UserShown
    workspaces: list[WorkspaceShown]


class Credentials(BaseModel):
    """What is typed to sign in."""

    email: str = Field(max_length=254)
    password: str = Field(max_length=LONGEST)


class NewPassword(BaseModel):
    """Changing one's password."""

    current: str = Field(max_length=LONGEST)
    new: str = Field(min_length=SHORTEST, max_length=LONGEST)


class Browser(BaseModel):
    """A browser that is signed in."""

    id: uuid.UUID
    current: bool = Field(description="The one that asks.")
    user_agent: str
    created_at: datetime
    seen_at: datetime = Field(description="To the minute.")
    expires_at: datetime


class Browsers(BaseModel):
    """All browsers one is signed in with."""

    items: list[Browser]


class OidcShown(BaseModel):
    """Signing in elsewhere is possible: open `/api/v1/oidc/start`."""

    name: str


class Ways(BaseModel):
    """How to get in."""

    set_up: bool = Field(description="Nobody can sign in yet: `/set-up` wants the code the server printed.")
    oidc: OidcShown | None


def address_of(request: Request) -> str:
    """Return the network address a request came from; behind a proxy on this machine, the one the proxy names."""
    return request.client.host if request.client else "unknown"


async def describe(connection: Connection, user_id: uuid.UUID, session_id: uuid.UUID) -> Session:
    """Tell who is signed in."""
    row = await fetch_one(connection, "select id, email, name from users where id = %(user)s", {"user": user_id})
    if row is None:
        raise NotFoundError("There is no such account.")
    workspaces = await workspaces_of(connection, user_id)
    return Session.model_validate({"id": session_id, "user": row, "workspaces": workspaces})


@router.get("/sign-in")
async def ways_in(parts: Parts) -> Ways:
    """Tell how one can sign in here."""
    async with parts.database.reading() as connection:
        done = await is_set_up(connection)
    provider = parts.site.provider
    return Ways(set_up=not done, oidc=OidcShown(name=provider.name) if provider else None)


@router.post("/session")
async def create_session(
    form: Credentials, parts: Parts, request: Request, response: Response, user_agent: UserAgent = ""
) -> Session:
    """Sign in. 401: e-mail or password is wrong; 403: the account belongs to no shop; 429: wait `Retry-After`."""
    opened = await sign_in(
        parts.database,
        form.email,
        form.password,
        address=address_of(request),
        user_agent=user_agent,
        instead_of=parts.site.session_token(request),
    )
    parts.site.set_session(request, response, opened.token)
    async with parts.database.reading() as connection:
        return await describe(connection, opened.user_id, opened.id)


@router.get("/session")
async def get_session(user: User, db: Db) -> Session:
    """Tell who is signed in; 401: nobody."""
    async with db.reading() as connection:
        return await describe(connection, user.user_id, user.session_id)


@router.delete("/session", status_code=status.HTTP_204_NO_CONTENT)
async def delete_session(parts: Parts, request: Request) -> Response:
    """Sign out. Without a session nothing happens."""
    token = parts.site.session_token(request)
    if token is not None:
        async with parts.database.transaction() as connection:
            await end_session(connection, token)
    response = Response(status_code=status.HTTP_204_NO_CONTENT)
    parts.site.drop_session(request, response)
    return response


@router.put("/session/password", status_code=status.HTTP_204_NO_CONTENT)
async def put_password(form: NewPassword, user: User, db: Db, request: Request) -> Response:
    """Change one's password; other browsers are signed out. 403: the present one is wrong."""
    await change_password(
        db,
        user.user_id,
        old=form.current,
        new=form.new,
        address=address_of(request),
        session_id=user.session_id,
    )
    return Response(status_code=status.HTTP_204_NO_CONTENT)


@router.get("/sessions")
async def get_sessions(user: User, db: Db) -> Browsers:
    """List the browsers one is signed in with."""
    async with db.reading() as connection:
        rows = await list_sessions(connection, user.user_id)
    return Browsers(items=[Browser(**row, current=row["id"] == user.session_id) for row in rows])


@router.delete("/sessions/{session_id}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_one_session(session_id: uuid.UUID, user: User, db: Db) -> Response:
    """Sign a browser out."""
    async with db.transaction() as connection:
        await revoke_session(connection, user.user_id, session_id)
    return Response(status_code=status.HTTP_204_NO_CONTENT)
