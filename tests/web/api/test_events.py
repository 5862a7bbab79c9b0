"""The live event stream: begins where it says, resumes where it was cut, skips nothing."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import httpx2
import orjson

from relevo.app import Relevo
from relevo.crm.workspaces import create_token
from relevo.settings import Settings
from relevo.simulator.server import LocalServer
from relevo.store.secrets import SecretBox
from support.echo_agent import EchoAgent, OneAgent
from support.service import KEY
from support.storefront import open_shop

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator

    from relevo.store.database import Database
    from support.storefront import Shop

Event = tuple[str, str, dict[str, Any]]


@asynccontextmanager
async def served(database_url: str, shop: Shop) -> AsyncGenerator[httpx2.AsyncClient]:
    """The API over a real socket: streams need one."""
    relevo = Relevo(Settings(), database_url=database_url, secrets=SecretBox(KEY), agents=OneAgent(EchoAgent()))
    async with shop.database.transaction() as connection:
        token = await create_token(connection, shop.workspace_id, "test")
    server = LocalServer(relevo.web(), "127.0.0.1", 0)
    await server.start()
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx2.AsyncClient(base_url=f"{server.url}/api/v1", headers=headers, timeout=20) as client:
        yield client
    await server.stop()
    await relevo.stop()


async def read(
    client: httpx2.AsyncClient, count: int, after: str | None = None, begun: asyncio.Event | None = None
) -> list[Event]:
    """Connect, read `count` events, hang up. `begun` is set with the first."""
    headers = {"Last-Event-ID": after} if after else {}
    events: list[Event] = []
    async with client.stream("GET", "/events", headers=headers) as answer:
        assert answer.status_code == 200
        async for event in _parsed(answer.aiter_lines()):
            events.append(event)
            if begun is not None:
                begun.set()
            if len(events) == count:
                break
    return events


async def _parsed(lines: AsyncIterator[str]) -> AsyncIterator[Event]:
    event: dict[str, str] = {}
    async for line in lines:
        if not line and "data" in event:
            yield event["id"], event["event"], orjson.loads(event["data"])
            event = {}
        elif line and not line.startswith(":"):
            name, _, value = line.partition(": ")
            event[name] = value


async def test_a_stream_resumes_after_the_last_event_it_saw(database_url: str, database: Database) -> None:
    shop, elsewhere = await open_shop(database), await open_shop(database)
    async with served(database_url, shop) as client:
        begin = (await read(client, 1))[0]
        assert begin[1] == "ready"
        for n in range(6):
            await shop.hears("573000000001", f"mensaje {n}")
            await elsewhere.hears("573000000001", "de otra tienda")
        first = await read(client, 3, after=begin[0])
        rest = await read(client, 5, after=first[-1][0])
    told = [event for event in (*first, *rest) if event[1] != "ready"]
    assert [event[2]["data"]["messageContent"] for event in told] == [f"mensaje {n}" for n in range(6)]


async def test_a_live_stream_tells_what_happens_while_it_is_open(database_url: str, database: Database) -> None:
    shop = await open_shop(database)
    async with served(database_url, shop) as client:
        begun = asyncio.Event()
        reading = asyncio.create_task(read(client, 4, begun=begun))
        await begun.wait()
        for n in range(3):
            await shop.hears("573000000001", f"mensaje {n}")
        events = await reading
    assert [event[1] for event in events] == ["ready", *["agent/whatsapp.message_received"] * 3]


async def test_a_place_that_is_none_is_refused(database_url: str, database: Database) -> None:
    shop = await open_shop(database)
    async with served(database_url, shop) as client:
        answer = await client.get("/events", headers={"Last-Event-ID": "x"})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
