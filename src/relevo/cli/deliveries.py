"""`relevo deliveries …`."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import typer

from relevo.cli.opening import Store, open_store
from relevo.cli.output import AsJson, command, write_json

if TYPE_CHECKING:
    from relevo.conversations.replay import Replayed

app = typer.Typer(help="Webhook deliveries as they arrived.", no_args_is_help=True)


@app.command("replay")
@command
def replay(as_json: AsJson = False) -> None:
    """Store what had to be set aside, now that its cause is mended. Safe to repeat."""
    with open_store() as store:
        result = asyncio.run(_replay(store))
    if as_json:
        write_json({"stored": result.stored, "left": result.left, "reasons": result.failed})
    elif result.stored == result.left == 0:
        typer.echo("Nothing is set aside.")
    else:
        typer.echo(f"{result.stored} stored, {result.left} still set aside.")
        for reason, count in result.failed.items():
            typer.echo(f"  {count} × {reason}")
    if result.left:
        raise typer.Exit(1)


async def _replay(store: Store) -> Replayed:
    from relevo.conversations.channels import Channels
    from relevo.conversations.replay import replay as replay_all

    secrets = store.secrets()
    async with store.database() as database:
        return await replay_all(database, Channels(database, secrets))
