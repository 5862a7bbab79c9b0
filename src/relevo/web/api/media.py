"""`/conversations/{id}/messages/{id}/media`: a customer's file, fetched from WhatsApp with the channel's token.

The token stays here, and goes nowhere but to WhatsApp (or the address the channel sends to). What a browser might run
is only ever offered for download.
"""

import uuid
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from typing import Annotated, Any, Literal, cast
from urllib.parse import quote

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response, StreamingResponse

from relevo.errors import NotFoundError
from relevo.store.database import fetch_one
from relevo.web.api.access import Me, Parts
from relevo.web.api.bubbles import MEDIA_KINDS
from relevo.web.api.media_shelf import File, MediaShelf
from relevo.web.api.problems import problem
from relevo.whatsapp.answers import Credentials, Failed
from relevo.whatsapp.provider_errors import Action

router = APIRouter(prefix="/conversations/{conversation_id}/messages/{message_id}/media", tags=["conversations"])

LIMIT_BYTES = 100 * 1024 * 1024
"""WhatsApp's own limit for documents."""
INLINE = frozenset(
    {
        "image/jpeg", "image/png", "image/webp", "image/gif",
        "audio/ogg", "audio/mpeg", "audio/mp4", "audio/aac", "audio/amr", "audio/opus", "audio/wav",
        "video/mp4", "video/3gpp", "video/webm", "video/quicktime",
    }
)  # fmt: skip
_HEADERS = {
    "Cache-Control": "private, max-age=604800, immutable",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_FILE = """
select m.kind, m.content, h.provider, h.phone_number_id, h.api_url, h.access_token
from messages m join channels h on h.id = m.channel_id
where m.id = %(message)s and m.conversation_id = %(conversation)s and m.workspace_id = %(workspace)s
"""
_GONE = frozenset({100, 131052})
"""Codes for a file that is not there (any more)."""
_NOT_FOUND = frozenset({400, 404, 410})


class Wanted(BaseModel):
    """How to fetch it."""

    download: bool = Field(default=False, description="As a file to keep, whatever it is.")
    workspace: uuid.UUID | None = Field(default=None, description="With a session: the workspace meant.")


@router.get("", response_class=Response, responses={200: {"content": {"*/*": {}}}})
async def get_media(
    conversation_id: uuid.UUID,
    message_id: uuid.UUID,
    me: Me,
    parts: Parts,
    request: Request,
    wanted: Annotated[Wanted, Query()],
) -> Response:
    """Fetch a customer's file. 410: WhatsApp has it no longer (it keeps files for some days)."""
    async with parts.database.reading() as connection:
        scope = {"message": message_id, "conversation": conversation_id, "workspace": me.workspace_id}
        row = await fetch_one(connection, _FILE, scope)
    about = _media_of(row["kind"], row["content"]) if row is not None else {}
    media_id = about.get("id")
    if row is None or not isinstance(media_id, str) or not media_id:
        raise NotFoundError("This message has no file to fetch.")
    etag = f'"{message_id}"'
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers={**_HEADERS, "ETag": etag})
    provider = cast("Literal['meta', '360dialog']", row["provider"])
    token = parts.secrets.open(row["access_token"])
    credentials = Credentials(provider, row["phone_number_id"], token, row["api_url"])
    shelf: MediaShelf = request.app.state.media
    file = await shelf.get(message_id, credentials, media_id)
    if isinstance(file, Failed):
        return _refused(file)
    name = str(about.get("filename") or "")
    if file is None:
        return await _streamed(shelf, credentials, media_id, name, about, etag)
    headers = {**_headers(file.mime_type or about.get("mime_type"), name, download=wanted.download), "ETag": etag}
    return _whole_or_range(file, headers, request.headers.get("range"))


def _media_of(kind: str, content: dict[str, Any]) -> dict[str, Any]:
    if kind not in MEDIA_KINDS:
        return {}
    part = content.get(str(content.get("type"))) or content.get(kind)
    return cast("dict[str, Any]", part) if isinstance(part, dict) else {}


def _headers(mime_type: object, name: str, *, download: bool) -> dict[str, str]:
    """Say what it is, and whether a browser may show it: what it might run goes to disk, as nothing in particular."""
    sent = str(mime_type or "").lower()
    plain = sent.partition(";")[0].strip()
    shown = plain in INLINE
    how = "inline" if shown and not download else "attachment"
    if name:
        how += f"; filename*=UTF-8''{quote(name[-120:], safe='')}"
    return {**_HEADERS, "Content-Type": plain if shown else "application/octet-stream", "Content-Disposition": how}


def _whole_or_range(file: File, headers: dict[str, str], asked: str | None) -> Response:
    size = len(file.content)
    headers["Accept-Ranges"] = "bytes"
    span = _range(asked, size)
    if span is None:
        return Response(file.content, headers=headers)
    low, high = span
    if low > high:
        return Response(status_code=416, headers={**headers, "Content-Range": f"bytes */{size}"})
    headers["Content-Range"] = f"bytes {low}-{high}/{size}"
    return Response(file.content[low : high + 1], status_code=206, headers=headers)


def _range(asked: str | None, size: int) -> tuple[int, int] | None:
    """Read `bytes=a-b`; None: send all (also for several ranges, which a server may ignore: RFC 9110, 14.2)."""
    unit, _, span = (asked or "").partition("=")
    first, dash, last = span.strip().partition("-")
    numbers = all(not part or (part.isascii() and part.isdigit()) for part in (first, last))
    if unit.strip() != "bytes" or not dash or not numbers or not (first or last):
        return None
    if not first:
        return (max(size - int(last), 0), size - 1) if int(last) else (size, size - 1)
    return int(first), min(int(last), size - 1) if last else size - 1


async def _streamed(
    shelf: MediaShelf, credentials: Credentials, media_id: str, name: str, about: dict[str, Any], etag: str
) -> Response:
    """Pass a large file on as it comes."""
    stack = AsyncExitStack()
    try:
        await stack.enter_async_context(shelf.slots)
        opened = await stack.enter_async_context(shelf.client.open_media(credentials, media_id, limit=LIMIT_BYTES))
    except BaseException:
        await stack.aclose()
        raise
    if isinstance(opened, Failed):
        await stack.aclose()
        return _refused(opened)
    headers = {**_headers(opened.mime_type or about.get("mime_type"), name, download=True), "ETag": etag}
    if opened.size is not None:
        headers["Content-Length"] = str(opened.size)

    async def pieces() -> AsyncGenerator[bytes]:
        async with stack:
            async for piece in opened.pieces:
                yield piece

    return StreamingResponse(pieces(), headers=headers)


def _refused(failed: Failed) -> Response:
    failure = failed.failure
    if failure.action is Action.GIVE_UP and failure.code is None and failure.title and "larger" in failure.title:
        return problem(413, "media_too_large", f"This file is too large to be fetched ({failure.title}).")
    if failure.code in _GONE or failure.http_status in _NOT_FOUND:
        return problem(410, "media_gone", "WhatsApp has this file no longer; it keeps files for some days only.")
    return problem(502, "media_unavailable", "WhatsApp did not hand out this file; try again in a moment.")
