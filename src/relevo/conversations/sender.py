"""Posts messages for channels: opens their secrets, keeps each number's pace. Decides nothing and writes nothing."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal, cast

from relevo.whatsapp.answers import Accepted, Credentials, Failed
from relevo.whatsapp.pacing import NumberPace

if TYPE_CHECKING:
    from relevo.conversations.view import View
    from relevo.store.secrets import SecretBox
    from relevo.whatsapp.client import WhatsAppClient
    from relevo.whatsapp.outgoing import Recipient


COURTESY_SECONDS = 2.0
LONGEST_SLEEP = 1.0
"""Seconds to wait for a slot within a run; a longer wait goes through the mailbox."""


class Sender:
    """One for each process."""

    def __init__(self, client: WhatsAppClient, secrets: SecretBox, pace: NumberPace | None = None) -> None:
        self._client = client
        self._open = lru_cache(maxsize=1024)(secrets.open)
        self._pace = pace or NumberPace()

    async def wait_for_slot(self, view: View) -> float:
        """Wait for the number's next slot, holding nothing; where it is far away, return the seconds until it."""
        wait = self._pace.reserve(view.phone_number_id, time.monotonic(), longest=LONGEST_SLEEP)
        if wait > LONGEST_SLEEP:
            return wait
        if wait > 0:
            await asyncio.sleep(wait)
        return 0.0

    async def send(self, view: View, body: dict[str, Any]) -> Accepted | Failed:
        """Post once. Never raises for trouble at the provider's or on the way."""
        return await self._client.send(self._credentials(view), body)

    async def show_typing(self, view: View) -> None:
        """Mark the customer's last message as read and show that an answer is coming. A courtesy, bounded in time."""
        if view.last_wamid is not None:
            with suppress(TimeoutError):
                async with asyncio.timeout(COURTESY_SECONDS):
                    await self._client.mark_read_typing(self._credentials(view), view.last_wamid)

    def _credentials(self, view: View) -> Credentials:
        provider = cast("Literal['meta', '360dialog']", view.provider)
        return Credentials(provider, view.phone_number_id, self._open(view.access_token), view.api_url)


def addressed(content: dict[str, Any], recipient: Recipient) -> dict[str, Any]:
    """Address a planned body: to the phone when known, else to the business-scoped user id."""
    key, value = ("to", recipient.phone) if recipient.phone else ("recipient", recipient.bsuid)
    return {**content, key: value}
