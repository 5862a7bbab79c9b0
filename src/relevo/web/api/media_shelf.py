"""Fetches customers' files from WhatsApp, once for all who ask, and keeps the last ones in memory for a while."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from relevo.whatsapp.answers import Failed, MediaCutError
from relevo.whatsapp.provider_errors import not_sent

if TYPE_CHECKING:
    import uuid

    from relevo.whatsapp.answers import Credentials
    from relevo.whatsapp.client import WhatsAppClient

KEPT_BYTES = 16 * 1024 * 1024
"""Files up to this size are held as a whole, which lets browsers jump within them: all but documents are smaller."""
SHELF_BYTES = 64 * 1024 * 1024
"""What one process keeps."""
AT_ONCE = 4
"""Files fetched at the same time."""


@dataclass(frozen=True, slots=True)
class File:
    """A whole file."""

    content: bytes
    mime_type: str | None


class MediaShelf:
    """Files by message, the last asked for first; bounded in bytes."""

    def __init__(self, client: WhatsAppClient) -> None:
        self.client = client
        self._files: OrderedDict[uuid.UUID, File] = OrderedDict()
        self._bytes = 0
        self._fetching: dict[uuid.UUID, asyncio.Task[File | Failed | None]] = {}
        self.slots = asyncio.Semaphore(AT_ONCE)

    async def get(self, message_id: uuid.UUID, credentials: Credentials, media_id: str) -> File | Failed | None:
        """Return a file; None where it is too large to be held: it has to be streamed."""
        known = self._files.get(message_id)
        if known is not None:
            self._files.move_to_end(message_id)
            return known
        task = self._fetching.get(message_id)
        if task is None:
            task = asyncio.create_task(self._fetch(message_id, credentials, media_id))
            self._fetching[message_id] = task
            task.add_done_callback(lambda _: self._fetching.pop(message_id, None))
        return await asyncio.shield(task)  # one reader who leaves takes nothing away from the others

    async def _fetch(self, message_id: uuid.UUID, credentials: Credentials, media_id: str) -> File | Failed | None:
        content = bytearray()
        async with self.slots, self.client.open_media(credentials, media_id, limit=KEPT_BYTES) as opened:
            if isinstance(opened, Failed):
                return None if opened.failure.title == f"larger than {KEPT_BYTES} bytes" else opened
            try:
                async for piece in opened.pieces:
                    content += piece
            except MediaCutError as error:
                return None if len(content) >= KEPT_BYTES // 2 else Failed(not_sent(str(error)))
        file = File(bytes(content), opened.mime_type)
        self._files[message_id] = file
        self._bytes += len(file.content)
        while self._bytes > SHELF_BYTES:
            _, oldest = self._files.popitem(last=False)
            self._bytes -= len(oldest.content)
        return file
