"""The closed set of commands understanding may produce. Labels come from understanding; actions come from code.

Two producers exist: the offline reader (parsers, keywords, a classifier) and the model. Both return a `Reading`;
nothing a customer writes can lead to anything that is not listed here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from relevo.agents.decision import HistoryItem, InboundMessage, ModelUsage


@dataclass(frozen=True, slots=True)
class StartFlow:
    """Begin a flow of the playbook, by id."""

    flow: str


@dataclass(frozen=True, slots=True)
class AnswerIntent:
    """The customer expressed this intent of the playbook, by id; what it does stands in the playbook."""

    intent: str
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class SetSlot:
    """A value for a slot, normalised by the slot's parser; `correction` when it replaces an earlier one on purpose."""

    slot: str
    value: str
    text: str = ""
    correction: bool = False


@dataclass(frozen=True, slots=True)
class ClearSlot:
    """The customer says a value is wrong without giving the right one ("la dirección es otra")."""

    slot: str


@dataclass(frozen=True, slots=True)
class InvalidSlot:
    """An attempt at the slot being asked for that does not validate; `reason` names the failed rule."""

    slot: str
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Affirm:
    """Yes, to the last question."""


@dataclass(frozen=True, slots=True)
class Deny:
    """No, to the last question."""


@dataclass(frozen=True, slots=True)
class Choose:
    """A choice among what was offered, by option id."""

    option: str


@dataclass(frozen=True, slots=True)
class AskForPerson:
    """The customer wants a human."""


@dataclass(frozen=True, slots=True)
class OptOut:
    """Stop writing to me (whole message only)."""


@dataclass(frozen=True, slots=True)
class OptIn:
    """Write to me again."""


@dataclass(frozen=True, slots=True)
class SmallTalk:
    """Needs no or little answer: thanks, laughter, acknowledgement, goodbye."""

    kind: Literal["thanks", "laughter", "acknowledgement", "goodbye", "greeting", "compliment"]


@dataclass(frozen=True, slots=True)
class Feeling:
    """A negative feeling worth a rule."""

    kind: Literal["angry"]


@dataclass(frozen=True, slots=True)
class CannotTell:
    """Not understood. `candidates` are intents to offer when clarifying, best first."""

    candidates: tuple[tuple[str, float], ...] = ()


Command = (
    StartFlow | AnswerIntent | SetSlot | ClearSlot | InvalidSlot | Affirm | Deny | Choose
    | AskForPerson | OptOut | OptIn | SmallTalk | Feeling | CannotTell
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ReadingContext:
    """What a reader may look at besides the text."""

    asking: str | None
    """The slot or confirmation (`confirm:<flow>`) last asked and accepted, None when nothing is open."""
    flow: str | None
    slots: Mapping[str, str]
    """Values already known in this session."""
    options: Mapping[str, str]
    """Options last offered: id to title."""
    now: datetime
    history: tuple[HistoryItem, ...] = ()
    locale: str = "es"


@dataclass(frozen=True, slots=True)
class Reading:
    """What one customer message (or burst) means."""

    commands: tuple[Command, ...]
    source: str
    """`parser`, `keyword`, `classifier`, a model's name: who understood."""
    confidence: float
    """Calibrated: the expected precision of `commands`."""
    language: str | None = None
    """Language the customer writes in, when sure."""
    scores: Mapping[str, float] = field(default_factory=dict[str, float])
    usage: tuple[ModelUsage, ...] = ()
    notes: tuple[str, ...] = ()
    """For the timeline: fallbacks and their reasons."""
    details: Mapping[str, Any] = field(default_factory=dict[str, Any])


class Reader(Protocol):
    """Reads what the customer wrote into commands."""

    async def read(self, messages: tuple[InboundMessage, ...], context: ReadingContext) -> Reading:
        """Never raises for anything a customer can write."""
        ...
