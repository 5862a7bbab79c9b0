"""What the agent is told and what it answers: the interface between conversations/ and agents/.

Everything here is a value. The agent reads a `TurnInput` and returns a `Decision`; it writes nothing, sends nothing
and keeps nothing between calls. `state` is the agent's own JSON, opaque to everyone else; what depends on having been
*said* is never in `state` but derived from `history`, which holds accepted messages only.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime, timedelta

InboundKind = Literal[
    "text", "choice", "image", "audio", "video", "document", "sticker", "location", "contacts", "order", "reaction",
    "other",
]  # fmt: skip
Outcome = Literal["answered", "coalesced", "ignored", "handed_off"]
Author = Literal["customer", "agent", "person"]


@dataclass(frozen=True, slots=True)
class InboundMessage:
    """One thing the customer wrote and no turn has accounted for yet."""

    id: str
    kind: InboundKind
    """`choice` is a tapped button or list row: `text` is its title, `choice_id` its id."""
    text: str
    at: datetime
    choice_id: str | None = None
    reply_to: str | None = None
    """`key` of the agent's message this one quotes, where known."""


@dataclass(frozen=True, slots=True)
class HistoryItem:
    """One message that really was said: inbound, or outgoing and accepted by WhatsApp. Oldest first."""

    author: Author
    text: str
    at: datetime
    key: str | None = None
    """For the agent's own: `Bubble.key` (which reply and variant)."""
    asks: str | None = None
    """For the agent's own: `Bubble.asks` (the question it put)."""
    in_session: bool = True
    """False for what was said before the current session started."""


@dataclass(frozen=True, slots=True)
class ContactView:
    """What is known of the customer."""

    name: str | None = None
    phone: str | None = None
    """E.164 with `+`; None where the customer is known by a username only."""
    tags: tuple[str, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict[str, str])
    """Slot values kept from earlier orders and the CRM agent, by slot name."""
    opted_out: bool = False


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One line with its price at the moment of ordering."""

    item_id: str
    name: str
    quantity: int
    unit_price: int
    """Minor units of the order's currency."""


@dataclass(frozen=True, slots=True)
class OrderView:
    """An order that exists."""

    id: str
    """The number people see."""
    status: str
    lines: tuple[OrderLine, ...]
    total: int
    currency: str
    fields: Mapping[str, str] = field(default_factory=dict[str, str])
    created_at: datetime | None = None
    in_session: bool = True


@dataclass(frozen=True, slots=True)
class DueFollowUp:
    """A follow-up whose time has come: `Decision.bubbles` says it, or nothing does."""

    id: str
    """Its id in the playbook."""
    planned_at: datetime


@dataclass(frozen=True, slots=True)
class TurnInput:
    """Everything a turn may look at."""

    messages: tuple[InboundMessage, ...]
    """What is to be answered, oldest first; empty when `follow_up` is set."""
    state: Mapping[str, Any]
    """The session's state as the last decision left it; empty for a new session."""
    history: tuple[HistoryItem, ...]
    contact: ContactView
    now: datetime
    """Aware UTC."""
    seed: str
    """Same seed, same choice among variants."""
    orders: tuple[OrderView, ...] = ()
    """The customer's orders, newest first."""
    next_order_id: str = ""
    """The number the order of this decision would get, so that the words announcing it can name it."""
    follow_up: DueFollowUp | None = None
    handed_back_at: datetime | None = None
    """Set when people had the conversation and gave it back: read what they said, do not greet anew."""
    window_open_until: datetime | None = None
    """Until when WhatsApp takes free-form text; None: closed."""
    response_speed: float = 1.0
    """Factor on the delays of the preset: 2.0 is half as long."""
    timer_preset: Literal["real", "rapido", "instantaneo"] = "real"
    model_allowed: bool = True
    """False once a budget is used up: decide offline."""


@dataclass(frozen=True, slots=True)
class Button:
    """A reply button or list row."""

    id: str
    title: str
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Media:
    """Media by link."""

    kind: Literal["image", "video", "audio", "document", "sticker"]
    link: str
    filename: str | None = None


@dataclass(frozen=True, slots=True)
class Template:
    """An approved template, for outside the window."""

    name: str
    language: str
    parameters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Bubble:
    """One message to plan. Exactly one of text (with or without buttons, rows, media) or template."""

    key: str
    """Which reply, bubble and variant this is, stable across runs: `precios.0.1`."""
    text: str = ""
    delay: float = 0.0
    """Seconds to wait after the bubble before (or after the decision)."""
    buttons: tuple[Button, ...] = ()
    rows: tuple[Button, ...] = ()
    """List rows; `list_button` opens the list."""
    list_button: str | None = None
    media: Media | None = None
    template: Template | None = None
    asks: str | None = None
    """The question this bubble puts (a slot, a confirmation), as `HistoryItem.asks` will say it."""
    essential: bool = False
    """Still worth saying although the customer wrote again after the turn began (an order's confirmation)."""


