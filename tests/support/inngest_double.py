"""A stand-in for an Inngest server: takes events, syncs apps and calls their functions over HTTP, badly if asked to."""

from __future__ import annotations

import asyncio
import json
import random
import socket
import time
import warnings
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self
from uuid import uuid4

import httpx2
import inngest
import uvicorn
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from support.inngest_protocol import KEY_PREFIX, Run, bearer, canonical, signature, signed_by, value_of

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # the SDK's own way with pydantic
    import inngest.fast_api  # pyright: ignore[reportUnusedImport] - so that the service finds it loaded

if TYPE_CHECKING:
    from starlette.requests import Request

KEY = f"{KEY_PREFIX}8ee2262a15e8d3c42d6a840db7af3de2aab08ef632b32a37a687f24b34dba3ff"
EVENT_KEY = "an-event-key"
MAX_EVENT_BYTES = 256 * 1024


@dataclass
class Misbehaviour:
    """How often, from 0 to 1 where nothing else is said, it does what an honest server would not."""

    duplicate: float = 0.0
    """An event starts two runs."""
    ignore_keys: bool = False
    """Concurrency limits are not kept."""
    shuffle: float = 0.0
    """Longest time a run is put off at random, in seconds."""
    lose_first: int = 0
    """So many events are accepted, and forgotten."""
    hang_up: float = 0.0
    """A call is given up while the function runs, and made again."""
    replay: float = 0.0
    """A finished run is run again later, from its first step."""


def client_of(base_url: str) -> inngest.Inngest:
    """Return a client of the SDK for the double at this address."""
    return inngest.Inngest(
        app_id="relevo", api_base_url=base_url, event_api_base_url=base_url, event_key=EVENT_KEY, signing_key=KEY,
        is_production=True,
    )  # fmt: skip


