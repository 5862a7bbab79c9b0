"""Serves the built inbox: hashed assets for ever, its page for every other address. Nothing else leaves here."""

from __future__ import annotations

import hashlib
import mimetypes
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, PlainTextResponse, Response

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import ASGIApp, Receive, Scope, Send

INBOX = Path(__file__).parent / "inbox"
PAGE = "/index.html"
RESERVED = ("/api", "/webhooks", "/healthz", "/readyz", "/metrics")
"""What is never the inbox's, with all below."""
_ASSETS = "/assets/"
_FOR_EVER = "public, max-age=31536000, immutable"
_ASK_AGAIN = "no-cache"
_ENCODINGS = (("br", ".br"), ("gzip", ".gz"))
"""The smallest first."""
_TYPES = {
    ".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml", ".json": "application/json", ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2", ".ico": "image/x-icon", ".png": "image/png", ".webp": "image/webp", ".mp3": "audio/mpeg",
    ".ogg": "audio/ogg", ".wav": "audio/wav", ".txt": "text/plain; charset=utf-8", ".map": "application/json",
}  # fmt: skip
"""Not left to the machine's own table, which may call JavaScript plain text."""
_NOT_FOUND, _NOT_MODIFIED, _UNAVAILABLE = 404, 304, 503
_COMMAND = "make inbox"
_NOT_BUILT = f"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Relevo</title>
<h1>The inbox has not been built</h1>
<p>The service is up: webhooks and the API (<a href="/api/docs">/api/docs</a>) work. The inbox's pages are missing,
because this Relevo runs from a checkout in which they were never built. In its directory, run</p>
<pre><code>{_COMMAND}</code></pre>
<p>and load this page again. It needs nothing but Python: Node.js is fetched from PyPI.</p>
</html>
"""


@dataclass(frozen=True, slots=True)
class InboxFile:
    """One file of the build in all its encodings."""

    media_type: str
    etag: str
    contents: Mapping[str, bytes]
    """By content encoding; `identity` is always there."""


class InboxFiles:
    """An ASGI app for whatever no other route took. `otherwise` answers what is not the inbox's either."""

    def __init__(self, otherwise: ASGIApp, directory: Path = INBOX) -> None:
        self._otherwise = otherwise
        self._directory = directory

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["method"] not in {"GET", "HEAD"} or _reserved(scope["path"]):
            await self._otherwise(scope, receive, send)
            return
        response = self._answer(scope["path"], Headers(scope=scope))
        if scope["method"] == "HEAD":
            response.body = b""
        await response(scope, receive, send)

    def _answer(self, path: str, headers: Headers) -> Response:
        files = _read(self._directory) if (self._directory / "index.html").is_file() else None
        if files is None:
            return HTMLResponse(_NOT_BUILT, _UNAVAILABLE, {"cache-control": "no-store"})
        file = files.get(path)
        if file is None and _names_a_file(path):
            # An old page asking for an asset of its own build must not be given HTML for it.
            return PlainTextResponse("Not found", _NOT_FOUND, {"cache-control": "no-store"})
        return _send(file or files[PAGE], headers, _FOR_EVER if path.startswith(_ASSETS) else _ASK_AGAIN)


def _reserved(path: str) -> bool:
    return any(path == one or path.startswith(f"{one}/") for one in RESERVED)


def _names_a_file(path: str) -> bool:
    return path.startswith(_ASSETS) or Path(path).suffix.lower() in _TYPES


def _send(file: InboxFile, headers: Headers, caching: str) -> Response:
    encoding = _encoding(headers.get("accept-encoding", ""), file)
    etag = f'"{file.etag}-{encoding}"'
    answer = {"cache-control": caching, "etag": etag, "vary": "accept-encoding"}
    if etag in (tag.strip().removeprefix("W/") for tag in headers.get("if-none-match", "").split(",")):
        return Response(status_code=_NOT_MODIFIED, headers=answer)
    if encoding != "identity":
        answer["content-encoding"] = encoding
    return Response(file.contents[encoding], headers=answer, media_type=file.media_type)


def _encoding(accepted: str, file: InboxFile) -> str:
    weights = {name.strip().lower(): weight.replace(" ", "") for name, _, weight in _pairs(accepted)}
    for encoding, _ in _ENCODINGS:
        if encoding in file.contents and weights.get(encoding, "q=0") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}:
            return encoding
    return "identity"


def _pairs(accepted: str) -> list[tuple[str, str, str]]:
    return [part.partition(";") for part in accepted.split(",")]


@lru_cache(maxsize=4)
def _read(directory: Path) -> dict[str, InboxFile]:
    """Read the whole build into memory, once: it is small, and a path that is not among its names leads nowhere."""
    found: dict[str, InboxFile] = {}
    packed = {suffix for _, suffix in _ENCODINGS}
    for path in sorted(directory.rglob("*")):
        if not path.is_file() or path.suffix in packed or path.name == "built-from":
            continue
        contents = {"identity": path.read_bytes()}
        for encoding, suffix in _ENCODINGS:
            beside = path.with_name(path.name + suffix)
            if beside.is_file():
                contents[encoding] = beside.read_bytes()
        media_type = _TYPES.get(path.suffix.lower()) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        etag = hashlib.sha256(contents["identity"]).hexdigest()[:20]
        found[f"/{path.relative_to(directory).as_posix()}"] = InboxFile(media_type, etag, contents)
    return found
