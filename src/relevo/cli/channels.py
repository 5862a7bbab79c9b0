"""`relevo channel …`: connects WhatsApp numbers and says what to paste where."""

from __future__ import annotations

import asyncio
import enum
from typing import TYPE_CHECKING, Annotated

import typer

from relevo.cli.opening import Store, open_store
from relevo.cli.output import AsJson, command, write_json, write_table
from relevo.cli.workspaces import Workspace

if TYPE_CHECKING:
    from relevo.conversations.connect import NewChannel

app = typer.Typer(help="Connected WhatsApp numbers.", no_args_is_help=True)

WEBHOOK_PATH = "/webhooks/whatsapp"
_HOST = "https://YOUR-HOST"


class Provider(enum.StrEnum):
    """Through whom a number is connected."""

    META = "meta"
    DIALOG360 = "360dialog"


@app.command("add")
@command
def add(
    workspace: Workspace,
    provider: Annotated[Provider, typer.Option(help="Through whom the number is connected.")],
    phone_number_id: Annotated[str, typer.Option(help="The number's id at WhatsApp.")],
    phone: Annotated[str, typer.Option(help="The number itself, such as +573001234567.")],
    access_token: Annotated[
        str, typer.Option(prompt=True, hide_input=True, help="Meta's access token, or 360dialog's API key.")
    ],
    app_secret: Annotated[
        str | None,
        typer.Option(
            help="Meta: the app secret. 360dialog: the value of the header X-Relevo-Secret; made up if left out."
        ),
    ] = None,
    verify_token: Annotated[str | None, typer.Option(help="For Meta's verification; made up if left out.")] = None,
    api_url: Annotated[str | None, typer.Option(help="Another base address of the API.")] = None,
    webhook_url: Annotated[
        str | None,
        typer.Option(help="360dialog: register this webhook address at once. Meta: shown in the instructions."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Connect a number. Its secrets are stored encrypted."""
    from relevo.conversations.connect import NewChannel
    from relevo.errors import InvalidRequestError

    if provider is Provider.META and app_secret is None:
        app_secret = typer.prompt("App secret", hide_input=True)
    optional = {"app_secret": app_secret, "verify_token": verify_token}
    channel = NewChannel(
        provider=provider.value,
        phone_number_id=phone_number_id,
        phone=phone,
        access_token=access_token,
        api_url=api_url,
        **{name: value for name, value in optional.items() if value is not None},
    )
    if webhook_url is not None and not webhook_url.startswith(("https://", "http://")):
        raise InvalidRequestError(f"`{webhook_url}` is not an address: it starts with https://.")
    with open_store() as store:
        channel_id = asyncio.run(_add(store, workspace, channel))
        registered = False
        if provider is Provider.DIALOG360 and webhook_url is not None:
            asyncio.run(_register(store, channel, webhook_url))
            registered = True
    callback = webhook_url or f"{_HOST}{WEBHOOK_PATH}"
    if as_json:
        write_json(
            {
                "id": channel_id,
                "callback_url": callback,
                "verify_token": channel.verify_token,
                "webhook_registered": registered,
                "secret_header": None if provider is Provider.META else {"X-Relevo-Secret": channel.app_secret},
            }
        )
    elif provider is Provider.META:
        _explain_meta(channel_id, callback, channel)
    else:
        _explain_360dialog(channel_id, callback, channel, registered=registered)


@app.command("list")
@command
def list_all(as_json: AsJson = False) -> None:
    """List the connected numbers."""
    from relevo.insights.operations import connected_channels

    async def work(store: Store) -> list[dict[str, object]]:
        async with store.database() as database:
            rows = await connected_channels(database)
        secret = {"access_token", "app_secret", "verify_token"}
        return [{key: value for key, value in row.items() if key not in secret} for row in rows]

    with open_store() as store:
        rows = asyncio.run(work(store))
    if as_json:
        write_json(rows)
    elif not rows:
        typer.echo("No number is connected yet: relevo channel add --help")
    else:
        write_table(
            ["workspace", "phone", "provider", "status", "last webhook", "id"],
            [
                (
                    row["workspace"], row["phone"], row["provider"],
                    f"{row['status']}: {row['status_reason']}" if row["status_reason"] else row["status"],
                    f"{row['last_delivery_at']:%Y-%m-%d %H:%M}" if row["last_delivery_at"] else "never", row["id"],
                )
                for row in rows
            ],
        )  # fmt: skip


@app.command("enable")
@command
def enable(
    channel: Annotated[str, typer.Argument(help="The channel's id, its phone_number_id, or its phone.")],
    as_json: AsJson = False,
) -> None:
    """Let a stopped number speak again, once its trouble is mended. What waited is sent within a minute."""
    from relevo.conversations.connect import enable_channel

    async def work(store: Store) -> tuple[object, str]:
        async with store.database() as database, database.transaction() as connection:
            return await enable_channel(connection, channel)

    with open_store() as store:
        channel_id, phone = asyncio.run(work(store))
    if as_json:
        write_json({"id": channel_id, "phone": phone, "status": "active"})
    else:
        typer.echo(f"{phone} may speak again.")


async def _add(store: Store, workspace: str, channel: NewChannel) -> str:
    from relevo.conversations.connect import add_channel
    from relevo.crm.workspaces import find_workspace

    secrets = store.secrets()
    async with store.database() as database, database.transaction() as connection:
        return str(await add_channel(connection, secrets, await find_workspace(connection, workspace), channel))


async def _register(store: Store, channel: NewChannel, url: str) -> None:
    """Tell 360dialog where the number's webhooks go."""
    from relevo.errors import ConfigurationError
    from relevo.whatsapp.answers import Credentials
    from relevo.whatsapp.client import WhatsAppClient
    from relevo.whatsapp.explanations import explain
    from relevo.whatsapp.signature import SECRET_HEADER

    credentials = Credentials(channel.provider, channel.phone_number_id, channel.access_token, channel.api_url)
    async with WhatsAppClient(api_url=store.settings.whatsapp_api_url) as client:
        failure = await client.set_webhook(credentials, url, {SECRET_HEADER: channel.app_secret})
    if failure is not None:
        raise ConfigurationError(
            f"The number is connected, but 360dialog did not take the webhook address: {explain(failure)}"
        )


def _explain_meta(channel_id: str, callback: str, channel: NewChannel) -> None:
    typer.echo(f"Connected {channel.phone} ({channel_id}).\n")
    typer.echo("At developers.facebook.com, in your app, under WhatsApp > Configuration, paste:")
    typer.echo(f"  Callback URL   {callback}")
    typer.echo(f"  Verify token   {channel.verify_token}")
    typer.echo("and subscribe to the field `messages`. Then write to the number; `relevo doctor` tells what arrived.")


def _explain_360dialog(channel_id: str, callback: str, channel: NewChannel, *, registered: bool) -> None:
    typer.echo(f"Connected {channel.phone} ({channel_id}).\n")
    if registered:
        typer.echo(f"360dialog now sends this number's webhooks to {callback}.")
        typer.echo("Write to the number; `relevo doctor` tells what arrived.")
        return
    typer.echo("Tell 360dialog where this number's webhooks go, with the header that proves they are theirs:")
    typer.echo("  curl https://waba-v2.360dialog.io/v1/configs/webhook -H 'D360-API-KEY: …' \\")
    typer.echo("    -H 'Content-Type: application/json' \\")
    header = f'{{"X-Relevo-Secret": "{channel.app_secret}"}}'
    typer.echo(f"""    -d '{{"url": "{callback}", "headers": {header}}}'""")
    typer.echo("(or have it done: add --webhook-url next time)")
