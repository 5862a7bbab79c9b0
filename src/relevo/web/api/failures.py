"""Why a message did not arrive, as a stable key for which the inbox has words. Pure.

Codes: https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, Field

from relevo.whatsapp.provider_errors import Action, action_for

if TYPE_CHECKING:
    from collections.abc import Mapping

Key = Literal[
    "window_closed", "not_on_whatsapp", "customer_blocks_marketing", "marketing_limit", "media_refused",
    "template_refused", "content_refused", "number_limited", "too_many_to_customer", "channel_stopped",
    "provider_trouble", "unconfirmed", "other",
]  # fmt: skip

_KEYS: dict[int, Key] = {
    131026: "not_on_whatsapp",
    131030: "not_on_whatsapp",
    131021: "not_on_whatsapp",
    131050: "customer_blocks_marketing",
    131049: "marketing_limit",
    130472: "marketing_limit",
    131053: "media_refused",
    131052: "media_refused",
    131056: "too_many_to_customer",
    131048: "number_limited",
}
_TEMPLATES = range(132000, 133000)
_BY_ACTION: dict[Action, Key] = {
    Action.NEEDS_TEMPLATE: "window_closed",
    Action.RETRY_LATER: "number_limited",
    Action.THROTTLE_HARD: "number_limited",
    Action.TRANSIENT: "provider_trouble",
    Action.ONCE_MORE: "provider_trouble",
    Action.STOP_CHANNEL: "channel_stopped",
    Action.GIVE_UP: "content_refused",
}


class Failure(BaseModel):
    """What WhatsApp said against a message."""

    key: Key = Field(description="Stable; what to tell a person.")
    code: int | None = Field(description="WhatsApp's.")
    title: str | None
    details: str | None


def failure_of(error: Mapping[str, Any] | None) -> Failure | None:
    """Read what was noted of a failed attempt."""
    if error is None:
        return None
    code, details = error.get("code"), error.get("details")
    return Failure(key=_key(error), code=code, title=error.get("title"), details=details)


def _key(error: Mapping[str, Any]) -> Key:
    code: int | None = error.get("code")
    action = action_for(code, error.get("details"))
    if action is Action.NEEDS_TEMPLATE:
        return "window_closed"
    if code is None:
        return "unconfirmed" if error.get("action") in (None, Action.TRANSIENT) else "other"
    if code in _TEMPLATES:
        return "template_refused"
    return _KEYS.get(code) or (_BY_ACTION[action] if action else "other")
