"""The simulator on its own, for `relevo simulate` and separate processes. Prints nothing: callers watch the ledger."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from relevo.simulator.faults import Faults, Level
from relevo.simulator.numbers import Number, Provider, Rules
from relevo.simulator.script import Script, load_script
from relevo.simulator.script_run import ScriptRun, run_script
from relevo.simulator.simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable
    from pathlib import Path


_DEFAULT = Number()


@dataclass(frozen=True, slots=True)
class StandaloneOptions:
    """What `relevo simulate` can be told."""

    host: str = "127.0.0.1"
    port: int = 8090
    webhook_url: str | None = None
    phone_number_id: str = _DEFAULT.phone_number_id
    display_phone: str = _DEFAULT.display_phone
    provider: Provider = "meta"
    access_token: str = _DEFAULT.access_token
    app_secret: str = _DEFAULT.app_secret
    verify_token: str = _DEFAULT.verify_token
    webhook_headers: dict[str, str] = field(default_factory=dict[str, str])
    faults: Level = "none"
    seed: int = 0
    rules: Rules = field(default_factory=Rules)
    script: str | None = None
    """Name or path; None: only what comes in through `/_sim`."""
    count: int | None = None
    speed: float = 1.0
    stay: bool = True
    """Keep running after the script."""
    settle_seconds: float = 60.0
    """After the script: how long to wait for the last replies before the run is judged."""
    save: Path | None = None
    """Where to write the ledger at the end."""

    def number(self) -> Number:
        """Return the business number these options describe."""
        return Number(
            self.phone_number_id, self.display_phone, self.provider, self.access_token, self.app_secret,
            self.verify_token, webhook_url=self.webhook_url, webhook_headers=dict(self.webhook_headers),
        )  # fmt: skip


@dataclass(slots=True)
class Standalone:
    """A simulator that is up, and the script being played on it."""

    sim: Simulator
    play: ScriptRun | None = None


@asynccontextmanager
async def serve_simulator(options: StandaloneOptions) -> AsyncGenerator[Simulator]:
    """Run a simulator as the options say for as long as the block lasts."""
    faults = Faults.level(options.faults, options.seed)
    sim = Simulator(
        numbers=[options.number()], faults=faults, rules=options.rules, host=options.host, port=options.port
    )
    try:
        async with sim:
            yield sim
    finally:
        if options.save is not None:
            sim.ledger.save(options.save)


async def run_standalone(
    options: StandaloneOptions, *, up: Callable[[Standalone], None], stop: asyncio.Event | None = None
) -> Standalone:
    """Serve, play the script, and stay until `stop` is set (or the script is over and `stay` is off).

    `up` is called once everything listens, with the simulator whose ledger can be watched from then on. The ledger of
    the returned value can be judged. Raises `ScriptError` before anything starts, `OSError` when the port is taken.
    """
    script = None if options.script is None else load_script(options.script)
    stop = stop or asyncio.Event()
    async with serve_simulator(options) as sim:
        standalone = Standalone(sim)
        if script is not None:
            standalone.play = ScriptRun(script.script)
        up(standalone)
        playing = asyncio.create_task(_play(standalone, script, options))
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({playing, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if playing.done():
                playing.result()
                if options.stay:
                    await stopping
        finally:
            for task in (playing, stopping):
                task.cancel()
            await asyncio.gather(playing, stopping, return_exceptions=True)
    return standalone


async def _play(standalone: Standalone, script: Script | None, options: StandaloneOptions) -> None:
    if script is None or standalone.play is None:
        return
    await run_script(standalone.sim, script, speed=options.speed, count=options.count, run=standalone.play)
    await standalone.sim.answered(timeout=options.settle_seconds)
