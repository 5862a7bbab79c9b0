"""Which channels there are, with their secrets open, kept at hand for the webhook. Reads only, forgets soon."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from relevo.store.database import execute, fetch_all

if TYPE_CHECKING:
    import uuid
    from collections.abc import Sequence

    from relevo.store.database import Database
    from relevo.store.secrets import SecretBox

FRESH_SECONDS = 5.0
MISS_SECONDS = 0.5
"""After a look-up that found nothing, look again that soon: the channel may just have been added."""

_ALL = """
select id, workspace_id, provider, phone_number_id, app_secret, verify_token from channels
"""
_VERIFIED = """
with verified as (
    update channels set verified_at = now() where id = any(%(ids)s::uuid[]) returning id, workspace_id
)
insert into events (workspace_id, type, data)
select workspace_id, 'channel.verified', jsonb_build_object('channelId', id) from verified
"""


@dataclass(frozen=True, slots=True)
class Channel:
    """One connected number, as the webhook needs it."""

    id: uuid.UUID
    workspace_id: uuid.UUID
    provider: str
    phone_number_id: str
    webhook_secret: str | None = field(repr=False)
    """Meta: the app secret that signs bodies. 360dialog: the value of the secret header."""
    verify_token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Directory:
    """All channels at one moment."""

    by_id: dict[uuid.UUID, Channel] = field(default_factory=dict["uuid.UUID", Channel])
    by_number: dict[str, Channel] = field(default_factory=dict[str, Channel])
    by_secret: dict[tuple[str, str], tuple[Channel, ...]] = field(
        default_factory=dict[tuple[str, str], tuple[Channel, ...]]
    )
    """(provider, webhook secret) to the channels it speaks for; an empty secret proves nothing."""


class Channels:
    """The directory, at most a few seconds old."""

    def __init__(self, database: Database, secrets: SecretBox) -> None:
        self._database = database
        self._secrets = secrets
        self._directory = Directory()
        self._loaded_at = float("-inf")
        self._loading = asyncio.Lock()

    async def directory(self, *, wanting: str | None = None) -> Directory:
        """Return the directory; fresher where `wanting`, a phone_number_id, is not in it."""
        age = time.monotonic() - self._loaded_at
        missing = wanting is not None and wanting not in self._directory.by_number
        if age > FRESH_SECONDS or (missing and age > MISS_SECONDS):
            await self._load(MISS_SECONDS if missing else FRESH_SECONDS)
        return self._directory

    async def verified(self, channel_ids: Sequence[uuid.UUID]) -> None:
        """Write down that the provider has just verified the callback address with these channels' token."""
        async with self._database.transaction() as connection:
            await execute(connection, _VERIFIED, {"ids": list(channel_ids)})

    async def _load(self, oldest: float) -> None:
        async with self._loading:
            if time.monotonic() - self._loaded_at <= oldest:
                return
            async with self._database.reading() as connection:
                rows = await fetch_all(connection, _ALL, {})
            channels = [
                Channel(
                    id=row["id"],
                    workspace_id=row["workspace_id"],
                    provider=row["provider"],
                    phone_number_id=row["phone_number_id"],
                    webhook_secret=self._secrets.open(row["app_secret"]) if row["app_secret"] else None,
                    verify_token=self._secrets.open(row["verify_token"]),
                )
                for row in rows
            ]
            by_secret: dict[tuple[str, str], list[Channel]] = {}
            for channel in channels:
                by_secret.setdefault((channel.provider, channel.webhook_secret or ""), []).append(channel)
            self._directory = Directory(
                {channel.id: channel for channel in channels},
                {channel.phone_number_id: channel for channel in channels},
                {key: tuple(group) for key, group in by_secret.items()},
            )
            self._loaded_at = time.monotonic()
