"""Agents that decide what a test says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from relevo.agents.decision import Decision, MessageOutcome, ModelBudget

if TYPE_CHECKING:
    from collections.abc import Callable

    from relevo.agents.decision import Crm, TurnInput


class ScriptedAgent:
    """Decides what a function says."""

    name = "scripted"
    budget = ModelBudget()
    crm: Crm | None = None

    def __init__(self, decide: Callable[[TurnInput], Decision]) -> None:
        self._decide = decide

    def quiet_seconds(self, text: str) -> float | None:
        del text
        return None

    async def decide(self, turn: TurnInput) -> Decision:
        return self._decide(turn)


def answered(turn: TurnInput, **wanted: Any) -> Decision:
    outcomes = tuple(MessageOutcome(message.id, "answered", "scripted") for message in turn.messages)
    return Decision(outcomes=outcomes, state={}, **wanted)
