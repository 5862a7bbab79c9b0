"""`relevo serve`, `relevo worker`, `relevo migrate`."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from relevo.cli.opening import open_store
from relevo.cli.output import AsJson, command, write_json
from relevo.settings import load_settings

UntilClosed = Annotated[
    bool, typer.Option("--until-stdin-closes", hidden=True, help="Stop when standard input closes: for parents.")
]
MetricsPort = Annotated[
    int | None,
    typer.Option(envvar="RELEVO_METRICS_PORT", min=0, max=65535, help="Serve /metrics and /healthz there as well."),
]


@command
def serve(
    worker: Annotated[bool, typer.Option("--worker", help="Run the local engine in the same process.")] = False,
    until_stdin_closes: UntilClosed = False,
    as_json: AsJson = False,
) -> None:
    """Run the web server: webhooks, API, health."""
    from relevo.cli.running import Parts, run_service

    settings = load_settings()
    with open_store(settings) as store:
        parts = Parts(web=True, worker=worker, health_port=None, part="serve", until_stdin_closes=until_stdin_closes)
        asyncio.run(run_service(store, parts, as_json=as_json))


@command
def worker(metrics_port: MetricsPort = None, until_stdin_closes: UntilClosed = False, as_json: AsJson = False) -> None:
    """Run the local engine only. Start as many as needed, on any machine that reaches the database."""
    from relevo.cli.running import Parts, run_service

    settings = load_settings()
    with open_store(settings) as store:
        parts = Parts(
            web=False, worker=True, health_port=metrics_port, part="worker", until_stdin_closes=until_stdin_closes
        )
        asyncio.run(run_service(store, parts, as_json=as_json))


@command
def migrate(as_json: AsJson = False) -> None:
    """Bring the schema up to date. Safe to run from several machines at once."""
    from relevo.store.schema import migrate as bring_up_to_date

    with open_store() as store:
        direct = store.settings.database_direct_url
        before, after = bring_up_to_date(direct.get_secret_value() if direct else store.url)
    if as_json:
        write_json({"before": before, "after": after, "changed": before != after})
    elif before == after:
        typer.echo(f"The schema is up to date ({after}).")
    else:
        typer.echo(f"The schema is now at {after} (was: {before or 'empty'}).")
