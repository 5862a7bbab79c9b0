"""The tail of the event log: gapless under concurrency, one query for everybody, no patience with who takes nothing."""

from __future__ import annotations

import asyncio
import contextlib
import random
from typing import TYPE_CHECKING, Any

import orjson
from uuid_utils.compat import uuid7

from relevo.crm.sessions import end_session, find_session
from relevo.store.database import Database, execute
from relevo.store.event_log import Place, end_of_log
from relevo.web import live
from relevo.web.api import events as events_api
from relevo.web.api.access import Caller
from relevo.web.live import Tail
from support.api import api_of
from support.echo_agent import EchoAgent
from support.shop import shop
from support.sign_in import add_person, cookie_of
from support.statements import counted
from support.storefront import open_shop

if TYPE_CHECKING:
    import uuid

    import httpx2
    import pytest

WRITE = "insert into events (workspace_id, type, data) values (%(w)s, 'test.written', %(data)s::jsonb)"


async def write(database: Database, workspace: uuid.UUID, number: int, *, hold: float = 0.0) -> None:
    """Write an event in a transaction that stays open for a while after its id was given out."""
    async with database.transaction() as connection:
        await execute(connection, WRITE, {"w": workspace, "data": orjson.dumps({"n": number}).decode()})
        await asyncio.sleep(hold)


async def read_until(http: httpx2.AsyncClient, after: str | None, wanted: int) -> tuple[list[int], str]:
    """Read `wanted` numbers from the stream (0: only where it begins); returns them and the last id."""
    headers = {"Last-Event-ID": after} if after else {}
    numbers: list[int] = []
    last = after or ""
    name = ""
    async with http.stream("GET", "/events", headers=headers) as answer:
        async for line in answer.aiter_lines():
            if line.startswith("id: "):
                last = line[4:]
            elif line.startswith("event: "):
                name = line[7:]
            elif line.startswith("data: ") and name == "test.written":
                numbers.append(orjson.loads(line[6:])["data"]["n"])
                if len(numbers) == wanted:
                    break
            elif line.startswith("data: ") and wanted == 0:
                break
    return numbers, last


async def test_nothing_is_skipped_or_told_twice_under_fifty_concurrent_commits_and_reconnects(
    database_url: str,
) -> None:
    dice = random.Random(11)
    total = 250
    async with shop(database_url, EchoAgent()) as (_, service), api_of(service) as http:
        writers = Database(database_url, pool_size=50)
        gate = asyncio.Semaphore(50)
        _, begin = await read_until(http, None, 0)

        async def one(number: int) -> None:
            async with gate:
                await write(writers, service.workspace_id, number, hold=dice.random() * 0.1)

        async def reader(cut_after: int) -> list[int]:
            seen: list[int] = []
            place = begin
            while len(seen) < total:
                more, place = await read_until(http, place, min(cut_after, total - len(seen)))
                seen += more
            return seen

        async with asyncio.timeout(60), asyncio.TaskGroup() as group:
            readers = [group.create_task(reader(cut)) for cut in (1000, 60, 20)]
            for number in range(total):
                group.create_task(one(number))
        await writers.close()
    for task in readers:
        assert sorted(task.result()) == list(range(total))
    assert readers[0].result() == readers[1].result() == readers[2].result()


async def test_a_hundred_streams_cost_one_query_a_tick(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "POLL_SECONDS", 0.05)
    shops = [await open_shop(database) for _ in range(5)]
    tail = Tail(database)
    streams = [tail.join(shops[n % 5].workspace_id, None) for n in range(100)]
    await asyncio.gather(*(stream.begin for stream in streams))
    with counted() as seen:
        await write(database, shops[0].workspace_id, 1)
        taken = await asyncio.gather(*(stream.take(1.0) for stream in streams[::5]))
        ticks = [statement for statement in seen if "pg_snapshot_xmin" in statement]
    assert all(len(events) == 1 for events in taken)
    assert len({id(events[0].sent) for events in taken}) == 1  # written once for all
    assert len(seen) == len(ticks) + 1  # nothing but ticks, and the event itself
    for stream in streams:
        tail.leave(stream)
    await tail.close()


async def test_a_stream_joins_where_the_tail_stands_and_nothing_falls_between(database: Database) -> None:
    place = await open_shop(database)
    tail = Tail(database)
    first = tail.join(place.workspace_id, None)
    begin = await first.begin
    for number in range(3):
        await write(database, place.workspace_id, number)
    second = tail.join(place.workspace_id, None)
    late = await second.begin
    assert late >= begin
    numbers: list[int] = []
    async with asyncio.timeout(10):
        while len(numbers) < 3:
            numbers += [orjson.loads(event.sent.split(b"data: ")[1])["data"]["n"] for event in await first.take(1.0)]
    assert numbers == [0, 1, 2]
    await tail.close()


async def test_who_takes_nothing_is_given_up_and_others_are_not(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "MOST_WAITING", 10)
    place = await open_shop(database)
    tail = Tail(database)
    idle, busy = tail.join(place.workspace_id, None), tail.join(place.workspace_id, None)
    await asyncio.gather(idle.begin, busy.begin)
    seen = 0
    async with asyncio.timeout(20):
        for number in range(12):
            await write(database, place.workspace_id, number)
            seen += len(await busy.take(2.0))
        while seen < 12:
            seen += len(await busy.take(2.0))
    assert idle.ended.is_set()
    assert not busy.ended.is_set()
    assert await idle.take(0.0) == []
    await tail.close()