@dataclass(frozen=True, slots=True)
class MessageOutcome:
    """What became of one inbound message, in words for the timeline."""

    message_id: str
    outcome: Outcome
    reason: str


@dataclass(frozen=True, slots=True)
class OrderDraft:
    """An order to create (or the session's open one to change)."""

    lines: tuple[OrderLine, ...]
    total: int
    currency: str
    status: str
    fields: Mapping[str, str]
    """Slot values the order is made of."""


@dataclass(frozen=True, slots=True)
class FollowUpPlan:
    """A nudge to plan. Planning replaces what was planned before."""

    id: str
    after: timedelta


@dataclass(frozen=True, slots=True)
class HandoffRequest:
    """A person is needed. The words to the customer come from the shop's configuration unless `say` is given."""

    reason: str
    """A stable word: customer_asked, failed_turns, angry, media, order_over_limit, rule:…"""
    summary: str
    """For the person who takes over: what the customer wants and what is already known."""
    say: str | None = None


@dataclass(frozen=True, slots=True)
class ModelUsage:
    """What one model call cost."""

    model: str
    input_tokens: int
    output_tokens: int
    usd: float
    seconds: float
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What a turn wants done; conversations/ does all of it in one transaction, or none."""

    outcomes: tuple[MessageOutcome, ...]
    """One for each of `TurnInput.messages`."""
    state: Mapping[str, Any]
    bubbles: tuple[Bubble, ...] = ()
    order: OrderDraft | None = None
    cancel_order: bool = False
    follow_ups: tuple[FollowUpPlan, ...] | None = None
    """None keeps none planned but what is there; a tuple replaces all."""
    handoff: HandoffRequest | None = None
    opt_out: bool | None = None
    """True: stop writing to this customer; False: they came back; None: unchanged."""
    tags_add: tuple[str, ...] = ()
    contact_fields: Mapping[str, str] = field(default_factory=dict[str, str])
    contact_name: str | None = None
    notify: tuple[str, ...] = ()
    """Whom to tell besides the customer (`owner`)."""
    end_session: str | None = None
    """Reason, when this session is over."""
    usage: tuple[ModelUsage, ...] = ()
    explanation: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """For the timeline: what was understood (commands, scores, source) and which rule led where. JSON."""


@dataclass(frozen=True, slots=True)
class CrmUpdate:
    """What the shop's records should say after these messages."""

    contact_fields: Mapping[str, str] = field(default_factory=dict[str, str])
    contact_name: str | None = None
    tags_add: tuple[str, ...] = ()
    order: OrderDraft | None = None
    """The session's open order as corrected; apply it only while the agent does not converse (it does so itself)."""
    state: Mapping[str, Any] | None = None
    """The session's state with what was learned, so that the agent knows it when it is handed back; None: unchanged.
    Like `order`, for conversations that people have."""
    explanation: Mapping[str, Any] = field(default_factory=dict[str, Any])

    @property
    def empty(self) -> bool:
        """Whether there is nothing to write down."""
        return not (self.contact_fields or self.contact_name or self.tags_add or self.order or self.state)


@dataclass(frozen=True, slots=True)
class ModelBudget:
    """What a shop lets models cost in 24 hours, in USD; None: no limit."""

    per_chat: float | None = None
    per_shop: float | None = None


class Crm(Protocol):
    """Keeps the shop's records from what customers write, also while a person answers them. Never says anything."""

    async def observe(self, turn: TurnInput) -> CrmUpdate:
        """Say what to write down."""
        ...


class Agent(Protocol):
    """A loaded playbook ready to decide. Stateless; safe to share between conversations."""

    name: str

    @property
    def budget(self) -> ModelBudget:
        """What models may cost; beyond it `TurnInput.model_allowed` is false."""
        ...

    @property
    def crm(self) -> Crm | None:
        """The CRM agent of the same playbook, if it has one."""
        ...

    async def decide(self, turn: TurnInput) -> Decision:
        """Decide one turn. Awaits nothing but a model call; raises only for defects (the run is then retried)."""
        ...

    def quiet_seconds(self, text: str) -> float | None:
        """Seconds to wait for more after this text: few for a complete thought, more for a fragment; None: as usual."""
        ...
