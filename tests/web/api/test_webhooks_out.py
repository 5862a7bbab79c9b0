"""Outgoing webhooks: signed, in order, at least once, set aside when refused for good, replayable."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from relevo.crm.outgoing_webhooks import OutgoingWebhooks
from relevo.durable.actor import OUTGOING_WEBHOOK, Behaviour
from relevo.durable.local import LocalEngine
from relevo.simulator.server import LocalServer
from relevo.store.secrets import SecretBox
from support.service import KEY
from support.storefront import open_shop

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from starlette.requests import Request

    from conftest import Asked


class Listener:
    """A shop's own system."""

    def __init__(self) -> None:
        self.heard: list[dict[str, Any]] = []
        self.requests: list[tuple[dict[str, str], bytes]] = []
        self.refusing = 0
        self.url = ""

    async def hear(self, request: Request) -> Response:
        body = await request.body()
        self.requests.append((dict(request.headers), body))
        if self.refusing:
            self.refusing -= 1
            return Response(status_code=503)
        self.heard.append(orjson.loads(body))
        return Response(status_code=204)

    async def until(self, count: int) -> None:
        async with asyncio.timeout(20):
            while len(self.heard) < count:  # noqa: ASYNC110 - a plain list, filled by the server
                await asyncio.sleep(0.02)


@pytest.fixture
async def listener() -> AsyncGenerator[Listener]:
    heard = Listener()
    server = LocalServer(Starlette(routes=[Route("/", heard.hear, methods=["POST"])]), "127.0.0.1", 0)
    await server.start()
    heard.url = f"{server.url}/"
    yield heard
    await server.stop()


@asynccontextmanager
async def telling(api: Asked) -> AsyncGenerator[None]:
    """Run the endpoints' actors, impatiently."""
    outgoing = OutgoingWebhooks(api.shop.database, SecretBox(KEY), backoff=[timedelta(seconds=0.05)] * 2)
    engine = LocalEngine(api.shop.database, {OUTGOING_WEBHOOK: Behaviour(outgoing.run, outgoing.give_up)})
    working = asyncio.create_task(engine.run())
    try:
        yield
    finally:
        engine.stop()
        await working
        await outgoing.aclose()


async def connect(api: Asked, listener: Listener, *types: str) -> dict[str, Any]:
    # Only this kind of actor runs here: conversations must not be claimed.
    await api.shop.rows("update mailbox set due_at = null where kind <> 'outgoing_webhook' returning kind")
    answer = await api.http.post("/webhooks", json={"url": listener.url, "types": list(types)})
    assert answer.status_code == 201
    return answer.json()


async def say(api: Asked, phone: str, text: str) -> None:
    await api.shop.hears(phone, text)
    await api.shop.rows("delete from mailbox where kind <> 'outgoing_webhook' returning kind")


async def test_events_come_signed_in_order_and_with_what_was_said(api: Asked, listener: Listener) -> None:
    endpoint = await connect(api, listener, "message.received")
    for n in range(5):
        await say(api, "573000000001", f"mensaje {n}")
    async with telling(api):
        await listener.until(5)
    assert [event["message"]["text"] for event in listener.heard] == [f"mensaje {n}" for n in range(5)]
    assert {event["type"] for event in listener.heard} == {"message.received"}
    assert listener.heard[0]["contact"]["phone"] == "+573000000001"
    headers, body = listener.requests[0]
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    key = base64.b64decode(endpoint["secret"].removeprefix("whsec_"))
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"


async def test_the_secret_is_shown_once_and_another_workspaces_endpoint_is_not_there(
    api: Asked, listener: Listener
) -> None:
    endpoint = await connect(api, listener)
    shown = (await api.http.get(f"/webhooks/{endpoint['id']}")).json()
    assert endpoint["secret"].startswith("whsec_")
    assert "secret" not in shown
    elsewhere = await open_shop(api.shop.database)
    await api.shop.rows(
        "update webhook_endpoints set workspace_id = %(elsewhere)s returning id", elsewhere=elsewhere.workspace_id
    )
    for method, path in (("GET", ""), ("PATCH", ""), ("DELETE", ""), ("POST", "/replay"), ("GET", "/dead-letters")):
        answer = await api.http.request(
            method, f"/webhooks/{endpoint['id']}{path}", json={} if method == "PATCH" else None
        )
        assert answer.status_code == 404, (method, path)


async def test_what_fails_is_tried_again_before_anything_newer(api: Asked, listener: Listener) -> None:
    await connect(api, listener, "message")
    for n in range(3):
        await say(api, "573000000001", f"mensaje {n}")
    listener.refusing = 2
    async with telling(api):
        await listener.until(3)
    assert [event["message"]["text"] for event in listener.heard] == ["mensaje 0", "mensaje 1", "mensaje 2"]
    assert len(listener.requests) == 5


async def test_what_is_refused_for_good_is_set_aside_and_can_be_replayed(api: Asked, listener: Listener) -> None:
    endpoint = await connect(api, listener, "message")
    for n in range(2):
        await say(api, "573000000001", f"mensaje {n}")
    listener.refusing = 3
    async with telling(api):
        await listener.until(1)
        assert listener.heard[0]["message"]["text"] == "mensaje 1", "the refused one does not hold up the next"
        letters = (await api.http.get(f"/webhooks/{endpoint['id']}/dead-letters")).json()["items"]
        assert [(one["state"], one["error"], one["attempts"]) for one in letters] == [("dead", "HTTP 503", 3)]
        assert (await api.http.post(f"/webhooks/{endpoint['id']}/replay")).json() == {"replaying": 1}
        await listener.until(2)
    assert listener.heard[1]["message"]["text"] == "mensaje 0"


async def test_a_late_commit_is_not_skipped(api: Asked, listener: Listener) -> None:
    """An event whose transaction began first and commits last has a lower id than what was told before it."""
    await connect(api, listener, "task")
    insert = (
        "insert into events (workspace_id, type, data) values (%(workspace)s, 'task.opened',"
        " jsonb_build_object('n', %(n)s::int))"
    )
    async with telling(api):
        async with api.shop.database.transaction() as early:
            await early.execute(insert, {"workspace": api.shop.workspace_id, "n": 1})
            async with api.shop.database.transaction() as late:
                await late.execute(insert, {"workspace": api.shop.workspace_id, "n": 2})
            await asyncio.sleep(1.5)
            assert not listener.heard, "nothing may be told while something before it can still appear"
        await listener.until(2)
    assert [event["data"]["n"] for event in listener.heard] == [1, 2]


@pytest.mark.parametrize("url", ["ftp://example.com", "nonsense", "https://user:password@example.com", "http://[::1"])
async def test_an_address_that_cannot_be_posted_to_is_refused(api: Asked, url: str) -> None:
    answer = await api.http.post("/webhooks", json={"url": url})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
