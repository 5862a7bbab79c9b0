"""`/healthz`, `/readyz`, `/metrics`: is the process alive, can it work, how is it doing. Names no customer."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from relevo.errors import SchemaOutdatedError
from relevo.insights.operations import operations
from relevo.store.database import DatabaseError
from relevo.store.schema import require_current_schema
from relevo.telemetry import metrics

if TYPE_CHECKING:
    from starlette.requests import Request

    from relevo.insights.operations import Operations
    from relevo.store.database import Database

LOOK_SECONDS = 3.0
"""The longest a probe waits for the database; a slower one counts as away."""


class Health:
    """The three endpoints over one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def routes(self) -> list[Route]:
        """Return the HTTP surface; a worker on its own serves nothing else."""
        return [
            Route("/healthz", self._alive, methods=["GET"]),
            Route("/readyz", self._ready, methods=["GET"]),
            Route("/metrics", self._metrics, methods=["GET"]),
        ]

    async def _alive(self, _: Request) -> Response:
        """Say that the event loop turns. Never asks the database: a restart would not bring it back."""
        return PlainTextResponse("ok")

    async def _ready(self, _: Request) -> Response:
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                await require_current_schema(self._database, newer_will_do=True)
        except SchemaOutdatedError as error:
            return _not_ready(error.code, str(error))
        except (DatabaseError, OSError) as error:
            return _not_ready("store", f"The database cannot be reached ({type(error).__name__}).")
        return JSONResponse({"ready": True})

    async def _metrics(self, _: Request) -> Response:
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                _note(await operations(self._database))
        except (DatabaseError, OSError):
            metrics.DATABASE_UP.set(0)
        else:
            metrics.DATABASE_UP.set(1)
        return Response(generate_latest(metrics.REGISTRY), media_type=CONTENT_TYPE_LATEST)


def _not_ready(code: str, detail: str) -> Response:
    return JSONResponse({"ready": False, "code": code, "detail": detail}, 503)


def _note(figures: Operations) -> None:
    metrics.QUEUE_DEPTH.set(figures.queue_depth)
    metrics.QUEUE_AGE.set(figures.queue_age)
    metrics.LEASED.set(figures.leased)
    metrics.UNANSWERED.set(figures.unanswered)
    metrics.OLDEST_UNANSWERED.set(figures.oldest_unanswered)
    metrics.OUTBOX.set(figures.outbox)
    metrics.FAILED_ACTORS.set(figures.failed)
    metrics.WAITING_FOR_REPLAY.set(figures.set_aside)
    metrics.WORKERS.set(figures.workers)
