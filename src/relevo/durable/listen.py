"""Hears of wake-ups by NOTIFY, on a connection of its own: LISTEN is state of a session, which no pooler keeps."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import psycopg
import structlog

if TYPE_CHECKING:
    from collections.abc import Callable

RETRY_SECONDS = 1.0

log = structlog.get_logger(__name__)


async def listen(url: str, heard: Callable[[], None]) -> None:
    """Call `heard` at every wake-up, until cancelled. While it is deaf, polling does the same a little later."""
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(
                url, autocommit=True, application_name="relevo listen"
            ) as connection:
                await connection.execute("listen relevo_wake")
                heard()
                async for _ in connection.notifies():
                    heard()
        except (psycopg.Error, OSError) as error:
            log.warning("listening interrupted", error=type(error).__name__)
        await asyncio.sleep(RETRY_SECONDS)
