"""`/_sim/…`: lets other processes drive a simulator and read what it saw. No sign-in: for trusted machines."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import orjson
from starlette.responses import Response
from starlette.routing import Route

from relevo.errors import InvalidRequestError, NotFoundError, RelevoError
from relevo.simulator.faults import Faults
from relevo.simulator.ledger import dump

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request

    from relevo.simulator.phone import Customer, MediaKind
    from relevo.simulator.simulator import Simulator

_BAD_REQUEST, _NOT_FOUND = 400, 404
_LARGEST_FILE = 16 * 1024 * 1024
"""Bytes; WhatsApp's limit for audio and video (documents may be larger there)."""


class Control:
    """The control endpoints of one simulator."""

    def __init__(self, sim: Simulator) -> None:
        self._sim = sim

    def routes(self) -> list[Route]:
        """Return the HTTP surface."""
        return [
            Route("/_sim/say", guard(self._say), methods=["POST"]),
            Route("/_sim/tap", guard(self._tap), methods=["POST"]),
            Route("/_sim/react", guard(self._react), methods=["POST"]),
            Route("/_sim/file", guard(self._file), methods=["POST"]),
            Route("/_sim/place", guard(self._place), methods=["POST"]),
            Route("/_sim/owner", guard(self._owner), methods=["POST"]),
            Route("/_sim/webhook", guard(self._webhook), methods=["POST"]),
            Route("/_sim/faults", guard(self._faults), methods=["POST"]),
            Route("/_sim/customers", guard(self._customers), methods=["GET"]),
            Route("/_sim/customers/{customer}/messages", guard(self._messages), methods=["GET"]),
            Route("/_sim/live", guard(self._live), methods=["GET"]),
            Route("/_sim/ledger", guard(self._ledger), methods=["GET"]),
            Route("/_sim/report", guard(self._report), methods=["GET"]),
        ]

    async def _say(self, request: Request) -> Response:
        body = await _body(request)
        reply_to = body.get("reply_to")
        return _json({"wamid": await self._who(body).say(_need(body, "text"), reply_to=reply_to)})

    async def _tap(self, request: Request) -> Response:
        body = await _body(request)
        return _json({"wamid": await self._who(body).tap(_need(body, "choice"))})

    async def _react(self, request: Request) -> Response:
        body = await _body(request)
        return _json({"wamid": await self._who(body).react(str(body.get("emoji", "")), _need(body, "to"))})

    async def _file(self, request: Request) -> Response:
        """Send the body of the request as a file; everything else is in the query."""
        query = dict(request.query_params)
        kind = _kind(query.get("kind", "image"))
        customer, content = self._who(query), await request.body()
        if not 0 < len(content) <= _LARGEST_FILE:
            raise InvalidRequestError("the body must be a file of at most 16 MB")
        mime_type = request.headers.get("content-type")
        wamid = await customer.send_media(
            kind, content, caption=query.get("caption"), filename=query.get("filename"), mime_type=mime_type
        )
        return _json({"wamid": wamid})

    async def _place(self, request: Request) -> Response:
        body = await _body(request)
        latitude, longitude = body.get("latitude"), body.get("longitude")
        if not isinstance(latitude, int | float) or not isinstance(longitude, int | float):
            raise InvalidRequestError("latitude and longitude are required")
        return _json({"wamid": await self._who(body).send_location(latitude, longitude, body.get("name"))})

    async def _owner(self, request: Request) -> Response:
        body = await _body(request)
        return _json({"wamid": await self._who(body).hear_from_owner(_need(body, "text"))})

    async def _webhook(self, request: Request) -> Response:
        body = await _body(request)
        self._sim.connect(_need(body, "url"), body.get("number"))
        return _json({"success": True})

    async def _faults(self, request: Request) -> Response:
        body = await _body(request)
        level = _need(body, "level")
        if level not in ("none", "mild", "rough"):
            raise InvalidRequestError("level must be none, mild or rough")
        self._sim.play(Faults.level(level, int(body.get("seed", 0))))
        return _json({"success": True})

    async def _customers(self, _request: Request) -> Response:
        return _json([
            {**asdict(one.profile), "number": one.number.phone_number_id, "window_until": one.window_until}
            for one in self._sim.world.customers()
        ])  # fmt: skip

    async def _messages(self, request: Request) -> Response:
        number = self._sim.world.number(request.query_params.get("number"))
        customer = self._sim.world.find(number, request.path_params["customer"])
        if customer is None:
            raise NotFoundError("no such customer")
        said = [
            {"from": "customer", "at": item.at, "wamid": item.wamid, "kind": item.kind, "text": item.text}
            for item in self._sim.ledger.inbounds
            if item.customer == customer.key and item.number == number.phone_number_id
        ]
        heard = [
            {
                "from": "business",
                "at": item.at,
                "wamid": item.wamid,
                "kind": item.kind,
                "text": item.text,
                "choices": [asdict(choice) for choice in item.choices],
            }
            for item in customer.received
        ]
        return _json(sorted([*said, *heard], key=lambda item: item["at"]))

    async def _live(self, _request: Request) -> Response:
        return _json({"counts": self._sim.ledger.counts(), "customers": self._sim.ledger.live()})

    async def _ledger(self, _request: Request) -> Response:
        lines = b"".join(dump(record) for record in self._sim.ledger.records())
        return Response(lines, media_type="application/x-ndjson")

    async def _report(self, request: Request) -> Response:
        report = self._sim.ledger.report(
            echo=request.query_params.get("echo") == "true", grace=float(request.query_params.get("grace", "1"))
        )
        return _json({"ok": report.ok, **asdict(report)})

    def _who(self, body: dict[str, Any]) -> Customer:
        wa_id, bsuid = body.get("customer"), body.get("bsuid")
        if wa_id is None and bsuid is None:
            raise InvalidRequestError("customer (a phone) or bsuid is required")
        number = self._sim.world.number(body.get("number"))
        known = self._sim.world.find(number, str(wa_id or bsuid))
        return known or self._sim.customer(
            wa_id, name=body.get("name"), bsuid=bsuid, username=body.get("username"), number=number.phone_number_id
        )


def guard(endpoint: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    """Answer an error of ours with its code: 404 for what is not there, 400 otherwise."""

    async def guarded(request: Request) -> Response:
        try:
            return await endpoint(request)
        except RelevoError as error:
            status = _NOT_FOUND if isinstance(error, NotFoundError) else _BAD_REQUEST
            return _json({"code": error.code, "detail": str(error)}, status)

    return guarded


def _kind(name: str) -> MediaKind:
    for kind in ("image", "audio", "video", "document", "sticker"):
        if name == kind:
            return kind
    raise InvalidRequestError("kind must be image, audio, video, document or sticker")


async def _body(request: Request) -> dict[str, Any]:
    try:
        body: Any = orjson.loads(await request.body())
    except orjson.JSONDecodeError:
        raise InvalidRequestError("the body must be JSON") from None
    if not isinstance(body, dict):
        raise InvalidRequestError("the body must be a JSON object")
    return body  # pyright: ignore[reportUnknownVariableType] - JSON objects have string keys


def _need(body: dict[str, Any], key: str) -> str:
    value = body.get(key)
    if not isinstance(value, str) or not value:
        raise InvalidRequestError(f"{key} is required")
    return value


def _json(body: Any, status: int = 200) -> Response:  # noqa: ANN401 - whatever orjson can write
    return Response(orjson.dumps(body), status, media_type="application/json")
