"""Who is calling, and for which workspace. Every query below `/api/v1` is scoped by what is answered here."""

import uuid
from dataclasses import dataclass, field
from typing import Annotated, Literal

from fastapi import Depends, Header, Request
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer

from relevo.crm.sessions import find_session
from relevo.crm.tokens import TokenUses
from relevo.crm.workspaces import token_hash
from relevo.errors import ForbiddenError, NotFoundError, UnauthorizedError
from relevo.store.database import Connection, Database, fetch_one
from relevo.store.secrets import SecretBox
from relevo.web.site import Site

Role = Literal["owner", "admin", "agent"]

_BEARER = HTTPBearer(auto_error=False, description="An API token of the workspace: `relevo token create`.")
_COOKIE = APIKeyCookie(
    name="relevo_session", auto_error=False, description="A signed-in browser; `__Host-relevo_session` over https."
)

_WHO = """
select t.id, t.workspace_id, m.id as member_id
from api_tokens t
left join members m on m.workspace_id = t.workspace_id and m.id = %(member)s::uuid and m.deactivated_at is null
where t.token_hash = %(hash)s and t.revoked_at is null
"""
_STILL = """
select 1 from user_sessions s join users u on u.id = s.user_id and u.disabled_at is null
join members m on m.user_id = u.id and m.id = %(member)s and m.deactivated_at is null
where s.id = %(session)s and s.revoked_at is null and s.expires_at > now()
"""
_STILL_GOOD = "select 1 from api_tokens where id = %(token)s and revoked_at is null"


@dataclass(frozen=True, slots=True)
class Services:
    """What the API works with; kept in `application.state.services`."""

    database: Database
    secrets: SecretBox
    site: Site = field(default_factory=Site)
    token_uses: TokenUses = field(default_factory=TokenUses)


@dataclass(frozen=True, slots=True)
class Caller:
    """A workspace, and the person who acts in it where that is known.

    A bearer token acts as an admin; whatever only an owner may do needs a signed-in owner.
    """

    workspace_id: uuid.UUID
    member_id: uuid.UUID | None
    role: Role = "admin"
    user_id: uuid.UUID | None = None
    session_id: uuid.UUID | None = None
    token_id: uuid.UUID | None = None

    async def still_welcome(self, connection: Connection) -> bool:
        """Whether session or token still stands. For what stays open long after it was asked, such as a stream."""
        if self.session_id is None:
            row = await fetch_one(connection, _STILL_GOOD, {"token": self.token_id})
        else:
            row = await fetch_one(connection, _STILL, {"member": self.member_id, "session": self.session_id})
        return row is not None


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A user in a browser, whatever the workspace."""

    user_id: uuid.UUID
    session_id: uuid.UUID
    email: str
    name: str


def services(request: Request) -> Services:
    """Return the running parts."""
    found = request.app.state.services
    if not isinstance(found, Services):
        raise TypeError("the application runs without an API")
    return found


def database(parts: Annotated[Services, Depends(services)]) -> Database:
    """Return the database."""
    return parts.database


async def caller(
    request: Request,
    parts: Annotated[Services, Depends(services)],
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)],
    _cookie: Annotated[str | None, Depends(_COOKIE)] = None,
    relevo_workspace: Annotated[
        uuid.UUID | None,
        Header(description="With a session: the workspace meant, by id. `?workspace=` where no header can be sent."),
    ] = None,
    relevo_member: Annotated[uuid.UUID | None, Header(description="With a token: the member who acts, by id.")] = None,
) -> Caller:
    """Tell who calls: a bearer token's workspace, or the user of a session.

    Raises:
        UnauthorizedError: neither token nor session, or one that is not valid (any more).
        ForbiddenError: the named member is not one of this workspace.
        NotFoundError: the user has no such workspace.

    """
    if credentials is not None:
        return await _by_token(parts, credentials.credentials, relevo_member)
    token = parts.site.session_token(request)
    if token is None:
        raise UnauthorizedError(
            "Sign in, or send `Authorization: Bearer <API token>`; `relevo token create` makes one."
        )
    return await _by_session(parts.database, token, relevo_workspace or _named_in_query(request))


async def signed_in(request: Request, parts: Annotated[Services, Depends(services)]) -> SignedIn:
    """Tell which user's browser this is.

    Raises:
        UnauthorizedError: nobody's (any more).

    """
    token = parts.site.session_token(request)
    if token is None:
        raise UnauthorizedError("You are not signed in.")
    async with parts.database.reading() as connection:
        row = await find_session(connection, token)
    return SignedIn(row["user_id"], row["session_id"], row["email"], row["name"])


async def _by_token(parts: Services, token: str, member_id: uuid.UUID | None) -> Caller:
    async with parts.database.reading() as connection:
        row = await fetch_one(connection, _WHO, {"hash": token_hash(token), "member": member_id})
        if row is None:
            raise UnauthorizedError("This API token is not valid.")
        await parts.token_uses.note(connection, token)
    if member_id is not None and row["member_id"] is None:
        raise ForbiddenError("The Relevo-Member header names nobody of this workspace.")
    return Caller(row["workspace_id"], row["member_id"], token_id=row["id"])


async def _by_session(database: Database, token: str, workspace_id: uuid.UUID | None) -> Caller:
    async with database.reading() as connection:
        row = await find_session(connection, token, workspace_id)
    if row["member_id"] is None:
        if workspace_id is not None:
            raise NotFoundError(f"There is no workspace {workspace_id}.")
        raise UnauthorizedError("This account belongs to no shop (any more).")
    return Caller(row["workspace_id"], row["member_id"], row["role"], row["user_id"], row["session_id"])


def _named_in_query(request: Request) -> uuid.UUID | None:
    name = request.query_params.get("workspace")
    if name is None:
        return None
    try:
        return uuid.UUID(name)
    except ValueError:
        raise NotFoundError("There is no such workspace.") from None


def admin(me: Annotated[Caller, Depends(caller)]) -> Caller:
    """Let only admins and owners pass.

    Raises:
        ForbiddenError: they are neither.

    """
    if me.role == "agent":
        raise ForbiddenError("Only admins and owners of the shop may do this.")
    return me


def owner(me: Annotated[Caller, Depends(caller)]) -> Caller:
    """Let only owners pass; a token is none.

    Raises:
        ForbiddenError: they are none.

    """
    if me.role != "owner":
        raise ForbiddenError("Only a signed-in owner of the shop may do this.")
    return me


Me = Annotated[Caller, Depends(caller)]
Admin = Annotated[Caller, Depends(admin)]
Owner = Annotated[Caller, Depends(owner)]
User = Annotated[SignedIn, Depends(signed_in)]
Db = Annotated[Database, Depends(database)]
Parts = Annotated[Services, Depends(services)]
