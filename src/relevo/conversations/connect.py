"""Connects numbers: adds channels, lists them, lets a stopped one speak again."""

from __future__ import annotations

import re
import secrets as random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from uuid_utils.compat import uuid7

from relevo.errors import ConflictError, InvalidRequestError, NotFoundError
from relevo.store.database import IntegrityError, execute, fetch_one

if TYPE_CHECKING:
    import uuid

    from relevo.store.database import Connection
    from relevo.store.secrets import SecretBox

Provider = Literal["meta", "360dialog"]

_ADD = """
insert into channels (id, workspace_id, provider, phone_number_id, phone, api_url, access_token, app_secret,
                      verify_token)
values (%(id)s, %(workspace)s, %(provider)s, %(number)s, %(phone)s, %(api_url)s, %(token)s, %(secret)s, %(verify)s)
"""
_ADDED = """
insert into events (workspace_id, type, data)
values (%(workspace)s, 'channel.added', jsonb_build_object('channelId', %(id)s::uuid))
"""
_ENABLE = """
with enabled as (
    update channels set status = 'active', status_reason = null, paused_until = null
    where id::text = %(channel)s or phone_number_id = %(channel)s or phone = %(channel)s
    returning id, workspace_id, phone
),
told as (
    insert into events (workspace_id, type, data)
    select workspace_id, 'channel.enabled', jsonb_build_object('channelId', id) from enabled
)
select id, phone from enabled
"""


_CHANGED = """
insert into events (workspace_id, type, data)
values (%(workspace)s, 'channel.changed',
        jsonb_build_object('channelId', %(channel)s::uuid, 'changed', %(changed)s::text[]))
"""


@dataclass(frozen=True, slots=True)
class NewChannel:
    """A number to connect, as its provider knows it."""

    provider: Provider
    phone_number_id: str
    phone: str
    """E.164; spaces and dashes are forgiven."""
    access_token: str = field(repr=False)
    """Meta's access token or 360dialog's API key."""
    app_secret: str = field(default_factory=lambda: random.token_urlsafe(24), repr=False)
    """Meta: the app secret that signs webhooks. 360dialog: the value of the secret header; made up if not given."""
    verify_token: str = field(default_factory=lambda: random.token_urlsafe(24), repr=False)
    api_url: str | None = None


@dataclass(frozen=True, slots=True)
class ChannelChanges:
    """What to change of a connected number; None stays as it is."""

    phone: str | None = None
    access_token: str | None = field(default=None, repr=False)
    app_secret: str | None = field(default=None, repr=False)
    verify_token: str | None = field(default=None, repr=False)
    api_url: str | None = None
    """Empty: the provider's own."""


async def add_channel(
    connection: Connection, secrets: SecretBox, workspace_id: uuid.UUID, channel: NewChannel
) -> uuid.UUID:
    """Connect a number; its secrets are sealed before they reach the database.

    Raises:
        ConflictError: the number is connected already.
        InvalidRequestError: something cannot be as given.

    """
    channel_id = uuid7()
    values = {
        "id": channel_id,
        "workspace": workspace_id,
        "provider": channel.provider,
        "number": _given("phone number id", channel.phone_number_id),
        "phone": phone_number(channel.phone),
        "api_url": _address(channel.api_url),
        "token": secrets.seal(_secret("access token", channel.access_token)),
        "secret": secrets.seal(_secret("app secret", channel.app_secret)),
        "verify": secrets.seal(_secret("verify token", channel.verify_token)),
    }
    try:
        await execute(connection, _ADD, values)
    except IntegrityError:
        raise ConflictError(f"The number {channel.phone_number_id} is connected already.") from None
    await execute(connection, _ADDED, {"workspace": workspace_id, "id": channel_id})
    return channel_id


async def enable_channel(connection: Connection, channel: str) -> tuple[uuid.UUID, str]:
    """Let a stopped or paused number speak again; by id, phone_number_id or phone. The sweep wakes what waited.

    Raises:
        NotFoundError: there is no such channel.

    """
    row = await fetch_one(connection, _ENABLE, {"channel": channel.strip()})
    if row is None:
        raise NotFoundError(f"There is no channel `{channel}`. `relevo channel list` shows those there are.")
    return row["id"], row["phone"]


async def change_channel(
    connection: Connection, secrets: SecretBox, workspace_id: uuid.UUID, channel_id: uuid.UUID, changes: ChannelChanges
) -> None:
    """Change what a number sends and listens with; None leaves as it is. Webhooks know within seconds.

    Raises:
        NotFoundError: no such channel in this workspace.
        InvalidRequestError: something cannot be as given.

    """
    values: dict[str, object] = {}
    for name in ("access_token", "app_secret", "verify_token"):
        value: str | None = getattr(changes, name)
        if value is not None:
            values[name] = secrets.seal(_secret(name.replace("_", " "), value))
    if changes.phone is not None:
        values["phone"] = phone_number(changes.phone)
    if changes.api_url is not None:
        values["api_url"] = _address(changes.api_url)
    assignments = "".join(f"{name} = %({name})s, " for name in values)
    touched = await execute(
        connection,
        f"update channels set {assignments} id = id where id = %(channel)s and workspace_id = %(workspace)s",  # noqa: S608 - names from above
        {**values, "channel": channel_id, "workspace": workspace_id},
    )
    if not touched:
        raise NotFoundError(f"There is no channel {channel_id}.")
    data = {"channel": channel_id, "workspace": workspace_id, "changed": sorted(values)}
    await execute(connection, _CHANGED, data)


def phone_number(text: str) -> str:
    """Return a phone as E.164.

    Raises:
        InvalidRequestError: it is not one.

    """
    digits = re.sub(r"[\s().-]", "", text)
    if not re.fullmatch(r"\+[1-9]\d{7,14}", digits):
        raise InvalidRequestError(f"`{text}` is not a phone in international form, such as +573001234567.")
    return digits


def _given(name: str, value: str) -> str:
    value = value.strip()
    if not value:
        raise InvalidRequestError(f"The {name} is empty.")
    return value


def _secret(name: str, value: str) -> str:
    value = _given(name, value)
    if not (value.isascii() and value.isprintable() and " " not in value):
        raise InvalidRequestError(f"The {name} has characters no {name} has: it may have been copied with others.")
    return value


def _address(url: str | None) -> str | None:
    if url is None or not url.strip():
        return None
    if not re.match(r"https?://[^/\s]+", url.strip()):
        raise InvalidRequestError(f"`{url}` is not an address: it starts with https://.")
    return url.strip().rstrip("/")
