"""Playbook checks and tests as functions: what `relevo playbook check` and `test` print. Prints nothing itself."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from relevo.agents.decision import ContactView
from relevo.agents.engine.conversation import Conversation
from relevo.agents.engine.expectations import Seen, texts_of, unmet
from relevo.agents.engine.load import load_agent_text
from relevo.agents.playbook.check import problems_of
from relevo.agents.playbook.dialogues import INPUTS
from relevo.agents.playbook.loader import parse, read
from relevo.agents.playbook.problems import PlaybookProblemsError, Problem
from relevo.agents.playbook.values import duration

if TYPE_CHECKING:
    from pathlib import Path

    from relevo.agents.decision import Decision
    from relevo.agents.engine.agent import PlaybookAgent
    from relevo.agents.playbook.model import Dialogue, Playbook


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What `check` found."""

    name: str
    problems: tuple[Problem, ...]
    playbook: Playbook | None = None

    @property
    def ok(self) -> bool:
        """Tell whether the playbook loads; warnings do not keep it from loading."""
        return self.playbook is not None and all(p.warning for p in self.problems)


@dataclass(frozen=True, slots=True)
class DialogueResult:
    """How one dialogue went."""

    number: int
    """Its place among the file's `tests`, from 1."""
    name: str
    failures: tuple[str, ...]
    transcript: tuple[str, ...]
    line: int | None = None

    @property
    def ok(self) -> bool:
        """Tell whether everything expected came."""
        return not self.failures

    def __str__(self) -> str:
        where = f" (line {self.line})" if self.line else ""
        head = f"{'ok' if self.ok else 'FAILED'} test {self.number}{where}: {self.name}"
        if self.ok:
            return head
        lines = [*(f"    {line}" for line in self.transcript), *(f"  ✗ {failure}" for failure in self.failures)]
        return "\n".join([head, *lines])


@dataclass(frozen=True, slots=True)
class TestReport:
    """How a file's tests went."""

    __test__ = False  # not a test class, whatever its name suggests to pytest
    name: str
    results: tuple[DialogueResult, ...] = field(default=())

    @property
    def ok(self) -> bool:
        """Tell whether there were tests and all passed."""
        return bool(self.results) and all(r.ok for r in self.results)

    @property
    def failed(self) -> tuple[DialogueResult, ...]:
        """The dialogues that went otherwise than expected."""
        return tuple(r for r in self.results if not r.ok)


def check_file(path: str | Path) -> CheckReport:
    """Check a playbook. Raises PlaybookError only when there is no such file; problems are in the report."""
    return check_text(*read(path))


def check_text(name: str, text: str) -> CheckReport:
    """Check a playbook that lies in no file."""
    try:
        playbook, source = parse(name, text)
    except PlaybookProblemsError as error:
        return CheckReport(name, error.problems)
    return CheckReport(name, tuple(problems_of(playbook, source)), playbook)


def run_tests(path: str | Path) -> TestReport:
    """Run a playbook's own tests offline. Raises PlaybookError when it does not load."""
    return run_tests_of(*read(path))


def run_tests_of(name: str, text: str) -> TestReport:
    """Run the tests of a playbook that lies in no file, as `run_tests` does."""
    _, source = parse(name, text)
    agent = load_agent_text(name, text, examples=True)
    results = asyncio.run(run_playbook_tests(agent))
    placed = tuple(replace(r, line=source.line(("tests", r.number - 1))) for r in results)
    return TestReport(name, placed)


async def run_playbook_tests(agent: PlaybookAgent) -> tuple[DialogueResult, ...]:
    """Run the tests of a loaded agent's playbook, each in a fresh conversation."""
    tests = agent.book.playbook.tests
    return tuple([await run_dialogue(agent, number, dialogue) for number, dialogue in enumerate(tests, 1)])


async def run_dialogue(agent: PlaybookAgent, number: int, dialogue: Dialogue) -> DialogueResult:
    """Play one dialogue; stops at the first step that does not come out as expected."""
    known = dict(dialogue.contact)
    phone = known.pop("phone", "+573001112233")
    contact = ContactView(name=known.pop("name", None), phone=phone or None, fields=known)
    conversation = Conversation(agent, contact=contact, seed=f"test-{number}")
    first = next((str(s["user"]) for s in dialogue.steps if "user" in s), "…")
    name = dialogue.name or first
    transcript: list[str] = []
    seen = Seen(conversation, ())
    for step in dialogue.steps:
        try:
            decisions = await _input(conversation, step, transcript)
        except (LookupError, ValueError) as error:
            return DialogueResult(number, name, (str(error),), tuple(transcript))
        if decisions is not None:
            seen = Seen(conversation, tuple(decisions))
            transcript += _told(decisions)
        failures = unmet(seen, step)
        if failures:
            return DialogueResult(number, name, tuple(failures), tuple(transcript))
    return DialogueResult(number, name, (), tuple(transcript))


async def _input(conversation: Conversation, step: dict[str, Any], transcript: list[str]) -> list[Decision] | None:
    """Do what a step writes; None when it only expects."""
    transcript.extend(f"{key}: {value}" for key, value in step.items() if key in INPUTS)
    if "new_session" in step:
        conversation.end_session()
    if "order_status" in step:
        conversation.set_order_status(str(step["order_status"]))
    if "person" in step:
        conversation.person_says(str(step["person"]))
    decision: Decision | None
    if "skip" in step:
        time = duration(step["skip"])
        return await conversation.skip(time)  # pyright: ignore[reportArgumentType] # duration of a string is a timedelta
    if "hand_back" in step:
        return [await conversation.hand_back()]
    if "tap" in step:
        decision = await conversation.tap(str(step["tap"]))
    elif "sends" in step:
        decision = await conversation.receive([conversation.message("", kind=step["sends"])])
    elif "user" in step:
        decision = await conversation.say(*texts_of(step["user"]))
    else:
        return None
    return [decision] if decision is not None else []


def _told(decisions: list[Decision]) -> list[str]:
    lines: list[str] = []
    for decision in decisions:
        for bubble in decision.bubbles:
            text = bubble.text or (f"template {bubble.template.name}" if bubble.template else "(medium)")
            lines.append("agent: " + text.replace("\n", " ⏎ "))
        if decision.handoff is not None:
            lines.append(f"handoff {decision.handoff.reason}: {decision.handoff.say or ''}")
        if not decision.bubbles and decision.handoff is None:
            reasons = "; ".join(o.reason for o in decision.outcomes) or "nothing"
            lines.append(f"agent says nothing: {reasons}")
        reading: dict[str, Any] = decision.explanation.get("reading", {})
        if reading:
            understood = [" ".join(str(v) for v in c.values()) for c in reading["commands"]]
            lines.append(f"  understood ({reading['source']}): {', '.join(understood) or 'nothing'}")
    return lines
