"""A Relevo process that can be told to die at a certain point: the next line after an await that left the process."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import uvicorn
import uvloop

from relevo.app import Relevo
from relevo.settings import Settings
from relevo.store.secrets import SecretBox
from relevo.store.sql_files import sql_file
from support.echo_agent import EchoAgent, OneAgent
from support.inngest_double import client_of
from support.service import KEY
from support.statements import watched

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

WATCHED = {
    "relevo.conversations": (
        "store_messages", "apply_statuses", "look", "load_messages", "load_session",
        "lock_conversation", "write_decision", "begin_sending", "end_sending", "settle", "drop_messages",
        "discard_turn",
    ),
    "relevo.durable": ("finish", "claim_one", "relay_told", "relay_told_by_events", "relay_move"),
}  # fmt: skip


@dataclass(frozen=True)
class ChildPlan:
    """What one process is to do."""

    database_url: str
    api_url: str
    port: int
    die_at: str | None
    """`before look 2`: the second time such a point is reached; None: live."""
    thinks: float = 0.0
    """Seconds the agent takes."""
    inngest: str | None = None
    """Address of Inngest's double, where it is the engine."""
    log: str | None = None
    """File that takes the names of all points, in order."""


class Points:
    """Counts points by name, and kills the process at the chosen one."""

    def __init__(self, plan: ChildPlan) -> None:
        self._plan = plan
        self._seen: Counter[str] = Counter()
        self._names = {_bare(sql_file(package, name)): name for package, names in WATCHED.items() for name in names}
        self._within = ""

    def reached(self, name: str) -> None:
        self._seen[name] += 1
        point = f"{name} {self._seen[name]}"
        if self._plan.log:
            with Path(self._plan.log).open("a") as file:
                file.write(f"{point}\n")
        if point == self._plan.die_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def watching(self) -> AbstractContextManager[None]:
        """Every statement of the way of a message, and every commit that holds one."""
        return watched(
            before=self._before, after=self._after, before_commit=self._before_commit, after_commit=self._after_commit
        )

    def _before(self, statement: str) -> None:
        name = self._names.get(_bare(statement))
        if name:
            self._within = name
            self.reached(f"before {name}")

    def _after(self, statement: str) -> None:
        name = self._names.get(_bare(statement))
        if name:
            self.reached(f"after {name}")

    def _before_commit(self) -> str:
        name, self._within = self._within, ""
        if name:
            self.reached(f"before commit of {name}")
        return name

    def _after_commit(self, name: str) -> None:
        if name:
            self.reached(f"after commit of {name}")


def _bare(statement: str) -> str:
    return re.sub(r"\s+", " ", statement).strip()


def run_child(plan: ChildPlan) -> None:
    """Run web and worker in this process until it is killed."""
    uvloop.run(_serve(plan))


async def _serve(plan: ChildPlan) -> None:
    settings = Settings.model_validate(
        {
            "whatsapp_api_url": plan.api_url, "lease_seconds": 2.0, "settle_seconds": 2.0, "database_pool": 4,
            "engine": "inngest" if plan.inngest else "local",
        }
    )  # fmt: skip
    os.environ["INNGEST_SERVE_ORIGIN"] = f"http://127.0.0.1:{plan.port}"  # a process of its own
    relevo = Relevo(
        settings,
        database_url=plan.database_url,
        secrets=SecretBox(KEY),
        agents=OneAgent(EchoAgent(thinks=plan.thinks)),
        inngest=client_of(plan.inngest) if plan.inngest else None,
    )
    points = Points(plan)
    send = relevo.client.send

    async def watched_send(credentials: Any, body: Any) -> Any:
        points.reached("before POST")
        result = await send(credentials, body)
        points.reached("after POST")
        return result

    relevo.client.send = watched_send
    listener = socket.create_server(("127.0.0.1", plan.port))
    server = uvicorn.Server(uvicorn.Config(relevo.web(), log_config=None, lifespan="on"))
    if relevo.inngest is not None:
        relevo.inngest.relay.grace_seconds = 1.0
    engine = relevo.inngest.engine if relevo.inngest is not None else relevo.local_engine()
    with points.watching():
        await relevo.sweep.start()
        if relevo.inngest is not None:
            await relevo.inngest.start()
        working = asyncio.create_task(relevo.inngest.run() if relevo.inngest is not None else engine.run())
        await server.serve(sockets=[listener])
        engine.stop()
        await working
