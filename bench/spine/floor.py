"""The floor: the least a correct webhook can do. HMAC over the raw body, one hand-written statement, commit, 200.

No contacts, no conversations, no wake-ups, no batches, no health checks: what somebody would write by hand in an hour.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import orjson
import psycopg
from uuid_utils.compat import uuid7

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

SCHEMA = """
create table deliveries (id uuid primary key, body bytea not null, received_at timestamptz not null default now());
create table messages (
    id uuid primary key, delivery_id uuid, phone text not null, wamid text not null unique, direction text not null,
    kind text not null, text text, content jsonb not null, state text not null, provider_at timestamptz,
    created_at timestamptz not null default now());
create index on messages (phone, created_at);
create table events (
    id bigint generated always as identity primary key, type text not null, data jsonb not null,
    created_at timestamptz not null default now());
"""
_MESSAGE = """
with d as (insert into deliveries (id, body) values (%s, %s) returning id),
m as (
    insert into messages (id, delivery_id, phone, wamid, direction, kind, text, content, state, provider_at)
    select %s, d.id, %s, %s, 'in', %s, %s, %s::jsonb, 'received', to_timestamp(%s) from d
    on conflict (wamid) do nothing returning id, phone, text)
insert into events (type, data)
select 'message.received', jsonb_build_object('messageId', id, 'phone', phone, 'text', text) from m
"""
_STATUS = """
with d as (insert into deliveries (id, body) values (%s, %s)),
m as (
    update messages set state = %s
    where wamid = %s and array_position(array['accepted', 'sent', 'delivered', 'read', 'failed'], state)
                       < array_position(array['accepted', 'sent', 'delivered', 'read', 'failed'], %s)
    returning id, state)
insert into events (type, data) select 'message.' || state, jsonb_build_object('messageId', id) from m
"""


class Pool:
    """Connections, most recently used first."""

    def __init__(self, url: str, size: int) -> None:
        self._url = url
        self._size = size
        self._free: asyncio.LifoQueue[psycopg.AsyncConnection[Any]] = asyncio.LifoQueue()

    async def open(self) -> None:
        """Connect."""
        for _ in range(self._size):
            self._free.put_nowait(await psycopg.AsyncConnection.connect(self._url, autocommit=True))

    async def close(self) -> None:
        """Hang up."""
        while not self._free.empty():
            await self._free.get_nowait().close()

    @asynccontextmanager
    async def connection(self) -> AsyncGenerator[psycopg.AsyncConnection[Any]]:
        """Lend one."""
        connection = await self._free.get()
        try:
            yield connection
        finally:
            self._free.put_nowait(connection)


class Floor:
    """The ASGI app."""

    def __init__(self, url: str, secret: str, pool_size: int) -> None:
        self._pool = Pool(url, pool_size)
        self._secret = secret.encode()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401 - ASGI's own loose types
        """Answer lifespan and webhooks."""
        if scope["type"] == "lifespan":
            await receive()
            await self._pool.open()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await self._pool.close()
            await send({"type": "lifespan.shutdown.complete"})
            return
        body = b""
        more = True
        while more:
            event = await receive()
            body += event.get("body", b"")
            more = event.get("more_body", False)
        status = await self._store(body, dict(scope["headers"]).get(b"x-hub-signature-256", b""))
        await send({"type": "http.response.start", "status": status, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})

    async def _store(self, body: bytes, signature: bytes) -> int:
        made = b"sha256=" + hmac.new(self._secret, body, hashlib.sha256).hexdigest().encode()
        if not hmac.compare_digest(made, signature):
            return 401
        value = orjson.loads(body)["entry"][0]["changes"][0]["value"]
        async with self._pool.connection() as connection:
            if "messages" in value:
                item = value["messages"][0]
                content = orjson.dumps(item).decode()
                text = item.get("text", {}).get("body")
                await connection.execute(
                    _MESSAGE,
                    (uuid7(), body, uuid7(), item["from"], item["id"], item["type"], text, content,
                     int(item["timestamp"])),
                )  # fmt: skip
            else:
                item = value["statuses"][0]
                await connection.execute(_STATUS, (uuid7(), body, item["status"], item["id"], item["status"]))
        return 200
