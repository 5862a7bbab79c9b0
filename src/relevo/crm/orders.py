"""Orders: created and changed by decisions, one open order for each session."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from uuid_utils.compat import uuid7

from relevo.store.database import execute, to_json

if TYPE_CHECKING:
    import uuid

    from relevo.agents.decision import OrderDraft
    from relevo.store.database import Connection

_SAVE = """
with saved as (
    insert into orders (id, workspace_id, number, conversation_id, session_id, turn_id, status, lines, total, currency,
                        fields)
    values (%(id)s, %(workspace)s, %(number)s, %(conversation)s, %(session)s, %(turn)s, %(status)s, %(lines)s::jsonb,
            %(total)s, %(currency)s, %(fields)s::jsonb)
    on conflict (session_id) where closed_at is null and session_id is not null do update
    set status = excluded.status, lines = excluded.lines, total = excluded.total, currency = excluded.currency,
        fields = excluded.fields, updated_at = now()
    returning id, workspace_id, conversation_id, number, total, currency, status, (xmax = 0) as is_new
)
insert into events (workspace_id, conversation_id, type, data)
select workspace_id, conversation_id, case when is_new then 'order.created' else 'order.changed' end,
       jsonb_build_object('orderId', id, 'number', number, 'total', total, 'currency', currency, 'status', status)
from saved
"""
_CANCEL = """
with cancelled as (
    update orders set status = 'cancelled', closed_at = now(), updated_at = now()
    where session_id = %(session)s and closed_at is null
    returning id, workspace_id, conversation_id, number
)
insert into events (workspace_id, conversation_id, type, data)
select workspace_id, conversation_id, 'order.cancelled', jsonb_build_object('orderId', id, 'number', number)
from cancelled
"""


async def save_order(
    connection: Connection,
    draft: OrderDraft,
    *,
    number: int,
    workspace_id: uuid.UUID,
    conversation_id: uuid.UUID,
    session_id: uuid.UUID,
    turn_id: uuid.UUID | None,
) -> None:
    """Create the session's order, or change it while it is open. A number taken meanwhile fails the transaction."""
    await execute(
        connection,
        _SAVE,
        {
            "id": uuid7(),
            "workspace": workspace_id,
            "number": number,
            "conversation": conversation_id,
            "session": session_id,
            "turn": turn_id,
            "status": draft.status,
            "lines": to_json([dataclasses.asdict(line) for line in draft.lines]),
            "total": draft.total,
            "currency": draft.currency,
            "fields": to_json(dict(draft.fields)),
        },
    )


async def cancel_open_order(connection: Connection, session_id: uuid.UUID) -> None:
    """Cancel the session's open order, if there is one."""
    await execute(connection, _CANCEL, {"session": session_id})
