"""All commands, by name. Each loads its heavy parts when it runs, so that `relevo --help` is there at once."""

from __future__ import annotations

from typing import Annotated

import typer

from relevo.cli import channels, chat, deliveries, doctor, inbox, playbooks, services, simulate, users, workspaces
from relevo.cli.demo import command as demo

app = typer.Typer(
    name="relevo",
    help="Answers a shop's WhatsApp customers with an AI sales agent and hands them to a person when it should.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"relevo {version('relevo')}")
        raise typer.Exit


@app.callback()
def _root(
    _version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    pass


app.command("demo")(demo.demo)
app.command("serve")(services.serve)
app.command("worker")(services.worker)
app.command("migrate")(services.migrate)
app.add_typer(workspaces.app, name="workspace")
app.add_typer(users.app, name="user")
app.add_typer(channels.app, name="channel")
app.add_typer(workspaces.tokens, name="token")
app.add_typer(inbox.app, name="inbox")
app.add_typer(inbox.members, name="member")
app.add_typer(deliveries.app, name="deliveries")
app.command("chat")(chat.chat)
app.add_typer(playbooks.app, name="playbook")
app.command("simulate")(simulate.simulate)
app.command("doctor")(doctor.doctor)
