"""`relevo workspace …` and `relevo token …`."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from relevo.cli.opening import Store, open_store
from relevo.cli.output import AsJson, command, write_json, write_table

app = typer.Typer(help="Shops.", no_args_is_help=True)
tokens = typer.Typer(help="Tokens of the REST API.", no_args_is_help=True)

Workspace = Annotated[str, typer.Option("--workspace", "-w", help="Name or id of the workspace.")]

_LIST = """
select w.id, w.name, w.created_at, a.conversational_agent_id as agent, a.agent_enabled,
       (select count(*) from channels c where c.workspace_id = w.id) as channels
from workspaces w join agent_configs a on a.workspace_id = w.id order by w.name
"""


@app.command("create")
@command
def create(name: Annotated[str, typer.Argument(help="What the shop is called.")], as_json: AsJson = False) -> None:
    """Create a shop."""
    from relevo.crm.workspaces import create_workspace

    async def work(store: Store) -> str:
        async with store.database() as database, database.transaction() as connection:
            return str(await create_workspace(connection, name))

    with open_store() as store:
        workspace_id = asyncio.run(work(store))
    if as_json:
        write_json({"id": workspace_id, "name": name})
    else:
        typer.echo(f"Created the workspace `{name}` ({workspace_id}).")
        typer.echo(f'Next: relevo channel add --workspace "{name}" --provider meta …')


@app.command("list")
@command
def list_all(as_json: AsJson = False) -> None:
    """List the shops."""
    from relevo.store.database import fetch_all

    async def work(store: Store) -> list[dict[str, object]]:
        async with store.database() as database, database.reading() as connection:
            return [dict(row) for row in await fetch_all(connection, _LIST, {})]

    with open_store() as store:
        rows = asyncio.run(work(store))
    if as_json:
        write_json(rows)
    elif not rows:
        typer.echo("There is no workspace yet: relevo workspace create NAME")
    else:
        write_table(
            ["name", "agent", "on", "channels", "id"],
            [
                (row["name"], row["agent"], "yes" if row["agent_enabled"] else "no", row["channels"], row["id"])
                for row in rows
            ],
        )


@tokens.command("create")
@command
def create_token(
    workspace: Workspace,
    name: Annotated[str, typer.Option(help="What the token is for.")] = "command line",
    as_json: AsJson = False,
) -> None:
    """Make an API token. It is printed once: only its hash is kept."""
    from relevo.crm.workspaces import create_token as make
    from relevo.crm.workspaces import find_workspace

    async def work(store: Store) -> str:
        async with store.database() as database, database.transaction() as connection:
            return await make(connection, await find_workspace(connection, workspace), name)

    with open_store() as store:
        token = asyncio.run(work(store))
    if as_json:
        write_json({"token": token, "name": name})
    else:
        typer.echo(token)
        typer.echo("Keep it now: it cannot be shown again.", err=True)