async def test_a_reader_that_stops_reading_is_disconnected(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "MOST_WAITING", 100)
    async with shop(database_url, EchoAgent()) as (_, service), api_of(service) as http:
        host, port = service.url.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port), limit=1024)
        token = http.headers["Authorization"]
        writer.write(f"GET /api/v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: {token}\r\n\r\n".encode())
        await reader.readuntil(b"event: ready")
        writer.transport.pause_reading()  # type: ignore[attr-defined] # pyright: ignore[reportAttributeAccessIssue] # of a socket's transport
        big = orjson.dumps({"filler": "x" * 200_000}).decode()
        async with asyncio.timeout(30):
            while service.relevo.live.streams:
                async with service.relevo.database.transaction() as connection:
                    for _ in range(10):
                        await execute(connection, WRITE, {"w": service.workspace_id, "data": big})
                await asyncio.sleep(0.1)
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


async def test_what_was_missed_beyond_a_bound_is_a_reset(database_url: str) -> None:
    async with shop(database_url, EchoAgent()) as (_, service), api_of(service) as http:
        async with service.relevo.database.reading() as connection:
            begin = await end_of_log(connection)
        for number in range(30):
            await write(service.relevo.database, service.workspace_id, number)
        for bound, names in ((10, ["ready", "reset"]), (30, ["ready", *["test.written"] * 30])):
            seen: list[str] = []
            parameters = {"after": str(begin), "reset_after": bound}
            async with http.stream("GET", "/events", params=parameters) as answer:
                async for line in answer.aiter_lines():
                    if line.startswith("event: "):
                        seen.append(line[7:])
                    if len(seen) == len(names):
                        break
            assert seen == names


async def test_a_member_hears_of_their_own_reading_only(database_url: str) -> None:
    async with shop(database_url, EchoAgent()) as (sim, service):
        await sim.customer("573001112222").say("hola")
        await sim.delivered()
        await service.idle()
        ana, luis = [await member(service, name) for name in ("ana", "luis")]
        (row,) = await service.rows("select id from conversations")
        async with api_of(service, ana) as as_ana, api_of(service, luis) as as_luis:
            async with service.relevo.database.reading() as connection:
                begin = await end_of_log(connection)
            await as_ana.put(f"/conversations/{row['id']}/read", json={})
            await write(service.relevo.database, service.workspace_id, 1)
            heard = [await names(client, begin, "test.written") for client in (as_ana, as_luis)]
    assert heard == [["ready", "inbox.read", "test.written"], ["ready", "test.written"]]


async def names(http: httpx2.AsyncClient, after: Place, until: str) -> list[str]:
    seen: list[str] = []
    async with http.stream("GET", "/events", params={"after": str(after)}) as answer:
        async for line in answer.aiter_lines():
            if line.startswith("event: "):
                seen.append(line[7:])
                if seen[-1] == until:
                    break
    return seen


async def member(service: Any, name: str) -> uuid.UUID:
    member_id = uuid7()
    await service.write(
        "insert into members (id, workspace_id, email, name) values (%(id)s, %(w)s, %(e)s, %(n)s)",
        id=member_id, w=service.workspace_id, e=f"{name}@example.com", n=name,
    )  # fmt: skip
    return member_id


async def test_a_stream_ends_when_its_token_is_revoked(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events_api, "COMMENT_SECONDS", 0.2)
    revoked = False
    async with (
        shop(database_url, EchoAgent()) as (_, service),
        api_of(service) as http,
        asyncio.timeout(20),
        http.stream("GET", "/events") as answer,
    ):
        async for line in answer.aiter_lines():
            if line == ": still here" and not revoked:
                await service.write("update api_tokens set revoked_at = now()")
                revoked = True
    assert revoked


async def test_a_caller_is_welcome_as_long_as_their_session_stands(database: Database) -> None:
    place = await open_shop(database)
    member_id = await add_person(database, place.workspace_id, "ana@example.com", password=False)
    token = (await cookie_of(database, "ana@example.com"))["relevo_session"]
    async with database.transaction() as connection:
        session = await find_session(connection, token)
    me = Caller(place.workspace_id, member_id, "agent", session["user_id"], session["session_id"])
    async with database.reading() as connection:
        assert await me.still_welcome(connection)
        await end_session(connection, token)
        assert not await me.still_welcome(connection)


async def test_the_server_stops_at_once_although_streams_are_open(database_url: str) -> None:
    async with contextlib.AsyncExitStack() as stack:
        _, service = await stack.enter_async_context(shop(database_url, EchoAgent()))
        ended: list[str] = []

        async def listen() -> None:
            async with api_of(service) as http, http.stream("GET", "/events") as answer:
                ended.append("open")
                async for _ in answer.aiter_lines():
                    pass
                ended.append("ended")

        listening = [asyncio.create_task(listen()) for _ in range(20)]
        async with asyncio.timeout(20):
            while len(ended) < 20:  # noqa: ASYNC110 - twenty readers, one after the other
                await asyncio.sleep(0.01)
        async with asyncio.timeout(15):
            await stack.aclose()  # waits for uvicorn, which waits for open answers as long as it takes
            await asyncio.gather(*listening)
    assert ended.count("ended") == 20


async def test_a_reader_that_leaves_as_an_event_arrives_keeps_nobody_waiting(database: Database) -> None:
    place = await open_shop(database)
    tail = Tail(database)
    event = live.LiveEvent(Place(1, 1), "test.written", None, b"")
    for _ in range(50):
        stream = tail.join(place.workspace_id, None)
        await stream.begin
        taking = asyncio.create_task(stream.take(30.0))
        await asyncio.sleep(0)
        stream.put([event])
        taking.cancel()
        async with asyncio.timeout(5):
            await asyncio.gather(taking, return_exceptions=True)
        assert taking.cancelled()
        tail.leave(stream)
        assert await stream.take(30.0) in ([], [event])  # at once
    await tail.close()
