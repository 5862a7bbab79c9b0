"""Real processes, forked quickly from a server that has everything imported."""

from __future__ import annotations

import asyncio
import multiprocessing
import socket
from typing import TYPE_CHECKING

from support.crash_child import ChildPlan, run_child

if TYPE_CHECKING:
    from multiprocessing.context import ForkServerProcess

forks = multiprocessing.get_context("forkserver")
forks.set_forkserver_preload(["relevo.app", "uvicorn", "relevo.simulator.echo"])


def free_port() -> int:
    """Return a port nobody listens on right now."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


async def start(plan: ChildPlan) -> ForkServerProcess:
    """Start a Relevo process."""
    process = forks.Process(target=run_child, args=(plan,), daemon=True)
    await asyncio.to_thread(process.start)
    return process
