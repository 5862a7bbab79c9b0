"""Webhook bodies as Meta sends them, signed, for tests that need to choose every byte."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import TYPE_CHECKING, Any

import httpx2

if TYPE_CHECKING:
    from relevo.simulator.numbers import Number


def text(wamid: str, body: str, sender: str = "573001234567", at: int = 1_900_000_000) -> dict[str, Any]:
    """Return one text message."""
    return {"from": sender, "id": wamid, "timestamp": str(at), "type": "text", "text": {"body": body}}


def status(wamid: str, name: str, at: int = 1_900_000_000, **more: Any) -> dict[str, Any]:
    """Return one status."""
    return {"id": wamid, "status": name, "timestamp": str(at), "recipient_id": "573001234567", **more}


def delivery(
    number: Number,
    *,
    messages: list[dict[str, Any]] | None = None,
    statuses: list[dict[str, Any]] | None = None,
    name: str = "Ana",
) -> bytes:
    """Return a body with one change."""
    value: dict[str, Any] = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": number.display_phone, "phone_number_id": number.phone_number_id},
    }
    if messages is not None:
        senders = dict.fromkeys(message["from"] for message in messages if "from" in message)
        value["contacts"] = [{"wa_id": sender, "profile": {"name": name}} for sender in senders]
        value["messages"] = messages
    if statuses is not None:
        value["statuses"] = statuses
    change = {"field": "messages", "value": value}
    return json.dumps({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [change]}]}).encode()


def signature(body: bytes, secret: str) -> str:
    """Sign as Meta does."""
    return f"sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}"


async def post(url: str, body: bytes, number: Number, **headers: str) -> httpx2.Response:
    """Post a signed body."""
    async with httpx2.AsyncClient(timeout=30) as client:
        return await client.post(
            url, content=body, headers={"x-hub-signature-256": signature(body, number.app_secret), **headers}
        )
