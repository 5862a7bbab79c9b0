"""`/phone`: a page on which to write as a customer and read what comes back. No sign-in: for trusted machines."""

from __future__ import annotations

import asyncio
import hashlib
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import orjson
from starlette.responses import Response
from starlette.routing import Route

from relevo.errors import NotFoundError
from relevo.simulator.chat import as_json, chat

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request

    from relevo.simulator.simulator import Simulator

    Endpoint = Callable[[Request], Awaitable[Response]]

WAIT_SECONDS = 20.0
"""How long the answer to a page that has seen all waits for something new."""
_LOOK_SECONDS = 0.1
_TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_SHOWN = ("image/jpeg", "image/png", "image/webp", "image/gif", "audio/", "video/", "application/pdf")
"""Files shown as what they are; anything else is only downloaded."""
_POLICY = (
    "default-src 'self'; img-src 'self' blob: https: http:; media-src 'self' https: http:; object-src 'none';"
    " base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


class PhonePages:
    """The page, its files, and what it asks for. It writes through `/_sim`, as everybody else."""

    def __init__(self, sim: Simulator) -> None:
        self._sim = sim

    def routes(self, guard: Callable[[Endpoint], Endpoint]) -> list[Route]:
        """Return the HTTP surface; `guard` turns errors into answers."""
        return [
            Route("/phone", self._page, methods=["GET"]),
            Route("/phone/people", guard(self._people), methods=["GET"]),
            Route("/phone/chat", guard(self._chat), methods=["GET"]),
            Route("/phone/media/{media_id}", guard(self._media), methods=["GET"]),
            Route("/phone/{name}", guard(self._file), methods=["GET"]),
        ]

    async def _page(self, _request: Request) -> Response:
        return _packaged("phone.html")

    async def _file(self, request: Request) -> Response:
        return _packaged(request.path_params["name"])

    async def _people(self, _request: Request) -> Response:
        numbers = [
            {"id": number.phone_number_id, "name": number.name, "phone": number.display_phone}
            for number in self._sim.numbers
        ]
        people = [
            {
                "number": line.number, "customer": line.customer, "name": line.name, "at": line.last_at,
                "text": line.last_reply if line.waiting_since is None and line.last_reply else line.last_said,
            }
            for line in self._sim.ledger.live()
        ]  # fmt: skip
        return _json({"numbers": numbers, "people": people})

    async def _chat(self, request: Request) -> Response:
        """Return the chat; with `seen` (a version), as soon as it is another, or 204 after a while."""
        world = self._sim.world
        number = world.number(request.query_params.get("number"))
        key, seen = request.query_params.get("customer", ""), request.query_params.get("seen")
        until = world.clock.now() + WAIT_SECONDS
        while True:
            body = as_json(chat(world, number, world.find(number, key), key))
            version = hashlib.sha256(orjson.dumps(body)).hexdigest()[:16]
            if version != seen:
                return _json({"version": version, **body})
            if world.clock.now() > until or world.closing.is_set() or await request.is_disconnected():
                return Response(status_code=204)
            await asyncio.sleep(_LOOK_SECONDS)

    async def _media(self, request: Request) -> Response:
        file = self._sim.world.media.get(request.path_params["media_id"])
        if file is None:
            raise NotFoundError("no such file")
        kind = file.mime_type if file.mime_type.startswith(_SHOWN) else "application/octet-stream"
        return Response(file.content, media_type=kind, headers={"x-content-type-options": "nosniff"})


def _packaged(name: str) -> Response:
    directory = files("relevo.simulator") / "phone_page"
    known = {one.name: one for one in directory.iterdir()}
    suffix = f".{name.rpartition('.')[2]}"
    if name not in known or suffix not in _TYPES:
        raise NotFoundError("no such page")
    headers = {
        "cache-control": "no-cache", "content-security-policy": _POLICY, "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
    }  # fmt: skip
    return Response(known[name].read_bytes(), media_type=_TYPES[suffix], headers=headers)


def _json(body: Any) -> Response:  # noqa: ANN401 - whatever orjson can write
    return Response(orjson.dumps(body), media_type="application/json", headers={"cache-control": "no-store"})
