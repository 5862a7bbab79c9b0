"""`/webhooks`: where the shop wants its events, and what those places would not take."""

import uuid
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response, status
from pydantic import BaseModel, Field

from relevo.crm.endpoints import add_endpoint, change_endpoint, remove_endpoint, replay_dead_letters
from relevo.errors import NotFoundError
from relevo.store.database import Connection, fetch_all
from relevo.web.api.access import Admin, Caller, Db, Parts
from relevo.web.api.paging import DEFAULT_LIMIT, Cursor, Limit, Page, page, place

router = APIRouter(prefix="/webhooks", tags=["outgoing webhooks"])

_LIST = """
select w.id, w.url, w.types, w.status, w.attempts, w.last_error, w.last_success_at, w.created_at,
       (select count(*) from webhook_dead_letters d where d.endpoint_id = w.id and d.state = 'dead') as dead_letters
from webhook_endpoints w
where w.workspace_id = %(workspace)s
  and (%(one)s::uuid is null or w.id = %(one)s)
  and (%(after_id)s::uuid is null or w.id < %(after_id)s::uuid)
order by w.id desc limit %(limit)s
"""
_LETTERS = """
select d.id, d.event_id, e.type, e.data, d.state, d.attempts, d.error, d.created_at, d.updated_at
from webhook_dead_letters d left join events e on e.id = d.event_id
where d.workspace_id = %(workspace)s and d.endpoint_id = %(endpoint)s
  and (%(state)s::text is null or d.state = %(state)s)
  and (%(after_id)s::bigint is null or d.id < %(after_id)s::bigint)
order by d.id desc limit %(limit)s
"""


class Endpoint(BaseModel):
    """A URL that is told of events."""

    id: uuid.UUID
    url: str
    types: list[str] = Field(description="Types or groups of them; empty: all.")
    status: Literal["active", "disabled"]
    attempts: int = Field(description="Failed attempts at the event it is to be told next.")
    last_error: str | None
    last_success_at: datetime | None
    dead_letters: int
    created_at: datetime


class NewEndpoint(BaseModel):
    """What to tell whom."""

    url: str
    types: list[str] = []


class Created(Endpoint):
    """A new endpoint with its signing secret, which is shown this once."""

    secret: str


class EndpointChanges(BaseModel):
    """What to change."""

    url: str | None = None
    types: list[str] | None = None
    status: Literal["active", "disabled"] | None = None


class DeadLetter(BaseModel):
    """An event the endpoint would not take."""

    id: int
    event_id: int
    type: str | None
    data: dict[str, object] | None
    state: Literal["dead", "replaying", "delivered"]
    attempts: int
    error: str
    created_at: datetime
    updated_at: datetime


class Replaying(BaseModel):
    """How many dead letters are told once more."""

    replaying: int


class Wanted(BaseModel):
    """Which page."""

    limit: Limit = DEFAULT_LIMIT
    cursor: Cursor = None


class LettersWanted(Wanted):
    """Which dead letters."""

    state: Literal["dead", "replaying", "delivered"] | None = None


async def _show(connection: Connection, me: Caller, endpoint_id: uuid.UUID) -> Endpoint:
    wanted = {"workspace": me.workspace_id, "one": endpoint_id, "after_id": None, "limit": 1}
    rows = await fetch_all(connection, _LIST, wanted)
    if not rows:
        raise NotFoundError(f"There is no webhook endpoint {endpoint_id}.")
    return Endpoint.model_validate(rows[0])


@router.get("")
async def list_endpoints(me: Admin, db: Db, wanted: Annotated[Wanted, Query()]) -> Page[Endpoint]:
    """List endpoints, newest first."""
    parameters = {"workspace": me.workspace_id, "one": None, "limit": wanted.limit + 1, **place(wanted.cursor, "id")}
    async with db.reading() as connection:
        rows = await fetch_all(connection, _LIST, parameters)
    return page(rows, wanted.limit, Endpoint, "id")


@router.post("", status_code=status.HTTP_201_CREATED)
async def create_endpoint(form: NewEndpoint, me: Admin, parts: Parts) -> Created:
    """Tell a URL of events from now on. The answer holds the signing secret, this once."""
    async with parts.database.transaction() as connection:
        endpoint_id, secret = await add_endpoint(
            connection, parts.secrets, me.workspace_id, url=form.url, types=form.types
        )
        shown = await _show(connection, me, endpoint_id)
    return Created(**shown.model_dump(), secret=secret)


@router.get("/{endpoint_id}")
async def get_endpoint(endpoint_id: uuid.UUID, me: Admin, db: Db) -> Endpoint:
    """Show one."""
    async with db.reading() as connection:
        return await _show(connection, me, endpoint_id)


@router.patch("/{endpoint_id}")
async def update_endpoint(endpoint_id: uuid.UUID, form: EndpointChanges, me: Admin, db: Db) -> Endpoint:
    """Change it; activated again, it is told of everything since."""
    async with db.transaction() as connection:
        await change_endpoint(
            connection, me.workspace_id, endpoint_id, url=form.url, types=form.types, status=form.status
        )
        return await _show(connection, me, endpoint_id)


@router.delete("/{endpoint_id}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_endpoint(endpoint_id: uuid.UUID, me: Admin, db: Db) -> Response:
    """Forget it."""
    async with db.transaction() as connection:
        await remove_endpoint(connection, me.workspace_id, endpoint_id)
    return Response(status_code=status.HTTP_204_NO_CONTENT)


@router.get("/{endpoint_id}/dead-letters")
async def list_dead_letters(
    endpoint_id: uuid.UUID, me: Admin, db: Db, wanted: Annotated[LettersWanted, Query()]
) -> Page[DeadLetter]:
    """List what it would not take, newest first."""
    parameters = {
        "workspace": me.workspace_id,
        "endpoint": endpoint_id,
        "state": wanted.state,
        "limit": wanted.limit + 1,
        **place(wanted.cursor, "id"),
    }
    async with db.reading() as connection:
        await _show(connection, me, endpoint_id)
        rows = await fetch_all(connection, _LETTERS, parameters)
    return page(rows, wanted.limit, DeadLetter, "id")


@router.post("/{endpoint_id}/replay")
async def replay_all(endpoint_id: uuid.UUID, me: Admin, db: Db) -> Replaying:
    """Tell all dead letters once more."""
    async with db.transaction() as connection:
        return Replaying(replaying=await replay_dead_letters(connection, me.workspace_id, endpoint_id))


@router.post("/{endpoint_id}/dead-letters/{letter_id}/replay")
async def replay_one(endpoint_id: uuid.UUID, letter_id: int, me: Admin, db: Db) -> Replaying:
    """Tell one dead letter once more."""
    async with db.transaction() as connection:
        return Replaying(replaying=await replay_dead_letters(connection, me.workspace_id, endpoint_id, letter_id))
