"""Who is calling, and for which workspace. Every query below `/api/v1` is scoped by what is answered here."""

import uuid
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from relevo.crm.workspaces import token_hash
from relevo.errors import ForbiddenError, UnauthorizedError
from relevo.store.database import Database, fetch_one
from relevo.store.secrets import SecretBox

_BEARER = HTTPBearer(auto_error=False, description="An API token of the workspace: `relevo token create`.")

_WHO = """
select t.workspace_id, m.id as member_id
from api_tokens t
left join members m on m.workspace_id = t.workspace_id and m.id = %(member)s::uuid and m.deactivated_at is null
where t.token_hash = %(hash)s and t.revoked_at is null
"""


@dataclass(frozen=True, slots=True)
class Services:
    """What the API works with; kept in `application.state.services`."""

    database: Database
    secrets: SecretBox


@dataclass(frozen=True, slots=True)
class Caller:
    """A workspace, and the person who acts in it where that is known."""

    workspace_id: uuid.UUID
    member_id: uuid.UUID | None


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
    parts: Annotated[Services, Depends(services)],
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)],
    relevo_member: Annotated[uuid.UUID | None, Header(description="The member who acts, by id.")] = None,
) -> Caller:
    """Tell who calls.

    Raises:
        UnauthorizedError: no token, or one that is not valid.
        ForbiddenError: the named member is not one of this workspace.

    """
    if credentials is None:
        raise UnauthorizedError("Send `Authorization: Bearer <API token>`; `relevo token create` makes one.")
    async with parts.database.reading() as connection:
        row = await fetch_one(connection, _WHO, {"hash": token_hash(credentials.credentials), "member": relevo_member})
    if row is None:
        raise UnauthorizedError("This API token is not valid.")
    if relevo_member is not None and row["member_id"] is None:
        raise ForbiddenError("The Relevo-Member header names nobody of this workspace.")
    return Caller(row["workspace_id"], row["member_id"])


Me = Annotated[Caller, Depends(caller)]
Db = Annotated[Database, Depends(database)]
Parts = Annotated[Services, Depends(services)]
