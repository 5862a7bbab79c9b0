"""Where a shop wants its events: endpoints are added, changed, removed, and what they would not take is replayed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from uuid_utils.compat import uuid7

from relevo.crm.endpoint_events import check_choices, new_secret
from relevo.durable.actor import OUTGOING_WEBHOOK, Actor
from relevo.durable.mailbox import wake
from relevo.errors import InvalidRequestError, NotFoundError
from relevo.store.database import execute, fetch_one
from relevo.store.event_log import end_of_log

if TYPE_CHECKING:
    import uuid
    from collections.abc import Sequence

    from relevo.store.database import Connection
    from relevo.store.secrets import SecretBox

MAX_URL = 2000

_ADD = """
insert into webhook_endpoints (id, workspace_id, url, secret, types, cursor_xact, cursor_id)
values (%(id)s, %(workspace)s, %(url)s, %(secret)s, %(types)s, %(xact)s::text::xid8, %(event)s)
"""
_CHANGE = """
update webhook_endpoints
set url = coalesce(%(url)s, url), types = coalesce(%(types)s::text[], types), status = coalesce(%(status)s, status),
    attempts = 0
where id = %(id)s and workspace_id = %(workspace)s
"""
_REPLAY = """
update webhook_dead_letters set state = 'replaying', updated_at = now()
where endpoint_id = %(endpoint)s and workspace_id = %(workspace)s and state = 'dead'
  and (%(letter)s::bigint is null or id = %(letter)s)
"""


async def add_endpoint(
    connection: Connection, box: SecretBox, workspace_id: uuid.UUID, *, url: str, types: Sequence[str]
) -> tuple[uuid.UUID, str]:
    """Tell `url` of events from now on; returns the endpoint's id and its signing secret, shown this once.

    Raises:
        InvalidRequestError: no usable URL, or no such events.

    """
    _check_url(url)
    check_choices(types)
    endpoint_id, secret = uuid7(), new_secret()
    place = await end_of_log(connection)
    await wake(connection, Actor(OUTGOING_WEBHOOK, endpoint_id, workspace_id), datetime.now(UTC))
    await execute(
        connection,
        _ADD,
        {
            "id": endpoint_id,
            "workspace": workspace_id,
            "url": url,
            "secret": box.seal(secret),
            "types": list(types),
            "xact": str(place.xact),
            "event": place.id,
        },
    )
    return endpoint_id, secret


async def change_endpoint(
    connection: Connection,
    workspace_id: uuid.UUID,
    endpoint_id: uuid.UUID,
    *,
    url: str | None = None,
    types: Sequence[str] | None = None,
    status: Literal["active", "disabled"] | None = None,
) -> None:
    """Change an endpoint. Activated again, it is told of everything since it was last told.

    Raises:
        InvalidRequestError: no usable URL, or no such events.
        NotFoundError: no such endpoint in this workspace.

    """
    if url is not None:
        _check_url(url)
    check_choices(types or ())
    await wake(connection, Actor(OUTGOING_WEBHOOK, endpoint_id, workspace_id), datetime.now(UTC))
    parameters = {
        "id": endpoint_id,
        "workspace": workspace_id,
        "url": url,
        "types": None if types is None else list(types),
        "status": status,
    }
    if not await execute(connection, _CHANGE, parameters):
        raise NotFoundError(f"There is no webhook endpoint {endpoint_id}.")


async def remove_endpoint(connection: Connection, workspace_id: uuid.UUID, endpoint_id: uuid.UUID) -> None:
    """Forget an endpoint and what it would not take.

    Raises:
        NotFoundError: no such endpoint in this workspace.

    """
    gone = await execute(
        connection,
        "delete from webhook_endpoints where id = %(id)s and workspace_id = %(workspace)s",
        {"id": endpoint_id, "workspace": workspace_id},
    )
    if not gone:
        raise NotFoundError(f"There is no webhook endpoint {endpoint_id}.")


async def replay_dead_letters(
    connection: Connection, workspace_id: uuid.UUID, endpoint_id: uuid.UUID, letter_id: int | None = None
) -> int:
    """Tell one event an endpoint would not take, or all of them, once more; returns how many.

    Raises:
        NotFoundError: no such endpoint in this workspace.

    """
    found = await fetch_one(
        connection,
        "select 1 as one from webhook_endpoints where id = %(id)s and workspace_id = %(workspace)s",
        {"id": endpoint_id, "workspace": workspace_id},
    )
    if found is None:
        raise NotFoundError(f"There is no webhook endpoint {endpoint_id}.")
    await wake(connection, Actor(OUTGOING_WEBHOOK, endpoint_id, workspace_id), datetime.now(UTC))
    parameters = {"endpoint": endpoint_id, "workspace": workspace_id, "letter": letter_id}
    return await execute(connection, _REPLAY, parameters)


def _check_url(url: str) -> None:
    try:
        parts = urlsplit(url)
        port_is_readable = parts.port is None or parts.port > 0
    except ValueError:
        raise InvalidRequestError("This is no URL.") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname or not port_is_readable or len(url) > MAX_URL:
        raise InvalidRequestError("A webhook goes to an http or https URL.")
    if parts.username is not None:
        raise InvalidRequestError("Credentials in a URL end up in logs: check the signature instead.")
