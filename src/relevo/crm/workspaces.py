"""Shops and their API tokens: made, found, listed."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from typing import TYPE_CHECKING

from uuid_utils.compat import uuid7

from relevo.errors import ConflictError, InvalidRequestError, NotFoundError
from relevo.store.database import IntegrityError, execute, fetch_one

if TYPE_CHECKING:
    from relevo.store.database import Connection

TOKEN_PREFIX = "relevo_"  # noqa: S105 - what a token starts with, so that leaked ones can be searched for


async def create_workspace(connection: Connection, name: str) -> uuid.UUID:
    """Create a shop with its configuration's defaults.

    Raises:
        ConflictError: there is one by that name.
        InvalidRequestError: the name is empty.

    """
    name = name.strip()
    if not name:
        raise InvalidRequestError("A workspace needs a name.")
    workspace_id = uuid7()
    try:
        await execute(
            connection,
            "with made as (insert into workspaces (id, name) values (%(id)s, %(name)s) returning id)"
            " insert into agent_configs (workspace_id) select id from made",
            {"id": workspace_id, "name": name},
        )
    except IntegrityError:
        raise ConflictError(f"There is a workspace `{name}` already.") from None
    return workspace_id


async def rename_workspace(connection: Connection, workspace_id: uuid.UUID, name: str) -> None:
    """Call a shop something else.

    Raises:
        ConflictError: there is another one by that name.
        InvalidRequestError: the name is empty.

    """
    name = name.strip()
    if not name:
        raise InvalidRequestError("A workspace needs a name.", where="name")
    try:
        await execute(
            connection,
            "with renamed as (update workspaces set name = %(name)s where id = %(id)s returning id)"
            " insert into events (workspace_id, type, data)"
            " select id, 'workspace.renamed', jsonb_build_object('name', %(name)s::text) from renamed",
            {"id": workspace_id, "name": name},
        )
    except IntegrityError:
        raise ConflictError(f"There is a workspace `{name}` already.") from None


async def find_workspace(connection: Connection, name_or_id: str) -> uuid.UUID:
    """Return a shop's id.

    Raises:
        NotFoundError: there is none by that name or id.

    """
    try:
        wanted: uuid.UUID | None = uuid.UUID(name_or_id)
    except ValueError:
        wanted = None
    row = await fetch_one(
        connection,
        "select id from workspaces where id = %(id)s or name = %(name)s order by id = %(id)s desc limit 1",
        {"id": wanted, "name": name_or_id.strip()},
    )
    if row is None:
        raise NotFoundError(f"There is no workspace `{name_or_id}`. `relevo workspace list` shows those there are.")
    return row["id"]


async def create_token(connection: Connection, workspace_id: uuid.UUID, name: str) -> str:
    """Make a bearer token of the REST API. It is returned this once; only its hash is kept."""
    token = TOKEN_PREFIX + secrets.token_urlsafe(32)
    await execute(
        connection,
        "insert into api_tokens (id, workspace_id, name, token_hash)"
        " values (%(id)s, %(workspace)s, %(name)s, %(hash)s)",
        {"id": uuid7(), "workspace": workspace_id, "name": name, "hash": token_hash(token)},
    )
    return token


def token_hash(token: str) -> bytes:
    """Hash a token for the store. It holds 256 random bits, so a plain hash is enough."""
    return hashlib.sha256(token.encode()).digest()
