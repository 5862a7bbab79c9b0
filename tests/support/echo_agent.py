"""An agent whose answers can be judged exactly: it names the messages it answers (see `relevo.simulator.echo`)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from relevo.agents.decision import Agent, Bubble, Crm, Decision, MessageOutcome, ModelBudget
from relevo.simulator.echo import EchoProtocol

if TYPE_CHECKING:
    import uuid

    from relevo.agents.decision import TurnInput


class EchoAgent:
    """Answers every burst with `parts` bubbles, the later ones only if the customer has not written again."""

    name = "echo"
    budget = ModelBudget()
    crm: Crm | None = None

    def __init__(self, *, parts: int = 2, thinks: float = 0.0, delay: float = 0.0) -> None:
        self._parts = parts
        self._thinks = thinks
        self._delay = delay

    def quiet_seconds(self, text: str) -> float | None:
        del text
        return None

    async def decide(self, turn: TurnInput) -> Decision:
        if self._thinks:
            await asyncio.sleep(self._thinks)
        seqs = tuple(seq for message in turn.messages if (seq := EchoProtocol.seq(message.text)) is not None)
        bubbles = tuple(
            Bubble(
                key=f"echo.{part}",
                text=EchoProtocol.reply(seqs, part, self._parts),
                delay=self._delay if part > 1 else 0.0,
            )
            for part in range(1, self._parts + 1)
        )
        last = turn.messages[-1].id if turn.messages else None
        outcomes = tuple(
            MessageOutcome(message.id, "answered" if message.id == last else "coalesced", "echo")
            for message in turn.messages
        )
        count = int(turn.state.get("count", 0)) + 1
        return Decision(outcomes=outcomes, state={"count": count}, bubbles=bubbles if seqs else ())


class OneAgent:
    """Hands the same agent to every workspace."""

    def __init__(self, agent: Agent) -> None:
        self.agent = agent

    async def get(self, agent_id: str, workspace_id: uuid.UUID) -> Agent:
        del agent_id, workspace_id
        return self.agent
