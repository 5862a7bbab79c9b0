"""Playbooks as web processes need them: names of data and prices of orders. Reads; understands and decides nothing."""

from __future__ import annotations

import asyncio
from functools import lru_cache
from typing import TYPE_CHECKING

import structlog

from relevo.agents.engine.book import Book
from relevo.agents.playbook.loader import parse, read
from relevo.conversations.own_playbooks import OwnPlaybooks
from relevo.errors import PlaybookError

if TYPE_CHECKING:
    import uuid

    from relevo.store.database import Database

log = structlog.get_logger(__name__)


class Books:
    """Playbooks by name, each version read once."""

    def __init__(self, database: Database) -> None:
        self._own = OwnPlaybooks(database)

    async def get(self, agent_id: str, workspace_id: uuid.UUID) -> Book | None:
        """Return what a shop's playbook of that name says; None where it cannot be read (any more)."""
        version = await self._own.version(workspace_id, agent_id)
        own = await self._own.read(workspace_id, agent_id, version) if version is not None else None
        text = own.text if own is not None else None
        try:
            if text is None:
                _, text = await asyncio.to_thread(read, agent_id)
            return await asyncio.to_thread(_book, agent_id, text)
        except PlaybookError as error:
            log.warning("playbook cannot be read", playbook=agent_id, error=str(error))
            return None


@lru_cache(maxsize=128)
def _book(agent_id: str, text: str) -> Book:
    playbook, _ = parse(agent_id, text)
    return Book(playbook)
