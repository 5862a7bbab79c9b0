"""What the inbox wants to know of a playbook's text: whether it loads, what is in it, what it asks a shop to fill in.

Texts come from people: reading one may take a moment (never on the event loop), and its tests may take for ever (they
run in a process of their own, for a limited time).
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

from relevo.agents.engine.book import Book
from relevo.agents.engine.testing import check_text
from relevo.agents.playbook.loader import SETTINGS_PREFIX, example_settings
from relevo.agents.playbook.problems import Problem
from relevo.errors import InvalidRequestError, PlaybookError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from relevo.agents.playbook.model import Playbook

TEST_SECONDS = 60.0
_AT_ONCE = 2
"""Checks and test runs a process does at the same time."""
_PROGRAM = """
import sys, dataclasses, orjson
from relevo.agents.engine.testing import run_tests_of
report = run_tests_of("playbook", sys.stdin.buffer.read().decode())
print(orjson.dumps([{**dataclasses.asdict(one), "ok": one.ok} for one in report.results]).decode())
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """A value the shop must fill in before the playbook may speak."""

    key: str
    about: str
    required: bool
    example: str | None
    value: str | None
    """What the shop, or else the installation, filled in."""
    source: str | None
    """`shop` or `installation`."""
    problem: str | None
    """Why it may not speak as it is."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What a text holds."""

    problems: tuple[Problem, ...]
    ok: bool
    name: str = ""
    """The business's."""
    language: str | None = None
    counts: dict[str, int] = field(default_factory=dict[str, int])
    settings: tuple[Asked, ...] = ()

    @property
    def lacking(self) -> list[Asked]:
        """What keeps it from speaking although it loads."""
        return [asked for asked in self.settings if asked.problem]


_turns = asyncio.Semaphore(_AT_ONCE)


async def check_playbook_text(text: str, values: Mapping[str, str] | None = None) -> Checked:
    """Check a text, with what the shop filled in for its settings."""
    async with _turns:
        return await asyncio.to_thread(look_at, text, values or {})


def look_at(text: str, values: Mapping[str, str]) -> Checked:
    """As `check_playbook_text`, at once."""
    report = check_text("playbook", text)
    playbook = report.playbook
    if playbook is None:
        return Checked(report.problems, ok=False)
    problems = list(report.problems)
    if report.ok:
        try:
            Book(playbook, example_settings(playbook))
        except (PlaybookError, ValueError, LookupError) as error:
            problems.insert(0, Problem((), str(error)))
    if not playbook.sells:
        problems.insert(0, Problem(("intents",), "no intent does anything: good for measuring, not for customers"))
    return Checked(
        tuple(problems),
        ok=all(problem.warning for problem in problems),
        name=playbook.business.name,
        language=playbook.business.language,
        counts={
            "intents": len(playbook.intents),
            "flows": len(playbook.flows),
            "facts": len(playbook.facts),
            "products": len(playbook.catalog),
            "slots": len(playbook.slots),
            "replies": len(playbook.replies),
            "follow_ups": len(playbook.followups.items),
            "tests": len(playbook.tests),
        },
        settings=_asked(playbook, values),
    )


def _asked(playbook: Playbook, values: Mapping[str, str]) -> tuple[Asked, ...]:
    found: list[Asked] = []
    for key, setting in playbook.settings.items():
        own, installed = values.get(key, "").strip(), os.environ.get(SETTINGS_PREFIX + key.upper(), "").strip()
        value = own or installed
        problem = None
        if not value and setting.required:
            problem = "fill this in before the agent may speak"
        elif value and setting.pattern and not re.fullmatch(setting.pattern, value):
            problem = f"`{value}` does not look like {setting.about}"
        source = ("shop" if own else "installation") if value else None
        found.append(Asked(key, setting.about, setting.required, setting.example, value or None, source, problem))
    return tuple(found)


async def run_playbook_text(text: str) -> list[dict[str, Any]]:
    """Run the tests a text brings along: number, name, line, ok, failures, transcript.

    Raises:
        InvalidRequestError: it does not load, or its tests take too long.

    """
    async with _turns:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", _PROGRAM,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        try:
            async with asyncio.timeout(TEST_SECONDS):
                out, err = await process.communicate(text.encode())
        except TimeoutError:
            raise InvalidRequestError(
                f"The tests of this playbook take more than {TEST_SECONDS:.0f} seconds."
            ) from None
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
    if process.returncode:
        last = err.decode(errors="replace").strip().splitlines()
        raise InvalidRequestError(f"The tests cannot run: {last[-1] if last else 'no reason is known'}")
    return orjson.loads(out)
