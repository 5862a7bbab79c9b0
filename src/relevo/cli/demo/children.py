"""The demo's service and worker: child processes that write a log each and never outlive the demo."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Self

import httpx2

from relevo.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

START_SECONDS = 60.0
STOP_SECONDS = 30.0
_READY = 200
_TAIL_LINES = 15


class ChildDiedError(ConfigurationError):
    """A process of the demo ended by itself; the message holds the end of its log."""


class Children:
    """`relevo` processes with the environment given. Leaving the block stops them all."""

    def __init__(self, environment: Mapping[str, str], logs: Path) -> None:
        self._environment = dict(environment)
        self.logs = logs
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.to_thread(self._stop)

    def start(self, name: str) -> None:
        """Start `relevo NAME`. It stops when the pipe to its standard input closes, whatever we die of."""
        with (self.logs / f"{name}.log").open("wb") as log:
            self._running[name] = subprocess.Popen(  # noqa: S603 - this very Python and package
                [sys.executable, "-P", "-m", "relevo", name, "--until-stdin-closes"],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self._environment,
                start_new_session=True,  # Ctrl-C is the demo's; it tells them itself
            )

    def check(self) -> None:
        """Look whether all still run.

        Raises:
            ChildDiedError: one does not.

        """
        for name, process in self._running.items():
            if process.poll() is not None:
                log = self.logs / f"{name}.log"
                lines = log.read_text(errors="replace").splitlines()[-_TAIL_LINES:]
                raise ChildDiedError(
                    "\n".join([f"`relevo {name}` ended with {process.returncode}. Its log, {log}:", *lines])
                )

    async def ready(self, url: str) -> None:
        """Wait until the service says it can work.

        Raises:
            ChildDiedError: it ended instead.
            ConfigurationError: it takes too long.

        """
        deadline = time.monotonic() + START_SECONDS
        async with httpx2.AsyncClient(timeout=2) as client:
            while time.monotonic() < deadline:
                self.check()
                try:
                    if (await client.get(f"{url}/readyz")).status_code == _READY:
                        return
                except httpx2.HTTPError:
                    pass
                await asyncio.sleep(0.1)
        raise ConfigurationError(f"The service was not ready within {START_SECONDS:.0f} s: see {self.logs}.")

    def _stop(self) -> None:
        for process in self._running.values():
            process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for process in self._running.values():
            try:
                process.wait(max(deadline - time.monotonic(), 0.1))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            if process.stdin is not None:
                process.stdin.close()


def environment_for_children(**settings: str) -> dict[str, str]:
    """Return our environment without what points at a real installation, and with `settings` (without prefix)."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("RELEVO_")}
    return {**kept, **{f"RELEVO_{name.upper()}": value for name, value in settings.items()}}