class InngestDouble:
    """Running on loopback for the length of the block."""

    def __init__(self, misbehaviour: Misbehaviour | None = None, *, seed: int = 1, retry_seconds: float = 0.1) -> None:
        self.misbehaviour = misbehaviour or Misbehaviour()
        self.away = False
        self.signing_key = KEY
        self.functions: dict[str, dict[str, Any]] = {}
        self.events: list[dict[str, Any]] = []
        self.requests: list[int] = []
        """Events in each request taken."""
        self.runs: list[Run] = []
        self.most_at_once: Counter[str] = Counter()
        """For each function and key, how many calls overlapped at most."""
        self._random = random.Random(seed)
        self._retry_seconds = retry_seconds
        self._known: set[str] = set()
        self._at_once: Counter[str] = Counter()
        self._slots: dict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(1))
        self._tasks: set[asyncio.Task[None]] = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.base_url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def client(self) -> inngest.Inngest:
        """Return a client of the SDK that knows this server."""
        return client_of(self.base_url)

    async def __aenter__(self) -> Self:
        routes = [
            Route("/e/{key}", self._take_events, methods=["POST"]),
            Route("/fn/register", self._register, methods=["POST"]),
        ]
        self._server = uvicorn.Server(uvicorn.Config(Starlette(routes=routes), log_config=None, lifespan="off"))
        self._serving = asyncio.create_task(self._server.serve(sockets=[self._listener]))
        while not self._server.started:  # noqa: ASYNC110 - uvicorn tells nobody
            await asyncio.sleep(0.01)
        self._http = httpx2.AsyncClient(timeout=60)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop_calling()
        await self._http.aclose()
        self._server.should_exit = True
        await self._serving
        self._listener.close()

    async def stop_calling(self) -> None:
        """Forget all runs under way, but let calls end that will."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=5)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def sync(self, app_url: str) -> dict[str, Any]:
        """Sync in band, as the cloud does: a signed PUT, answered with the functions."""
        url = f"{app_url}/api/inngest"
        body = canonical({"url": url})
        headers = {"x-inngest-signature": signature(body, self.signing_key), "x-inngest-sync-kind": "in_band"}
        response = await self._http.put(url, content=body, headers=headers)
        assert response.status_code == 200, response.text
        answer = response.json()
        self._learn(answer["functions"])
        return answer

    def _learn(self, functions: list[dict[str, Any]]) -> None:
        self.functions = {function["id"]: function for function in functions}

    async def _register(self, request: Request) -> Response:
        if request.headers.get("authorization") != bearer(self.signing_key):
            return JSONResponse({"error": "unknown signing key"}, 401)
        self._learn((await request.json())["functions"])
        return JSONResponse({"ok": True, "modified": True})

    async def _take_events(self, request: Request) -> Response:
        if self.away:
            return JSONResponse({"error": "away"}, 503)
        if request.path_params["key"] != EVENT_KEY:
            return JSONResponse({"error": "unknown event key"}, 401)
        body = await request.body()
        if len(body) > MAX_EVENT_BYTES:
            return JSONResponse({"error": "too large"}, 413)
        events = json.loads(body)
        self.requests.append(len(events))
        ids = [self._take(event) for event in events]
        return JSONResponse({"ids": ids, "status": 200})

    def _take(self, event: dict[str, Any]) -> str:
        event = {"id": str(uuid4()), "ts": int(time.time() * 1000), **event}
        self.events.append(event)
        if event["id"] in self._known or len(self.events) <= self.misbehaviour.lose_first:
            return event["id"]
        self._known.add(event["id"])
        for function in self.functions.values():
            if any(trigger.get("event") == event["name"] for trigger in function["triggers"]):
                for _ in range(1 + (self._random.random() < self.misbehaviour.duplicate)):
                    self.start(function["id"], event)
        return event["id"]

    def start(self, function: str, event: dict[str, Any]) -> Run:
        """Start a run of a function."""
        run = Run(str(uuid4()), function, event)
        self.runs.append(run)
        self._spawn(self._execute(run))
        return run

    def _spawn(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _execute(self, run: Run) -> None:
        delay = max(run.event["ts"] / 1000 - time.time(), 0.0)
        await asyncio.sleep(delay + self._random.random() * self.misbehaviour.shuffle)
        run.status = "running"
        function = self.functions[run.function]
        retries = function["steps"]["step"].get("retries", {}).get("attempts", 3)
        while run.status == "running":
            pause = await self._one_call(run, function, retries)
            await asyncio.sleep(pause)
        if self._random.random() < self.misbehaviour.replay:
            await asyncio.sleep(0.3)
            self.start(run.function, run.event)

    async def _one_call(self, run: Run, function: dict[str, Any], retries: int) -> float:
        """Call once, keeping the limits; return how long to wait before the next call."""
        limits = [
            f"{run.function} {value_of(limit['key'], run.event)}"
            for limit in function.get("concurrency", []) if limit["limit"] == 1
        ]  # fmt: skip
        slots = [] if self.misbehaviour.ignore_keys else [self._slots[limit] for limit in limits]
        for slot in slots:
            await slot.acquire()
        self._at_once.update(limits)
        for limit in limits:
            self.most_at_once[limit] = max(self.most_at_once[limit], self._at_once[limit])
        try:
            status, answer, headers = await self._call(run, function)
        finally:
            self._at_once.subtract(limits)
            for slot in slots:
                slot.release()
        run.answers.append((status, answer))
        if status == 200:
            run.status = "completed"
        elif status == 206:
            return self._steps(run, answer)
        elif headers.get("x-inngest-no-retry") == "true" or run.attempt >= retries:
            run.status = "failed"
        else:
            run.attempt += 1
            return _retry_after(headers) or self._retry_seconds
        return 0.0

    async def _call(self, run: Run, function: dict[str, Any]) -> tuple[int, Any, Any]:
        url = str(function["steps"]["step"]["runtime"]["url"])
        assert f"fnId={run.function}" in url
        body = run.body()
        headers = {
            "x-inngest-signature": signature(body, self.signing_key),
            "x-inngest-server-kind": "cloud",
            "content-type": "application/json",
        }
        hang_up = self._random.random() < self.misbehaviour.hang_up
        try:
            response = await self._http.post(url, content=body, headers=headers, timeout=0.02 if hang_up else 60.0)
        except httpx2.HTTPError as error:
            return 0, type(error).__name__, {}
        assert "x-inngest-sdk" in response.headers
        if response.status_code != 401:
            assert signed_by(response.content, response.headers.get("x-inngest-signature"), self.signing_key)
        return response.status_code, response.json(), response.headers

    def _steps(self, run: Run, operations: list[dict[str, Any]]) -> float:
        """Memoize what steps returned; return how long they sleep."""
        pause = 0.0
        for operation in operations:
            run.steps[operation["id"]] = {"data": operation.get("data")}
            if operation["op"] == "Sleep":
                until = datetime.fromisoformat(operation["opts"]["duration"]).timestamp()
                pause = max(pause, until - time.time())
        return pause


def _retry_after(headers: Any) -> float | None:
    value = headers.get("retry-after")
    return max(datetime.fromisoformat(value).timestamp() - time.time(), 0.01) if value else None
