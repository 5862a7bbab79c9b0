"""Reads WhatsApp's refusals: what to do about each, and whether the message may have been accepted all the same.

Codes: https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes. The decision
rests on `code`, `error_subcode` and `error_data.details`; the HTTP status decides only where there is nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from relevo.whatsapp.content import error_of
from relevo.whatsapp.json_body import load, preview
from relevo.whatsapp.lenient import as_list, as_object, integer, string
from relevo.whatsapp.updates import ReportedError

if TYPE_CHECKING:
    from relevo.whatsapp.updates import Json


class Action(StrEnum):
    """What to do after a refusal."""

    RETRY_LATER = "retry_later"
    """A rate limit: back off, then send again."""
    TRANSIENT = "transient"
    """Trouble at WhatsApp's or on the way: a few retries."""
    ONCE_MORE = "once_more"
    NEEDS_TEMPLATE = "needs_template"
    """The 24-hour window is closed."""
    GIVE_UP = "give_up"
    """This message will never be taken."""
    STOP_CHANNEL = "stop_channel"
    """Nothing can be sent on this number until a person acts."""
    THROTTLE_HARD = "throttle_hard"
    """Customers blocked or reported the number (131048): send much less."""


PAIR_RATE_LIMIT = 131056
_BAD_OBJECT = 33
"""`error_subcode` of code 100 for "object does not exist or no permission": the number, not the message, is wrong."""
_HTTP_REDIRECT = 300
_HTTP_CLIENT = 400
_HTTP_TIMEOUT = 408
_HTTP_TOO_MANY = 429
_HTTP_SERVER = 500
_CHANNEL_STATUSES = frozenset({401, 403, 404})
_CODES: dict[int, Action] = {
    **dict.fromkeys((4, 17, 32, 613, 80007, 130429, PAIR_RATE_LIMIT, 133016, 131057), Action.RETRY_LATER),
    **dict.fromkeys((1, 2, 131000, 131016), Action.TRANSIENT),
    131053: Action.ONCE_MORE,
    **dict.fromkeys((131047, 470), Action.NEEDS_TEMPLATE),
    **dict.fromkeys(
        (100, 131008, 131009, 131021, 131026, 131030, 131049, 131050, 131051, 131052, 131062, 130472), Action.GIVE_UP
    ),
    **dict.fromkeys((0, 3, 10, 190, 368, 131005, 131031, 131037, 131042, 131045, 130497, 133010), Action.STOP_CHANNEL),
    131048: Action.THROTTLE_HARD,
}
_TEMPLATE_CODES = range(132000, 133000)
_PERMISSION_CODES = range(200, 300)
_CLOSED_WINDOW_WORDS = ("more than 24 hours", "re-engagement", "outside the allowed window")


@dataclass(frozen=True, slots=True)
class ProviderFailure:
    """A send that was not confirmed."""

    action: Action
    code: int | None = None
    title: str | None = None
    details: str | None = None
    ambiguous: bool = False
    """The message may have been accepted: settle it from the statuses, never send it again blindly."""
    retry_after: float | None = None
    """Seconds WhatsApp asked to wait."""
    http_status: int | None = None

    @property
    def retryable(self) -> bool:
        """Whether sending the same again is safe and may help."""
        return not self.ambiguous and self.action in _RETRYABLE


_RETRYABLE = frozenset({Action.RETRY_LATER, Action.TRANSIENT, Action.ONCE_MORE, Action.THROTTLE_HARD})


def classify(http_status: int, body: bytes, *, retry_after: float | None = None) -> ProviderFailure:
    """Read an answer that accepts nothing. 5xx is ambiguous whatever it says; 2xx is too, as it names no message."""
    error, subcode = _error_in(body)
    action = action_for(error.code, error.details, subcode=subcode) if error.code is not None else None
    if action is None:
        action = _action_for_status(http_status)
    ambiguous = http_status >= _HTTP_SERVER or http_status < _HTTP_REDIRECT
    if ambiguous and error.code is None:
        action = Action.TRANSIENT
    return ProviderFailure(
        action,
        error.code,
        error.title or error.message,
        error.details or error.message or preview(body)[:300] or None,
        ambiguous,
        retry_after,
        http_status,
    )


def classify_reported(error: ReportedError | None) -> ProviderFailure:
    """Read the error of a `failed` status: the message was accepted first and is now definitely not delivered."""
    if error is None:
        return ProviderFailure(Action.GIVE_UP, title="failed without a reason")
    action = action_for(error.code, error.details) or Action.GIVE_UP
    return ProviderFailure(action, error.code, error.title or error.message, error.details or error.message)


def not_sent(why: str) -> ProviderFailure:
    """Describe a connection that never came about: no byte of the message left, sending again is safe."""
    return ProviderFailure(Action.TRANSIENT, title="could not reach WhatsApp", details=why)


def unconfirmed(why: str) -> ProviderFailure:
    """Describe a connection that broke, or time that ran out, after the message may have left."""
    return ProviderFailure(Action.TRANSIENT, title="no answer from WhatsApp", details=why, ambiguous=True)


def action_for(code: int | None, details: str | None = None, *, subcode: int | None = None) -> Action | None:
    """Return what the error table says, None for a code it does not know."""
    if code is None:
        return None
    if code == 100 and subcode == _BAD_OBJECT:  # noqa: PLR2004 - Graph's "invalid parameter", named by its number everywhere
        return Action.STOP_CHANNEL
    if code in _PERMISSION_CODES:
        return Action.STOP_CHANNEL
    if code in _TEMPLATE_CODES:
        return Action.GIVE_UP
    known = _CODES.get(code)
    if known in {Action.GIVE_UP, None} and details and any(word in details.lower() for word in _CLOSED_WINDOW_WORDS):
        return Action.NEEDS_TEMPLATE
    return known


def pair_rate_backoff(attempt: int, *, cap: float = 3600.0) -> float:
    """Seconds to wait after the `attempt`-th 131056 to one customer, from 0: 1, 4, 16, 64… as Meta asks."""
    return min(cap, 4.0 ** min(max(attempt, 0), 16))


def _action_for_status(status: int) -> Action:
    if status == _HTTP_TOO_MANY:
        return Action.RETRY_LATER
    if status >= _HTTP_SERVER or status == _HTTP_TIMEOUT or status < _HTTP_REDIRECT:
        return Action.TRANSIENT
    if status in _CHANNEL_STATUSES or status < _HTTP_CLIENT:
        return Action.STOP_CHANNEL
    return Action.GIVE_UP


def _error_in(body: bytes) -> tuple[ReportedError, int | None]:
    """Meta's `{"error": {…}}`, 360dialog's older `{"errors": […]}` and `{"meta": {"developer_message": …}}`."""
    loaded, _ = load(body)
    answer = as_object(loaded)
    error: Json = as_object(answer.get("error"))
    if not error:
        errors = [as_object(item) for item in as_list(answer.get("errors"))]
        error = next((item for item in errors if item), error)
    if error:
        return error_of(error), integer(error.get("error_subcode"))
    meta = as_object(answer.get("meta"))
    return ReportedError(None, None, string(meta.get("developer_message")) or string(answer.get("message"))), None
