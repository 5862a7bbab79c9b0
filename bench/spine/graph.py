"""The least WhatsApp there can be: takes messages, says 200 with a wamid, and tells when each one came."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, cast

import httptools
import orjson

from spine.bodies import new_wamid

if TYPE_CHECKING:
    from collections.abc import Callable

    Posted = Callable[[str, str, str, float], None]
    """(to, our id, wamid, perf_counter)"""


class _Connection(asyncio.Protocol):
    def __init__(self, whatsapp: WhatsApp) -> None:
        self._whatsapp = whatsapp
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpRequestParser(self)
        self._body = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        at = time.perf_counter()
        message: dict[str, Any] = orjson.loads(self._body)
        self._body = b""
        wamid = new_wamid()
        if "to" in message:
            self._whatsapp.posted(message["to"].lstrip("+"), message.get("biz_opaque_callback_data", ""), wamid, at)
        answer = orjson.dumps({"messaging_product": "whatsapp", "messages": [{"id": wamid}]})
        if self._transport is not None:
            head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(answer)}\r\n\r\n"
            self._transport.write(head.encode() + answer)


def _nobody(to: str, ours: str, wamid: str, at: float) -> None:
    """Take no notice."""


class WhatsApp:
    """Listens from `start` to `stop`; `posted` is called for each message and may be replaced."""

    def __init__(self) -> None:
        self.posted: Posted = _nobody
        self._server: asyncio.Server | None = None

    async def start(self) -> str:
        """Listen; returns the base address."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Connection(self), "127.0.0.1", 0)
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def stop(self) -> None:
        """Listen no more."""
        if self._server is not None:
            self._server.close()
