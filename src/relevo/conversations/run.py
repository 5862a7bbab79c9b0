"""One run of a conversation: look, take the next step, look again, until nothing is due. Any run may be the last."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import structlog

from relevo.agents.decision import HandoffRequest
from relevo.conversations.change import lock_conversation
from relevo.conversations.handoff import hand_off
from relevo.conversations.release import release
from relevo.conversations.steps import (
    Discard,
    Drop,
    FollowUpDue,
    MarkUnknown,
    Release,
    Rest,
    Send,
    Settle,
    Step,
    TakeTurn,
    Wait,
    next_step,
)
from relevo.conversations.view import is_agent_enabled_for_conversation, look
from relevo.conversations.write import holding
from relevo.crm.tasks import open_task
from relevo.errors import NotFoundError
from relevo.store.database import execute, to_json
from relevo.store.sql_files import sql_file

if TYPE_CHECKING:
    from relevo.conversations.deliver import Delivery
    from relevo.conversations.turn import Turns
    from relevo.conversations.view import View
    from relevo.durable.lease import Lease
    from relevo.store.database import Database

FAILED_RUN = "failed_run"
"""The reason of a handoff because the agent could not do its work."""
MAX_STEPS = 40
"""Steps of one run; what is left then waits for its next turn, so that one conversation cannot hold a worker."""

log = structlog.get_logger(__name__)


class ConversationRuns:
    """The behaviour of the `conversation` actor."""

    def __init__(self, database: Database, turns: Turns, delivery: Delivery) -> None:
        self._database = database
        self._turns = turns
        self._delivery = delivery

    async def run(self, lease: Lease) -> datetime | None:
        """Do all that is due; return when to be woken next."""
        with structlog.contextvars.bound_contextvars(conversation=str(lease.actor.key)):
            for _ in range(MAX_STEPS):
                try:
                    view = await look(self._database, lease.actor.key)
                except NotFoundError:
                    return None
                step = next_step(view, await self._turns.quiet_seconds(view))
                if isinstance(step, Rest):
                    return None
                if isinstance(step, Wait):
                    await self._delivery.show_typing(view, step)
                    return step.until
                until = await self._take(lease, view, step)
                if until is not None:
                    return until
            return datetime.now(UTC)

    async def _take(self, lease: Lease, view: View, step: Step) -> datetime | None:
        match step:
            case Send():
                return await self._delivery.send(lease, view, step)
            case TakeTurn():
                await self._turns.process_message_with_agent(lease, view)
            case FollowUpDue() if view.follow_up is not None:
                await self._turns.follow_up(lease, view, view.follow_up)
            case MarkUnknown():
                await self._delivery.mark_unknown(lease, step)
            case Settle():
                await self._delivery.settle(lease, view, step)
            case Drop():
                await self._delivery.drop(lease, step)
            case Discard():
                await self._delivery.discard(lease, step)
            case Release():
                await release(self._database, lease, view)
            case _:
                pass
        return None

    async def give_up(self, lease: Lease, error: str) -> None:
        """Nothing helped: account for what the customer said, and hand the conversation to people."""
        view = await look(self._database, lease.actor.key)
        async with holding(self._database, lease) as held:
            await execute(
                held.connection,
                sql_file("relevo.conversations", "account"),
                {"conversation": view.id, "outcome": "failed", "ids": None, "reason": f"the agent failed: {error}"},
            )
            locked = await lock_conversation(held.connection, view.workspace_id, view.id)
            if is_agent_enabled_for_conversation(view) and locked.owner == "agent":
                request = HandoffRequest(reason=FAILED_RUN, summary=view.last_text or "")
                await hand_off(held.connection, locked, request, asked_by="failed_run")
            else:
                await open_task(
                    held.connection,
                    workspace_id=view.workspace_id,
                    conversation_id=view.id,
                    kind="failed_run",
                    reason=error,
                    summary=view.last_text or "",
                )
            event = {
                "workspace_id": view.workspace_id,
                "conversation_id": view.id,
                "type": "agent/run.failed",
                "data": {"error": error},
            }
            await execute(
                held.connection, sql_file("relevo.conversations", "append_events"), {"events": to_json([event])}
            )
