"""Starts the processes under measurement and reads their CPU and memory. Ends only what it started."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
import psutil
import psycopg

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

_PROGRAM = Path(__file__).with_name("children.py")
_LINE_LIMIT = 1 << 20


@dataclass(slots=True)
class Child:
    """A running part; `samples` is what a worker says about itself."""

    process: asyncio.subprocess.Process
    first: dict[str, Any]
    samples: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    @property
    def cpu(self) -> float:
        """Seconds of CPU so far, user and system."""
        times = psutil.Process(self.process.pid).cpu_times()
        return times.user + times.system

    @property
    def port(self) -> int:
        """Where a service listens."""
        return self.first["port"]


@contextlib.asynccontextmanager
async def child(part: str, **options: object) -> AsyncGenerator[Child]:
    """Run a part until the block ends. Raises RuntimeError when it does not come up."""
    arguments = [f"--{name}={value}" for name, value in options.items()]
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(_PROGRAM), part, *arguments, stdout=asyncio.subprocess.PIPE, limit=_LINE_LIMIT
    )
    out = process.stdout
    if out is None:
        raise RuntimeError("no pipe")
    line = await asyncio.wait_for(out.readline(), 30)
    if not line:
        raise RuntimeError(f"{part} did not start")
    running = Child(process, orjson.loads(line))

    async def listen() -> None:
        async for said in out:
            running.samples.append(orjson.loads(said))

    listening = asyncio.create_task(listen())
    try:
        yield running
    finally:
        if process.returncode is None:
            process.terminate()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), 30)
        if process.returncode is None:
            process.kill()
        await listening


class Postgres:
    """The server's CPU, over all its processes."""

    def __init__(self, url: str) -> None:
        with psycopg.connect(url, autocommit=True) as connection:
            row = connection.execute("select pg_backend_pid()").fetchone()
            backend = psutil.Process(row[0] if row else 0)
            parent = backend.parent()
        if parent is None:
            raise RuntimeError("the server's postmaster is not to be seen")
        self._postmaster = parent

    @property
    def cpu(self) -> float:
        """Seconds of CPU so far, user and system; those of processes that ended included."""
        times = self._postmaster.cpu_times()
        total = times.user + times.system + times.children_user + times.children_system
        for process in self._postmaster.children():
            with contextlib.suppress(psutil.NoSuchProcess):
                own = process.cpu_times()
                total += own.user + own.system
        return total
