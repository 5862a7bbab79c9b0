"""Every text of a playbook with its place, for checks and guardrails. Fills nothing in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relevo.agents.playbook.actions import BranchStep, ConfirmStep, OfferStep, SayStep
from relevo.agents.playbook.replies import CatalogButtons

if TYPE_CHECKING:
    from collections.abc import Iterator

    from relevo.agents.playbook.actions import Step
    from relevo.agents.playbook.model import Playbook
    from relevo.agents.playbook.problems import Path
    from relevo.agents.playbook.replies import BubbleForm, Reply, Say
    from relevo.agents.playbook.values import Text


def says(playbook: Playbook) -> Iterator[tuple[Path, Say]]:
    """Yield every `say`, wherever it stands."""
    for name, intent in playbook.intents.items():
        if intent.do is not None and intent.do.say is not None:
            yield ("intents", name, "do", "say"), intent.do.say
    for path, step in steps(playbook):
        if isinstance(step, (SayStep, OfferStep)) and step.say is not None:
            yield (*path, "say"), step.say
        if isinstance(step, ConfirmStep) and step.if_no.say is not None:
            yield (*path, "if_no", "say"), step.if_no.say
    for index, item in enumerate(playbook.followups.items):
        if item.say is not None:
            yield ("followups", "items", index, "say"), item.say
    if playbook.handoff.say is not None:
        yield ("handoff", "say"), playbook.handoff.say
    for name, say in playbook.handoff.reasons.items():
        yield ("handoff", "reasons", name), say


def steps(playbook: Playbook) -> Iterator[tuple[Path, Step]]:
    """Yield every step of every flow, those inside branches too."""

    def inner(path: Path, of: tuple[Step, ...]) -> Iterator[tuple[Path, Step]]:
        for index, step in enumerate(of):
            here: Path = (*path, index)
            yield here, step
            if isinstance(step, BranchStep):
                for number, case in enumerate(step.branch):
                    yield from inner((*here, "branch", number, "steps"), case.steps)

    for name, flow in playbook.flows.items():
        yield from inner(("flows", name, "steps"), flow.steps)


def bubbles(playbook: Playbook) -> Iterator[tuple[Path, BubbleForm]]:
    """Yield every bubble."""

    def of(path: Path, reply: Reply) -> Iterator[tuple[Path, BubbleForm]]:
        for index, bubble in enumerate(reply):
            yield (*path, index), bubble

    for name, reply in playbook.replies.items():
        yield from of(("replies", name), reply)
    for path, say in says(playbook):
        if not isinstance(say, str):
            yield from of(path, say)


def texts(playbook: Playbook) -> Iterator[tuple[Path, Text]]:
    """Yield every text a customer may read. Examples, keywords and tests are not among them."""
    for name, fact in playbook.facts.items():
        yield ("facts", name), fact
    yield ("business", "persona"), playbook.business.persona
    yield from _of_data(playbook)
    for name, text in playbook.words.items():
        yield ("words", name), text
    for path, bubble in bubbles(playbook):
        yield from _of_bubble(path, bubble)
    for path, step in steps(playbook):
        if isinstance(step, ConfirmStep):
            yield (*path, "confirm"), step.confirm
            for index, title in enumerate(step.buttons):
                yield (*path, "buttons", index), title
    for index, item in enumerate(playbook.followups.items):
        for number, parameter in enumerate(item.parameters):
            yield ("followups", "items", index, "parameters", number), parameter


def _of_data(playbook: Playbook) -> Iterator[tuple[Path, Text]]:
    for index, item in enumerate(playbook.catalog):
        for part, text in (("name", item.name), ("tag", item.tag), ("description", item.description)):
            if text is not None:
                yield ("catalog", index, part), text
    for name, slot in playbook.slots.items():
        for part, text in (("ask", slot.ask), ("retry", slot.retry), ("label", slot.label)):
            if text is not None:
                yield ("slots", name, part), text


def _of_bubble(path: Path, bubble: BubbleForm) -> Iterator[tuple[Path, Text]]:
    if bubble.text is not None:
        yield (*path, "text"), bubble.text
    for index, variant in enumerate(bubble.any_of):
        yield (*path, "any_of", index), variant
    for buttons in (bubble.buttons, bubble.list.rows if bubble.list else None):
        if buttons is not None and not isinstance(buttons, CatalogButtons):
            for index, button in enumerate(buttons):
                yield (*path, "buttons", index), button.title
    if bubble.list is not None:
        yield (*path, "list", "button"), bubble.list.button
