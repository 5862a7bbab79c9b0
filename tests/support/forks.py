"""Real processes, forked quickly from a server that has everything imported."""

from __future__ import annotations

import asyncio
import multiprocessing
import multiprocessing.forkserver
import os
import socket
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from support.crash_child import ChildPlan, run_child

if TYPE_CHECKING:
    from multiprocessing.context import ForkServerProcess

forks = multiprocessing.get_context("forkserver")
forks.set_forkserver_preload(["support.forked"])


@cache
def _start_server() -> None:
    """Start the server these processes are forked from; in Python 3.11 it is not told where the tests are."""
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = str(Path(__file__).parents[1])
    try:
        multiprocessing.forkserver.ensure_running()
    finally:
        del os.environ["PYTHONPATH"]
        if before is not None:
            os.environ["PYTHONPATH"] = before


def free_port() -> int:
    """Return a port nobody listens on right now."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


async def start(plan: ChildPlan) -> ForkServerProcess:
    """Start a Relevo process."""
    await asyncio.to_thread(_start_server)
    process = forks.Process(target=run_child, args=(plan,), daemon=True)
    await asyncio.to_thread(process.start)
    return process
