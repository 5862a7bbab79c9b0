"""Handoffs per second with 50 members; and how soon after a takeover the agent is silent.

`python bench/handoff.py [--handoffs 500] [--takeovers 300]`. Everything on loopback, on a throw-away Postgres that
syncs as a server's does. "Takeover → silence" is from the moment somebody asks for it to the commit; nothing of the
agent's can leave after that: the POSTs WhatsApp's double sees later are counted, and must be 0.
"""

# The tests' own shop and service are used, which the type checker finds for tests only.
# pyright: reportMissingImports=false, reportUnknownVariableType=false, reportUnknownMemberType=false
# pyright: reportUnknownArgumentType=false, reportUnknownParameterType=false
from __future__ import annotations

import argparse
import asyncio
import random
import shutil
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import structlog
from uuid_utils.compat import uuid7

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from relevo.agents.decision import HandoffRequest
from relevo.conversations.change import lock_conversation
from relevo.conversations.handoff import hand_off
from relevo.conversations.ownership import take_over
from relevo.simulator.simulator import Simulator
from relevo.store.database import Database
from relevo.store.embedded import attach_sync
from relevo.store.schema import migrate
from support.echo_agent import EchoAgent, OneAgent
from support.service import Service, running
from support.storefront import Shop, open_shop

if TYPE_CHECKING:
    import uuid

MEMBERS = 50
AT_ONCE = 16


async def hand_over(database: Database, shop: Shop, conversation: uuid.UUID, gate: asyncio.Semaphore) -> float:
    async with gate:
        began = time.perf_counter()
        async with database.transaction() as connection:
            locked = await lock_conversation(connection, shop.workspace_id, conversation)
            await hand_off(connection, locked, HandoffRequest("customer_asked", "bench"), asked_by="agent")
        return time.perf_counter() - began


async def measure_handoffs(database: Database, count: int) -> None:
    shop = await open_shop(database, member_capacity=count)
    for n in range(MEMBERS):
        await shop.member(f"M{n}")
    conversations = [await shop.hears(f"57300{n:07d}", "una persona") for n in range(count)]
    gate = asyncio.Semaphore(AT_ONCE)
    began = time.perf_counter()
    took = sorted(await asyncio.gather(*(hand_over(database, shop, one, gate) for one in conversations)))
    seconds = time.perf_counter() - began
    rows = await shop.rows("select count(*) as n from assignments where member_id is not null group by member_id")
    given = [row["n"] for row in rows]
    print(
        f"handoffs: {count / seconds:.0f}/s with {MEMBERS} members, {AT_ONCE} at once;"
        f" p50 {1000 * took[len(took) // 2]:.1f} ms, p99 {1000 * took[int(len(took) * 0.99)]:.1f} ms;"
        f" difference between members {max(given) - min(given)}"
    )


async def one_takeover(service: Service, conversation: uuid.UUID) -> tuple[float, datetime]:
    await asyncio.sleep(random.random() * 0.1)
    began = time.perf_counter()
    async with service.relevo.database.transaction() as connection:
        locked = await lock_conversation(connection, service.workspace_id, conversation)
        await take_over(connection, locked, member_id=None, by="person")
    return time.perf_counter() - began, datetime.now(UTC)


async def measure_silence(url: str, count: int) -> None:
    async with Simulator() as sim:
        agents = OneAgent(EchoAgent(parts=3, thinks=0.02, delay=0.03))
        async with running(url, sim.numbers[0], agents, sim.base_url, workers=2) as service:
            sim.connect(service.webhook)
            took: list[float] = []
            silent: dict[uuid.UUID, datetime] = {}
            for first in range(0, count, AT_ONCE):
                customers = [sim.customer(f"57301{n:07d}") for n in range(first, min(first + AT_ONCE, count))]
                for customer in customers:
                    await customer.say("m1", expects_reply=False)
                await sim.delivered()
                rows = await service.rows(
                    "select v.id from conversations v join contact_identities i on i.contact_id = v.contact_id"
                    " where v.workspace_id = %(w)s and i.value = any(%(phones)s)",
                    w=service.workspace_id,
                    phones=[f"+{customer.key}" for customer in customers],
                )
                done = await asyncio.gather(*(one_takeover(service, row["id"]) for row in rows))
                took += [seconds for seconds, _ in done]
                silent |= {row["id"]: at for row, (_, at) in zip(rows, done, strict=True)}
            await service.idle()
            messages = {
                str(row["id"]): row
                for row in await service.rows("select id, conversation_id, sending_at from messages")
            }
    late = [
        messages[send.opaque or ""]
        for send in sim.ledger.sends
        if datetime.fromtimestamp(send.at, UTC) > silent[messages[send.opaque or ""]["conversation_id"]]
    ]
    wire = sum(1 for row in late if row["sending_at"] <= silent[row["conversation_id"]])
    took.sort()
    print(
        f"takeover → silence: p50 {1000 * took[len(took) // 2]:.1f} ms, p99 {1000 * took[int(len(took) * 0.99)]:.1f} ms"
        f" over {len(took)}; leaked {len(late) - wire}, already on the wire {wire}"
    )


async def measure(url: str, handoffs: int, takeovers: int) -> None:
    await measure_silence(url, takeovers)
    database = Database(url)
    await measure_handoffs(database, handoffs)
    await database.close()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--handoffs", type=int, default=500)
    parser.add_argument("--takeovers", type=int, default=300)
    wanted = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    directory = Path(tempfile.mkdtemp(prefix=f"relevo-{uuid7().hex[-6:]}-", dir="/tmp"))
    directory.chmod(0o755)
    try:
        with attach_sync(directory / "data") as attached:
            migrate(attached.url)
            asyncio.run(measure(attached.url, wanted.handoffs, wanted.takeovers))
    finally:
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    main()
