"""Prints the API's description, without a running service: the types of the inbox come from it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import orjson
from fastapi import FastAPI

from relevo.web.api.problems import RESPONSES
from relevo.web.api.routes import ROUTERS

if TYPE_CHECKING:
    from typing import Any


def openapi() -> dict[str, Any]:
    """Describe `/api/v1`."""
    application = FastAPI(title="Relevo")
    for router in ROUTERS:
        application.include_router(router, prefix="/api/v1", responses=RESPONSES)
    return application.openapi()


if __name__ == "__main__":
    sys.stdout.buffer.write(orjson.dumps(openapi(), option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS) + b"\n")
