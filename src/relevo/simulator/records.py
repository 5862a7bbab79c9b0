"""What the ledger keeps: one dataclass per kind of thing that crossed. Values only; times are Unix seconds (UTC)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

AttemptOutcome = Literal["acked", "refused", "dropped", "error"]
SendOutcome = Literal["accepted", "refused", "error"]


@dataclass(slots=True)
class Inbound:
    """A customer's message, from the moment they wrote it."""

    at: float
    number: str
    customer: str
    wamid: str
    kind: str
    text: str
    timestamp: int
    """Provider time: whole seconds, as the webhook carries it."""
    seq: int
    """1, 2, 3, … per customer and number."""
    expects_reply: bool = True
    posted_at: float | None = None
    """First attempt at a webhook that carries it."""
    acked_at: float | None = None
    """First 200 for one; None: never acknowledged."""


@dataclass(slots=True)
class Attempt:
    """One HTTP request of a webhook. `seconds` is the time to its answer (or to giving up)."""

    at: float
    seconds: float
    outcome: AttemptOutcome
    status: int | None = None


@dataclass(slots=True)
class WebhookPost:
    """One webhook body, however often it was tried."""

    id: int
    at: float
    number: str
    wamids: list[str]
    """The inbound messages in it (statuses are not listed)."""
    updates: int
    size: int
    """Bytes."""
    copy: bool = False
    """A duplicate sent on purpose."""
    attempts: list[Attempt] = field(default_factory=list[Attempt])
    acked_at: float | None = None
    given_up: bool = False


@dataclass(slots=True)
class Send:
    """One `POST …/messages` that carried a message, whatever became of it."""

    at: float
    number: str
    customer: str
    to: str
    kind: str
    text: str
    opaque: str | None = None
    """`biz_opaque_callback_data`."""
    outcome: SendOutcome = "error"
    """`accepted`: will reach the customer. `refused`: by an error body. `error`: by a 5xx or a cut connection."""
    code: int | None = None
    """Error code in the answer; on an accepted message, of the error the sender saw all the same."""
    wamid: str | None = None
    accepted_at: float | None = None
    ended_at: float | None = None
    """When the answer left, or the sender went away."""
    answered: bool = False
    """The sender got an HTTP answer that says what happened (a 5xx after acceptance does not)."""
    fault: str | None = None
    """The fault that was played, if any."""


@dataclass(slots=True)
class StatusSent:
    """A status update handed to the courier."""

    at: float
    number: str
    customer: str
    wamid: str
    status: str


@dataclass(slots=True)
class Mark:
    """A mark-as-read, with or without typing indicator."""

    at: float
    number: str
    customer: str
    wamid: str
    typing: bool


@dataclass(slots=True)
class OwnerEcho:
    """What the owner wrote on the phone (coexistence)."""

    at: float
    number: str
    customer: str
    wamid: str
    text: str


Record = Inbound | WebhookPost | Send | StatusSent | Mark | OwnerEcho
