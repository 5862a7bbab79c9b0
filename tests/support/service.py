"""A whole Relevo on loopback inside the test's event loop: web and worker over a database of its own."""

from __future__ import annotations

import asyncio
import socket
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Literal

import uvicorn
from uuid_utils.compat import uuid7

from relevo.app import Relevo
from relevo.settings import Settings
from relevo.store.database import execute, fetch_all
from relevo.store.secrets import SecretBox

if TYPE_CHECKING:
    import uuid
    from collections.abc import AsyncGenerator, Sequence

    from relevo.conversations.turn import Agents
    from relevo.durable.inngest.engine import InngestEngine
    from relevo.durable.local import LocalEngine
    from relevo.simulator.numbers import Number
    from relevo.store.database import Database, Row
    from support.inngest_double import InngestDouble

OPEN = """
select (select count(*) from messages where direction = 'in' and outcome is null)
     + (select count(*) from messages where state in ('planned', 'sending', 'unknown'))
     + (select count(*) from mailbox
        where kind = 'conversation' and (lease_token is not null or due_at < now() + interval '1 second')) as open
"""
engine: Literal["local", "inngest"] = "local"
"""What wakes services that name none: `pytest --engine inngest` runs every workflow test on the other one."""
KEY = "a test key, long enough"


async def add_shop(database: Database, secrets: SecretBox, number: Number, **config: object) -> uuid.UUID:
    """Create a workspace with one channel; nothing waits unless `config` says so. Returns the workspace's id."""
    workspace, channel = uuid7(), uuid7()
    settings = {
        "timer_preset": "instantaneo", "burst_quiet_seconds": 0.0, "burst_max_seconds": 0.0, **config,
    }  # fmt: skip
    async with database.transaction() as connection:
        await execute(
            connection,
            "insert into workspaces (id, name) values (%(id)s, %(name)s)",
            {"id": workspace, "name": f"shop {workspace}"},
        )
        columns = ", ".join(settings)
        values = ", ".join(f"%({name})s" for name in settings)
        await execute(
            connection,
            f"insert into agent_configs (workspace_id, {columns}) values (%(workspace)s, {values})",
            {"workspace": workspace, **settings},
        )
        await execute(
            connection,
            "insert into channels (id, workspace_id, provider, phone_number_id, phone, access_token, app_secret,"
            " verify_token) values (%(id)s, %(workspace)s, %(provider)s, %(number)s, %(phone)s, %(token)s, %(secret)s,"
            " %(verify)s)",
            {
                "id": channel,
                "workspace": workspace,
                "provider": number.provider,
                "number": number.phone_number_id,
                "phone": f"+{number.display_phone}",
                "token": secrets.seal(number.access_token),
                "secret": secrets.seal(number.app_secret),
                "verify": secrets.seal(number.verify_token),
            },
        )
    return workspace


class Service:
    """The running parts, and where the webhook is."""

    def __init__(self, relevo: Relevo, url: str, workspace_id: uuid.UUID) -> None:
        self.relevo = relevo
        self.url = url
        self.workspace_id = workspace_id

    @property
    def webhook(self) -> str:
        return f"{self.url}/webhooks/whatsapp"

    async def rows(self, statement: str, **parameters: object) -> list[Row]:
        async with self.relevo.database.reading() as connection:
            return list(await fetch_all(connection, statement, parameters))

    async def idle(self, within: float = 60.0) -> None:
        """Wait until nothing is open: every inbound accounted for, nothing left to say, no run under way."""
        async with asyncio.timeout(within):
            while (await self.rows(OPEN))[0]["open"]:  # noqa: ASYNC110 - the database is asked, nobody tells
                await asyncio.sleep(0.1)

    async def write(self, statement: str, **parameters: object) -> int:
        async with self.relevo.database.transaction() as connection:
            return await execute(connection, statement, parameters)


@asynccontextmanager
async def running(
    database_url: str, number: Number, agents: Agents, api_url: str, *, config: dict[str, object] | None = None,
    workers: int = 1, inngest: InngestDouble | None = None, **settings: object,
) -> AsyncGenerator[Service]:  # fmt: skip
    """Run web and `workers` local engines until the block ends; or web alone, called by `inngest`."""
    async with AsyncExitStack() as stack:
        if engine == "inngest" and inngest is None and workers:
            from support.inngest_double import InngestDouble  # noqa: PLC0415 - its SDK loads where it is the engine

            inngest = await stack.enter_async_context(InngestDouble())
        yield await stack.enter_async_context(
            _running(database_url, number, agents, api_url, config, workers, inngest, settings)
        )


@asynccontextmanager
async def _running(
    database_url: str, number: Number, agents: Agents, api_url: str, config: dict[str, object] | None, workers: int,
    inngest: InngestDouble | None, settings: dict[str, object],
) -> AsyncGenerator[Service]:  # fmt: skip
    options = {"whatsapp_api_url": api_url, "lease_seconds": 3.0, "settle_seconds": 1.5, **settings}
    secrets = SecretBox(KEY)
    relevo = Relevo(
        Settings.model_validate({**options, "engine": "inngest" if inngest else "local"}),
        database_url=database_url,
        secrets=secrets,
        agents=agents,
        inngest=inngest.client() if inngest else None,
    )
    workspace = await add_shop(relevo.database, secrets, number, **(config or {}))
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(relevo.web(), log_config=None, lifespan="on"))
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:
        if serving.done():
            await serving
        await asyncio.sleep(0.01)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    await relevo.sweep.start()
    engines: Sequence[LocalEngine | InngestEngine]
    if inngest is not None and relevo.inngest is not None:
        await relevo.inngest.start()
        await inngest.sync(url)
        engines, working = [relevo.inngest.engine], [asyncio.create_task(relevo.inngest.run())]
    else:
        engines = [relevo.local_engine() for _ in range(workers)]
        working = [asyncio.create_task(engine.run()) for engine in engines]
    try:
        yield Service(relevo, url, workspace)
    finally:
        for engine in engines:
            engine.stop()
        await asyncio.gather(*working)
        relevo.hang_up()
        server.should_exit = True
        await serving
        listener.close()
