"""What the demo shows while it plays: conversations moving and running totals, all from the simulator's ledger."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rich.box import ROUNDED
from rich.console import Group
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult

    from relevo.simulator.ledger import Ledger, LiveCustomer
    from relevo.simulator.script_run import ScriptRun

FRAME_LINES = 9
"""Lines the view needs besides its rows."""
FRESH_SECONDS = 2.0
"""How long new words stay bright."""


@dataclass(slots=True)
class MorningView:
    """Renders itself anew on each refresh."""

    title: str
    ledger: Ledger
    run: ScriptRun
    customers: int
    began: float = field(default_factory=time.monotonic)
    _slots: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw."""
        rows = max(4, min(24, (options.height or console.size.height) - FRAME_LINES))
        yield Panel(
            Group(self._totals(), Text(), self._conversations(rows, wide=options.max_width >= 100)),  # noqa: PLR2004 - columns
            title=f"[bold]{self.title}[/]",
            subtitle=f"{clock(time.monotonic() - self.began)}",
            box=ROUNDED,
            border_style="cyan",
        )

    def line(self) -> str:
        """Return the totals in one plain line."""
        counts = self.ledger.counts()
        figures = {
            "in": counts["messages_in"],
            "acknowledged": counts["acked"],
            "replies": counts["accepted"],
            "waiting": counts["waiting"],
            "done": f"{self.run.finished}/{self.customers}",
        }
        words = "  ".join(f"{name} {value}" for name, value in figures.items())
        return f"{clock(time.monotonic() - self.began)}  {words}"

    def _totals(self) -> Table:
        counts = self.ledger.counts()
        grid = Table.grid(expand=True, padding=(0, 1))
        figures = [
            ("messages in", counts["messages_in"], "bold"),
            ("webhooks 200", counts["acked"], "bold green"),
            ("replies", counts["accepted"], "bold cyan"),
            ("waiting", counts["waiting"], "bold yellow" if counts["waiting"] else "dim"),
            ("customers done", f"{self.run.finished}/{self.customers}", "bold"),
        ]
        for _ in figures:
            grid.add_column(justify="center", no_wrap=True)
        grid.add_row(*(Text(str(value), style=style) for _, value, style in figures))
        grid.add_row(*(Text(label, style="dim") for label, _, _ in figures))
        return grid

    def _conversations(self, rows: int, *, wide: bool) -> Table:
        table = Table(box=None, expand=True, padding=(0, 1, 0, 0), show_edge=False, header_style="dim")
        table.add_column("customer", width=12 if wide else 10, no_wrap=True)
        table.add_column("in", width=3, justify="right")
        table.add_column("out", width=3, justify="right")
        table.add_column("says", ratio=2, no_wrap=True, overflow="ellipsis")
        table.add_column("hears", ratio=3, no_wrap=True, overflow="ellipsis")
        table.add_column("", width=6, justify="right", no_wrap=True)
        now = time.time()
        for live in self._placed(rows):
            fresh = now - live.last_at < FRESH_SECONDS
            waiting = live.waiting_since
            table.add_row(
                Text(live.name or live.customer, style="bold" if fresh else ""),
                str(live.inbound),
                str(live.accepted),
                Text(one_line(live.last_said), style="" if fresh or waiting else "dim"),
                Text("…" if waiting is not None else one_line(live.last_reply), style="cyan" if fresh else "dim cyan"),
                Text(f"{now - waiting:.1f} s", style="yellow") if waiting is not None else Text("✓", style="green"),
            )
        return table

    def _placed(self, rows: int) -> list[LiveCustomer]:
        """Give the latest conversations a place each; who is shown keeps it, so that eyes can follow."""
        latest = {(live.number, live.customer): live for live in self.ledger.live()[:rows]}
        self._slots = self._slots[:rows]
        newcomers = [key for key in latest if key not in self._slots]
        for place, key in enumerate(self._slots):
            if key not in latest and newcomers:
                self._slots[place] = newcomers.pop(0)
        self._slots += newcomers[: rows - len(self._slots)]
        return [latest[key] for key in self._slots if key in latest]


def one_line(text: str) -> str:
    """Put several lines into one."""
    return " ".join(text.split())


def clock(seconds: float) -> str:
    """Write a duration as minutes and seconds."""
    return f"{int(seconds) // 60:02d}:{int(seconds) % 60:02d}"
