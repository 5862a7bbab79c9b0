"""360dialog's webhook is registered by the command that connects the number."""

from __future__ import annotations

import asyncio
import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any

from relevo.conversations.channels import Channels
from relevo.store.database import Database
from relevo.store.secrets import SecretBox

if TYPE_CHECKING:
    from collections.abc import Generator

    from cli.conftest import Relevo


@contextmanager
def provider(status: int, seen: list[dict[str, Any]]) -> Generator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            seen.append({"path": self.path, "key": self.headers["D360-API-KEY"], **json.loads(body)})
            self.send_response(status)
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_: object) -> None:  # pyright: ignore[reportIncompatibleMethodOverride] - silence
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def add(relevo: Relevo, shop: str, url: str, exits: int = 0) -> Any:
    return relevo.json(
        "channel", "add", "-w", shop, "--provider", "360dialog", "--phone-number-id", "7", "--phone", "+573001112233",
        "--access-token", "d360-key", "--api-url", url, "--webhook-url", "https://shop.example/webhooks/whatsapp",
        exits=exits,
    )  # fmt: skip


def test_the_address_is_registered_with_the_header_the_webhook_will_ask_for(relevo: Relevo, shop: str) -> None:
    seen: list[dict[str, Any]] = []
    with provider(200, seen) as url:
        told = add(relevo, shop, url)
    (call,) = seen
    assert call["path"] == "/v1/configs/webhook"
    assert call["key"] == "d360-key"
    assert call["url"] == "https://shop.example/webhooks/whatsapp"
    assert call["headers"] == told["secret_header"]
    assert told["webhook_registered"]

    async def stored() -> str | None:
        database = Database(relevo.database_url)
        try:
            directory = await Channels(database, SecretBox("a test key, long enough")).directory()
        finally:
            await database.close()
        return directory.by_number["7"].webhook_secret

    assert asyncio.run(stored()) == call["headers"]["X-Relevo-Secret"]


def test_a_refusal_is_told_and_the_number_stays_connected(relevo: Relevo, shop: str) -> None:
    with provider(401, []) as url:
        told = add(relevo, shop, url, exits=1)
    assert "360dialog did not take the webhook address" in told["error"]["message"]
    assert relevo.rows("select count(*) from channels") == [(1,)]
