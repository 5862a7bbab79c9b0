"""Reads what was noted in English (an agent's rules, reasons) into keys and values, to be said in a person's language.

Whatever it does not know keeps its own text under the key `other`. Decides nothing, and translates nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from relevo.agents.engine.book import Book

OTHER: Final = "other"

_KNOWN = (
    # What customers ask of us.
    ("opt_out", "opt-out"),
    ("opt_in", "opt-in"),
    ("opted_out", "opted out: nothing is said"),
    ("handoff", "handoff {handoff}: {_because}"),
    ("handed_back", "handed back by people"),
    # What they gave.
    ("slot_invalid", "{slot} does not validate: {_fault}"),
    ("slot_refused", "{slot} not taken: {_fault}"),
    ("slot_corrected", "{slot} corrected"),
    ("slot_taken", "{slot} taken"),
    ("slot_wrong", "{slot} is wrong, asked again"),
    ("slot_known", "{slot} known beforehand"),
    ("slot_first", "{slot} first: it was just tried"),
    ("slot_missing", "{slot} is missing"),
    ("slot_to_choose", "{slot} is to be chosen"),
    ("slot_later", "{slot} is to be looked up"),
    ("slot_explained", "{slot} explained by {intent}"),
    ("question_left", "question left to the order: {slot}"),
    # Their order.
    ("order_changing", "order {order} is being changed"),
    ("order_exists", "order {order} exists already"),
    ("order_next", "order {order} is under way; a new session takes the next one"),
    ("order_changed", "order {order} changes"),
    ("order_created", "order {order} is created"),
    ("order_waits", "the order waits for a yes"),
    ("order_none", "no order: nothing is chosen"),
    ("order_cancelled", "the order is cancelled"),
    ("order_given_up", "the order under way is given up"),
    ("order_shown_again", "the order changed since it was shown: shown again"),
    ("summary_again", "a tap on an older summary: shown again"),
    # Where the conversation goes.
    ("flow_begins", "flow {flow} begins"),
    ("flow_begins", "flow {flow} begins (once)"),
    ("flow_finished", "flow {flow} is finished"),
    ("welcome_not_again", "no second welcome: {flow}"),
    ("welcome", "welcome: {flow}"),
    ("yes_order", "yes to confirm:{flow}"),
    ("yes_change", "yes to change:{flow}"),
    ("yes_cancel", "yes to cancel:{_what}"),
    ("yes_nudge", "yes to followup:{nudge}"),
    ("yes_which", "yes to clarify"),
    ("yes_unasked", "yes, and nothing was asked"),
    ("yes_slot", "yes to {slot}"),
    ("no_order", "no to confirm:{flow}"),
    ("no_change", "no to change:{flow}"),
    ("no_cancel", "no to cancel:{_what}"),
    ("no_nudge", "no to followup:{nudge}"),
    ("no_which", "no to clarify"),
    ("no_unasked", "no to nothing open"),
    ("no_slot", "no to {slot}"),
    # What they asked, and what was said.
    ("intent_later", "left for later: {intent}"),
    ("intent_needless", "{intent} needs no explanation: {slot} was given"),
    ("intent_silent", "{intent} is not answered on purpose"),
    ("intent", "intent {intent}"),
    ("talk_silent", "{talk}: needs no answer"),
    ("talk_answered", "{talk}: answered already"),
    ("fragment", "a fragment: the rest is to come"),
    ("too_long", "only the first {count} characters were read"),
    ("fewer_bubbles", "bubble budget: {_from} → {count}"),
    ("said_before", "left out, said before: {_what}"),
    ("said_twice", "left out, said by another answer: {_what}"),
    ("repeated", "said before, introduced as a repetition: {_what}"),
    ("phrasing_refused", "guardrail refused a phrasing of {_what}: {_fault}"),
    ("refused", "guardrail refused {_what}: {_fault}"),
    ("no_phrasing", "said as the playbook has it, no rewording: {_fault}"),
    # Nudges.
    ("nudge_unknown", "follow-up unknown to the playbook"),
    ("nudge_not_said", "follow-up {nudge} not said: {_fault}"),
    ("nudge_waits", "follow-up {nudge} waits for the end of the quiet hours"),
    ("nudge_template", "follow-up {nudge} by template"),
    ("nudge", "follow-up {nudge}"),
    # Why something was not sent.
    ("wrote_again", "the customer wrote again"),
    ("customer_opted_out", "the customer opted out"),
    ("window_closed", "outside the 24-hour window"),
    ("shop_off", "the agent is switched off for the shop"),
    ("chat_off", "the agent is switched off for this chat"),
    ("person_has_it", "a person has the conversation"),
    ("somebody_else", "somebody else has the conversation now"),
    ("handed_to_person", "handed to a person"),
    # Why a task went to whom it went.
    ("no_rotation", "nobody is in the rotation"),
    ("nobody_online", "nobody is online"),
    ("all_busy", "everybody online is at capacity"),
    ("had_before", "had this customer before"),
    ("only_one_free", "the only one free"),
    ("never_assigned", "never assigned before"),
    ("longest_since", "longest since last assigned"),
    ("took_it", "took it"),
    ("by_hand", "assigned by hand"),
)
_TALK: Final = frozenset({"thanks", "laughter", "acknowledgement", "goodbye", "greeting", "compliment"})


def _pattern(form: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.+?)", re.escape(form)), re.DOTALL)


_PATTERNS = tuple((key, _pattern(form)) for key, form in _KNOWN)


@dataclass(frozen=True, slots=True)
class Remark:
    """Something noted, to be said in words."""

    key: str
    text: str
    """As it was noted, for whoever does not know the key."""
    values: dict[str, str] = field(default_factory=dict[str, str])
    """What the sentence is about, readable: slots and intents by the playbook's own names where it has some."""


