"""The processes under measurement: `python children.py service|floor|worker …`, each as in production."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import logging
import signal
import socket
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
import psutil
import structlog
import uvicorn
import uvloop

sys.path.insert(0, str(Path(__file__).parents[1]))

from relevo.agents.decision import Agent, Bubble, Crm, Decision, MessageOutcome, ModelBudget
from relevo.app import Relevo
from relevo.settings import Settings
from relevo.store.secrets import SecretBox
from spine.floor import Floor
from spine.shop import SECRET_KEY

if TYPE_CHECKING:
    import uuid
    from collections.abc import AsyncGenerator

    from relevo.agents.decision import TurnInput
    from relevo.store.pool import Pool

SAMPLE_SECONDS = 0.05


@dataclass(slots=True)
class Thinker:
    """An agent that answers everything with one bubble, after thinking for a while."""

    seconds: float
    thinking: int = 0
    name: str = field(default="bench", init=False)
    holders: set[asyncio.Task[Any] | None] = field(default_factory=set["asyncio.Task[Any] | None"])
    """Tasks that hold a connection at this moment."""
    holding: int = 0
    """Agent calls that began while their own run held a connection."""
    budget: ModelBudget = field(default_factory=ModelBudget, init=False)
    crm: Crm | None = field(default=None, init=False)

    def quiet_seconds(self, text: str) -> float | None:
        """Wait for nothing."""
        del text
        return None

    async def decide(self, turn: TurnInput) -> Decision:
        """Think, then answer."""
        if self.seconds:
            self.thinking += 1
            self.holding += asyncio.current_task() in self.holders
            await asyncio.sleep(self.seconds)
            self.thinking -= 1
        outcomes = tuple(MessageOutcome(message.id, "answered", "bench") for message in turn.messages)
        return Decision(outcomes=outcomes, state=dict(turn.state), bubbles=(Bubble(key="bench", text="Con gusto."),))


@dataclass(frozen=True, slots=True)
class OneAgent:
    """The same agent for every shop."""

    agent: Agent

    async def get(self, agent_id: str, workspace_id: uuid.UUID) -> Agent:
        """Return it."""
        del agent_id, workspace_id
        return self.agent


def say(what: dict[str, Any]) -> None:
    """Tell the parent process."""
    sys.stdout.buffer.write(orjson.dumps(what) + b"\n")
    sys.stdout.buffer.flush()


def compose(options: argparse.Namespace, agent: Agent) -> Relevo:
    """Make a Relevo as the command line does."""
    settings = Settings(whatsapp_api_url=options.whatsapp, database_pool=options.pool)
    return Relevo(settings, database_url=options.url, secrets=SecretBox(SECRET_KEY), agents=OneAgent(agent))


async def serve(app: Any) -> None:  # noqa: ANN401 - any ASGI app
    """Serve on a free port until told to stop, with what production runs: uvloop, httptools, no access log."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    config = uvicorn.Config(app, http="httptools", lifespan="on", log_config=None, access_log=False, backlog=4096)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:
        await asyncio.sleep(0.01)
        if serving.done():
            await serving
    gc.collect()
    gc.freeze()
    say({"port": listener.getsockname()[1]})
    await serving


def watch_pool(pool: Pool[Any], thinker: Thinker) -> None:
    """Note which tasks hold a connection."""
    lend = pool.connection

    @contextlib.asynccontextmanager
    async def watched() -> AsyncGenerator[Any]:
        async with lend() as connection:
            task = asyncio.current_task()
            thinker.holders.add(task)
            try:
                yield connection
            finally:
                thinker.holders.discard(task)

    pool.connection = watched


async def work(options: argparse.Namespace) -> None:
    """Run the local engine until told to stop, reporting twenty times a second how it is doing."""
    thinker = Thinker(options.thinks)
    relevo = compose(options, thinker)
    watch_pool(relevo.database.pool, thinker)
    engine = relevo.local_engine()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, engine.stop)
    running = asyncio.create_task(engine.run())
    me = psutil.Process()
    say({"ready": True})
    while not running.done():
        # Sleep first: what is said must be true at the moment it is said.
        await asyncio.wait([running], timeout=SAMPLE_SECONDS)
        say(
            {
                "at": time.monotonic(),
                "running": engine.running,
                "thinking": thinker.thinking,
                "holding": thinker.holding,
                "rss": me.memory_info().rss,
            }
        )
    await running
    await relevo.stop()


def main() -> None:
    """Run one part."""
    parser = argparse.ArgumentParser()
    parser.add_argument("part", choices=["service", "floor", "worker"])
    parser.add_argument("--url", required=True)
    parser.add_argument("--pool", type=int, default=10)
    parser.add_argument("--whatsapp", default="http://127.0.0.1:9")
    parser.add_argument("--secret", default="")
    parser.add_argument("--thinks", type=float, default=0.0)
    options = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
                        logger_factory=structlog.PrintLoggerFactory(sys.stderr))  # fmt: skip
    if options.part == "worker":
        uvloop.run(work(options))
    elif options.part == "service":
        uvloop.run(serve(compose(options, Thinker(0.0)).web()))
    else:
        uvloop.run(serve(Floor(options.url, options.secret, options.pool)))


if __name__ == "__main__":
    main()
