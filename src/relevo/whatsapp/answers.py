"""What a channel sends with, and what WhatsApp answers. Values only."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from relevo.errors import RelevoError
from relevo.whatsapp.updates import NOBODY, Person

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from relevo.whatsapp.provider_errors import ProviderFailure


class MediaCutError(RelevoError):
    """A file could not be fetched to its end."""

    code = "media_cut"


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a channel sends with. `repr` shows no secret."""

    provider: Literal["meta", "360dialog"]
    phone_number_id: str
    access_token: str = field(repr=False)
    """Meta's access token or 360dialog's API key."""
    api_url: str | None = None
    """The channel's own base address; goes before the client's and the provider's."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """WhatsApp took the message; whether it arrives, the statuses say."""

    wamid: str
    recipient: Person = NOBODY
    """Whom WhatsApp recognised in the address."""


@dataclass(frozen=True, slots=True)
class Failed:
    """Not confirmed; see `failure.ambiguous` before sending again."""

    failure: ProviderFailure


@dataclass(frozen=True, slots=True)
class MediaInfo:
    """Where the bytes of a media id are, for five minutes."""

    url: str
    mime_type: str | None
    sha256: str | None
    size: int | None
    """Bytes."""


@dataclass(frozen=True, slots=True)
class NumberInfo:
    """What the provider knows of a number; None where it does not say."""

    phone: str | None = None
    """As the provider writes it."""
    name: str | None = None
    """What customers see."""
    quality: str | None = None
    """GREEN, YELLOW, RED or UNKNOWN: how customers take its messages."""
    webhook_url: str | None = None
    """360dialog: where webhooks go."""


@dataclass(frozen=True, slots=True)
class OpenMedia:
    """A media whose bytes are on their way."""

    mime_type: str | None
    size: int | None
    """Bytes, where the provider says so."""
    pieces: AsyncIterator[bytes]
    """Raises `MediaCutError` where the provider breaks off or sends more than it may."""


@dataclass(frozen=True, slots=True)
class Downloaded:
    """The bytes of a media."""

    content: bytes
    mime_type: str | None
