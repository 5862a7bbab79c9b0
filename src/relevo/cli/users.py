"""`relevo user …`: who may sign in to the inbox."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from relevo.cli.opening import Store, open_store
from relevo.cli.output import AsJson, command, write_json, write_table
from relevo.cli.workspaces import Workspace

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from relevo.settings import Settings
    from relevo.store.database import Connection

app = typer.Typer(help="Who signs in to the inbox.", no_args_is_help=True)

Email = Annotated[str, typer.Argument(help="Their e-mail address.")]
Result = TypeVar("Result")


def site_url(settings: Settings, path: str) -> str:
    """Return the address of a page of the inbox, as an operator on this machine may open it."""
    base = settings.public_url.rstrip("/") if settings.public_url else f"http://127.0.0.1:{settings.port}"
    return base + path


def _do(work: Callable[[Connection], Awaitable[Result]]) -> tuple[Settings, Result]:
    async def run(store: Store) -> Result:
        async with store.database() as database, database.transaction() as connection:
            return await work(connection)

    with open_store() as store:
        return store.settings, asyncio.run(run(store))


@app.command("add")
@command
def add(
    email: Email,
    workspace: Workspace,
    role: Annotated[str | None, typer.Option(help="owner, admin or agent [default: agent]")] = None,
    name: Annotated[str, typer.Option(help="What customers and colleagues know them by.")] = "",
    password: Annotated[
        str | None, typer.Option(help="`-`: read one from standard input. Without: print a link to choose one.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Let somebody sign in to a shop. Repeating it is harmless."""
    from typing import cast, get_args

    from relevo.crm.enrolment import Enrolled, enrol
    from relevo.crm.members import Role
    from relevo.crm.passwords import hash_password
    from relevo.crm.workspaces import find_workspace

    if role is not None and role not in get_args(Role):
        raise typer.BadParameter("owner, admin or agent", param_hint="--role")
    if password not in {None, "-"}:
        raise typer.BadParameter(
            "only `-` (standard input): a password among the arguments is seen by everybody on this machine",
            param_hint="--password",
        )
    hashed = asyncio.run(hash_password(_read_password())) if password else None

    async def work(connection: Connection) -> Enrolled:
        workspace_id = await find_workspace(connection, workspace)
        return await enrol(
            connection, workspace_id, email=email, name=name, role=cast("Role | None", role), password_hash=hashed
        )

    settings, done = _do(work)
    link = site_url(settings, f"/invitations/{done.invitation}") if done.invitation else None
    if as_json:
        told = {"email": done.email, "role": done.role, "member_id": done.member_id, "user_id": done.user_id}
        write_json({**told, "link": link})
    elif link:
        typer.echo(
            f"{done.email} is {done.role} of `{workspace}`. To choose a password, they open (once, within a week):"
        )
        typer.echo(link)
    else:
        typer.echo(f"{done.email} is {done.role} of `{workspace}`, and signs in with their password.")


@app.command("reset")
@command
def reset(email: Email, as_json: AsJson = False) -> None:
    """Print a link by which somebody chooses a new password."""
    from relevo.crm.invitations import make_reset

    async def work(connection: Connection) -> str:
        return await make_reset(connection, email)

    settings, token = _do(work)
    link = site_url(settings, f"/password-resets/{token}")
    if as_json:
        write_json({"email": email.strip().lower(), "link": link})
    else:
        typer.echo(link)
        typer.echo("It works once, within 24 hours; all their browsers are signed out when it is used.", err=True)


@app.command("list")
@command
def list_all(as_json: AsJson = False) -> None:
    """List accounts, and where they belong."""
    from relevo.crm.users import list_users

    _, rows = _do(list_users)
    if as_json:
        write_json(rows)
    elif not rows:
        typer.echo("Nobody signs in yet: relevo user add EMAIL --workspace NAME --role owner")
    else:
        write_table(
            ["email", "name", "belongs to", "seen", "disabled"],
            [
                (
                    row["email"],
                    row["name"],
                    ", ".join(f"{place['workspace']} ({place['role']})" for place in row["workspaces"]),
                    f"{row['seen_at']:%Y-%m-%d %H:%M}" if row["seen_at"] else None,
                    "yes" if row["disabled_at"] else None,
                )
                for row in rows
            ],
        )


@app.command("disable")
@command
def disable(email: Email, as_json: AsJson = False) -> None:
    """Keep somebody from signing in anywhere; their sessions end. `relevo user add` lets them in again."""
    from relevo.crm.users import disable_user

    async def work(connection: Connection) -> int:
        return await disable_user(connection, email)

    _, ended = _do(work)
    if as_json:
        write_json({"email": email.strip().lower(), "sessions_ended": ended})
    else:
        typer.echo(f"{email} cannot sign in any more; {ended} sessions ended.")


def _read_password() -> str:
    if sys.stdin.isatty():
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\r\n")
