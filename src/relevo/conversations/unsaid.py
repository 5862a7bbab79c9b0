"""Forgets turns nothing of which was said: what they answered is open again, the session is back where it was.

A turn that did more than plan words (an order, a handoff) stands; only its words are dropped, by whoever calls.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from relevo.store.database import execute, fetch_all
from relevo.store.sql_files import sql_file

if TYPE_CHECKING:
    import uuid

    from relevo.store.database import Connection

_UNSAID = """
select t.id from turns t
where t.conversation_id = %(conversation)s and t.state = 'decided' and t.discardable
  and t.id in (select m.turn_id from messages m
               where m.conversation_id = %(conversation)s and m.state = 'planned' and m.author = 'agent')
  and not exists (select from messages s
                  where s.turn_id = t.id and s.direction = 'out' and s.state not in ('planned', 'dropped'))
order by t.id
"""


async def forget_unsaid(connection: Connection, conversation_id: uuid.UUID, reason: str) -> None:
    """Forget every such turn of a conversation the caller holds."""
    for row in await fetch_all(connection, _UNSAID, {"conversation": conversation_id}):
        await discard_turn(connection, row["id"], reason)


async def discard_turn(connection: Connection, turn_id: uuid.UUID | None, reason: str) -> None:
    """Forget one turn; its planned messages are dropped for `reason`."""
    await execute(connection, sql_file("relevo.conversations", "discard_turn"), {"turn": turn_id, "reason": reason})
