"""Inngest's client, set up by its own environment variables, and how events get to its Event API.

The SDK's own `send` keeps an answer's status to itself, retries inside for as long as it likes and cannot be closed:
the relay does its own retrying, so events go by plain HTTP to where the SDK says (docs/adr/0013-inngest.md).
"""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING, Final

import httpx2
import inngest

from relevo.errors import ConfigurationError, EngineAwayError, EngineRefusedError

if TYPE_CHECKING:
    from collections.abc import Sequence

APP_ID: Final = "relevo"
DEV_EVENT_KEY: Final = "NO_EVENT_KEY_SET"
"""The dev server takes any key; the SDK sends this one."""
SEND_SECONDS = 15.0
_REFUSALS: Final = frozenset({400, 413, 422})
"""Not 401, 403, 404, 408, 429: those speak of the set-up or the moment, not of the events."""


def create_client(*, app_version: str | None = None) -> inngest.Inngest:
    """Make the client the environment describes: `INNGEST_EVENT_KEY`, `INNGEST_SIGNING_KEY`, `INNGEST_DEV`, ….

    Raises:
        ConfigurationError: a key is missing outside dev mode, or cannot be one; the message names it, never its value.

    """
    client = inngest.Inngest(app_id=APP_ID, app_version=app_version, logger=logging.getLogger("inngest"))
    if not client.is_production:
        return client
    keys = {"INNGEST_SIGNING_KEY": client.signing_key, "INNGEST_EVENT_KEY": client.event_key}
    for name, value in keys.items():
        if not value:
            raise ConfigurationError(
                f"RELEVO_ENGINE=inngest needs {name}. (For Inngest's dev server, which checks nothing: INNGEST_DEV=1.)"
            )
    keys = {"INNGEST_SIGNING_KEY": client.signing_key, "INNGEST_SIGNING_KEY_FALLBACK": client.signing_key_fallback}
    for name, value in keys.items():
        if value and not _is_hexadecimal(value):
            raise ConfigurationError(f"{name} must be hexadecimal behind its prefix signkey-…-; openssl rand -hex 32")
    return client


def _is_hexadecimal(signing_key: str) -> bool:
    try:
        bytes.fromhex(without_prefix(signing_key))
    except ValueError:
        return False
    return True


def without_prefix(signing_key: str) -> str:
    """Return what requests are signed with: the key without `signkey-<environment>-`."""
    head, _, rest = signing_key.partition("-")
    return rest.partition("-")[2] if head == "signkey" and "-" in rest else signing_key


def dev_mode_by_accident(client: inngest.Inngest) -> bool:
    """Whether signatures are not checked although a signing key is there."""
    return not client.is_production and bool(os.environ.get("INNGEST_SIGNING_KEY"))


class EventApi:
    """Posts events: https://api-docs.inngest.com/docs/inngest-api (`POST /e/{event key}`)."""

    def __init__(self, client: inngest.Inngest) -> None:
        key = client.event_key or DEV_EVENT_KEY
        self._url = f"{client.event_api_origin.rstrip('/')}/e/{key}"
        self._headers = {"content-type": "application/json", **({"x-inngest-env": client.env} if client.env else {})}
        self._http = httpx2.AsyncClient(timeout=SEND_SECONDS, trust_env=True)

    async def __call__(self, events: Sequence[bytes], /) -> None:
        """Hand over events in one request.

        Raises:
            EngineAwayError: it did not answer, or not now.
            EngineRefusedError: it takes at least one of them never.

        """
        try:
            response = await self._http.post(self._url, content=b"[" + b",".join(events) + b"]", headers=self._headers)
        except httpx2.HTTPError as error:
            raise EngineAwayError(f"Inngest does not answer ({type(error).__name__}).") from None
        if response.status_code in _REFUSALS:
            raise EngineRefusedError(f"Inngest refused an event ({response.status_code}).")
        if response.status_code in {401, 403}:
            raise EngineAwayError(f"Inngest does not know INNGEST_EVENT_KEY ({response.status_code}).")
        if not response.is_success:
            raise EngineAwayError(f"Inngest takes no events now ({response.status_code}).")

    async def close(self) -> None:
        """Let go of connections."""
        await self._http.aclose()
