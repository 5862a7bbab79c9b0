"""The client against a real socket that answers, refuses, stalls or breaks as told."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from relevo.errors import InvalidRequestError
from relevo.whatsapp.answers import Accepted, Credentials, Downloaded, Failed
from relevo.whatsapp.client import GRAPH_VERSION, WhatsAppClient
from relevo.whatsapp.provider_errors import Action

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable

META = Credentials("meta", "1065", "EAAG-secret")
DIALOG = Credentials("360dialog", "1065", "D360-secret")
ACCEPTED = {
    "messaging_product": "whatsapp",
    "contacts": [{"input": "+573001234567", "wa_id": "573001234567", "user_id": "CO.1a2B"}],
    "messages": [{"id": "wamid.OUT1"}],
}
HELLO = {"messaging_product": "whatsapp", "type": "text", "text": {"body": "Hola"}}


@dataclass(slots=True)
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


def answer(status: int, body: object, **headers: str) -> bytes:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status} X", f"content-length: {len(content)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content


@dataclass(slots=True)
class Server:
    """Answers each request with the next of `answers`; a function gets the writer and does as it likes."""

    answers: list[bytes | Callable[[asyncio.StreamWriter], Awaitable[None]]]
    requests: list[Request] = field(default_factory=list[Request])
    base: str = ""
    connections: int = 0
    heard: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
                method, path, _ = head[0].split(" ")
                headers = {
                    name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)
                }
                body = await reader.readexactly(int(headers.get("content-length", "0")))
                self.requests.append(Request(method, path, headers, body))
                self.heard.set()
                reply = self.answers.pop(0)
                if isinstance(reply, bytes):
                    writer.write(reply)
                    await writer.drain()
                else:
                    await reply(writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def serving(*answers: Any) -> AsyncGenerator[Server]:
    server = Server(list(answers))
    listener = await asyncio.start_server(server.handle, "127.0.0.1", 0)
    host, port = listener.sockets[0].getsockname()[:2]
    server.base = f"http://{host}:{port}"
    try:
        yield server
    finally:
        listener.close()
        await listener.wait_closed()


@asynccontextmanager
async def talking(*answers: Any, total: float = 10.0) -> AsyncGenerator[tuple[Server, WhatsAppClient]]:
    async with serving(*answers) as server, WhatsAppClient(api_url=server.base, total=total) as client:
        yield server, client


async def accept_and_close(writer: asyncio.StreamWriter) -> None:
    writer.write(answer(200, ACCEPTED))
    await writer.drain()
    writer.close()
    await writer.wait_closed()


async def reset(writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


async def half_an_answer(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{")
    await writer.drain()
    writer.close()


async def drip(writer: asyncio.StreamWriter) -> None:
    """Never silent long enough for a read to time out, and done after three seconds."""
    whole = answer(200, ACCEPTED)
    step = len(whole) // 10
    for start in range(0, len(whole), step):
        writer.write(whole[start : start + step])
        await writer.drain()
        await asyncio.sleep(0.3)


async def no_answer(writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(3)
    writer.close()


async def test_meta_accepts() -> None:
    async with talking(answer(200, ACCEPTED)) as (server, client):
        sent = await client.send(META, HELLO)
    assert isinstance(sent, Accepted)
    assert (sent.wamid, sent.recipient.phone, sent.recipient.bsuid) == ("wamid.OUT1", "+573001234567", "CO.1a2B")
    (request,) = server.requests
    assert (request.method, request.path) == ("POST", f"/{GRAPH_VERSION}/1065/messages")
    assert request.headers["authorization"] == "Bearer EAAG-secret"
    assert json.loads(request.body) == HELLO


async def test_360dialog_accepts() -> None:
    async with talking(answer(200, ACCEPTED)) as (server, client):
        assert isinstance(await client.send(DIALOG, HELLO), Accepted)
    (request,) = server.requests
    assert request.path == "/messages"
    assert request.headers["d360-api-key"] == "D360-secret"
    assert "authorization" not in request.headers


async def test_the_channels_own_address_goes_first() -> None:
    async with serving(answer(200, ACCEPTED)) as server, WhatsAppClient(api_url="http://127.0.0.1:9") as client:
        own = Credentials("meta", "1065", "EAAG-secret", server.base + "/")
        assert isinstance(await client.send(own, HELLO), Accepted)
    assert len(server.requests) == 1


async def test_connections_are_kept() -> None:
    async with talking(*[answer(200, ACCEPTED)] * 5) as (server, client):
        for _ in range(5):
            assert isinstance(await client.send(META, HELLO), Accepted)
    assert server.connections == 1


async def test_a_connection_closed_while_idle_is_not_sent_on() -> None:
    async with talking(accept_and_close, answer(200, ACCEPTED)) as (server, client):
        assert isinstance(await client.send(META, HELLO), Accepted)
        await asyncio.sleep(0.05)
        assert isinstance(await client.send(META, HELLO), Accepted)
    assert server.connections == 2


@pytest.mark.parametrize(
    ("status", "body", "action", "code", "ambiguous"),
    [
        (400, {"error": {"code": 131047, "message": "window"}}, Action.NEEDS_TEMPLATE, 131047, False),
        (400, {"error": {"code": 131056}}, Action.RETRY_LATER, 131056, False),
        (401, {"error": {"code": 190}}, Action.STOP_CHANNEL, 190, False),
        (404, b"not here", Action.STOP_CHANNEL, None, False),
        (500, {"error": {"code": 131000}}, Action.TRANSIENT, 131000, True),
        (502, b"<html>", Action.TRANSIENT, None, True),
        (200, {"messages": []}, Action.TRANSIENT, None, True),
        (200, b"", Action.TRANSIENT, None, True),
        (200, b"[" * 2_000_000, Action.GIVE_UP, None, True),
        (302, b"", Action.STOP_CHANNEL, None, False),
    ],
)
async def test_refusals_are_definite_and_the_rest_is_not(
    status: int,
    body: object,
    action: Action,
    code: int | None,
    ambiguous: bool,
) -> None:
    async with talking(answer(status, body)) as (_, client):
        sent = await client.send(META, HELLO)
    assert isinstance(sent, Failed)
    assert (sent.failure.action, sent.failure.code, sent.failure.ambiguous) == (action, code, ambiguous)


async def test_the_wait_whatsapp_asks_for_is_passed_on() -> None:
    async with talking(answer(429, {"error": {"code": 130429}}, retry_after="7")) as (_, client):
        sent = await client.send(META, HELLO)
    assert isinstance(sent, Failed)
    assert sent.failure.retry_after == 7.0


@pytest.mark.parametrize("trouble", [reset, half_an_answer, no_answer, drip, b"nonsense\r\n\r\n"])
async def test_trouble_after_the_message_left_is_ambiguous(trouble: object) -> None:
    async with talking(trouble, total=1.0) as (server, client):
        sent = await client.send(META, HELLO)
    assert len(server.requests) == 1
    assert isinstance(sent, Failed)
    assert sent.failure.ambiguous
    assert not sent.failure.retryable


async def test_no_connection_means_not_sent() -> None:
    async with serving() as server:
        base = server.base
    async with WhatsAppClient(api_url=base) as client:
        sent = await client.send(META, HELLO)
    assert isinstance(sent, Failed)
    assert not sent.failure.ambiguous
    assert sent.failure.retryable


async def test_waiting_for_a_connection_means_not_sent() -> None:
    async with (
        serving(no_answer) as server,
        WhatsAppClient(api_url=server.base, connections=1, connect=0.2, total=2.0) as client,
    ):
        stuck = asyncio.create_task(client.send(META, HELLO))
        await server.heard.wait()
        queued = await client.send(META, HELLO)
        first = await stuck
    assert isinstance(queued, Failed)
    assert not queued.failure.ambiguous
    assert isinstance(first, Failed)
    assert first.failure.ambiguous
    assert len(server.requests) == 1


@pytest.mark.parametrize("token", ["", "a\r\nx: y", "ñ"])
async def test_a_damaged_token_stops_the_channel_before_anything_is_sent(token: str) -> None:
    async with talking() as (server, client):
        sent = await client.send(Credentials("meta", "1065", token), HELLO)
    assert isinstance(sent, Failed)
    assert sent.failure.action == Action.STOP_CHANNEL
    assert server.connections == 0


@pytest.mark.parametrize("address", ["ftp://127.0.0.1", "127.0.0.1:80", "http://127.0.0.1:x"])
async def test_a_wrong_address_stops_the_channel(address: str) -> None:
    async with WhatsAppClient(api_url=address) as client:
        sent = await client.send(META, HELLO)
    assert isinstance(sent, Failed)
    assert (sent.failure.action, sent.failure.ambiguous) == (Action.STOP_CHANNEL, False)


def test_credentials_never_show_their_secret() -> None:
    assert "secret" not in repr(META)
    assert "secret" not in f"{DIALOG}"


async def test_read_and_typing() -> None:
    async with talking(answer(200, {"success": True}), answer(500, b""), answer(200, {})) as (server, client):
        assert await client.mark_read_typing(META, "wamid.T1") is None
        failure = await client.mark_read_typing(META, "wamid.T1")
        assert failure is not None
        assert not failure.ambiguous
        assert await client.mark_read_typing(DIALOG, "wamid.T1", typing=False) is None
    assert json.loads(server.requests[0].body)["typing_indicator"] == {"type": "text"}
    assert "typing_indicator" not in json.loads(server.requests[2].body)


async def test_media_of_meta() -> None:
    async with talking() as (server, client):
        info = {"url": f"{server.base}/bytes", "mime_type": "image/jpeg", "sha256": "aa", "file_size": 3}
        server.answers += [answer(200, info), answer(200, b"abc")]
        got = await client.download_media(META, "50/1", limit=10)
    assert got == Downloaded(b"abc", "image/jpeg")
    assert [request.path for request in server.requests] == [f"/{GRAPH_VERSION}/50%2F1", "/bytes"]
    assert server.requests[1].headers["authorization"] == "Bearer EAAG-secret"


async def test_media_of_360dialog_is_fetched_from_its_own_host() -> None:
    info = {"url": "https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=501&ext=1"}
    async with talking(answer(200, info), answer(200, b"abc", content_type="audio/ogg")) as (server, client):
        got = await client.download_media(DIALOG, "501", limit=3)
    assert got == Downloaded(b"abc", "audio/ogg")
    assert [request.path for request in server.requests] == [
        "/501",
        "/whatsapp_business/attachments/?mid=501&ext=1",
    ]
    assert server.requests[1].headers["d360-api-key"] == "D360-secret"


@pytest.mark.parametrize("announced", [{"file_size": 11}, {}])
async def test_media_is_bounded_whether_its_size_is_announced_or_not(announced: dict[str, int]) -> None:
    async with talking() as (server, client):
        server.answers += [answer(200, {"url": f"{server.base}/bytes"} | announced), answer(200, b"x" * 11)]
        got = await client.download_media(META, "501", limit=10)
    assert isinstance(got, Failed)
    assert got.failure.action == Action.GIVE_UP


@pytest.mark.parametrize(
    "url", ["https://example.org/a", "http://lookaside.fbsbx.com/a", "https://evilfbsbx.com/a", "http://[", "x"]
)
async def test_the_token_goes_to_nobody_but_whatsapp(url: str) -> None:
    async with talking(answer(200, {"url": url})) as (server, client):
        got = await client.download_media(META, "501", limit=10)
    assert isinstance(got, Failed)
    assert (got.failure.action, len(server.requests)) == (Action.GIVE_UP, 1)


@pytest.mark.parametrize(("status", "body"), [(404, b""), (200, b"{}")])
async def test_media_that_is_gone(status: int, body: bytes) -> None:
    async with talking(answer(status, body)) as (_, client):
        assert isinstance(await client.download_media(META, "501", limit=10), Failed)


async def test_360dialogs_webhook_is_set_with_its_secret_header() -> None:
    async with talking(answer(200, {"url": "https://shop.example/w"}), answer(400, b"")) as (server, client):
        assert await client.set_webhook(DIALOG, "https://shop.example/w", {"X-Relevo-Secret": "s"}) is None
        assert await client.set_webhook(DIALOG, "no", {}) is not None
        with pytest.raises(InvalidRequestError):
            await client.set_webhook(META, "https://shop.example/w", {})
    assert server.requests[0].path == "/v1/configs/webhook"
    assert json.loads(server.requests[0].body) == {
        "url": "https://shop.example/w",
        "headers": {"X-Relevo-Secret": "s"},
    }
