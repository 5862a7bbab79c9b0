"""Two services to point the simulator at: one that only records webhooks, one that answers echo conversations correctly
(or with one well-known mistake, so that the judge can be seen to notice)."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import uuid
from collections import defaultdict
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from relevo.simulator import EchoProtocol, Simulator
from relevo.simulator.server import LocalServer

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from starlette.requests import Request

Mistake = Literal["no dedup", "blind retry", "parallel turns", "ignores newer", "forgets"]


class Receiver:
    """Keeps every webhook; answers with the statuses in `answers` first, then 200."""

    def __init__(self) -> None:
        self.raw: list[bytes] = []
        self.headers: list[dict[str, str]] = []
        self.answers: list[int] = []
        self.pause = 0.0
        self._server = LocalServer(Starlette(routes=[Route("/hook", self._hook, methods=["GET", "POST"])]))

    @property
    def url(self) -> str:
        return f"{self._server.url}/hook"

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(raw) for raw in self.raw]

    def items(self, key: str) -> list[dict[str, Any]]:
        return [item for body in self.bodies for item in items(body, key)]

    async def start(self) -> None:
        await self._server.start()

    async def stop(self) -> None:
        await self._server.stop()

    async def _hook(self, request: Request) -> Response:
        if request.method == "GET":
            query = request.query_params
            known = query.get("hub.verify_token") == "simulated-verify-token"
            return PlainTextResponse(query.get("hub.challenge", "") if known else "", 200 if known else 403)
        self.raw.append(await request.body())
        self.headers.append(dict(request.headers))
        await asyncio.sleep(self.pause)
        return Response(status_code=self.answers.pop(0) if self.answers else 200)


def items(body: dict[str, Any], key: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for entry in body["entry"]:
        for change in entry["changes"]:
            found += change["value"].get(key, [])
    return found


@dataclass
class _Chat:
    open: list[tuple[int, int, int]] = field(default_factory=list[tuple[int, int, int]])
    task: asyncio.Task[None] | None = None


class EchoService:
    """Answers numbered messages in two parts, keeping every rule of the game; `mistake` breaks one."""

    def __init__(self, sim: Simulator, mistake: Mistake | None = None) -> None:
        self._sim = sim
        self._mistake: Mistake | None = mistake
        self._client = httpx2.AsyncClient(timeout=0.4, verify=False, limits=httpx2.Limits(max_connections=100))
        self._chats: dict[str, _Chat] = defaultdict(_Chat)
        self._tasks: set[asyncio.Task[None]] = set()
        self._seen: set[str] = set()
        self._accepted: set[str] = set()
        self._arrivals = 0
        self._server = LocalServer(Starlette(routes=[Route("/hook", self._hook, methods=["POST"])]))

    async def start(self) -> None:
        await self._server.start()
        self._sim.connect(f"{self._server.url}/hook")

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.stop()
        await self._client.aclose()

    async def _hook(self, request: Request) -> Response:
        try:
            raw = await request.body()
        except ClientDisconnect:
            return Response(status_code=499)
        secret = self._sim.numbers[0].app_secret.encode()
        signature = "sha256=" + hmac.new(secret, raw, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(signature, request.headers["x-hub-signature-256"]):
            return Response(status_code=401)
        body: dict[str, Any] = json.loads(raw)
        self._accepted |= {item.get("biz_opaque_callback_data", "") for item in items(body, "statuses")}
        for message in items(body, "messages"):
            self._take(message)
        return Response()

    def _take(self, message: dict[str, Any]) -> None:
        if message["id"] in self._seen and self._mistake != "no dedup":
            return
        self._seen.add(message["id"])
        seq = EchoProtocol.seq(message["text"]["body"])
        assert seq is not None
        if self._mistake == "forgets" and seq % 3 == 0:
            return
        self._arrivals += 1
        who = str(message["from"])
        chat = self._chats[who]
        chat.open.append((int(message["timestamp"]), self._arrivals, seq))
        if chat.task is None or chat.task.done() or self._mistake == "parallel turns":
            chat.task = asyncio.get_running_loop().create_task(self._turns(who, chat))
            self._tasks.add(chat.task)
            chat.task.add_done_callback(self._tasks.discard)

    async def _turns(self, who: str, chat: _Chat) -> None:
        while chat.open:
            await asyncio.sleep(0.01)
            turn, chat.open = sorted(chat.open), []
            if not await self._answer(who, chat, tuple(seq for _, _, seq in turn)):
                chat.open = [*turn, *chat.open]

    async def _answer(self, who: str, chat: _Chat, seqs: tuple[int, ...]) -> bool:
        """Send both parts; False when newer messages came before anything was said."""
        for part in (1, 2):
            opaque = uuid.uuid4().hex
            for attempt in range(8):
                if chat.open and self._mistake != "ignores newer":
                    return part > 1
                if await self._post(who, EchoProtocol.reply(seqs, part, 2), opaque, attempt):
                    break
            if self._mistake == "ignores newer":
                await asyncio.sleep(0.3)
        return True

    async def _post(self, who: str, text: str, opaque: str, attempt: int) -> bool:
        number = self._sim.numbers[0]
        body = {
            "messaging_product": "whatsapp",
            "to": who,
            "type": "text",
            "text": {"body": text},
            "biz_opaque_callback_data": opaque,
        }
        headers = {"authorization": f"Bearer {number.access_token}"}
        url = f"{self._sim.base_url}/v25.0/{number.phone_number_id}/messages"
        try:
            response = await self._client.post(url, json=body, headers=headers)
        except httpx2.TransportError:
            return await self._settle(opaque)
        if response.status_code == 200:
            return True
        if response.status_code >= 500:
            return await self._settle(opaque)
        await asyncio.sleep(0.02 * 2**attempt)
        return False

    async def _settle(self, opaque: str) -> bool:
        """Learn from the statuses whether an unclear message was accepted."""
        if self._mistake == "blind retry":
            return False
        for _ in range(75):
            if opaque in self._accepted:
                return True
            await asyncio.sleep(0.02)
        return False


class MakeService(Protocol):
    async def __call__(self, sim: Simulator, mistake: Mistake | None = None) -> EchoService: ...


@pytest.fixture
async def receiver() -> AsyncGenerator[Receiver]:
    server = Receiver()
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def make_service() -> AsyncGenerator[MakeService]:
    async with AsyncExitStack() as stack:

        async def make(sim: Simulator, mistake: Mistake | None = None) -> EchoService:
            service = EchoService(sim, mistake)
            await service.start()
            stack.push_async_callback(service.stop)
            return service

        yield make


@pytest.fixture
async def api() -> AsyncGenerator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(timeout=10, verify=False) as client:
        yield client
