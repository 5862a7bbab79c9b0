"""What browsers are told to refuse, and what is refused of browsers. Webhooks never come through here."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders

from relevo.errors import CrossSiteError
from relevo.web.api.problems import problem
from relevo.web.docs import DOCS, DOCS_POLICY

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from relevo.web.site import Site

POLICY = (
    "default-src 'self'; img-src 'self' data: blob: https:; media-src 'self' blob: https:; connect-src 'self'; "
    "object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
TRANSPORT = "max-age=31536000"
"""A year of https only; for this host, since its neighbours are not ours to decide about."""
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_API = "/api/v1"
_FORBIDDEN = 403


class Security:
    """Middleware: security headers on every answer, and no changes asked for by other sites' pages."""

    def __init__(self, app: ASGIApp, site: Site) -> None:
        self._app = app
        self._site = site

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        https = (self._site.public_url or f"{scope['scheme']}:").startswith("https:")
        docs = scope["path"] == DOCS

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                if docs:
                    headers["Content-Security-Policy"] = DOCS_POLICY
                if https:
                    headers["Strict-Transport-Security"] = TRANSPORT
                if scope["path"].startswith(_API):
                    headers.setdefault("Cache-Control", "no-store")
            await send(message)

        if scope["path"].startswith(_API) and scope["method"] not in _SAFE and self._is_cross_site(scope):
            error = CrossSiteError("This request comes from another site's page.")
            await problem(_FORBIDDEN, error.code, str(error))(scope, receive, with_headers)
            return
        await self._app(scope, receive, with_headers)

    def _is_cross_site(self, scope: Scope) -> bool:
        """Whether a browser says that another site's page asks.

        As Go's http.CrossOriginProtection: `Sec-Fetch-Site` where there is one, else `Origin`, which every browser
        sends with unsafe methods; without either it is no browser, and nobody's cookies were added behind their back.
        https://pkg.go.dev/net/http#CrossOriginProtection
        """
        headers = Headers(scope=scope)
        if "authorization" in headers:
            return False  # no browser adds it by itself
        site, origin = headers.get("sec-fetch-site"), headers.get("origin")
        if site is not None:
            return site not in {"same-origin", "none"}
        if origin is None or origin == self._site.public_url:
            return False
        return urlsplit(origin).netloc != headers.get("host")
