"""`relevo chat` and `relevo playbook …`: a playbook tried, checked, tested and measured, all offline."""

from __future__ import annotations

import typer

app = typer.Typer(help="Playbooks.", no_args_is_help=True)


def chat() -> None:
    """Talk to a playbook in the terminal."""
