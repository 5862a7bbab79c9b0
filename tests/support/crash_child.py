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
from sqlalchemy import event

from relevo.app import Relevo
from relevo.settings import Settings
from relevo.store.secrets import SecretBox
from relevo.store.sql_files import sql_file
from support.echo_agent import EchoAgent, OneAgent
from support.service import KEY

if TYPE_CHECKING:
    from sqlalchemy.engine import Engine

WATCHED = {
    "relevo.conversations": (
        "store_deliveries", "store_messages", "apply_statuses", "look", "load_messages", "load_session",
        "lock_conversation", "write_decision", "begin_sending", "end_sending", "settle", "drop_messages",
        "discard_turn",
    ),
    "relevo.crm": ("find_contacts", "add_identities", "open_conversations"),
    "relevo.durable": ("finish",),
}  # fmt: skip


@dataclass(frozen=True)
class ChildPlan:
    """What one process is to do."""

    database_url: str
    api_url: str
    port: int
    die_at: str | None
    """`before look 2`: the second time such a point is reached; None: live."""
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

    def watch(self, engine: Engine) -> None:
        """Every statement of the way of a message, and every commit that holds one."""

        def before(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
            name = self._names.get(_bare(statement))
            if name:
                self._within = name
                self.reached(f"before {name}")

        def after(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
            name = self._names.get(_bare(statement))
            if name:
                self.reached(f"after {name}")

        event.listen(engine, "before_cursor_execute", before)
        event.listen(engine, "after_cursor_execute", after)
        commit = engine.dialect.do_commit

        def do_commit(dbapi_connection: Any) -> None:
            name, self._within = self._within, ""
            if name:
                self.reached(f"before commit of {name}")
            commit(dbapi_connection)
            if name:
                self.reached(f"after commit of {name}")

        engine.dialect.do_commit = do_commit


def _bare(statement: str) -> str:
    return re.sub(r"\s+", " ", statement).strip()


def run_child(plan: ChildPlan) -> None:
    """Run web and worker in this process until it is killed."""
    asyncio.run(_serve(plan))


async def _serve(plan: ChildPlan) -> None:
    settings = Settings.model_validate(
        {"whatsapp_api_url": plan.api_url, "lease_seconds": 1.0, "settle_seconds": 2.0, "database_pool": 4}
    )
    relevo = Relevo(settings, database_url=plan.database_url, secrets=SecretBox(KEY), agents=OneAgent(EchoAgent()))
    points = Points(plan)
    points.watch(relevo.database.engine.sync_engine)
    send = relevo.client.send

    async def watched_send(credentials: Any, body: Any) -> Any:
        points.reached("before POST")
        result = await send(credentials, body)
        points.reached("after POST")
        return result

    relevo.client.send = watched_send
    listener = socket.create_server(("127.0.0.1", plan.port))
    server = uvicorn.Server(uvicorn.Config(relevo.web(), log_config=None, lifespan="on"))
    engine = relevo.local_engine()
    await relevo.sweep.start()
    working = asyncio.create_task(engine.run())
    await server.serve(sockets=[listener])
    engine.stop()
    await working