def key_of(text: str | None) -> str | None:
    """Return the stable key of a fixed reason; None without one."""
    return None if text is None else remark(text).key


def remark(text: str, book: Book | None = None, language: str = "es") -> Remark:
    """Read one remark; `language` is the reader's."""
    if text in _TALK:
        return Remark("talk", text, {"talk": text})
    for key, pattern in _PATTERNS:
        found = pattern.fullmatch(text)
        if found is not None and ("talk" not in found.groupdict() or found["talk"] in _TALK):
            given = found.groupdict().items()
            return Remark(key, text, {k: _name(k, v, book, language) for k, v in given if not k.startswith("_")})
    return Remark(OTHER, text)


def remarks(explanation: Mapping[str, Any] | None, book: Book | None, language: str) -> list[Remark]:
    """Read the rules a turn's explanation holds."""
    rules: Iterable[object] = (explanation or {}).get("rules", ())
    return [remark(str(rule), book, language) for rule in rules]


def labels(understood: Mapping[str, Any] | None, book: Book | None, language: str) -> dict[str, str]:
    """Name what a turn understood: each slot, intent and option the playbook has a name for, by its id."""
    if book is None or understood is None:
        return {}
    commands: list[Mapping[str, Any]] = understood.get("commands") or []
    found: dict[str, str] = {}
    for command in commands:
        candidates: list[list[Any]] = command.get("candidates") or []
        for intent in (command.get("intent"), *(str(one[0]) for one in candidates)):
            if isinstance(intent, str) and (title := _title(intent, book, language)):
                found[intent] = title
        slot, option = command.get("slot"), command.get("option")
        if isinstance(slot, str):
            found[slot] = _name("slot", slot, book, language)
        if isinstance(option, str):
            for name in book.playbook.slots:
                offered = book.options(name, language)
                if option in offered:
                    found[option] = offered[option]
                    break
    return found


def _name(kind: str, value: str, book: Book | None, language: str) -> str:
    if kind == "slot" and book is not None:
        spec = book.slot(value)
        if spec is not None and spec.label is not None:
            return book.label(value, language)
    if kind == "intent" and book is not None and (title := _title(value, book, language)):
        return title
    # The reader's side has words for some of these ids; it makes the others readable.
    return value if kind in {"talk", "handoff", "intent"} else value.replace("_", " ")


def _title(intent: str, book: Book, language: str) -> str | None:
    form = book.playbook.intents.get(intent)
    return book.text(form.title, language) if form is not None and form.title is not None else None
