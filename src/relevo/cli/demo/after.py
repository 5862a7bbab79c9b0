"""What the demo shows once the morning is over: the table, and then whatever is written to the shop by hand."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from rich.box import ROUNDED
from rich.console import Group
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from relevo.cli.demo.view import one_line
from relevo.cli.simulate import say_with_curl

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

    from relevo.cli.demo.children import Children
    from relevo.cli.demo.people import SignIn
    from relevo.simulator.report import Report, Spread
    from relevo.simulator.script_run import ScriptRun
    from relevo.simulator.simulator import Simulator

_LOOK_SECONDS = 0.2
_SHORT = 60
_SHOWN_MISSED = 5


def show_report(console: Console, report: Report, run: ScriptRun) -> None:
    """Print the table, and what went wrong, if anything did."""
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(justify="right", style="dim")
    table.add_column()
    for label, value in _figures(report):
        table.add_row(label, value)
    verdict = Text("Nothing lost, nothing doubled, nobody spoken to out of turn.", style="bold green")
    if not report.ok:
        verdict = Text("Something went wrong:", style="bold red")
    note = Text(
        "Counted by WhatsApp's double from what crossed it; times to reply include the shop's own pauses.", style="dim"
    )
    console.print(
        Panel(
            Group(table, Text(), verdict, note),
            title="[bold]The morning[/]",
            box=ROUNDED,
            expand=False,
            padding=(1, 2),
            border_style="green" if report.ok else "red",
        )
    )
    if report.findings:
        console.print(report.explain(), markup=False)
    missed = run.missed()
    if missed:
        console.print("[dim]What the script's customers had hoped to read, and did not in time:[/]")
        for line in missed[:_SHOWN_MISSED]:
            console.print(f"  {one_line(line)}", style="dim", markup=False, overflow="ellipsis", no_wrap=True)


async def stay(
    console: Console, sim: Simulator, children: Children, sign_in: SignIn, directory: Path, stop: asyncio.Event
) -> None:
    """Say how to go on, and show what is said from now on, until `stop` is set."""
    data = f"RELEVO_DATA_DIR={directory}"
    lines = [
        ("write from a script", say_with_curl(sim.base_url)),
        ("read what came back", f"curl {sim.base_url}/_sim/customers/573001234567/messages"),
        ("let more go wrong", f"""curl -d '{{"level":"rough"}}' {sim.base_url}/_sim/faults"""),
        ("look inside", f"{data} relevo doctor" if len(data) < _SHORT else f"{data} \\\n      relevo doctor"),
        ("read the logs", f"{directory}/serve.log, worker.log"),
        ("the service", f"{sign_in.inbox}  /readyz  /metrics  /api/docs"),
    ]
    sign_in.show(console)
    for label, what in lines:
        console.print(Text.assemble((f"  {label}\n", "dim"), f"    {what}"), soft_wrap=True)
    console.print("\n[bold]It stays up. Ctrl-C ends it.[/]\n")
    heard, said = len(sim.ledger.inbounds), len(sim.ledger.sends)
    while not stop.is_set():
        children.check()
        for inbound in sim.ledger.inbounds[heard:]:
            console.print(
                Text.assemble((f"{inbound.customer} ", "bold"), "› ", one_line(inbound.text) or f"[{inbound.kind}]")
            )
        heard = len(sim.ledger.inbounds)
        fresh = sim.ledger.sends[said:]
        settled = next((place for place, send in enumerate(fresh) if send.ended_at is None), len(fresh))
        for send in fresh[:settled]:
            if send.outcome == "accepted":
                console.print(
                    Text.assemble((f"{send.customer} ", "bold"), ("‹ ", "cyan"), (one_line(send.text), "cyan"))
                )
        said += settled
        try:
            async with asyncio.timeout(_LOOK_SECONDS):
                await stop.wait()
        except TimeoutError:
            continue


def _figures(report: Report) -> list[tuple[str, Text]]:
    def bad(count: int) -> Text:
        return Text(str(count), style="bold red" if count else "bold green")

    return [
        ("customers", Text(str(report.customers))),
        ("messages in", Text(str(report.messages_in), style="bold")),
        ("answered", Text(str(report.answered))),
        ("coalesced", Text(f"{report.coalesced}  (answered together with a later one)")),
        ("lost", bad(report.lost)),
        ("doubled", bad(report.doubled)),
        ("out of turn", bad(report.out_of_turn)),
        ("messages out", Text(str(report.accepted), style="bold")),
        (
            "webhooks",
            Text(f"{report.webhook_posts}  ({report.webhook_attempts} attempts, {report.webhook_copies} copies)"),
        ),
        ("sends gone wrong", Text(f"{report.refused} refused, {report.errors} failed, {report.unanswered} unanswered")),
        ("time to acknowledge", _spread(report.acknowledge)),
        ("time to first reply", _spread(report.first_reply)),
    ]


def _spread(spread: Spread) -> Text:
    if spread.p50 is None or spread.p99 is None:
        return Text("–")
    return Text(f"p50 {_duration(spread.p50)}   p99 {_duration(spread.p99)}")


def _duration(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"
