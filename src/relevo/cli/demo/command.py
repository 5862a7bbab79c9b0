"""The options of `relevo demo`."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from relevo.cli.output import AsJson, command
from relevo.cli.simulate import Level


@command
def demo(
    leave: Annotated[
        bool, typer.Option("--exit", help="End after the morning; exit code 0 only if all went well.")
    ] = False,
    customers: Annotated[int, typer.Option(min=1, max=2000, help="How many customers write.")] = 40,
    faults: Annotated[Level, typer.Option(help="How much goes wrong on the way.")] = Level.MILD,
    seed: Annotated[int, typer.Option(help="The same seed, the same faults.")] = 1,
    speed: Annotated[float, typer.Option(min=0.1, max=100, help="Divides everybody's pauses.")] = 1.5,
    as_json: AsJson = False,
) -> None:
    """Play a morning at a coffee roaster: embedded Postgres, service, worker and WhatsApp's double."""
    from relevo.cli.demo.morning import Morning, run_demo

    morning = Morning(customers=customers, faults=faults.value, seed=seed, speed=speed, leave=leave)
    if not asyncio.run(run_demo(morning, as_json=as_json)):
        raise typer.Exit(1)
