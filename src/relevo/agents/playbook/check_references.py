"""Names that must exist: replies, flows, slots, items, intents, conditions. Suggests what was probably meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relevo.agents.playbook.actions import BranchStep, CollectStep, OfferStep
from relevo.agents.playbook.conditions import Condition
from relevo.agents.playbook.problems import Path, Problem, did_you_mean
from relevo.agents.playbook.replies import CatalogButtons
from relevo.agents.playbook.slots import ChoiceSlot, OfferSlot, RegionSlot
from relevo.agents.playbook.texts import bubbles, says, steps

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from relevo.agents.playbook.actions import Action
    from relevo.agents.playbook.model import Playbook

RESERVED_REPLIES = frozenset({"no_entendi"})
"""Replies the engine uses by name: what is said when nothing was understood."""


def references(playbook: Playbook) -> Iterator[Problem]:
    """List every name that does not exist, and every reply nobody uses."""
    yield from _replies(playbook)
    yield from _actions(playbook)
    yield from _steps(playbook)
    yield from _slots(playbook)
    yield from _bubbles(playbook)
    yield from _conditions(playbook)
    for index, item in enumerate(playbook.followups.items):
        if item.ask is not None:
            yield from _known(("followups", "items", index, "ask"), "slot", item.ask, playbook.slots)


def _known(path: Path, what: str, name: str, known: Iterable[str]) -> Iterator[Problem]:
    names = set(known)
    if name not in names:
        yield Problem(path, f"unknown {what} `{name}`", did_you_mean(name, names))


def _replies(playbook: Playbook) -> Iterator[Problem]:
    used = set(RESERVED_REPLIES)
    for path, say in says(playbook):
        if isinstance(say, str):
            used.add(say)
            yield from _known(path, "reply", say, playbook.replies)
    for name in playbook.replies:
        if name not in used:
            yield Problem(("replies", name), "is never said", "use it with `say:`, or remove it", warning=True)


def _actions(playbook: Playbook) -> Iterator[Problem]:
    for name, intent in playbook.intents.items():
        if intent.about is not None:
            yield from _known(("intents", name, "about"), "slot", intent.about, playbook.slots)
        if intent.do is not None:
            yield from _action(playbook, ("intents", name, "do"), intent.do)


def _action(playbook: Playbook, path: Path, action: Action) -> Iterator[Problem]:
    if action.flow is not None:
        yield from _known((*path, "flow"), "flow", action.flow, playbook.flows)
    if action.change is not None:
        yield from _known((*path, "change"), "slot", action.change, playbook.slots)
    for slot, value in action.set.items():
        here: Path = (*path, "set", slot)
        yield from _known(here, "slot", slot, playbook.slots)
        spec = playbook.slots.get(slot)
        if isinstance(spec, OfferSlot):
            yield from _known(here, "item", value, _items(playbook, spec))
        elif isinstance(spec, ChoiceSlot):
            yield from _known(here, "option", value, [o.id for o in spec.options])


def _items(playbook: Playbook, spec: OfferSlot) -> list[str]:
    return [i.id for i in playbook.catalog if not spec.items or i.id in spec.items]


def _steps(playbook: Playbook) -> Iterator[Problem]:
    for path, step in steps(playbook):
        if isinstance(step, CollectStep):
            for index, name in enumerate(step.collect):
                yield from _known((*path, "collect", index), "slot", name, playbook.slots)
        if isinstance(step, OfferStep):
            yield from _known((*path, "offer"), "slot", step.offer, playbook.slots)
            spec = playbook.slots.get(step.offer)
            if spec is not None and spec.type != "offer":
                yield Problem((*path, "offer"), f"`{step.offer}` is not an `offer` slot", "collect it instead")


def _slots(playbook: Playbook) -> Iterator[Problem]:
    for name, spec in playbook.slots.items():
        path: Path = ("slots", name)
        if isinstance(spec, OfferSlot):
            for index, item in enumerate(spec.items):
                yield from _known((*path, "items", index), "item", item, [i.id for i in playbook.catalog])
            if spec.times is not None:
                yield from _known((*path, "times"), "slot", spec.times, playbook.slots)
        if isinstance(spec, RegionSlot) and spec.of_city is not None:
            yield from _known((*path, "of_city"), "slot", spec.of_city, playbook.slots)


def _bubbles(playbook: Playbook) -> Iterator[Problem]:
    for path, bubble in bubbles(playbook):
        if bubble.asks is not None:
            yield from _known((*path, "asks"), "slot", bubble.asks, playbook.slots)
        buttons = bubble.buttons or (bubble.list.rows if bubble.list else None)
        if buttons is None or isinstance(buttons, CatalogButtons):
            continue
        for index, button in enumerate(buttons):
            if button.intent is not None:
                yield from _known((*path, "buttons", index), "intent", button.intent, playbook.intents)


def _conditions(playbook: Playbook) -> Iterator[Problem]:
    for path, text in _whens(playbook):
        try:
            condition = Condition(text)
        except ValueError as error:
            yield Problem(path, str(error))
            continue
        sections: dict[str, Iterable[str]] = {
            "intents": playbook.intents,
            "flows": playbook.flows,
            "slots": playbook.slots,
            "replies": playbook.replies,
        }
        for section, name in condition.references():
            singular = {"intents": "intent", "flows": "flow", "slots": "slot", "replies": "reply"}[section]
            yield from _known(path, singular, name, sections[section])


def _whens(playbook: Playbook) -> Iterator[tuple[Path, str]]:
    for path, bubble in bubbles(playbook):
        if bubble.when is not None:
            yield (*path, "when"), bubble.when
    for path, step in steps(playbook):
        if step.when is not None:
            yield (*path, "when"), step.when
        if isinstance(step, BranchStep):
            for number, case in enumerate(step.branch):
                if case.when is not None:
                    yield (*path, "branch", number, "when"), case.when
    for index, item in enumerate(playbook.followups.items):
        if item.when is not None:
            yield ("followups", "items", index, "when"), item.when
