"""The ASGI application: which path leads where."""

from __future__ import annotations

from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING

from fastapi import FastAPI
from starlette.routing import Route, Router

from relevo.web.api.routes import install_api
from relevo.web.docs import OPENAPI, docs_route
from relevo.web.inbox_files import InboxFiles
from relevo.web.security import Security
from relevo.web.webhooks import WebhookEndpoint

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence

    from starlette.routing import BaseRoute
    from starlette.types import Receive, Scope, Send

    from relevo.conversations.channels import Channels
    from relevo.conversations.group_commit import GroupCommit
    from relevo.web.api.access import Services
    from relevo.web.health import Health


WEBHOOKS = "/webhooks/whatsapp"


class Application(FastAPI):
    """FastAPI, but webhooks go straight to their endpoint: its middleware costs more than storing the delivery."""

    hot: Router
    secured: Security

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http" and scope["path"].startswith(WEBHOOKS):
            await self.hot(scope, receive, send)
        else:
            await self.secured(scope, receive, send)


def create_application(
    *,
    channels: Channels,
    commits: GroupCommit,
    health: Health,
    services: Services,
    start: Callable[[], Awaitable[None]],
    stop: Callable[[], Awaitable[None]],
    more: Sequence[BaseRoute] = (),
) -> FastAPI:
    """Build the application; `start` and `stop` run with it, `more` is served besides."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncGenerator[None]:
        await start()
        try:
            yield
        finally:
            await stop()

    application = Application(title="Relevo", docs_url=None, redoc_url=None, openapi_url=OPENAPI, lifespan=lifespan)
    install_api(application, services)
    webhook = WebhookEndpoint(channels, commits)
    application.hot = Router(
        [
            Route(WEBHOOKS, webhook, methods=["GET", "POST"]),
            Route(f"{WEBHOOKS}/{{channel_id}}", webhook, methods=["GET", "POST"]),
        ],
        redirect_slashes=False,
    )
    # Outside of FastAPI's own middleware: also its answer to a defect carries the headers.
    application.secured = Security(partial(FastAPI.__call__, application), services.site)
    application.router.routes[:0] = [*health.routes(), docs_route(), *more]
    application.router.default = InboxFiles(application.router.not_found)
    return application
