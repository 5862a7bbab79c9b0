"""`relevo doctor`: looks at a set-up and says what to do."""

from __future__ import annotations

import asyncio

import typer

from relevo.cli.output import AsJson, command, write_json

_SIGNS = {"ok": ("✓", "green"), "note": ("·", "yellow"), "wrong": ("✗", "red")}


@command
def doctor(as_json: AsJson = False) -> None:
    """Check this set-up: database, schema, secrets, numbers, queue, trouble. Exits with 1 when something is wrong."""
    from relevo.cli.checks import examine

    findings = asyncio.run(examine())
    wrong = any(finding.level == "wrong" for finding in findings)
    if as_json:
        write_json({"ok": not wrong, "checks": [finding.as_dict() for finding in findings]})
    else:
        from rich.console import Console
        from rich.padding import Padding
        from rich.text import Text

        console = Console(highlight=False)
        for finding in findings:
            sign, colour = _SIGNS[finding.level]
            console.print(Text.assemble((f"{sign} ", colour), (f"{finding.name}: ", "bold"), finding.found))
            if finding.remedy:
                console.print(Padding(Text(f"→ {finding.remedy}"), (0, 0, 0, 2)))
        console.print()
        console.print("Something is wrong." if wrong else "All is well.", style="bold red" if wrong else "bold green")
    if wrong:
        raise typer.Exit(1)
