"""Writes a decision: words, order, follow-ups, handoff and all, in the caller's one transaction."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from uuid_utils.compat import uuid7

from relevo.conversations.bubbles import planned_rows
from relevo.conversations.handoff import Announcement, announce, announcement_bubble, execute_handoff
from relevo.crm.contacts import apply_contact_changes
from relevo.crm.orders import cancel_open_order, save_order
from relevo.store.database import execute, to_json
from relevo.store.sql_files import sql_file
from relevo.telemetry.tracing import traceparent

if TYPE_CHECKING:
    import uuid

    from relevo.agents.decision import CrmUpdate, Decision, HandoffRequest
    from relevo.conversations.turn_input import Loaded
    from relevo.conversations.view import View
    from relevo.conversations.write import Held
    from relevo.store.database import Connection

_END_SESSION = """
update sessions set ended_at = now(), end_reason = 'idle' where id = %(id)s and ended_at is null
"""
_PLAN_FOLLOW_UPS = """
with gone as (
    update follow_ups set state = 'cancelled', reason = 'planned anew'
    where conversation_id = %(conversation)s and state = 'planned'
)
insert into follow_ups (id, workspace_id, conversation_id, turn_id, name, due_at)
select id, %(workspace)s, %(conversation)s, %(turn)s, name, due_at
from jsonb_to_recordset(%(plans)s::jsonb) as p (id uuid, name text, due_at timestamptz)
"""


async def write_crm_update(connection: Connection, view: View, loaded: Loaded, update: CrmUpdate) -> None:
    """Write what the CRM agent learned while the conversational agent has no say."""
    await apply_contact_changes(
        connection,
        view.contact_id,
        name=update.contact_name,
        fields=update.contact_fields,
        tags=update.tags_add,
    )
    if loaded.session_before is None:
        return
    if update.state is not None:
        await execute(
            connection,
            "update sessions set state = %(state)s::jsonb, updated_at = now() where id = %(id)s",
            {"id": loaded.session_id, "state": to_json(update.state)},
        )
    if update.order is not None:
        await save_order(
            connection,
            update.order,
            number=loaded.next_order,
            workspace_id=view.workspace_id,
            conversation_id=view.id,
            session_id=loaded.session_id,
            turn_id=None,
        )


async def write_decision(
    held: Held,
    view: View,
    loaded: Loaded,
    agent: str,
    turn_id: uuid.UUID,
    decision: Decision,
    *,
    started_at: datetime,
) -> None:
    """Write everything a decision wants done."""
    connection = held.connection
    bubbles = list(decision.bubbles)
    epoch = held.epoch
    told: Announcement | None = None
    if decision.handoff is not None:
        # The words to the customer are planned under the new owner's epoch: they alone survive the handing over.
        epoch += 1
        told = _told(view, decision.handoff)
        if told.words is not None:
            bubbles.append(announcement_bubble(told.words))
    if loaded.stale_session_id is not None:
        await execute(connection, _END_SESSION, {"id": loaded.stale_session_id})
    await execute(
        connection,
        sql_file("relevo.conversations", "write_decision"),
        {
            "turn": turn_id,
            "workspace": view.workspace_id,
            "channel": view.channel_id,
            "conversation": view.id,
            "session": loaded.session_id,
            "agent": agent,
            "discardable": _only_words(decision),
            "session_before": None if loaded.session_before is None else to_json(loaded.session_before),
            "state": to_json(decision.state),
            "end_reason": decision.end_session or ("handoff" if decision.handoff else None),
            "explanation": to_json(decision.explanation),
            "usage": to_json([dataclasses.asdict(usage) for usage in decision.usage]),
            "cost": sum(usage.usd for usage in decision.usage),
            "outcomes": to_json([_outcome(item.message_id, item.outcome, item.reason) for item in decision.outcomes]),
            "bubbles": to_json(planned_rows(bubbles)),
            "epoch": epoch,
            "started_at": started_at,
            "trace": traceparent(),
        },
    )
    await _consequences(held, view, loaded, turn_id, decision)
    if decision.handoff is not None and told is not None:
        await execute_handoff(
            connection, view, decision.handoff, epoch=held.epoch, told=told, asked_by="agent", now=datetime.now(UTC)
        )


def _told(view: View, request: HandoffRequest) -> Announcement:
    window_open = view.window_until is not None and view.now < view.window_until
    return announce(view, request.say, now=view.now, window_open=window_open, opted_out=view.opted_out_at is not None)


async def _consequences(held: Held, view: View, loaded: Loaded, turn_id: uuid.UUID, decision: Decision) -> None:
    """Do what a decision wants besides words. Most want nothing."""
    connection = held.connection
    if decision.cancel_order:
        await cancel_open_order(connection, loaded.session_id)
    if decision.order is not None:
        await save_order(
            connection,
            decision.order,
            number=loaded.next_order,
            workspace_id=view.workspace_id,
            conversation_id=view.id,
            session_id=loaded.session_id,
            turn_id=turn_id,
        )
    if decision.notify:
        event = {
            "workspace_id": view.workspace_id,
            "conversation_id": view.id,
            "type": "shop.notified",
            "data": {"whom": list(decision.notify), "turnId": str(turn_id)},
        }
        await execute(connection, sql_file("relevo.conversations", "append_events"), {"events": to_json([event])})
    if decision.follow_ups is not None:
        now = datetime.now(UTC)
        plans: list[dict[str, Any]] = [
            {"id": uuid7(), "name": plan.id, "due_at": now + plan.after} for plan in decision.follow_ups
        ]
        await execute(
            connection,
            _PLAN_FOLLOW_UPS,
            {"conversation": view.id, "workspace": view.workspace_id, "turn": turn_id, "plans": to_json(plans)},
        )
    await apply_contact_changes(
        connection,
        view.contact_id,
        name=decision.contact_name,
        fields=decision.contact_fields,
        tags=decision.tags_add,
        opt_out=decision.opt_out,
    )


def _only_words(decision: Decision) -> bool:
    """Whether the turn may be forgotten as long as none of its words was said."""
    return (
        decision.order is None
        and not decision.cancel_order
        and decision.handoff is None
        and decision.opt_out is None
        and not decision.notify
        and not any(bubble.essential for bubble in decision.bubbles)
    )


def _outcome(message_id: str, outcome: str, reason: str) -> dict[str, str]:
    return {"id": message_id, "outcome": outcome, "reason": reason}
