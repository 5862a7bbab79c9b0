"""The real service as a process: `relevo serve --worker` on a port of its own, stopped and started at will."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import time
from typing import TYPE_CHECKING

import httpx2

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_START_SECONDS = 60.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class ServiceProcess:
    """One process; its log is kept beside the screenshots."""

    def __init__(self, environment: Mapping[str, str], log: Path) -> None:
        self.port = free_port()
        kept = {name: value for name, value in os.environ.items() if not name.startswith("RELEVO_")}
        self._environment = {**kept, **environment, "RELEVO_PORT": str(self.port), "PYTHONWARNINGS": "default"}
        self._log = log
        self._process: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-P", "-m", "relevo", "serve", "--worker", "--until-stdin-closes",
                stdin=asyncio.subprocess.PIPE, stdout=log, stderr=log, env=self._environment,
            )  # fmt: skip
        deadline = time.monotonic() + _START_SECONDS
        async with httpx2.AsyncClient(timeout=2) as client:
            while time.monotonic() < deadline:
                if self._process.returncode is not None:
                    break
                try:
                    if (await client.get(f"{self.url}/readyz")).status_code == 200:
                        return
                except httpx2.HTTPError:
                    pass
                await asyncio.sleep(0.1)
        raise RuntimeError(f"the service did not start:\n{self._log.read_text(errors='replace')[-2000:]}")

    async def stop(self, *, kill: bool = False) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if process.returncode is None:
            process.send_signal(signal.SIGKILL if kill else signal.SIGTERM)
        await process.wait()
        if process.stdin is not None:
            process.stdin.close()
