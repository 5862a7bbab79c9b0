"""The double of Meta's Graph API and of 360dialog over HTTP: tokens, sending, marks, media, webhook configuration.

Meta's paths are `/v{N}/{id}/…` with a bearer token, 360dialog's stand at the root with `D360-API-KEY`. Faults are
played here: an answer may be late, wrong or missing although the message was accepted.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, cast

import orjson
from starlette.responses import Response
from starlette.routing import Route

from relevo.errors import RelevoError
from relevo.simulator import outgoing, templates
from relevo.simulator.graph_errors import (
    TOO_MANY_FROM_NUMBER,
    TOO_MANY_TO_CUSTOMER,
    GraphError,
    bad_token,
    no_such_object,
)
from relevo.simulator.records import Mark, Send

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request

    from relevo.simulator.faults import GraphFault
    from relevo.simulator.media import MediaFile
    from relevo.simulator.numbers import Number
    from relevo.simulator.outgoing import Outgoing
    from relevo.simulator.phone import Customer
    from relevo.simulator.world import World

_LOOKASIDE = "https://lookaside.fbsbx.com"
_OK = 200
_LATE = {131026, 131047}


class _CutError(RelevoError):
    """The connection is to be reset instead of answered."""


class Graph:
    """Routes of both providers over one world."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[Route]:
        """Return the HTTP surface."""
        return [
            Route("/v{version}/{number_id}/messages", self._guard(self._meta_messages), methods=["POST"]),
            Route("/messages", self._guard(self._dialog_messages), methods=["POST"]),
            Route("/v1/configs/templates", self._guard(self._dialog_templates), methods=["GET"]),
            Route("/v{version}/{account_id}/message_templates", self._guard(self._meta_templates), methods=["GET"]),
            Route("/v1/configs/webhook", self._guard(self._dialog_webhook), methods=["GET", "POST"]),
            Route("/whatsapp_business/attachments/", self._guard(self._download), methods=["GET"]),
            Route("/v{version}/{object_id}", self._guard(self._meta_object), methods=["GET"]),
            Route("/{media_id:int}", self._guard(self._dialog_media), methods=["GET"]),
        ]

    def _guard(self, endpoint: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
        async def guarded(request: Request) -> Response:
            try:
                return await endpoint(request)
            except GraphError as error:
                return _json(error.body(), error.http_status)
            except _CutError:
                await _cut(request)
                return Response(status_code=500)

        return guarded

    async def _meta_messages(self, request: Request) -> Response:
        number = self._meta_number(request, request.path_params["number_id"])
        return await self._messages(request, number)

    async def _dialog_messages(self, request: Request) -> Response:
        return await self._messages(request, self._dialog_number(request))

    async def _messages(self, request: Request, number: Number) -> Response:
        try:
            body: Any = orjson.loads(await request.body())
        except orjson.JSONDecodeError:
            raise GraphError(100, "", message="(#100) The request body is not valid JSON.") from None
        if not isinstance(body, dict):
            raise GraphError(100, "", message="(#100) The request body must be an object.")
        fields = cast("dict[str, Any]", body)
        if fields.get("status") == "read":
            return self._mark(number, fields)
        world = self._world
        send = Send(world.clock.now(), number.phone_number_id, "", "", str(fields.get("type", "text")), "")
        world.ledger.add(send)
        world.open_sends += 1
        try:
            return await self._send(request, number, fields, send)
        except GraphError as error:
            refused = error.http_status < 500  # noqa: PLR2004 - a 5xx says nothing about acceptance
            if send.outcome != "accepted":
                send.outcome = "refused" if refused else "error"
            send.code = error.graph_code
            send.answered = send.outcome != "accepted"
            raise
        finally:
            world.open_sends -= 1
            send.ended_at = world.clock.now()

    async def _send(self, request: Request, number: Number, body: dict[str, Any], send: Send) -> Response:
        world = self._world
        send.to = send.customer = str(body.get("to") or body.get("recipient") or "").lstrip("+")
        known = world.find(number, send.customer)
        if known is not None:
            send.customer = known.key
        message = outgoing.read(body)
        send.kind, send.text, send.opaque = message.kind, message.text, message.opaque
        customer = world.recipient(number, message)
        ordinal, tried = customer.attempt_of(message)
        send.customer = customer.key
        fault = world.faults.for_send(f"{customer.index}:{ordinal}", tried)
        send.fault = fault
        _before(fault, ordinal)
        refusal = world.check(customer, message)
        if refusal is None:
            wamid = world.accept(customer, message, send, ordinal)
        elif world.rules.late and refusal.graph_code in _LATE:
            wamid = world.fail_late(customer, send, refusal, ordinal)
        else:
            raise refusal
        await self._after(request, fault)
        send.answered = True
        return _json(_accepted(message, customer, wamid))

    async def _after(self, request: Request, fault: GraphFault | None) -> None:
        if fault == "slow":
            await asyncio.sleep(self._world.faults.slow_seconds)
        elif fault == "error_after":
            raise GraphError(131000, "Message failed to send due to an unknown error.")
        elif fault == "reset_after":
            raise _CutError
        elif fault == "hang":
            await self._hang(request)
            raise _CutError

    async def _hang(self, request: Request) -> None:
        gone = asyncio.ensure_future(request.receive())
        closing = asyncio.ensure_future(self._world.closing.wait())
        try:
            await asyncio.wait(
                {gone, closing}, timeout=self._world.faults.hang_seconds, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            gone.cancel()
            closing.cancel()

    def _mark(self, number: Number, body: dict[str, Any]) -> Response:
        wamid = body.get("message_id")
        inbound = self._world.ledger.inbound(wamid) if isinstance(wamid, str) else None
        if inbound is None or inbound.number != number.phone_number_id:
            raise GraphError(131009, "Message ID is invalid.")
        typing = isinstance(body.get("typing_indicator"), dict)
        now = self._world.clock.now()
        self._world.ledger.add(Mark(now, inbound.number, inbound.customer, inbound.wamid, typing))
        return _json({"success": True})

    async def _meta_object(self, request: Request) -> Response:
        object_id = str(request.path_params["object_id"])
        file = self._world.media.get(object_id)
        if file is None:
            number = self._meta_number(request, object_id, verb="get")
            return _json({
                "id": number.phone_number_id,
                "display_phone_number": number.display_phone,
                "verified_name": number.name,
                "quality_rating": "GREEN",
                "throughput": {"level": "STANDARD"},
            })  # fmt: skip
        if not any(_bearer(request) == number.access_token for number in self._world.numbers.values()):
            raise bad_token()
        base = str(request.base_url).rstrip("/")
        return _json(self._media_answer(file, base))

    async def _dialog_media(self, request: Request) -> Response:
        self._dialog_number(request)
        media_id = str(request.path_params["media_id"])
        file = self._world.media.get(media_id)
        if file is None:
            raise no_such_object(media_id, "get")
        return _json(self._media_answer(file, _LOOKASIDE))

    def _media_answer(self, file: MediaFile, base: str) -> dict[str, Any]:
        return {
            "messaging_product": "whatsapp",
            "url": f"{base}/whatsapp_business/attachments/?{self._world.media.grant(file, self._world.clock.now())}",
            "mime_type": file.mime_type,
            "sha256": file.sha256,
            "file_size": len(file.content),
            "id": file.id,
        }

    async def _download(self, request: Request) -> Response:
        key = request.headers.get("d360-api-key") or _bearer(request)
        if not any(key == number.access_token for number in self._world.numbers.values()):
            raise bad_token()
        file = self._world.media.redeem(request.query_params.get("hash", ""), self._world.clock.now())
        if file is None:
            return Response(status_code=404)
        return Response(file.content, media_type=file.mime_type)

    async def _dialog_webhook(self, request: Request) -> Response:
        number = self._dialog_number(request)
        if request.method == "POST":
            body: dict[str, Any] = orjson.loads(await request.body())
            number.webhook_url = str(body["url"])
            wanted: dict[str, Any] = body.get("headers") or {}
            number.webhook_headers = {name: str(value) for name, value in wanted.items()}
        return _json({"url": number.webhook_url, "headers": number.webhook_headers})

    async def _meta_templates(self, request: Request) -> Response:
        account = request.path_params["account_id"]
        if not any(
            number.waba_id == account and number.access_token == _bearer(request)
            for number in self._world.numbers.values()
        ):
            raise no_such_object(account, "get")
        found = templates.approved(self._world.rules.templates)
        return _json(
            {"data": found, "paging": {"cursors": {"before": "MA", "after": "MjQ"}}} if found else {"data": []}
        )

    async def _dialog_templates(self, request: Request) -> Response:
        self._dialog_number(request)
        found = templates.approved(self._world.rules.templates)
        return _json({"waba_templates": found, "count": len(found), "limit": 1000, "offset": 0, "total": len(found)})

    def _meta_number(self, request: Request, number_id: str, verb: str = "post") -> Number:
        token = _bearer(request)
        if not any(token == number.access_token for number in self._world.numbers.values()):
            raise bad_token()
        number = self._world.numbers.get(number_id)
        if number is None or number.provider != "meta" or number.access_token != token:
            raise no_such_object(number_id, verb)
        return number

    def _dialog_number(self, request: Request) -> Number:
        key = request.headers.get("d360-api-key")
        for number in self._world.numbers.values():
            if number.provider == "360dialog" and number.access_token == key:
                return number
        raise bad_token()


def _before(fault: GraphFault | None, ordinal: int) -> None:
    if fault == "rate_limited":
        raise GraphError(130429, TOO_MANY_FROM_NUMBER)
    if fault == "pair_limited":
        raise GraphError(131056, TOO_MANY_TO_CUSTOMER)
    if fault == "error_before":
        raise GraphError((131000, 131016, 2)[ordinal % 3], "Message failed to send due to an unknown error.")
    if fault == "reset_before":
        raise _CutError


def _accepted(message: Outgoing, customer: Customer, wamid: str) -> dict[str, Any]:
    contact: dict[str, Any] = {"input": message.to}
    if customer.profile.wa_id is not None:
        contact["wa_id"] = customer.profile.wa_id
    else:
        contact["user_id"] = customer.profile.bsuid
    return {"messaging_product": "whatsapp", "contacts": [contact], "messages": [{"id": wamid}]}


def _bearer(request: Request) -> str | None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token if scheme.lower() == "bearer" else None


def _json(body: dict[str, Any], status: int = _OK) -> Response:
    return Response(orjson.dumps(body), status, media_type="application/json")


async def _cut(request: Request) -> None:
    """Reset the connection under the request; without a server (in-process) the caller gets the error itself."""
    transport: asyncio.Transport | None = request.scope.get("state", {}).get("transport")
    if transport is None:
        raise ConnectionResetError("simulated")
    transport.abort()
    await asyncio.sleep(0)
