"""Plays the morning: stage, processes, customers, and at the end the table, from what WhatsApp's double saw alone."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from rich.console import Console
from rich.live import Live

from relevo.cli.demo import after
from relevo.cli.demo.children import Children, environment_for_children
from relevo.cli.demo.people import SignIn, demo_password
from relevo.cli.demo.stage import PLAYBOOK, SHOP, example_environment, free_port, open_shop, own_database
from relevo.cli.demo.view import MorningView
from relevo.cli.opening import data_directory
from relevo.cli.output import write_json
from relevo.errors import ConfigurationError
from relevo.settings import load_settings
from relevo.simulator.faults import Faults, Level
from relevo.simulator.numbers import Number
from relevo.simulator.script import load_script
from relevo.simulator.script_run import ScriptRun, run_script
from relevo.simulator.simulator import Simulator
from relevo.store.embedded import attach

if TYPE_CHECKING:
    from relevo.simulator.report import Report

SCRIPT = "manana"
SIMULATOR_PORT = 8090
LAST_REPLIES_SECONDS = 30.0
_RETRIES = (0.2, 0.5, 1.0, 2.0, 2.0, 2.0, 2.0, 2.0)
"""Seconds after which an unacknowledged webhook is tried again; WhatsApp takes longer."""
_LINE_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Morning:
    """What is to be played."""

    customers: int
    faults: Level
    seed: int
    speed: float
    leave: bool


async def run_demo(morning: Morning, *, as_json: bool) -> bool:
    """Play; stay until Ctrl-C unless told to leave. Returns whether nothing was lost, doubled or out of turn."""
    console = Console(stderr=as_json, highlight=False)
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    settings = load_settings().model_copy(update={"database_url": None, "secret_key": None, "host": "127.0.0.1"})
    directory = data_directory(settings) / "demo"
    started = time.monotonic()
    with console.status("Starting Postgres…"), contextlib.ExitStack() as stack:
        attached = stack.enter_context(await attach(directory))
        stack.enter_context(own_database(attached.url))
        held = stack.pop_all()
    with held:
        faults = Faults.level(morning.faults, morning.seed).quicker(5.0)
        numbers = [Number(name=SHOP)]
        async with Simulator(numbers=numbers, faults=faults, retries=_RETRIES, port=free_port(SIMULATOR_PORT)) as sim:
            password = demo_password(directory)
            await open_shop(attached.url, settings, directory, numbers[0], speed=morning.speed, password=password)
            port = free_port(settings.port)
            environment = environment_for_children(
                data_dir=str(directory), whatsapp_api_url=sim.base_url, port=str(port), settle_seconds="6",
                **example_environment(PLAYBOOK),
            )  # fmt: skip
            async with Children(environment, directory) as children:
                service = f"http://127.0.0.1:{port}"
                with console.status("Starting service and worker…"):
                    children.start("worker")
                    children.start("serve")
                    await children.ready(service)
                    sim.connect(f"{service}/webhooks/whatsapp")
                    if not await sim.verify_webhook():
                        raise ConfigurationError("The service did not answer the verification of its webhook.")
                console.print(f"[dim]Ready in {time.monotonic() - started:.1f} s.[/]")
                sign_in = SignIn(service, sim.phone_url, password)
                sign_in.show(console)
                report, run = await _play(morning, sim, children, console, stop)
                if as_json:
                    write_json({"ok": report.ok, "report": asdict(report), "missed": run.missed()})
                    sys.stdout.flush()
                after.show_report(console, report, run)
                if not morning.leave and not stop.is_set():
                    await after.stay(console, sim, children, sign_in, directory, stop)
                console.print("[dim]Stopping…[/]")
    return report.ok


async def _play(
    morning: Morning, sim: Simulator, children: Children, console: Console, stop: asyncio.Event
) -> tuple[Report, ScriptRun]:
    script = load_script(SCRIPT)
    run = ScriptRun(script.script)
    view = MorningView(f"Relevo · una mañana en la {SHOP}", sim.ledger, run, morning.customers)

    async def play() -> None:
        await run_script(sim, script, speed=morning.speed, count=morning.customers, run=run)
        await sim.answered(timeout=LAST_REPLIES_SECONDS)
        await sim.delivered(timeout=LAST_REPLIES_SECONDS)

    playing = asyncio.create_task(play())
    stopping = asyncio.create_task(stop.wait())
    show = _live(view, console) if console.is_terminal else _lines(view, console)
    showing = asyncio.create_task(show)
    try:
        while not playing.done() and not stopping.done():
            children.check()
            await asyncio.wait([playing, stopping], timeout=0.5, return_when=asyncio.FIRST_COMPLETED)
        if playing.done():
            playing.result()
    finally:
        for task in (playing, stopping, showing):
            task.cancel()
        await asyncio.gather(playing, stopping, showing, return_exceptions=True)
    return sim.ledger.report(), run


async def _live(view: MorningView, console: Console) -> None:
    with Live(view, console=console, auto_refresh=False, transient=False, vertical_overflow="crop") as live:
        while True:
            live.refresh()
            await asyncio.sleep(0.15)


async def _lines(view: MorningView, console: Console) -> None:
    while True:
        console.print(view.line())
        await asyncio.sleep(_LINE_SECONDS)
