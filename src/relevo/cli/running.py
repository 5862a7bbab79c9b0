"""Runs a process's parts until it is told to stop: drains the worker, closes the doors, lets go of the database."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import signal
import socket
import sys
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog
import uvicorn
from starlette.applications import Starlette

from relevo.app import Relevo
from relevo.cli.output import write_json
from relevo.conversations.playbook_agents import bundled_agents
from relevo.crm.set_up import offer_set_up
from relevo.errors import ConfigurationError
from relevo.telemetry.logs import configure_logging
from relevo.telemetry.tracing import start_tracing, stop_tracing

if TYPE_CHECKING:
    from collections.abc import Coroutine, Generator

    from starlette.types import ASGIApp

    from relevo.cli.opening import Store
    from relevo.durable.inngest.engine import InngestEngine
    from relevo.durable.local import LocalEngine
    from relevo.settings import Settings

BACKLOG = 2048
CLOSING_SECONDS = 10
"""How long open requests may take once the process was told to stop."""

log = structlog.get_logger("relevo")


@dataclass(frozen=True, slots=True)
class Parts:
    """What this process runs."""

    web: bool
    worker: bool
    health_port: int | None
    part: str
    until_stdin_closes: bool = False


class _Server(uvicorn.Server):
    """A server that leaves signals to us: the worker has to hear of them, too."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        """Capture nothing."""
        yield


async def run_service(store: Store, parts: Parts, *, as_json: bool = False) -> None:
    """Run until SIGTERM or SIGINT (a second one does not wait for anybody).

    Raises:
        SchemaOutdatedError: `relevo migrate` is needed.
        ConfigurationError: the port is taken, or there is no usable key.

    """
    settings = store.settings
    configure_logging(settings.log_format, secrets=_secrets_of(settings))
    if settings.engine != "local" and parts.worker:
        raise ConfigurationError("RELEVO_ENGINE=inngest brings the wake-ups itself: run `relevo serve` without worker.")
    start_tracing(parts.part)
    relevo = Relevo(settings, database_url=store.url, secrets=store.secrets(), agents=bundled_agents(_models(settings)))
    try:
        await relevo.start()
        await _run_parts(relevo, parts, as_json=as_json)
    finally:
        await relevo.stop()
        await asyncio.to_thread(stop_tracing)


async def _run_parts(relevo: Relevo, parts: Parts, *, as_json: bool) -> None:
    stop, hurry = asyncio.Event(), asyncio.Event()
    _hear_signals(stop, hurry)
    if parts.until_stdin_closes:
        _watch_stdin(stop)
    settings = relevo.settings
    servers: list[tuple[_Server, socket.socket]] = []
    if parts.web:
        servers.append(_server(relevo.web(), settings.host, settings.port))
    if parts.health_port is not None:
        servers.append(_server(Starlette(routes=relevo.health.routes()), settings.host, parts.health_port))
    engine: LocalEngine | InngestEngine | None = None
    work: Coroutine[None, None, None] | None = None
    if parts.worker:
        await relevo.start_work()
        engine = relevo.local_engine()
        work = engine.run()
    elif relevo.inngest is not None and parts.web:
        await relevo.start_work()
        engine = relevo.inngest.engine
        work = relevo.inngest.run()
    urls = [_url(listener) for _, listener in servers]
    set_up = await _offer_set_up(relevo, urls[0]) if parts.web else None
    jobs = [asyncio.create_task(server.serve(sockets=[listener])) for server, listener in servers]
    if work is not None:
        jobs.append(asyncio.create_task(work))
    # What is there now stays: walking it again and again is what the garbage collector would spend most of its time on.
    gc.collect()
    gc.freeze()
    log.info("ready", part=parts.part, urls=urls, engine=engine.name if engine else None)
    if as_json:
        write_json({"ready": True, "urls": urls, "worker": engine.name if engine else None, "set_up": set_up})
        sys.stdout.flush()
    try:
        waiting = asyncio.create_task(stop.wait())
        await asyncio.wait([waiting, *jobs], return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        log.info("stopping", part=parts.part, runs=engine.running if engine else 0)
    finally:
        relevo.hang_up()
        await _close([server for server, _ in servers], engine, jobs, hurry)
        for _, listener in servers:
            listener.close()
    log.info("stopped", part=parts.part)


async def _offer_set_up(relevo: Relevo, url: str) -> str | None:
    """While nobody can sign in, print where the first user is made. The code is in no address a server gets to see."""
    async with relevo.database.transaction() as connection:
        code = await offer_set_up(connection)
    if code is None:
        return None
    link = f"{(relevo.settings.public_url or url).rstrip('/')}/set-up#{code}"
    log.warning("nobody can sign in yet: open this link to begin", link=link, code=code)
    return link


async def _close(
    servers: list[_Server],
    engine: LocalEngine | InngestEngine | None,
    jobs: list[asyncio.Task[None]],
    hurry: asyncio.Event,
) -> None:
    """Stop accepting, finish what is under way; raise what a part died of."""
    for server in servers:
        server.should_exit = True
    if engine is not None:
        engine.stop()
    hurrying = asyncio.create_task(hurry.wait())
    ending = asyncio.gather(*jobs, return_exceptions=True)
    await asyncio.wait([hurrying, ending], return_when=asyncio.FIRST_COMPLETED)
    hurrying.cancel()
    if not ending.done():
        for job in jobs:
            job.cancel()
    for result in await ending:
        if isinstance(result, Exception):
            raise result


def _server(app: ASGIApp, host: str, port: int) -> tuple[_Server, socket.socket]:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(BACKLOG)  # from now on nobody is turned away, however long the rest takes
    except OSError as error:
        listener.close()
        raise ConfigurationError(
            f"Cannot listen on {host}:{port} ({error.strerror}): set RELEVO_HOST and RELEVO_PORT to what is free."
        ) from None
    config = uvicorn.Config(
        app,
        loop="none",
        http="httptools",
        lifespan="off",  # the parts live as long as the process: they are opened and closed here
        access_log=False,
        log_config=None,
        server_header=False,
        date_header=False,
        backlog=BACKLOG,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=CLOSING_SECONDS,
    )
    return _Server(config), listener


def _hear_signals(stop: asyncio.Event, hurry: asyncio.Event) -> None:
    def told() -> None:
        (hurry if stop.is_set() else stop).set()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told)


def _watch_stdin(stop: asyncio.Event) -> None:
    """Stop when whoever started us is gone: the kernel closes the pipe whatever it died of."""
    loop = asyncio.get_running_loop()

    def watch() -> None:
        with contextlib.suppress(OSError, ValueError):
            # Not through sys.stdin: an interpreter that ends while a thread waits in there aborts over its lock.
            while os.read(sys.stdin.fileno(), 4096):
                pass
        with contextlib.suppress(RuntimeError):  # the loop ended first
            loop.call_soon_threadsafe(stop.set)

    threading.Thread(target=watch, name="relevo-stdin", daemon=True).start()


def _url(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _secrets_of(settings: Settings) -> list[str]:
    return [settings.secret_key.get_secret_value()] if settings.secret_key else []


def _models(settings: Settings) -> list[str]:
    return [name.strip() for name in settings.model.split(",") if name.strip()]
