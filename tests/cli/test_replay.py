"""`relevo deliveries replay`: what was set aside lands once its cause is mended, once, and only where it may."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from uuid_utils.compat import uuid7

from relevo.conversations.receive import Arrival, receive
from relevo.store.database import Database
from relevo.whatsapp.parsing import parse

if TYPE_CHECKING:
    import uuid
    from collections.abc import Callable

    from cli.conftest import Relevo


def body(number: str, *wamids: str) -> bytes:
    messages = [
        {"from": "573001234567", "id": wamid, "timestamp": "1763800000", "type": "text", "text": {"body": "hola"}}
        for wamid in wamids
    ]
    value = {"messaging_product": "whatsapp", "metadata": {"phone_number_id": number}, "messages": messages}
    return json.dumps({"entry": [{"id": "1", "changes": [{"field": "messages", "value": value}]}]}).encode()


def arrived(relevo: Relevo, raw: bytes, channel_id: uuid.UUID | None = None) -> None:
    """Take in a delivery for a number nobody has connected yet."""

    async def work() -> None:
        database = Database(relevo.database_url)
        try:
            updates = [(update, None) for update in parse(raw).updates]
            await receive(database, [Arrival(uuid7(), datetime.now(UTC), raw, updates, channel_id)])
        finally:
            await database.close()

    asyncio.run(work())


def test_updates_for_a_number_connected_later_land_once(relevo: Relevo, add_meta: Callable[..., Any]) -> None:
    add_meta("1000001", secret="the-app")
    arrived(relevo, body("1000002", "wamid.A", "wamid.B"))
    assert relevo.json("deliveries", "replay", exits=1) == {
        "stored": 0, "left": 2, "reasons": {"no channel with this number": 2},
    }  # fmt: skip
    add_meta("1000002", secret="the-app")
    assert relevo.json("deliveries", "replay") == {"stored": 2, "left": 0, "reasons": {}}
    assert relevo.rows("select wamid, outcome from messages order by wamid") == [("wamid.A", None), ("wamid.B", None)]
    assert relevo.rows("select count(*) from mailbox where kind = 'conversation' and due_at is not null") == [(1,)]
    assert relevo.json("deliveries", "replay") == {"stored": 0, "left": 0, "reasons": {}}
    assert relevo.rows("select count(*) from messages") == [(2,)]


def test_what_came_meanwhile_by_itself_is_not_stored_twice(relevo: Relevo, add_meta: Callable[..., Any]) -> None:
    add_meta("1000001")
    arrived(relevo, body("1000002", "wamid.A"))
    arrived(relevo, body("1000002", "wamid.A"))
    add_meta("1000002")
    assert relevo.json("deliveries", "replay")["stored"] == 2
    assert relevo.rows("select count(*) from messages") == [(1,)]


def test_nobody_speaks_for_a_number_whose_secret_they_may_not_know(
    relevo: Relevo, add_meta: Callable[..., Any]
) -> None:
    add_meta("1000001", secret="one-app")
    arrived(relevo, body("1000002", "wamid.A"))
    add_meta("1000002", secret="another-app")
    left = relevo.json("deliveries", "replay", exits=1)
    assert left["reasons"] == {"its sender may not have known this number's secret": 1}
    assert relevo.rows("select count(*) from messages") == [(0,)]


def test_nothing_set_aside_is_nothing_to_do(relevo: Relevo) -> None:
    assert relevo("deliveries", "replay").stdout.strip() == "Nothing is set aside."
