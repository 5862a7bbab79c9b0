"""`relevo simulate`: WhatsApp's double on its own."""

from __future__ import annotations

import asyncio
import enum
import signal
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from relevo.cli.channels import Provider
from relevo.cli.output import AsJson, command, write_json, write_table

if TYPE_CHECKING:
    from relevo.simulator.standalone import Standalone, StandaloneOptions

_WELL_KNOWN_TOKEN = "simulated-access-token"  # noqa: S105 - the double's own defaults, known to everybody
_WELL_KNOWN_SECRET = "simulated-app-secret"  # noqa: S105 - as above
_WELL_KNOWN_VERIFY = "simulated-verify-token"


class Level(enum.StrEnum):
    """How much goes wrong."""

    NONE = "none"
    MILD = "mild"
    ROUGH = "rough"


@command
def simulate(
    webhook_url: Annotated[str | None, typer.Option(help="Where the service takes webhooks.")] = None,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0: any.")] = 8090,
    provider: Annotated[Provider, typer.Option(help="Whose API to double.")] = Provider.META,
    phone_number_id: Annotated[str, typer.Option(help="Id of the business number.")] = "106540352242922",
    phone: Annotated[str, typer.Option(help="The business number.")] = "+573001112233",
    access_token: Annotated[str, typer.Option(help="What the service sends with.")] = _WELL_KNOWN_TOKEN,
    app_secret: Annotated[
        str, typer.Option(help="Meta: signs webhooks. 360dialog: sent as the header X-Relevo-Secret.")
    ] = _WELL_KNOWN_SECRET,
    verify_token: Annotated[str, typer.Option(help="For the verification of the webhook.")] = _WELL_KNOWN_VERIFY,
    faults: Annotated[Level, typer.Option(help="How much goes wrong.")] = Level.NONE,
    seed: Annotated[int, typer.Option(help="The same seed, the same faults.")] = 0,
    script: Annotated[str | None, typer.Option(help="Customers to play: a bundled script's name, or a file.")] = None,
    count: Annotated[int | None, typer.Option(min=1, help="How many customers take part.")] = None,
    speed: Annotated[float, typer.Option(min=0.01, help="Divides the customers' pauses.")] = 1.0,
    stay: Annotated[bool, typer.Option("--stay/--exit", help="Stay up after the script.")] = True,
    save: Annotated[Path | None, typer.Option(help="Write all that happened there, as JSON lines.")] = None,
    as_json: AsJson = False,
) -> None:
    """Run WhatsApp's double: Graph API or 360dialog, signed webhooks, scripted customers, faults."""
    from relevo.conversations.connect import phone_number
    from relevo.simulator.standalone import StandaloneOptions
    from relevo.whatsapp.signature import SECRET_HEADER

    options = StandaloneOptions(
        host=host, port=port, webhook_url=webhook_url, phone_number_id=phone_number_id,
        display_phone=phone_number(phone).lstrip("+"), provider=provider.value, access_token=access_token,
        app_secret=app_secret, verify_token=verify_token,
        webhook_headers={SECRET_HEADER: app_secret} if provider is Provider.DIALOG360 else {},
        faults=faults.value, seed=seed, script=script, count=count, speed=speed,
        stay=stay or script is None, save=save,
    )  # fmt: skip
    played = asyncio.run(_run(options, as_json=as_json))
    report = played.sim.ledger.report()
    missed = played.play.missed() if played.play is not None else []
    if as_json:
        write_json({"ok": report.ok, "report": asdict(report), "missed": missed})
    else:
        write_table(["", "seen by WhatsApp's double"], report.table())
        for line in [*report.explain().splitlines(), *missed]:
            typer.echo(line)
    if not report.ok:
        raise typer.Exit(1)


async def _run(options: StandaloneOptions, *, as_json: bool) -> Standalone:
    from relevo.errors import ConfigurationError
    from relevo.simulator.standalone import run_standalone

    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)

    def up(standalone: Standalone) -> None:
        if as_json:
            return
        url = standalone.sim.base_url
        typer.echo(f"WhatsApp's double is up: {url}")
        typer.echo(f"  point the service at it     RELEVO_WHATSAPP_API_URL={url}")
        typer.echo(f"  write as a customer         {standalone.sim.phone_url}")
        typer.echo(f"  … or from a script          {say_with_curl(url)}")
        typer.echo(f"  what happened               curl {url}/_sim/report")
        if options.webhook_url is None:
            typer.echo("  No webhook address is set: give --webhook-url, or POST /_sim/webhook.")

    try:
        return await run_standalone(options, up=up, stop=stop)
    except OSError as error:
        raise ConfigurationError(
            f"Cannot listen on {options.host}:{options.port} ({error.strerror}): choose another --port."
        ) from None


def say_with_curl(url: str, customer: str = "573001234567") -> str:
    """Return a command that writes as a customer."""
    there = url.removeprefix("http://")
    return f"""curl -d '{{"customer":"{customer}","text":"hola"}}' {there}/_sim/say"""
