"""What a playbook's test may expect, compared with what came. Each difference in one sentence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from relevo.agents.engine import orders
from relevo.agents.engine.book import folded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from relevo.agents.decision import Decision
    from relevo.agents.engine.conversation import Conversation


@dataclass(frozen=True, slots=True)
class Seen:
    """What came of the last thing that happened."""

    conversation: Conversation
    decisions: tuple[Decision, ...]

    @property
    def text(self) -> str:
        """Everything said to the customer."""
        said = [b.text or (b.template.name if b.template else "") for d in self.decisions for b in d.bubbles]
        said += [d.handoff.say or "" for d in self.decisions if d.handoff is not None]
        return "\n".join(said)

    @property
    def intents(self) -> list[str]:
        """Intents understood."""
        commands = [c for d in self.decisions for c in d.explanation.get("reading", {}).get("commands", [])]
        return [c["intent"] for c in commands if "intent" in c]

    @property
    def slots(self) -> dict[str, str]:
        """Values known in the session."""
        slots: dict[str, str] = dict(self.conversation.state.get("slots", {}))
        return slots


def texts_of(value: object) -> list[str]:
    """Take one text or a list of them."""
    return [str(v) for v in cast("list[object]", value)] if isinstance(value, list) else [str(value)]


def _mapping(value: object) -> dict[str, object]:
    return cast("dict[str, object]", value) if isinstance(value, dict) else {}


def unmet(seen: Seen, step: dict[str, Any]) -> list[str]:
    """List the differences between what a step expects and what came."""
    return [failure for key, value in step.items() if key in _CHECKS for failure in _CHECKS[key](seen, value)]


def _says(seen: Seen, value: object) -> Iterator[str]:
    for wanted in texts_of(value):
        if wanted.casefold() not in seen.text.casefold():
            yield f"should say `{wanted}`, said: {seen.text or 'nothing'}"


def _not_says(seen: Seen, value: object) -> Iterator[str]:
    for unwanted in texts_of(value):
        if unwanted.casefold() in seen.text.casefold():
            yield f"should not say `{unwanted}`, said: {seen.text}"


def _says_first(seen: Seen, value: object) -> Iterator[str]:
    first = next((b.text for d in seen.decisions for b in d.bubbles), "")
    if str(value).casefold() not in first.casefold():
        yield f"should begin with `{value}`, began with: {first or 'nothing'}"


def _intents(seen: Seen, value: object) -> Iterator[str]:
    for wanted in texts_of(value):
        if wanted not in seen.intents:
            yield f"intent should be `{wanted}`, understood: {', '.join(seen.intents) or 'none'}"


def _not_intent(seen: Seen, value: object) -> Iterator[str]:
    yield from (f"intent should not be `{i}`" for i in texts_of(value) if i in seen.intents)


def _asks(seen: Seen, value: object) -> Iterator[str]:
    asked = [b.asks for d in seen.decisions for b in d.bubbles if b.asks]
    last = asked[-1] if asked else None
    met = last == value or (last is not None and ":" not in str(value) and last.split(":")[0] == value)
    if value in (False, "nothing"):
        met = last is None
    if not met:
        yield f"should ask `{value}`, asks {f'`{last}`' if last else 'nothing'}"


def _slots(seen: Seen, value: object) -> Iterator[str]:
    wanted = _mapping(value)
    book = getattr(seen.conversation.agent, "book", None)
    for name, expected in wanted.items():
        got = seen.slots.get(name)
        shown = orders.shown(book, name, got, book.language) if book is not None and got else got
        if got is None or folded(str(expected)) not in {folded(got), folded(shown or "")}:
            yield f"slot {name} should be `{expected}`, is {f'`{got}`' if got else 'empty'}"


def _no_slots(seen: Seen, value: object) -> Iterator[str]:
    yield from (f"slot {n} should be empty, is `{seen.slots[n]}`" for n in texts_of(value) if n in seen.slots)


def _order(seen: Seen, value: object) -> Iterator[str]:
    made = seen.conversation.orders
    if not made:
        yield "there should be an order"
        return
    wanted = _mapping(value)
    newest = made[0]
    for key, expected in wanted.items():
        got: object = getattr(newest, key, newest.fields.get(key))
        if key == "items":
            got, expected = [line.item_id for line in newest.lines], texts_of(expected)  # noqa: PLW2901 # compared as lists
        if key == "count":
            got = len(made)
        if folded(str(got)) != folded(str(expected)):
            yield f"order's {key} should be `{expected}`, is `{got}`"


def _no_order(seen: Seen, value: object) -> Iterator[str]:
    if value and seen.conversation.orders:
        yield f"there should be no order, there is {seen.conversation.orders[0].id}"


def _cancelled(seen: Seen, value: object) -> Iterator[str]:
    if value and not any(o.status == "cancelado" for o in seen.conversation.orders):
        yield "the order should be cancelled"


def _handoff(seen: Seen, value: object) -> Iterator[str]:
    reasons = [d.handoff.reason for d in seen.decisions if d.handoff is not None]
    if not reasons:
        yield f"should hand over ({value}), did not; said: {seen.text or 'nothing'}"
    elif value is not True and value not in reasons:
        yield f"should hand over because of `{value}`, did because of `{reasons[0]}`"


def _no_handoff(seen: Seen, value: object) -> Iterator[str]:
    reasons = [d.handoff.reason for d in seen.decisions if d.handoff is not None]
    if value and reasons:
        yield f"should not hand over, did because of `{reasons[0]}`"


def _ignored(seen: Seen, value: object) -> Iterator[str]:
    outcomes = [o.outcome for d in seen.decisions for o in d.outcomes]
    if value and (seen.text or any(o != "ignored" for o in outcomes)):
        yield f"should be ignored, was {', '.join(outcomes)}; said: {seen.text or 'nothing'}"


def _silent(seen: Seen, value: object) -> Iterator[str]:
    if value and seen.text:
        yield f"should say nothing, said: {seen.text}"


def _opted_out(seen: Seen, value: object) -> Iterator[str]:
    if seen.conversation.contact.opted_out is not bool(value):
        yield f"opted out should be {value}"


def _tags(seen: Seen, value: object) -> Iterator[str]:
    yield from (f"should be tagged `{t}`" for t in texts_of(value) if t not in seen.conversation.contact.tags)


def _notify(seen: Seen, value: object) -> Iterator[str]:
    yield from (f"should notify `{w}`" for w in texts_of(value) if w not in seen.conversation.notified)


def _follow_up(seen: Seen, value: object) -> Iterator[str]:
    said = [
        str(rule).removeprefix("follow-up ").split(" ")[0]
        for d in seen.decisions
        if d.bubbles
        for rule in d.explanation.get("rules", [])
        if str(rule).startswith("follow-up ") and "not said" not in str(rule)
    ]
    for wanted in texts_of(value):
        if wanted not in said:
            yield f"follow-up `{wanted}` should be said, said: {', '.join(said) or 'none'}"


def _no_follow_up(seen: Seen, value: object) -> Iterator[str]:
    if value and seen.text:
        yield f"no follow-up should be said, said: {seen.text}"


def _planned(seen: Seen, value: object) -> Iterator[str]:
    planned = seen.conversation.planned
    yield from (f"`{i}` should be planned, planned: {', '.join(planned)}" for i in texts_of(value) if i not in planned)


def _bubbles(seen: Seen, value: object) -> Iterator[str]:
    count = sum(len(d.bubbles) for d in seen.decisions)
    if count != value:
        yield f"should be {value} bubbles, are {count}: {seen.text}"


def _stage(seen: Seen, value: object) -> Iterator[str]:
    stage = seen.conversation.state.get("stage")
    if stage != value:
        yield f"stage should be `{value}`, is `{stage}`"


def _language(seen: Seen, value: object) -> Iterator[str]:
    spoken = next((d.explanation.get("language") for d in reversed(seen.decisions)), None)
    if spoken != value:
        yield f"language should be `{value}`, is `{spoken}`"


def _buttons(seen: Seen, value: object) -> Iterator[str]:
    titles = [b.title for d in seen.decisions for bubble in d.bubbles for b in (*bubble.buttons, *bubble.rows)]
    yield from (f"should have a button `{t}`, has: {', '.join(titles)}" for t in texts_of(value) if t not in titles)


_CHECKS: dict[str, Callable[[Seen, Any], Iterator[str]]] = {
    "intent": _intents,
    "intents": _intents,
    "not_intent": _not_intent,
    "says": _says,
    "not_says": _not_says,
    "says_first": _says_first,
    "asks": _asks,
    "slots": _slots,
    "no_slots": _no_slots,
    "order": _order,
    "no_order": _no_order,
    "cancelled": _cancelled,
    "handoff": _handoff,
    "no_handoff": _no_handoff,
    "ignored": _ignored,
    "silent": _silent,
    "opted_out": _opted_out,
    "tags": _tags,
    "notify": _notify,
    "follow_up": _follow_up,
    "no_follow_up": _no_follow_up,
    "planned": _planned,
    "bubbles": _bubbles,
    "stage": _stage,
    "language": _language,
    "buttons": _buttons,
}
