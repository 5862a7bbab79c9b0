"""Keeps the words of messages for the search: a little later than the messages, so that none waits for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relevo.store.database import fetch_one
from relevo.store.sql_files import sql_file

if TYPE_CHECKING:
    from relevo.store.database import Database

BATCH = 2000
BATCHES = 50
"""A round ends after so many: an import goes on in the next one."""


class WordIndex:
    """Follows the event log. Rounds of several processes at once do nothing twice."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def __call__(self) -> None:
        """Catch up."""
        for _ in range(BATCHES):
            if await self.once() < BATCH:
                return

    async def once(self) -> int:
        """Index one batch; returns how many messages were read."""
        async with self._database.reading() as connection:
            row = await fetch_one(connection, sql_file("relevo.conversations", "index_words"), {"limit": BATCH})
        return row["count"] if row else 0
