"""Histories written by hand: who said what when, in a shop without a service around it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from uuid_utils.compat import uuid7

from relevo.insights.figures import insights
from relevo.insights.periods import chosen_period, zone_of
from relevo.store.database import execute
from support.rows import Rows

if TYPE_CHECKING:
    import uuid
    from datetime import date

    from relevo.insights.report import Insights
    from relevo.store.database import Database

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


@dataclass
class History:
    """A shop with conversations whose past a test makes up."""

    rows: Rows
    conversations: dict[str, uuid.UUID] = field(default_factory=dict[str, "uuid.UUID"])

    async def conversation(self, name: str, began: datetime) -> uuid.UUID:
        """Return the conversation of that name, beginning it at `began`."""
        if name not in self.conversations:
            self.conversations[name], contact = uuid7(), uuid7()
            await self.write("insert into contacts (id, workspace_id) values (%(id)s, %(w)s)", id=contact)
            await self.write(
                "insert into conversations (id, workspace_id, channel_id, contact_id, created_at, last_message_at)"
                " values (%(id)s, %(w)s, %(ch)s, %(c)s, %(at)s, %(at)s)",
                id=self.conversations[name], c=contact, at=began,
            )  # fmt: skip
        return self.conversations[name]

    async def says(self, who: str, at: datetime, *, to: str = "Ana", sent: float = 0, **more: Any) -> None:
        """`who` (customer, agent, person, phone) says something; `sent` seconds later WhatsApp takes it."""
        conversation = await self.conversation(to, at)
        inbound = who == "customer"
        values: dict[str, Any] = {
            "id": uuid7(), "workspace_id": self.rows.workspace, "channel_id": self.rows.channel,
            "conversation_id": conversation, "direction": "in" if inbound else "out", "author": who,
            "sent_by_agent": who == "agent", "kind": "text", "created_at": at, "wamid": f"wamid.{uuid7()}",
            "state": "received" if inbound else "sent" if who == "phone" else "accepted",
            "provider_at": at if inbound else None,
            "accepted_at": at + timedelta(seconds=sent) if who in {"agent", "person"} else None, **more,
        }  # fmt: skip
        columns, marks = ", ".join(values), ", ".join(f"%({name})s" for name in values)
        await self.write(f"insert into messages ({columns}) values ({marks})", **values)
        await self.write(
            "update conversations set last_message_at = greatest(last_message_at, %(at)s) where id = %(id)s",
            id=conversation, at=at + timedelta(seconds=sent),
        )  # fmt: skip

    async def hands_off(self, at: datetime, *, to: str = "Ana", reason: str = "person_asked", epoch: int = 1) -> None:
        """The agent hands over, and says so two seconds later."""
        conversation, task = await self.conversation(to, at), uuid7()
        await self.write(
            "insert into tasks (id, workspace_id, conversation_id, kind, priority, reason, summary, status, done_at)"
            " values (%(id)s, %(w)s, %(c)s, 'handoff', 'normal', 'x', '', 'done', now())",
            id=task, c=conversation,
        )  # fmt: skip
        await self.write(
            "insert into handoffs (id, workspace_id, conversation_id, epoch, task_id, asked_by, reason, words,"
            " created_at)"
            " values (%(id)s, %(w)s, %(c)s, %(epoch)s, %(task)s, 'agent', %(reason)s, 'Un momento', %(at)s)",
            id=uuid7(), c=conversation, epoch=epoch, task=task, reason=reason, at=at,
        )  # fmt: skip
        await self.says("agent", at, to=to, sent=2, key="handoff", epoch=epoch)

    async def orders(self, at: datetime, total: int, *, to: str = "Ana", currency: str = "COP", **more: Any) -> None:
        """The customer orders."""
        conversation = await self.conversation(to, at)
        (row,) = await self.rows.read("select count(*) + 1 as next from orders")
        values = {"status": "confirmed", **more}
        await self.write(
            "insert into orders (id, workspace_id, number, conversation_id, status, lines, total, currency, created_at)"
            " values (%(id)s, %(w)s, %(n)s, %(c)s, %(status)s, '[]', %(total)s, %(currency)s, %(at)s)",
            id=uuid7(), n=row["next"], c=conversation, total=total, currency=currency, at=at, **values,
        )  # fmt: skip

    async def thinks(self, at: datetime, usd: float, *, to: str = "Ana") -> None:
        """A model is asked."""
        await self.write(
            "insert into turns (id, workspace_id, conversation_id, agent, discardable, cost_usd, created_at,"
            " started_at)"
            " values (%(id)s, %(w)s, %(c)s, 'x', true, %(usd)s, %(at)s, %(at)s)",
            id=uuid7(), c=await self.conversation(to, at), usd=usd, at=at,
        )  # fmt: skip

    async def tell(
        self, first: date, last: date | None = None, *, zone: str = "UTC", now: datetime | None = None
    ) -> Insights:
        """Return the figures of some days."""
        period = chosen_period(first, last or first, zone_of(zone), now or datetime(2026, 12, 31, tzinfo=UTC))
        return await insights(self.rows.database, self.rows.workspace, period)

    async def write(self, statement: str, **parameters: object) -> None:
        """Write past what guards the present: rows arrive in the state history left them in."""
        async with self.rows.database.transaction() as connection:
            await execute(connection, "set local session_replication_role = replica", {})
            await execute(connection, statement, {"w": self.rows.workspace, "ch": self.rows.channel, **parameters})


async def new_history(database: Database) -> History:
    """Open a shop nobody wrote to."""
    rows = await Rows.create(database)
    await rows.write("delete from conversations")
    return History(rows)
