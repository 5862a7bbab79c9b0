"""One conversation's rows, written straight into the tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from uuid_utils.compat import uuid7

from relevo.simulator.numbers import Number
from relevo.store.database import execute, fetch_all
from relevo.store.secrets import SecretBox
from support.service import KEY, add_shop

if TYPE_CHECKING:
    import uuid

    from relevo.store.database import Database, Row


@dataclass
class Rows:
    """A workspace, channel, contact and conversation to write messages into."""

    database: Database
    workspace: uuid.UUID
    channel: uuid.UUID
    contact: uuid.UUID
    conversation: uuid.UUID

    @classmethod
    async def create(cls, database: Database, *, phone: str = "+573001234567", number: str = "106540352242922") -> Self:
        workspace = await add_shop(database, SecretBox(KEY), Number(phone_number_id=number))
        async with database.transaction() as connection:
            (channel,) = await fetch_all(
                connection, "select id from channels where workspace_id = %(w)s", {"w": workspace}
            )
            rows = cls(database, workspace, channel["id"], uuid7(), uuid7())
            await execute(
                connection,
                "insert into contacts (id, workspace_id, name) values (%(id)s, %(w)s, 'Ana')",
                {"id": rows.contact, "w": workspace},
            )
            await execute(
                connection,
                "insert into contact_identities (workspace_id, kind, value, contact_id)"
                " values (%(w)s, 'phone', %(phone)s, %(c)s)",
                {"w": workspace, "phone": phone, "c": rows.contact},
            )
            await execute(
                connection,
                "insert into conversations (id, workspace_id, channel_id, contact_id, window_until)"
                " values (%(id)s, %(w)s, %(ch)s, %(c)s, now() + interval '24 hours')",
                {"id": rows.conversation, "w": workspace, "ch": rows.channel, "c": rows.contact},
            )
        return rows

    async def write(self, statement: str, **parameters: object) -> int:
        async with self.database.transaction() as connection:
            return await execute(connection, statement, parameters)

    async def read(self, statement: str, **parameters: object) -> list[Row]:
        async with self.database.reading() as connection:
            return list(await fetch_all(connection, statement, parameters))

    async def events(self) -> list[Row]:
        return await self.read("select type, data from events order by id")

    async def plan(self, *, state: str = "planned", wamid: str | None = None, **values: Any) -> uuid.UUID:
        """Plan a message of the agent."""
        return await self._message(
            direction="out",
            author="agent",
            sent_by_agent=True,
            state=state,
            wamid=wamid,
            kind="text",
            epoch=0,
            **values,
        )

    async def hear(
        self, *, wamid: str | None = None, kind: str = "text", text: str = "hola", workspace: uuid.UUID | None = None
    ) -> uuid.UUID:
        """Store a message of the customer."""
        return await self._message(
            direction="in", author="customer", state="received", wamid=wamid or f"wamid.{uuid7()}", kind=kind,
            text=text, workspace_id=workspace or self.workspace,
        )  # fmt: skip

    async def _message(self, **values: Any) -> uuid.UUID:
        message = uuid7()
        row = {
            "id": message,
            "workspace_id": self.workspace,
            "channel_id": self.channel,
            "conversation_id": self.conversation,
            **values,
        }
        columns = ", ".join(row)
        marks = ", ".join(f"%({name})s" for name in row)
        await self.write(f"insert into messages ({columns}) values ({marks})", **row)
        return message
