"""Puts the API together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter

from relevo.web.api import (
    canned,
    channels,
    conversations,
    events,
    insights,
    invitations,
    lists,
    media,
    members,
    messages,
    oidc,
    playbooks,
    reads,
    search,
    session,
    set_up,
    tasks,
    templates,
    timelines,
    tokens,
    understanding,
    webhooks,
    workspace,
)
from relevo.web.api.problems import RESPONSES, install_problems

if TYPE_CHECKING:
    from fastapi import FastAPI

    from relevo.web.api.access import Services

ROUTERS = (
    session.router,
    invitations.router,
    set_up.router,
    oidc.router,
    workspace.router,
    conversations.router,
    messages.router,
    reads.router,
    search.router,
    timelines.router,
    understanding.router,
    canned.router,
    media.router,
    templates.router,
    tasks.router,
    members.router,
    lists.router,
    channels.router,
    playbooks.router,
    tokens.router,
    insights.router,
    webhooks.router,
    events.router,
)
API = APIRouter(prefix="/api/v1", responses=RESPONSES)
for _router in ROUTERS:
    API.include_router(_router)


def install_api(application: FastAPI, services: Services) -> None:
    """Serve `/api/v1`."""
    application.state.services = services
    install_problems(application)
    # As they are: including them once more would make all of them anew for each application.
    application.router.routes.extend(API.routes)
