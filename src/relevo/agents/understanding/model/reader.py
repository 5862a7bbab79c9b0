"""Reads through a chain of models: each is tried in turn, failures are named, and none of them means None."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from relevo.agents.commands import Reading
from relevo.agents.understanding.model.answer import CONFIDENCE, to_commands
from relevo.agents.understanding.model.calls import PydanticAiModel
from relevo.agents.understanding.model.prompt import instructions, question
from relevo.agents.understanding.slots import SlotContext

if TYPE_CHECKING:
    from collections.abc import Sequence

    from relevo.agents.commands import ReadingContext
    from relevo.agents.decision import ModelUsage
    from relevo.agents.playbook.model import Playbook
    from relevo.agents.understanding.model.answer import Answer
    from relevo.agents.understanding.model.calls import LabelModel

_WORTH_REPEATING = frozenset({"invalid_output", "server_error", "unreachable"})
"""The same model may do better at once; anything else goes on to the next model."""
_PAUSE = 0.2
_PATIENCE = 2.0
"""All attempts together may take this many times the limit of one."""


@dataclass(frozen=True, slots=True)
class ModelResult:
    """What the chain came to: a reading or none, what it cost, and why models were passed over."""

    reading: Reading | None
    usage: tuple[ModelUsage, ...]
    notes: tuple[str, ...]


class ModelReader:
    """Labels messages with the models of a playbook, or those given."""

    def __init__(self, playbook: Playbook, models: Sequence[LabelModel]) -> None:
        self._playbook = playbook
        self._models = tuple(models)
        self._instructions = instructions(playbook)
        self._retries = playbook.understanding.model.retries
        self._seconds = playbook.understanding.model.timeout.total_seconds() * _PATIENCE
        self._zone = ZoneInfo(playbook.business.timezone)

    async def read(self, text: str, context: ReadingContext) -> ModelResult:
        """Try each model in turn; never raises."""
        usage: list[ModelUsage] = []
        notes: list[str] = []
        asked = question(text, context)
        repeats = self._retries
        began = time.monotonic()
        for model in self._models:
            while True:
                if time.monotonic() - began >= self._seconds:
                    notes.append("models took too long")
                    return ModelResult(None, tuple(usage), tuple(notes))
                answer, spent = await model.ask(self._instructions, asked)
                usage.append(spent)
                if answer is not None:
                    reading = self._reading(model.name, answer, text, context, notes)
                    return ModelResult(reading, tuple(usage), reading.notes)
                notes.append(f"{model.name}: {spent.error}")
                if spent.error not in _WORTH_REPEATING or repeats == 0:
                    break
                repeats -= 1
                await asyncio.sleep(_PAUSE)
        return ModelResult(None, tuple(usage), tuple(notes))

    async def aclose(self) -> None:
        """Close every model's connections."""
        for model in self._models:
            await model.aclose()

    def _reading(self, name: str, answer: Answer, text: str, context: ReadingContext, notes: list[str]) -> Reading:
        slots = SlotContext(
            today=context.now.astimezone(self._zone).date(),
            country=self._playbook.business.country,
            locale=context.locale,
            items=self._playbook.catalog,
        )
        commands, refused = to_commands(answer, self._playbook, text, context, slots)
        business = self._playbook.business
        language = answer.language if answer.language in {business.language, *business.also} else None
        return Reading(tuple(commands), name, CONFIDENCE, language=language, notes=(*notes, *refused))


def models_of(playbook: Playbook, names: Sequence[str]) -> list[PydanticAiModel]:
    """Return the models of these names, with the playbook's time limit."""
    seconds = playbook.understanding.model.timeout.total_seconds()
    return [PydanticAiModel(name, seconds) for name in names if name]
