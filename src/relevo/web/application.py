"""The ASGI application: which path leads where."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from fastapi import FastAPI
from starlette.routing import Route

from relevo.web.api.routes import install_api
from relevo.web.webhooks import WebhookEndpoint

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable

    from relevo.conversations.channels import Channels
    from relevo.conversations.group_commit import GroupCommit
    from relevo.web.api.access import Services
    from relevo.web.health import Health


def create_application(
    *,
    channels: Channels,
    commits: GroupCommit,
    health: Health,
    services: Services,
    start: Callable[[], Awaitable[None]],
    stop: Callable[[], Awaitable[None]],
) -> FastAPI:
    """Build the application; `start` and `stop` run with it."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncGenerator[None]:
        await start()
        try:
            yield
        finally:
            await stop()

    application = FastAPI(title="Relevo", docs_url="/api/docs", openapi_url="/api/openapi.json", lifespan=lifespan)
    install_api(application, services)
    webhook = WebhookEndpoint(channels, commits)
    application.router.routes[:0] = [
        Route("/webhooks/whatsapp", webhook, methods=["GET", "POST"]),
        Route("/webhooks/whatsapp/{channel_id}", webhook, methods=["GET", "POST"]),
        *health.routes(),
    ]
    return application
