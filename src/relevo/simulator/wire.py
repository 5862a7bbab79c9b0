"""Webhook bodies as the platform writes them. Builds and signs bytes; knows nothing of delivery.

Source: Meta's webhook reference (messages, statuses, smb_message_echoes, user_preferences) and samples of it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from relevo.simulator.numbers import Number, Profile

ListKey = Literal["messages", "statuses", "message_echoes", "user_preferences"]
_encode = json.JSONEncoder(separators=(",", ":")).encode
_FIELD: dict[ListKey, str] = {
    "messages": "messages",
    "statuses": "messages",
    "message_echoes": "smb_message_echoes",
    "user_preferences": "user_preferences",
}


@dataclass(slots=True)
class Update:
    """One item of a webhook: a message, a status, an echo or a preference."""

    number: Number
    list_key: ListKey
    item: dict[str, Any]
    subject: str
    """Names it for faults: stable from run to run where possible."""
    contact: dict[str, Any] | None = None
    wamid: str | None = None
    """Of an inbound message; None for everything else."""


def contact(profile: Profile) -> dict[str, Any]:
    """Return the `contacts[]` entry of a customer."""
    person: dict[str, Any] = {"profile": {}}
    if profile.name is not None:
        person["profile"]["name"] = profile.name
    if profile.username is not None:
        person["profile"]["username"] = profile.username
    if profile.wa_id is not None:
        person["wa_id"] = profile.wa_id
    if profile.bsuid is not None:
        person["user_id"] = profile.bsuid
    return person


def sender(profile: Profile) -> dict[str, Any]:
    """Return the fields of a message that say who wrote."""
    who: dict[str, Any] = {}
    if profile.wa_id is not None:
        who["from"] = profile.wa_id
    if profile.bsuid is not None:
        who["from_user_id"] = profile.bsuid
    return who


def status(profile: Profile, wamid: str, name: str, at: float, opaque: str | None) -> dict[str, Any]:
    """Return a `statuses[]` item; `at` in Unix seconds."""
    item: dict[str, Any] = {"id": wamid, "status": name, "timestamp": str(int(at))}
    if profile.wa_id is not None:
        item["recipient_id"] = profile.wa_id
    if profile.bsuid is not None:
        item["recipient_user_id"] = profile.bsuid
    if opaque is not None:
        item["biz_opaque_callback_data"] = opaque
    if name != "failed":
        item["pricing"] = {
            "billable": False, "pricing_model": "PMP", "type": "free_customer_service", "category": "service",
        }  # fmt: skip
    return item


def envelope(updates: Sequence[Update], splits: Sequence[float] = ()) -> bytes:
    """Return the body of one POST.

    Neighbours of one number and kind share a change unless their split (0 to 1) says otherwise:
    below 0.2 a new entry begins, below 0.5 a new change. Unicode and slashes are escaped as Meta does.
    """
    entries: list[dict[str, Any]] = []
    previous: Update | None = None
    for position, update in enumerate(updates):
        split = splits[position] if position < len(splits) else 1.0
        if previous is None or update.number.waba_id != previous.number.waba_id or split < 0.2:  # noqa: PLR2004 - see docstring
            entries.append({"id": update.number.waba_id, "changes": []})
            previous = None
        if previous is None or _kind(update) != _kind(previous) or split < 0.5:  # noqa: PLR2004 - see docstring
            entries[-1]["changes"].append(_change(update))
        value = entries[-1]["changes"][-1]["value"]
        if update.contact is not None and update.contact not in value.setdefault("contacts", []):
            value["contacts"].append(update.contact)
        value.setdefault(update.list_key, []).append(update.item)
        previous = update
    body = {"object": "whatsapp_business_account", "entry": entries}
    return _encode(body).replace("/", "\\/").encode()


def _kind(update: Update) -> tuple[str, str]:
    return update.number.phone_number_id, update.list_key


def _change(update: Update) -> dict[str, Any]:
    number = update.number
    metadata = {"display_phone_number": number.display_phone, "phone_number_id": number.phone_number_id}
    return {"value": {"messaging_product": "whatsapp", "metadata": metadata}, "field": _FIELD[update.list_key]}


def headers(number: Number, body: bytes) -> dict[str, str]:
    """Return the headers of a webhook: Meta's signature over the raw bytes, or 360dialog's configured ones."""
    common = {"content-type": "application/json", "user-agent": "facebookexternalua", **number.webhook_headers}
    if number.provider == "meta":
        digest = hmac.new(number.app_secret.encode(), body, hashlib.sha256).hexdigest()
        common["x-hub-signature-256"] = f"sha256={digest}"
    return common
