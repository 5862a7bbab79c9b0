"""Runs an ASGI app on a real port inside the current event loop; the app may reset its connections."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from typing import TYPE_CHECKING, Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

if TYPE_CHECKING:
    from collections.abc import Generator

    from starlette.types import ASGIApp


class _Protocol(HttpToolsProtocol):
    """Hands the transport to the app as `scope["state"]["transport"]`."""

    def connection_made(self, transport: Any) -> None:  # noqa: ANN401 - asyncio and uvicorn disagree about its type
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.leave = asyncio.Event()

    async def main_loop(self) -> None:
        """Wait to be stopped; there is no date header to renew and no request limit to watch."""
        await self.leave.wait()

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Leave signals to the process this runs in."""
        yield


class LocalServer:
    """One app listening on `host:port` (0: any free port) from `start` to `stop`."""

    def __init__(self, app: ASGIApp, host: str = "127.0.0.1", port: int = 0) -> None:
        self._host, self._port = host, port
        config = uvicorn.Config(
            app, http=_Protocol, ws="none", lifespan="off", log_config=None, access_log=False, date_header=False,
            server_header=False, timeout_graceful_shutdown=2, timeout_keep_alive=75, backlog=2048,
        )  # fmt: skip
        self._server = _Server(config)
        self._task: asyncio.Task[None] | None = None
        self._socket: socket.socket | None = None

    @property
    def url(self) -> str:
        """Where it listens, without a trailing slash."""
        return f"http://{self._host}:{self._port}"

    async def start(self) -> None:
        """Bind and serve. Raises `OSError` when the port is taken."""
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        # Named as TCP, so that asyncio switches Nagle's algorithm off; otherwise answers wait 40 ms for a delayed ACK.
        self._socket = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._socket.bind((self._host, self._port))
        except OSError:
            self._socket.close()
            raise
        self._port = self._socket.getsockname()[1]
        self._task = asyncio.create_task(self._server.serve([self._socket]))
        while not self._server.started:
            if self._task.done():
                await self._task
            await asyncio.sleep(0.005)

    async def stop(self) -> None:
        """Stop serving; open requests have two seconds."""
        self._server.leave.set()
        if self._task is not None:
            await self._task
        if self._socket is not None:
            self._socket.close()
