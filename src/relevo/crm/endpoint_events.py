"""What shops are told by outgoing webhooks, and how it is signed. Pure.

Signing follows Standard Webhooks, for which libraries exist in most languages:
https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from typing import TYPE_CHECKING, Any, Final

import orjson

from relevo.errors import InvalidRequestError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

SECRET_PREFIX: Final = "whsec_"  # noqa: S105 - what secrets of Standard Webhooks start with
PUBLIC: Final[Mapping[str, str]] = {
    "agent/whatsapp.message_received": "message.received",
    "agent/whatsapp.attachment_received": "message.received",
    "message.received": "message.received",
    "message.accepted": "message.sent",
    "message.echoed": "message.sent",
    "conversation.handed_off": "conversation.handed_off",
    "conversation.taken_over": "conversation.taken_over",
    "conversation.handed_back": "conversation.handed_back",
    "task.opened": "task.opened",
    "task.assigned": "task.assigned",
    "task.queued": "task.queued",
    "task.commented": "task.commented",
    "task.snoozed": "task.snoozed",
    "task.back": "task.back",
    "task.overdue": "task.overdue",
    "task.done": "task.done",
    "order.created": "order.created",
    "order.changed": "order.changed",
    "order.cancelled": "order.cancelled",
}
"""Type in the event log to the type shops know."""
CHOICES: Final = tuple(sorted({*PUBLIC.values(), "message", "conversation", "task", "order"}))
"""What an endpoint may ask for: a type, or all of a group."""


def new_secret() -> str:
    """Make a signing secret."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def check_choices(wanted: Iterable[str]) -> None:
    """Check what an endpoint asks for.

    Raises:
        InvalidRequestError: nothing is called that.

    """
    unknown = sorted(set(wanted) - set(CHOICES))
    if unknown:
        raise InvalidRequestError(f"No events are called {', '.join(unknown)}. There are: {', '.join(CHOICES)}.")


def types_in_log(wanted: Sequence[str]) -> list[str]:
    """Return the event log's types an endpoint is told of; all of them where it asks for nothing in particular."""
    return [
        inner
        for inner, public in PUBLIC.items()
        if not wanted or public in wanted or public.partition(".")[0] in wanted
    ]


def event_id(number: int) -> str:
    """Name an event for the outside: the same however often it is told."""
    return f"evt_{number}"


def body_of(event: Mapping[str, Any]) -> bytes:
    """Write what is posted."""
    created_at: datetime = event["created_at"]
    return orjson.dumps(
        {
            "id": event_id(event["id"]),
            "type": PUBLIC.get(event["type"], event["type"]),
            "created_at": created_at.isoformat(),
            "workspace_id": event["workspace_id"],
            "conversation_id": event["conversation_id"],
            "data": event["data"],
            "message": event["message"],
            "contact": event["contact"],
        },
        default=str,
    )


def signed_headers(secret: str, number: int, body: bytes, at: datetime) -> dict[str, str]:
    """Sign id, time and body."""
    name, timestamp = event_id(number), str(int(at.timestamp()))
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    mac = hmac.new(key, f"{name}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return {
        "content-type": "application/json",
        "user-agent": "Relevo",
        "webhook-id": name,
        "webhook-timestamp": timestamp,
        "webhook-signature": f"v1,{base64.b64encode(mac).decode()}",
    }
