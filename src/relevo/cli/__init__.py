"""The command line. Says what happened and exits non-zero when something failed; decides nothing itself."""

from __future__ import annotations


def main() -> None:
    """Run `relevo`."""
    from relevo.cli.commands import app

    app()
