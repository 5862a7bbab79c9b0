"""Judges what was measured, prints it as tables and writes it as JSON."""

from __future__ import annotations

import datetime as dt
import json
import os
import platform
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from pathlib import Path

    from spine.acknowledge import Comparison, Round
    from spine.crowd import Crowd
    from spine.steady import Waits


@dataclass(frozen=True, slots=True)
class Verdict:
    """One promise with what was measured."""

    part: str
    promise: str
    measured: str
    kept: bool


@dataclass(slots=True)
class Results:
    """Everything of one run."""

    rounds: list[Round] = field(default_factory=list["Round"])
    comparisons: list[Comparison] = field(default_factory=list["Comparison"])
    acknowledged: list[Waits] = field(default_factory=list["Waits"])
    first_posts: list[Waits] = field(default_factory=list["Waits"])
    crowd: Crowd | None = None
    verdicts: list[Verdict] = field(default_factory=list["Verdict"])

    def judge(self, part: str, promise: str, measured: str, *, kept: bool) -> None:
        """Add a verdict."""
        self.verdicts.append(Verdict(part, promise, measured, kept))

    @property
    def kept(self) -> bool:
        """Whether every promise was."""
        return all(verdict.kept for verdict in self.verdicts)


def show(results: Results) -> None:
    """Print tables."""
    console = Console(width=None if os.isatty(1) else 130)
    if results.comparisons:
        table = Table(title="(a) webhooks acknowledged: medians; ratio: median of pairs measured back to back")
        for name in ("load", "conns", "system", "against", "1/s", "against", "ratio", "p99 ms", "CPU µs: service",
                     "against", "Postgres", "against"):  # fmt: skip
            table.add_column(name, justify="left" if name in {"load", "system"} else "right")
        for c in results.comparisons:
            table.add_row(
                c.load, str(c.connections), c.system, c.against, f"{c.per_second:.0f}", f"{c.against_per_second:.0f}",
                f"{c.ratio:.2f}", f"{c.p99:.1f}", f"{c.service_cpu:.0f}", f"{c.against_service_cpu:.0f}",
                f"{c.postgres_cpu:.0f}", f"{c.against_postgres_cpu:.0f}",
            )  # fmt: skip
        console.print(table)
    for title, found in (
        ("(b) time to acknowledge while the worker answers", results.acknowledged),
        ("(c) webhook to first POST to WhatsApp", results.first_posts),
    ):
        if found:
            table = Table("system", "count", "p50 ms", "p99 ms", "worst ms", "missing", title=title)
            for w in found:
                table.add_row(w.system, str(w.count), f"{w.p50:.1f}", f"{w.p99:.1f}", f"{w.worst:.1f}", str(w.missing))
            console.print(table)
    if results.crowd is not None:
        table = Table(*asdict(results.crowd), title="(d) everybody at once")
        table.add_row(
            *(f"{value:.1f}" if isinstance(value, float) else str(value) for value in asdict(results.crowd).values())
        )
        console.print(table)
    table = Table("", "promise", "measured", "kept", title="verdicts")
    for verdict in results.verdicts:
        table.add_row(verdict.part, verdict.promise, verdict.measured, "yes" if verdict.kept else "[red]NO[/red]")
    console.print(table)


def write(results: Results, directory: Path, options: dict[str, Any]) -> Path:
    """Write JSON; returns where."""
    directory.mkdir(parents=True, exist_ok=True)
    now = dt.datetime.now(dt.UTC)
    path = directory / f"spine-{now:%Y%m%dT%H%M%S}.json"
    machine = {"cpus": os.cpu_count(), "load": os.getloadavg(), "python": platform.python_version()}
    told = {"at": now.isoformat(), "machine": machine, "options": options, **asdict(results)}
    path.write_text(json.dumps(told, indent=1, default=str) + "\n", encoding="utf-8")
    return path
