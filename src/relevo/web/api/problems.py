"""Errors as `application/problem+json` (RFC 9457) with Relevo's stable codes."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import structlog
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from relevo.agents.playbook.problems import PlaybookProblemsError
from relevo.errors import (
    ConflictError,
    ForbiddenError,
    InvalidRequestError,
    NotFoundError,
    OutgoingMessageError,
    OutsideWindowError,
    PlaybookError,
    RelevoError,
    StoreError,
    ThrottledError,
    UnauthorizedError,
)
from relevo.store.database import DatabaseError, is_unavailable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapi import FastAPI
    from starlette.requests import Request

STATUS: tuple[tuple[type[RelevoError], HTTPStatus], ...] = (
    (UnauthorizedError, HTTPStatus.UNAUTHORIZED),
    (ForbiddenError, HTTPStatus.FORBIDDEN),
    (NotFoundError, HTTPStatus.NOT_FOUND),
    (ThrottledError, HTTPStatus.TOO_MANY_REQUESTS),
    (ConflictError, HTTPStatus.CONFLICT),
    (OutsideWindowError, HTTPStatus.CONFLICT),
    (InvalidRequestError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (OutgoingMessageError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (PlaybookError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (StoreError, HTTPStatus.SERVICE_UNAVAILABLE),
)

log = structlog.get_logger(__name__)


class ProblemDetail(BaseModel):
    """One thing that is wrong with what was sent."""

    where: str = Field(description="The field: `body.people_hours`.")
    problem: str
    line: int | None = Field(default=None, description="Of a playbook.")
    column: int | None = None
    suggestion: str | None = None


class Problem(BaseModel):
    """What an error answers, as `application/problem+json`."""

    type: str
    title: str
    status: int
    code: str = Field(description="Stable: `not_found`, `conflict`, `invalid_request`, …")
    detail: str = Field(description="What is wrong and what to do.")
    errors: list[ProblemDetail] | None = None


RESPONSES: dict[int | str, dict[str, Any]] = {
    "4XX": {"model": Problem, "description": "What was asked cannot be done."},
    "5XX": {"model": Problem, "description": "Not now; `503`: try again."},
    422: {"model": Problem, "description": "What was sent is wrong; `errors` names the fields."},
}
"""What every route may answer besides, for its description."""


def problem(status: int, code: str, detail: str, **more: object) -> JSONResponse:
    """Build an error answer."""
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "code": code, **more}
    headers = {"WWW-Authenticate": "Bearer"} if status == HTTPStatus.UNAUTHORIZED else None
    return JSONResponse(
        {**body, "detail": detail}, status_code=status, headers=headers, media_type="application/problem+json"
    )


def _details(error: Exception) -> dict[str, list[dict[str, object]]]:
    """List what is wrong one by one, where that is known."""
    if isinstance(error, PlaybookProblemsError):
        return {
            "errors": [
                {
                    "where": ".".join(map(str, found.path)),
                    "problem": found.reason,
                    "line": found.line,
                    "column": found.column,
                    "suggestion": found.suggestion,
                }
                for found in error.problems
            ]
        }
    if isinstance(error, InvalidRequestError) and error.where is not None:
        return {"errors": [{"where": f"body.{error.where}", "problem": str(error)}]}
    return {}


def install_problems(application: FastAPI) -> None:
    """Answer every error of the API this way."""

    async def relevo_error(_: Request, error: Exception) -> JSONResponse:
        status = next((status for kind, status in STATUS if isinstance(error, kind)), HTTPStatus.INTERNAL_SERVER_ERROR)
        code = error.code if isinstance(error, RelevoError) else "internal"
        answer = problem(status, code, str(error), **_details(error))
        if isinstance(error, ThrottledError):
            answer.headers["Retry-After"] = str(error.seconds)
        return answer

    async def invalid(_: Request, error: Exception) -> JSONResponse:
        found: Sequence[Any] = error.errors() if isinstance(error, RequestValidationError) else ()
        errors = [{"where": ".".join(map(str, item["loc"])), "problem": str(item["msg"])} for item in found]
        detail = "; ".join(f"{item['where']}: {item['problem']}" for item in errors)
        return problem(HTTPStatus.UNPROCESSABLE_ENTITY, InvalidRequestError.code, detail, errors=errors)

    async def http_error(_: Request, error: Exception) -> JSONResponse:
        status = error.status_code if isinstance(error, HTTPException) else HTTPStatus.INTERNAL_SERVER_ERROR
        code = "not_found" if status == HTTPStatus.NOT_FOUND else HTTPStatus(status).phrase.lower().replace(" ", "_")
        return problem(status, code, str(getattr(error, "detail", error)))

    async def store_error(_: Request, error: Exception) -> JSONResponse:
        if not is_unavailable(error):
            raise error
        log.warning("database away", error=type(error).__name__)
        return problem(HTTPStatus.SERVICE_UNAVAILABLE, StoreError.code, "The database cannot be reached; try again.")

    application.add_exception_handler(RelevoError, relevo_error)
    application.add_exception_handler(RequestValidationError, invalid)
    application.add_exception_handler(HTTPException, http_error)
    application.add_exception_handler(DatabaseError, store_error)
