"""API tokens of a shop: which there are, when they were last used, and their end."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from relevo.crm.workspaces import token_hash
from relevo.errors import NotFoundError
from relevo.store.database import execute, fetch_all, fetch_one

if TYPE_CHECKING:
    import uuid
    from collections.abc import Sequence

    from relevo.store.database import Connection, Row

NOTE_SECONDS = 60.0
"""A token's use is written down at most once in that time, by each process."""

_LIST = """
select id, name, created_at, last_used_at from api_tokens
where workspace_id = %(workspace)s and revoked_at is null
  and (%(after_id)s::uuid is null or id < %(after_id)s::uuid)
order by id desc limit %(limit)s
"""
_USED = """
update api_tokens set last_used_at = date_trunc('minute', now())
where token_hash = %(hash)s and (last_used_at is null or last_used_at < date_trunc('minute', now()))
"""


async def api_tokens(
    connection: Connection, workspace_id: uuid.UUID, *, limit: int, after_id: str | None
) -> Sequence[Row]:
    """List valid tokens, newest first: id, name, created_at, last_used_at."""
    return await fetch_all(connection, _LIST, {"workspace": workspace_id, "limit": limit, "after_id": after_id})


async def api_token(connection: Connection, workspace_id: uuid.UUID, token: str) -> Row:
    """Return what is kept of a token.

    Raises:
        NotFoundError: it is not a valid one of this shop.

    """
    row = await fetch_one(
        connection,
        "select id, name, created_at, last_used_at from api_tokens"
        " where workspace_id = %(workspace)s and token_hash = %(hash)s and revoked_at is null",
        {"workspace": workspace_id, "hash": token_hash(token)},
    )
    if row is None:
        raise NotFoundError("There is no such token.")
    return row


async def revoke_token(connection: Connection, workspace_id: uuid.UUID, token_id: uuid.UUID) -> None:
    """End a token. Raises NotFoundError when there is none of that id."""
    ended = await execute(
        connection,
        "update api_tokens set revoked_at = now()"
        " where workspace_id = %(workspace)s and id = %(token)s and revoked_at is null",
        {"workspace": workspace_id, "token": token_id},
    )
    if not ended:
        raise NotFoundError(f"There is no token {token_id}.")


class TokenUses:
    """Which tokens were used a moment ago, so that a request seldom writes."""

    def __init__(self) -> None:
        self._noted: dict[bytes, float] = {}

    async def note(self, connection: Connection, token: str) -> None:
        """Write down that a valid token was used, unless that was written a moment ago."""
        hashed, now = token_hash(token), time.monotonic()
        if now - self._noted.get(hashed, float("-inf")) < NOTE_SECONDS:
            return
        self._noted[hashed] = now
        await execute(connection, _USED, {"hash": hashed})
