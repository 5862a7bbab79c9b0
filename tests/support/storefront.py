"""A shop in the database without a service around it: customers write by inserting what WhatsApp would have told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import orjson
from uuid_utils.compat import uuid7

from relevo.conversations.receive import Arrival, receive
from relevo.conversations.updates import Place
from relevo.simulator.ids import wamid as new_wamid
from relevo.simulator.numbers import Number
from relevo.store.database import fetch_all, fetch_one
from relevo.store.secrets import SecretBox
from relevo.whatsapp.parsing import parse
from support.service import KEY, add_shop

if TYPE_CHECKING:
    import uuid
    from collections.abc import Sequence

    from relevo.store.database import Database, Row


@dataclass(frozen=True, slots=True)
class Shop:
    """One workspace with one channel."""

    database: Database
    workspace_id: uuid.UUID
    channel_id: uuid.UUID
    number: Number

    async def hears(self, phone: str, text: str, *, echo: bool = False) -> uuid.UUID:
        """A customer writes (or the owner writes to them on the phone); returns the conversation's id."""
        wamid = new_wamid(phone, inbound=not echo)
        now = str(int(datetime.now(UTC).timestamp()))
        item = {"id": wamid, "timestamp": now, "type": "text", "text": {"body": text}}
        business = {"display_phone_number": self.number.display_phone, "phone_number_id": self.number.phone_number_id}
        if echo:
            item |= {"from": self.number.display_phone, "to": phone}
            value = {"metadata": business, "message_echoes": [item]}
        else:
            item |= {"from": phone}
            contact = {"profile": {"name": f"Cliente {phone}"}, "wa_id": phone}
            value = {"metadata": business, "contacts": [contact], "messages": [item]}
        field = "smb_message_echoes" if echo else "messages"
        value = {"messaging_product": "whatsapp", **value}
        body = {
            "object": "whatsapp_business_account",
            "entry": [{"id": "1", "changes": [{"field": field, "value": value}]}],
        }
        raw = orjson.dumps(body)
        place = Place(self.channel_id, self.workspace_id)
        updates = [(update, place) for update in parse(raw).updates]
        await receive(self.database, [Arrival(uuid7(), datetime.now(UTC), raw, updates, self.channel_id)])
        row = await self.one(
            "select conversation_id from messages where channel_id = %(channel)s and wamid = %(wamid)s",
            channel=self.channel_id,
            wamid=wamid,
        )
        return row["conversation_id"]

    async def member(self, name: str, *, online: bool = True, capacity: int | None = None) -> uuid.UUID:
        """Somebody joins the shop."""
        member_id = uuid7()
        await self.rows(
            "insert into members (id, workspace_id, email, name, presence, capacity)"
            " values (%(id)s, %(workspace)s, %(email)s, %(name)s, %(presence)s, %(capacity)s) returning id",
            id=member_id,
            workspace=self.workspace_id,
            email=f"{name.lower()}.{member_id}@example.com",
            name=name,
            presence="online" if online else "offline",
            capacity=capacity,
        )
        return member_id

    async def rows(self, statement: str, **parameters: object) -> Sequence[Row]:
        """Run one statement."""
        async with self.database.reading() as connection:
            return await fetch_all(connection, statement, parameters)

    async def one(self, statement: str, **parameters: object) -> Row:
        """Run one statement that has one row."""
        async with self.database.reading() as connection:
            row = await fetch_one(connection, statement, parameters)
        assert row is not None
        return row


async def open_shop(database: Database, **config: object) -> Shop:
    """Open a shop."""
    number = Number(phone_number_id=f"pn{uuid7().hex[-12:]}")
    workspace_id = await add_shop(database, SecretBox(KEY), number, **config)
    async with database.reading() as connection:
        row = await fetch_one(
            connection, "select id from channels where workspace_id = %(workspace)s", {"workspace": workspace_id}
        )
    assert row is not None
    return Shop(database, workspace_id, row["id"], number)
