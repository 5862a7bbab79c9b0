"""What a model may answer, and how it becomes commands: unknown labels are dropped, values pass the slots' parsers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, Field

from relevo.agents.commands import (
    Affirm,
    AnswerIntent,
    AskForPerson,
    CannotTell,
    Choose,
    ClearSlot,
    Command,
    Deny,
    Feeling,
    InvalidSlot,
    SetSlot,
    SmallTalk,
    StartFlow,
)
from relevo.agents.playbook.slots import ChoiceSlot, OfferSlot
from relevo.agents.understanding.fold import sounds
from relevo.agents.understanding.slots import Match, Problem, SlotContext, level, parse_slot
from relevo.agents.understanding.slots.amounts import WORDS
from relevo.agents.understanding.slots.offer import asks_price

if TYPE_CHECKING:
    from relevo.agents.commands import ReadingContext
    from relevo.agents.playbook.model import Playbook

CONFIDENCE = 0.9
"""What a model's label is taken to be worth; models do not say it of themselves reliably."""
_MOST = 12
_COPIED = frozenset({"person", "phone", "email", "address", "free"})
"""Kinds of data that must stand in the customer's own words; a model may pick an option, never make up an address."""

Kind = Literal[
    "intent", "slot", "clear_slot", "yes", "no", "choose", "flow", "person", "angry", "thanks", "laughter",
    "acknowledgement", "goodbye", "greeting", "compliment", "cannot_tell",
]  # fmt: skip
_TALK: dict[str, SmallTalk] = {
    "thanks": SmallTalk("thanks"),
    "laughter": SmallTalk("laughter"),
    "acknowledgement": SmallTalk("acknowledgement"),
    "goodbye": SmallTalk("goodbye"),
    "greeting": SmallTalk("greeting"),
    "compliment": SmallTalk("compliment"),
}


class Said(BaseModel):
    """One thing the customer expressed."""

    kind: Kind
    name: Annotated[str | None, Field(description="id of the intent, slot, option or flow; null for other kinds")] = (
        None
    )
    value: Annotated[str | None, Field(description="for kind slot: the value, copied from the customer's words")] = None


class Answer(BaseModel):
    """Everything the customer expressed, in order."""

    said: Annotated[list[Said], Field(max_length=_MOST)]
    language: Literal["es", "pt", "en"] | None = None


def to_commands(
    answer: Answer, playbook: Playbook, text: str, context: ReadingContext, slots: SlotContext
) -> tuple[list[Command], list[str]]:
    """Return the commands of an answer, and notes on what was refused."""
    commands: list[Command] = []
    notes: list[str] = []
    for said in answer.said:
        command = _command(said, playbook, text, context, slots)
        if isinstance(command, str):
            notes.append(command)
        elif command not in commands:
            commands.append(command)
    return commands or [CannotTell()], notes


def _command(  # noqa: C901, PLR0911  # one way for each kind
    said: Said, playbook: Playbook, text: str, context: ReadingContext, slots: SlotContext
) -> Command | str:
    name = said.name or ""
    match said.kind:
        case "intent":
            intent = playbook.intents.get(name)
            if intent is None or (intent.do is not None and intent.do.optout):
                return f"refused intent {name[:40]!r}"
            return AnswerIntent(name, CONFIDENCE)
        case "slot":
            return _value(name, said.value or "", playbook, text, context, slots)
        case "clear_slot":
            return (
                ClearSlot(name) if name in playbook.slots and name in context.slots else f"refused clear {name[:40]!r}"
            )
        case "yes" | "no":
            answer = Affirm() if said.kind == "yes" else Deny()
            return answer if context.asking is not None else "refused an answer to no question"
        case "choose":
            return Choose(name) if name in context.options else f"refused option {name[:40]!r}"
        case "flow":
            return StartFlow(name) if name in playbook.flows else f"refused flow {name[:40]!r}"
        case "person":
            return AskForPerson()
        case "angry":
            return Feeling("angry")
        case "cannot_tell":
            return CannotTell()
        case _:
            return _TALK[said.kind]


def _value(  # noqa: PLR0911 # each return is a reason to refuse
    name: str, value: str, playbook: Playbook, text: str, context: ReadingContext, slots: SlotContext
) -> Command | str:
    spec = playbook.slots.get(name)
    if spec is None or not value.strip():
        return f"refused slot {name[:40]!r}"
    if spec.type in _COPIED and not _stands_in(value, text):
        return f"refused a value for {name}: not in the customer's words"
    if isinstance(spec, OfferSlot) and asks_price(text):
        return f"refused a choice of {name}: the customer asks a price"
    known = context.slots.get(name)
    ids: set[str] = set()
    if isinstance(spec, ChoiceSlot):
        ids = {option.id for option in spec.options}
    elif isinstance(spec, OfferSlot):
        ids = {item.id for item in playbook.catalog if not spec.items or item.id in spec.items}
    if value in ids:
        return SetSlot(name, value, text=value, correction=known not in {None, value})
    outcome = parse_slot(spec, value, slots)
    if isinstance(outcome, Match):
        return SetSlot(name, outcome.value, text=value, correction=known not in {None, outcome.value})
    if isinstance(outcome, Problem) and context.asking == name:
        return InvalidSlot(name, value, outcome.reason)
    return f"refused a value for {name}: it does not validate"


def _stands_in(value: str, text: str) -> bool:
    """Whether every word and digit of a value comes from the customer."""
    digits = re.sub(r"\D", "", value)
    dictated = sum(word in WORDS for word in re.findall(r"[a-z]+", level(text)))
    if digits and digits not in re.sub(r"\D", "", text) and dictated < len(digits) / 3:
        return False
    said = set(sounds(text))
    return all(word in said or word.startswith("_") for word in sounds(value))
