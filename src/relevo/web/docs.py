"""`/api/docs`: Swagger UI. The only page that loads scripts from elsewhere: named by version, checked by hash."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING

from starlette.responses import HTMLResponse
from starlette.routing import Route

if TYPE_CHECKING:
    from starlette.requests import Request

DOCS = "/api/docs"
OPENAPI = "/api/openapi.json"
_CDN = "https://cdn.jsdelivr.net/npm/swagger-ui-dist@5.30.3"
_SCRIPT_HASH = "sha384-5KOxwPnlAMzEsSFBFqGg1is2cv53r7egnjj+4Bd40SaqSN1Y8ftWZogwDBV0SCUJ"
_STYLE_HASH = "sha384-++DMKo1369T5pxDNqojF1F91bYxYiT1N7b1M15a7oCzEodfljztKlApQoH6eQSKI"
_START = f"""
SwaggerUIBundle({{
  url: '{OPENAPI}', dom_id: '#swagger-ui', deepLinking: true,
  presets: [SwaggerUIBundle.presets.apis, SwaggerUIBundle.SwaggerUIStandalonePreset],
}})
"""
_START_HASH = base64.b64encode(hashlib.sha256(_START.encode()).digest()).decode()
DOCS_POLICY = (
    f"default-src 'none'; script-src 'sha256-{_START_HASH}' {_CDN}/; style-src 'unsafe-inline' {_CDN}/; "
    "img-src 'self' data:; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'none'"
)
"""Swagger UI styles its elements inline; scripts, which could act as whoever is signed in, stay pinned."""
_PAGE = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Relevo API</title>
<link rel="stylesheet" href="{_CDN}/swagger-ui.css" integrity="{_STYLE_HASH}" crossorigin="anonymous">
</head>
<body>
<div id="swagger-ui"></div>
<noscript>The description of the API: <a href="{OPENAPI}">{OPENAPI}</a></noscript>
<script src="{_CDN}/swagger-ui-bundle.js" integrity="{_SCRIPT_HASH}" crossorigin="anonymous"></script>
<script>{_START}</script>
</body>
</html>
"""


def docs_route() -> Route:
    """Serve the page."""

    async def page(_: Request) -> HTMLResponse:
        return HTMLResponse(_PAGE)

    return Route(DOCS, page, methods=["GET"], include_in_schema=False)
