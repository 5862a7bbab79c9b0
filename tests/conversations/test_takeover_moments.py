"""A person takes over at a thousand random moments of running turns: from then on the agent is silent."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from relevo.conversations.change import lock_conversation
from relevo.conversations.handback import hand_back
from relevo.conversations.ownership import take_over
from relevo.simulator.simulator import Simulator
from support.echo_agent import EchoAgent, OneAgent
from support.service import Service, running

if TYPE_CHECKING:
    import uuid

    from relevo.agents.decision import Decision, TurnInput
    from relevo.simulator.phone import Customer

ROUNDS = 10
AT_ONCE = 20
SECONDS = 0.25
"""A round's moment lies within that of the customer's message: before, within and after the turn."""


OPEN = """
select 1 as one from messages
where conversation_id = %(id)s
  and (state in ('planned', 'sending', 'unknown') or (direction = 'in' and outcome is null)) limit 1
"""


class Thinker(EchoAgent):
    """Takes a while, differently long each time, and says three things."""

    def __init__(self) -> None:
        super().__init__(parts=3, delay=0.01)

    async def decide(self, turn: TurnInput) -> Decision:
        await asyncio.sleep(random.random() * 0.05)
        return await super().decide(turn)


@dataclass
class Owned:
    """A stretch of time a person had a conversation, from the moment the takeover's commit was known."""

    conversation: uuid.UUID
    since: datetime
    until: datetime | None = None


@dataclass
class Evidence:
    """What was done when."""

    stretches: list[Owned] = field(default_factory=list[Owned])


async def conversation_of(service: Service, customer: Customer) -> uuid.UUID:
    async with asyncio.timeout(30):
        while True:
            rows = await service.rows(
                "select v.id from conversations v join contact_identities i on i.contact_id = v.contact_id"
                " where i.kind = 'phone' and i.value = %(phone)s",
                phone=f"+{customer.key}",
            )
            if rows:
                return rows[0]["id"]
            await asyncio.sleep(0.02)


async def at_rest(service: Service, conversation: uuid.UUID) -> None:
    async with asyncio.timeout(60):
        while await service.rows(OPEN, id=conversation):  # noqa: ASYNC110 - the database is looked at, nobody tells
            await asyncio.sleep(0.05)


async def play(service: Service, customer: Customer, evidence: Evidence, gate: asyncio.Semaphore) -> None:
    for seq in range(1, ROUNDS + 1):
        async with gate:
            await customer.say(f"m{seq}", expects_reply=False)
            conversation = await conversation_of(service, customer)
            await asyncio.sleep(random.random() * SECONDS)
            async with service.relevo.database.transaction() as connection:
                locked = await lock_conversation(connection, service.workspace_id, conversation)
                await take_over(connection, locked, member_id=None, by="person")
            stretch = Owned(conversation, datetime.now(UTC))
            evidence.stretches.append(stretch)
            await at_rest(service, conversation)
            stretch.until = datetime.now(UTC)
            async with service.relevo.database.transaction() as connection:
                locked = await lock_conversation(connection, service.workspace_id, conversation)
                await hand_back(connection, locked, member_id=None, by="person")
            await at_rest(service, conversation)


@pytest.mark.timeout(400)
@pytest.mark.parametrize(
    ("takeovers", "seed"), [(100, 20), *(pytest.param(250, seed, marks=pytest.mark.slow) for seed in range(4))]
)
async def test_after_a_takeover_nothing_of_the_agents_leaves(database_url: str, takeovers: int, seed: int) -> None:
    random.seed(seed)
    evidence = Evidence()
    async with Simulator() as sim:
        agents = OneAgent(Thinker())
        async with running(database_url, sim.numbers[0], agents, sim.base_url, workers=2) as service:
            sim.connect(service.webhook)
            gate = asyncio.Semaphore(AT_ONCE)
            customers = [sim.customer(f"57300{index:07d}") for index in range(takeovers // ROUNDS)]
            await asyncio.gather(*(play(service, customer, evidence, gate) for customer in customers))
            rows = await service.rows("select id, conversation_id, sending_at from messages where direction = 'out'")
            dropped = await service.rows("select count(*) as count from messages where state = 'dropped'")
            open_still = await service.rows(
                "select text from messages where direction = 'in' and outcome not in ('answered', 'coalesced')"
            )
    began = {str(row["id"]): row for row in rows}
    leaked: list[str] = []
    on_the_wire = 0
    stretches: dict[uuid.UUID, list[Owned]] = {}
    for stretch in evidence.stretches:
        stretches.setdefault(stretch.conversation, []).append(stretch)
    for send in sim.ledger.sends:
        message = began[send.opaque or ""]
        at = datetime.fromtimestamp(send.at, UTC)
        for stretch in stretches[message["conversation_id"]]:
            if stretch.until is not None and stretch.since < at < stretch.until:
                if message["sending_at"] <= stretch.since:
                    on_the_wire += 1
                else:
                    leaked.append(f"{send.text} at {at}, owned since {stretch.since}")
    accepted = sum(1 for send in sim.ledger.sends if send.outcome == "accepted")
    print(  # noqa: T201 - the proof's figures
        f"takeovers {takeovers}, leaked {len(leaked)}, already on the wire {on_the_wire},"
        f" cut short {dropped[0]['count']}, said {accepted}"
    )
    assert len(evidence.stretches) == takeovers
    assert not leaked, leaked[:5]
    assert dropped[0]["count"] > 0, "some takeovers must have cut a turn short, or nothing was proved"
    assert not open_still, "each message is answered in the end: at once, or once handed back"
