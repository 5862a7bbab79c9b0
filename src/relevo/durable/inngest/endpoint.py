"""`/api/inngest`: where Inngest introspects (GET), syncs (PUT) and calls (POST). Signed, or in dev mode."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import os
import time
from typing import TYPE_CHECKING, Any, Final

import httpx2
import inngest
import inngest.fast_api
import structlog
from fastapi import FastAPI

from relevo.durable.inngest.client import without_prefix

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.routing import BaseRoute

PATH: Final = "/api/inngest"
SYNC_SECONDS = 40.0
RETRY_SECONDS = (1.0, 2.0, 5.0, 10.0, 30.0)

log = structlog.get_logger(__name__)


class Endpoint:
    """The routes, and making ourselves known to Inngest."""

    def __init__(self, client: inngest.Inngest, functions: Sequence[inngest.Function[Any]]) -> None:
        self._client = client
        self._app = FastAPI(openapi_url=None)
        # An unsigned sync would let anybody who reaches this port have the functions registered under another address.
        inngest.fast_api.serve(
            self._app, client, list(functions), serve_path=PATH, enable_unauthed_sync=not client.is_production
        )

    def routes(self) -> list[BaseRoute]:
        """Return what to mount."""
        return self._app.router.routes

    async def introduce(self) -> None:
        """Sync with Inngest under `INNGEST_SERVE_ORIGIN`, again until it works; without the variable, do nothing.

        Then somebody else starts the sync: the dashboard, `inngest start --sdk-url …` or a signed PUT.
        """
        origin = os.environ.get("INNGEST_SERVE_ORIGIN")
        if not origin:
            return
        attempt = 0
        while (problem := await self._sync(origin)) is not None:
            log.warning("not known to Inngest yet, will try again", problem=problem)
            await asyncio.sleep(RETRY_SECONDS[min(attempt, len(RETRY_SECONDS) - 1)])
            attempt += 1
        log.info("known to Inngest", origin=origin)

    async def _sync(self, origin: str) -> str | None:
        """Ask our own endpoint to sync, as a signed PUT from outside would; returns what went wrong."""
        headers = {"x-inngest-signature": sign(b"", self._client.signing_key)} if self._client.signing_key else {}
        transport = httpx2.ASGITransport(app=self._app, raise_app_exceptions=False)
        base = origin if "://" in origin else f"https://{origin}"
        async with httpx2.AsyncClient(transport=transport, base_url=base, timeout=SYNC_SECONDS) as http:
            response = await http.put(PATH, headers=headers)
        return None if response.is_success else f"{response.status_code} {response.text[:200]}"

    async def close(self) -> None:
        """Close the SDK's connections; it has no way of its own to do so."""
        http = self._client._http_client  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - as said
        await http._http_client.aclose()  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - as said
        http._http_client_sync.close()  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - as said


def sign(body: bytes, signing_key: str) -> str:
    """Sign a request as Inngest does; `body` empty or in canonical JSON (SDK specification 4.1.3)."""
    now = str(int(time.time()))
    key = without_prefix(signing_key).encode()
    return f"t={now}&s={hmac.new(key, body + now.encode(), hashlib.sha256).hexdigest()}"
