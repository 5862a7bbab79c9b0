"""What a form alone cannot show: references, rights, limits, prices in texts. Reports; repairs nothing."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from relevo.agents.playbook.actions import BranchStep, ConfirmStep, CreateOrderStep
from relevo.agents.playbook.check_references import references
from relevo.agents.playbook.check_texts import text_problems
from relevo.agents.playbook.dialogues import EXPECTATIONS, INPUTS
from relevo.agents.playbook.problems import Path, Problem, did_you_mean
from relevo.agents.playbook.words import WORDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from relevo.agents.playbook.actions import Step
    from relevo.agents.playbook.model import Playbook
    from relevo.agents.playbook.source import Source

WINDOW = timedelta(hours=24)
"""Free-form text is only taken so long after the customer's last message (WhatsApp error 131047)."""
_DAYS = re.compile(r"^(?:mon|tue|wed|thu|fri|sat|sun)(?:-(?:mon|tue|wed|thu|fri|sat|sun))?$")
_SPAN = re.compile(r"^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$")


def problems_of(playbook: Playbook, source: Source) -> list[Problem]:
    """List everything wrong with a playbook whose form is right, with lines; warnings last."""
    if playbook.sells:
        found = [
            *_business(playbook),
            *references(playbook),
            *text_problems(playbook),
            *_rights(playbook),
            *_flows(playbook),
            *_follow_ups(playbook),
            *_hours(playbook),
            *_intents(playbook),
            *_tests(playbook),
        ]
    else:
        found = list(_labels(playbook))
    placed = [p if p.line else _placed(p, source) for p in found]
    return sorted(placed, key=lambda p: (p.warning, p.line or 0))


def _placed(problem: Problem, source: Source) -> Problem:
    line, column = source.place(problem.path)
    return replace(problem, line=line, column=column)


def _business(playbook: Playbook) -> Iterator[Problem]:
    if not playbook.business.name.strip():
        yield Problem(("business", "name"), "the business has no name")
    try:
        ZoneInfo(playbook.business.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        yield Problem(
            ("business", "timezone"), f"unknown time zone `{playbook.business.timezone}`", "e.g. America/Bogota"
        )
    for name in playbook.words:
        if name not in WORDS:
            yield Problem(("words", name), f"the engine has no sentence `{name}`", did_you_mean(name, WORDS))
    for key, setting in playbook.settings.items():
        if setting.pattern is not None and not _compiles(setting.pattern):
            yield Problem(("settings", key, "pattern"), "not a regular expression")
    yield from _twice(("catalog",), [item.id for item in playbook.catalog])
    yield from _twice(("followups", "items"), [item.id for item in playbook.followups.items])


def _twice(path: Path, ids: list[str]) -> Iterator[Problem]:
    for index, identity in enumerate(ids):
        if identity in ids[:index]:
            yield Problem((*path, index), f"`{identity}` is there twice", "give it another id")


def _compiles(pattern: str) -> bool:
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True


def _rights(playbook: Playbook) -> Iterator[Problem]:
    """WhatsApp's policy: an opt-out that is obeyed, and a clear way to a person."""
    actions = [intent.do for intent in playbook.intents.values() if intent.do is not None]
    if not any(action.optout for action in actions):
        hint = 'add e.g. `baja: {keywords: ["^(baja|stop|salir|sair|parar)$"], do: {optout: true}, risk: high}`'
        yield Problem(("intents",), "no intent lets the customer opt out", hint)
    if not any(action.handoff for action in actions):
        hint = "add e.g. `humano: {keywords: [asesor*, humano], do: {handoff: pedido_cliente}}`"
        yield Problem(("intents",), "no intent leads to a person, which WhatsApp's policy demands", hint)


def _flows(playbook: Playbook) -> Iterator[Problem]:
    def walk(path: Path, steps: tuple[Step, ...], confirmed: bool) -> Iterator[Problem]:  # noqa: FBT001 # inner
        for index, step in enumerate(steps):
            here: Path = (*path, index)
            if isinstance(step, ConfirmStep):
                confirmed = True
            if isinstance(step, CreateOrderStep) and not confirmed:
                yield Problem(here, "an order is created without being confirmed", "put a `confirm:` step before it")
            if isinstance(step, BranchStep):
                for number, case in enumerate(step.branch):
                    yield from walk((*here, "branch", number, "steps"), case.steps, confirmed)

    for name, flow in playbook.flows.items():
        yield from walk(("flows", name, "steps"), flow.steps, False)
    offers = any(slot.type == "offer" for slot in playbook.slots.values())
    if offers and not playbook.catalog:
        yield Problem(("catalog",), "an `offer` slot needs a catalogue")


def _follow_ups(playbook: Playbook) -> Iterator[Problem]:
    for index, item in enumerate(playbook.followups.items):
        path: Path = ("followups", "items", index)
        if item.say is None and item.template is None and item.ask is None and not item.resume:
            yield Problem(path, f"follow-up `{item.id}` says nothing", "give it `say`, `ask`, `resume` or `template`")
        if item.after >= WINDOW and item.template is None:
            reason = f"follow-up `{item.id}` comes after 24 h, when WhatsApp takes approved templates only"
            yield Problem((*path, "after"), reason, "name one with `template:`, or follow up earlier")


def _hours(playbook: Playbook) -> Iterator[Problem]:
    for key, value in playbook.hours.people.items():
        path: Path = ("hours", "people", key)
        if key == "holidays":
            continue
        if not _DAYS.match(key):
            yield Problem(path, f"`{key}` is not a day", "write mon-fri, sat or holidays")
        elif not _SPAN.match(value):
            yield Problem(path, f"`{value}` is not a time span", 'write e.g. "08:00-18:00", in quotes')


def _intents(playbook: Playbook) -> Iterator[Problem]:
    for name, intent in playbook.intents.items():
        for index, keyword in enumerate(intent.keywords):
            if keyword.startswith("^") and not _compiles(keyword):
                yield Problem(("intents", name, "keywords", index), f"`{keyword}` is not a regular expression")
        if not intent.examples and not intent.keywords:
            yield Problem(
                ("intents", name), "has neither examples nor keywords, so it is never recognised", warning=True
            )
    examples: dict[str, str] = {}
    for name, intent in playbook.intents.items():
        for index, example in enumerate(intent.examples):
            other = examples.setdefault(example.casefold().strip(), name)
            if other != name:
                reason = f"`{example}` is an example of `{other}` too"
                yield Problem(("intents", name, "examples", index), reason, "keep it in one of them", warning=True)


def _labels(playbook: Playbook) -> Iterator[Problem]:
    """Ask of a file of labelled intents only what measuring needs."""
    named = [name for name, intent in playbook.intents.items() if intent.examples]
    least = 2
    if len(named) < least:
        yield Problem(("intents",), "needs at least two intents with examples")


def _tests(playbook: Playbook) -> Iterator[Problem]:
    known = INPUTS | EXPECTATIONS
    for index, dialogue in enumerate(playbook.tests):
        for number, step in enumerate(dialogue.steps):
            for key in step:
                if key not in known:
                    path: Path = ("tests", index, number, key)
                    yield Problem(path, f"unknown test key `{key}`", did_you_mean(key, known))
