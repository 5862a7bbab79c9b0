"""The business's side of the double: connected numbers and the platform rules that can be switched. Values only."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Provider = Literal["meta", "360dialog"]


@dataclass(slots=True)
class Number:
    """One business number as its provider knows it."""

    phone_number_id: str = "106540352242922"
    display_phone: str = "573001112233"
    provider: Provider = "meta"
    access_token: str = "simulated-access-token"  # noqa: S105 - the double's own well-known default
    """Bearer token (Meta) or `D360-API-KEY` (360dialog)."""
    app_secret: str = "simulated-app-secret"  # noqa: S105 - as above
    """Signs Meta's webhooks; 360dialog number webhooks carry no signature."""
    verify_token: str = "simulated-verify-token"  # noqa: S105 - as above
    waba_id: str = "102290129340398"
    webhook_url: str | None = None
    webhook_headers: dict[str, str] = field(default_factory=dict[str, str])
    """Sent along with each webhook: 360dialog's secret custom header."""
    throughput: int = 80
    """Messages a second before 130429."""
    name: str = "Simulated Business"
    """What customers see the business called (the verified name)."""


@dataclass(frozen=True, slots=True)
class Rules:
    """Which rules of the platform are enforced. Content limits always are."""

    window: bool = True
    """Free-form messages only within 24 h of the customer's last one (131047)."""
    pair_rate: bool = False
    """One message per 6 s and customer, burst 45 (131056)."""
    throughput: bool = False
    """`Number.throughput` messages a second (130429)."""
    known_recipients: bool = True
    """Unknown recipients are refused (131026); otherwise they are taken as new customers."""
    late: bool = False
    """131026 and 131047 come as a `failed` status after a 200, as they mostly do in production, not as an HTTP 400."""
    templates: frozenset[str] | None = None
    """Names of approved templates; None approves all, others are refused with 132001."""


@dataclass(frozen=True, slots=True)
class Receipts:
    """When the statuses of an accepted message follow, in seconds after acceptance; None leaves one out."""

    sent: float | None = 0.02
    delivered: float | None = 0.06
    read: float | None = 0.15


@dataclass(frozen=True, slots=True)
class Profile:
    """Who a customer is. At least one of `wa_id` and `bsuid` is set; people with a username may have no phone."""

    key: str
    """How ledger and scripts name them: the `wa_id`, or the BSUID where there is no phone."""
    wa_id: str | None
    name: str | None
    bsuid: str | None = None
    username: str | None = None
