"""A Postgres of our own for those who bring none: one server per data directory, shared by every attached process.

Never listens on TCP, never outlives the processes attached to it, never opens a directory that is not its own.
"""

from __future__ import annotations

import asyncio
import sys
import threading
from typing import TYPE_CHECKING

from relevo.errors import EmbeddedPostgresError

if sys.platform == "win32":
    raise EmbeddedPostgresError("the embedded Postgres needs Linux or macOS: set DATABASE_URL.")

from . import attachment
from .attachment import Attached
from .layout import default_data_dir

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Attached", "attach", "attach_sync", "default_data_dir"]

START_SECONDS = 60.0


def attach_sync(
    data_dir: Path, *, durable: bool = True, start_timeout: float = START_SECONDS, binaries: Path | None = None
) -> Attached:
    """Attach this process to the Postgres of a data directory, making and starting it when needed.

    `durable=False` makes a throw-away server that is fast and may lose everything in a power cut: for tests.
    `start_timeout` is in seconds. `binaries` is a directory with `postgres` and `initdb` to use instead of the wheel's.

    Raises `EmbeddedPostgresError`, which says what to do.
    """
    return attachment.attach(data_dir, durable=durable, start_timeout=start_timeout, binaries=binaries)


async def attach(
    data_dir: Path, *, durable: bool = True, start_timeout: float = START_SECONDS, binaries: Path | None = None
) -> Attached:
    """As `attach_sync`, without holding up the event loop."""
    made: list[Attached] = []
    given_up = threading.Event()

    def work() -> Attached:
        attached = attach_sync(data_dir, durable=durable, start_timeout=start_timeout, binaries=binaries)
        made.append(attached)
        if given_up.is_set():  # the loop may be gone by now: nobody else would let go
            attached.detach()
        return attached

    try:
        return await asyncio.to_thread(work)
    except asyncio.CancelledError:
        given_up.set()
        for attached in made:
            attached.detach()
        raise
