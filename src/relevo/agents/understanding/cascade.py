"""Cheap first: the offline reader, then models where it is unsure, then what the offline reader had. Never raises."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from relevo.agents.commands import CannotTell, Choose, Command, InvalidSlot, OptIn, OptOut, Reading, SetSlot
from relevo.agents.understanding.fold import MAX_CHARS

if TYPE_CHECKING:
    from relevo.agents.commands import ReadingContext
    from relevo.agents.decision import InboundMessage
    from relevo.agents.playbook.model import Playbook
    from relevo.agents.understanding.model.phraser import ModelPhraser
    from relevo.agents.understanding.model.reader import ModelReader
    from relevo.agents.understanding.offline import OfflineReader

_A_SENTENCE = 4
"""An invalid answer of this many words may mean something else altogether."""


class CascadeReader:
    """A `Reader` that asks models only where the offline reader is not sure enough."""

    def __init__(
        self, playbook: Playbook, offline: OfflineReader, models: ModelReader, phraser: ModelPhraser | None = None
    ) -> None:
        self.offline = offline
        self.models = models
        self.phraser = phraser
        """Rewords what is said, where the playbook allows it; the engine uses it, its models are these."""
        self._accept = playbook.understanding.first_tier.accept
        self._most = min(MAX_CHARS, playbook.guardrails.max_input_chars)

    async def read(self, messages: tuple[InboundMessage, ...], context: ReadingContext) -> Reading:
        """See `Reader`."""
        first = self.offline.read_now(messages, context)
        text = "\n".join(m.text for m in messages if m.text.strip() and not m.choice_id)[: self._most]
        if not text or not self._unsure(first):
            return first
        result = await self.models.read(text, context)
        if result.reading is None:
            reasons = (*first.notes, *result.notes, "read offline: no model answered")
            return replace(first, usage=result.usage, notes=reasons)
        return replace(
            result.reading,
            commands=_combined(first, result.reading),
            language=result.reading.language or first.language,
            usage=result.usage,
            notes=(f"offline unsure ({first.confidence:.2f})", *result.notes),
            scores=first.scores,
            details=first.details,
        )

    async def aclose(self) -> None:
        """Close the models' connections."""
        await self.models.aclose()
        if self.phraser is not None:
            await self.phraser.aclose()

    def _unsure(self, reading: Reading) -> bool:
        if any(isinstance(command, (OptOut, OptIn, Choose)) for command in reading.commands):
            return False
        for command in reading.commands:
            if isinstance(command, CannotTell):
                return True
            if isinstance(command, InvalidSlot) and len(command.text.split()) >= _A_SENTENCE:
                return True
        return bool(reading.commands) and reading.confidence < self._accept


def _combined(first: Reading, second: Reading) -> tuple[Command, ...]:
    """Keep what parsers found, add the model's labels for the rest, and "cannot tell" only where nothing is left."""
    parsed = [command for command in first.commands if isinstance(command, SetSlot)]
    slots = {command.slot for command in parsed}
    added = [
        command
        for command in second.commands
        if not (isinstance(command, (SetSlot, InvalidSlot)) and command.slot in slots)
    ]
    commands = [*parsed, *added]
    if len(commands) > 1:
        commands = [command for command in commands if not isinstance(command, CannotTell)]
    told = [command for command in first.commands if isinstance(command, CannotTell) and command.candidates]
    if commands and all(isinstance(command, CannotTell) for command in commands):
        return tuple(told or commands)[:1]
    return tuple(commands)
