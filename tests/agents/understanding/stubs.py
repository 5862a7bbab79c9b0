"""Local servers that speak as OpenAI and Anthropic do, answering what a test tells them to."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import uvicorn

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, MutableMapping

    Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
    Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


@dataclass
class ModelStub:
    """Replies in turn with `plan`: `ok`, `invalid`, `text`, `429`, `500`, `slow`, `credit`; the last one repeats."""

    plan: list[str]
    answer: dict[str, Any]
    requests: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    url: str = ""

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        body = b""
        while True:
            event = await receive()
            body += event.get("body", b"")
            if not event.get("more_body"):
                break
        request = json.loads(body)
        self.requests.append({"path": scope["path"], "body": request})
        step = self.plan[min(len(self.requests), len(self.plan)) - 1]
        status, reply = self._reply(step, scope["path"], request)
        if step == "slow":
            await asyncio.sleep(1.4)
        await send(
            {"type": "http.response.start", "status": status, "headers": [(b"content-type", b"application/json")]}
        )
        await send({"type": "http.response.body", "body": json.dumps(reply).encode()})

    def _reply(self, step: str, path: str, request: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        anthropic = path.endswith("/messages")
        if step == "429":
            return 429, {"type": "error", "error": {"type": "rate_limit_error", "message": "slow down"}}
        if step == "500":
            return 500, {"type": "error", "error": {"type": "api_error", "message": "boom"}}
        if step == "credit":
            if anthropic:
                reason = "Your credit balance is too low to access the Anthropic API."
                return 400, {"type": "error", "error": {"type": "invalid_request_error", "message": reason}}
            return 429, {"error": {"type": "insufficient_quota", "code": "insufficient_quota", "message": "quota"}}
        arguments: dict[str, Any] = {"said": "nonsense"} if step == "invalid" else self.answer
        tool = _tool_name(request)
        if anthropic:
            content: list[dict[str, Any]] = [{"type": "tool_use", "id": "t1", "name": tool, "input": arguments}]
            if step == "text":
                content = [{"type": "text", "text": "Sure! Ask me anything."}]
            return 200, {
                "id": "m1", "type": "message", "role": "assistant", "model": request["model"], "content": content,
                "stop_reason": "tool_use", "stop_sequence": None, "usage": {"input_tokens": 900, "output_tokens": 30},
            }  # fmt: skip
        call = {"id": "c1", "type": "function", "function": {"name": tool, "arguments": json.dumps(arguments)}}
        message: dict[str, Any] = {"role": "assistant", "content": None, "tool_calls": [call]}
        if step == "text":
            message = {"role": "assistant", "content": "Sure! Ask me anything."}
        return 200, {
            "id": "c", "object": "chat.completion", "created": 1790000000, "model": request["model"],
            "choices": [{"index": 0, "finish_reason": "tool_calls", "message": message}],
            "usage": {"prompt_tokens": 800, "completion_tokens": 40, "total_tokens": 840},
        }  # fmt: skip


def _tool_name(request: dict[str, Any]) -> str:
    tools: list[dict[str, Any]] = request.get("tools") or [{"name": "none"}]
    return str(tools[0].get("name") or tools[0]["function"]["name"])


@contextlib.asynccontextmanager
async def serving(stub: ModelStub) -> AsyncGenerator[ModelStub]:
    """Serve a stub on an ephemeral port of 127.0.0.1."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    stub.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    config = uvicorn.Config(stub, log_level="error", lifespan="off", timeout_graceful_shutdown=1)  # pyright: ignore[reportArgumentType] # a plain ASGI callable
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:  # noqa: ASYNC110 # uvicorn offers a flag, no event
        await asyncio.sleep(0.01)
    try:
        yield stub
    finally:
        server.should_exit = True
        await task
        listener.close()
