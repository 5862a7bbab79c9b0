"""`execute_handoff`: from the agent to people, in the transaction that plans the words announcing it.

Only the conversational agent goes silent; the CRM agent stays on. The database refuses a handoff without its task, one
without its words, and words without a handoff.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

from uuid_utils.compat import uuid7

from relevo.agents.decision import Bubble, HandoffRequest
from relevo.conversations.bubbles import planned_rows
from relevo.conversations.reasons import HANDED_OFF
from relevo.conversations.unsaid import forget_unsaid
from relevo.crm.assignment import assign_waiting, watch_assignments
from relevo.crm.hours import PeopleHours, announcement
from relevo.durable.actor import CONVERSATION, Actor
from relevo.durable.mailbox import wake
from relevo.errors import ConflictError
from relevo.store.database import execute, fetch_one, to_json
from relevo.store.sql_files import sql_file

if TYPE_CHECKING:
    import uuid
    from collections.abc import Mapping

    from relevo.conversations.change import Locked
    from relevo.conversations.view import View
    from relevo.store.database import Connection

HANDOFF_KEY = "handoff"
"""`messages.key` of the words that promise a person."""
AskedBy = Literal["agent", "person", "failed_run"]

_OPEN_TASK = """
select id from tasks where conversation_id = %(conversation)s and kind = 'handoff' and status = 'open'
"""


@dataclass(frozen=True, slots=True)
class Announcement:
    """What the customer is told, or why they cannot be told."""

    words: str | None
    silent_because: str | None = None


@dataclass(frozen=True, slots=True)
class HandedOff:
    """The handoff in force, whether this call or an earlier one made it."""

    task_id: uuid.UUID
    new: bool


def announce(
    shop: View | Locked, say: str | None, *, now: datetime, window_open: bool, opted_out: bool
) -> Announcement:
    """Compose the words of a handoff."""
    if not window_open:
        return Announcement(None, "outside the 24-hour window")
    if opted_out:
        return Announcement(None, "the customer opted out")
    words = announcement(say or shop.handoff_message, shop.people_hours, shop.out_of_hours_message, shop.language, now)
    return Announcement(words)


def announcement_bubble(words: str) -> Bubble:
    """Return the announcement as the agent says it."""
    return Bubble(key=HANDOFF_KEY, text=words, essential=True)


async def execute_handoff(
    connection: Connection,
    shop: View | Locked,
    request: HandoffRequest,
    *,
    epoch: int,
    told: Announcement,
    asked_by: AskedBy,
    now: datetime,
) -> uuid.UUID:
    """Hand over from `epoch`: ownership, unsent words, follow-ups, session, task, assignment, ledger, events.

    The caller holds the conversation and plans `told` under `epoch + 1`. Returns the task's id.

    Raises:
        ConflictError: the conversation is not at `epoch` any more; nothing may be committed.

    """
    task_id = uuid7()
    starts = _people_start(shop.people_hours, now)
    await execute(
        connection,
        sql_file("relevo.crm", "open_handoff_task"),
        {
            "id": task_id,
            "workspace": shop.workspace_id,
            "conversation": shop.id,
            "reason": request.reason,
            "summary": request.summary,
            "starts": starts,
        },
    )
    written = await execute(
        connection,
        sql_file("relevo.conversations", "hand_over"),
        {
            "id": uuid7(),
            "conversation": shop.id,
            "epoch": epoch,
            "reason": request.reason,
            "asked_by": asked_by,
            "task": task_id,
            "words": told.words,
            "silent": told.silent_because,
        },
    )
    if not written:
        raise ConflictError("Somebody else changed who has the conversation.")
    # Last, as all handoffs of a workspace meet here.
    await watch_assignments(connection, shop.workspace_id, now)
    await assign_waiting(connection, shop.workspace_id)
    return task_id


async def hand_off(connection: Connection, locked: Locked, request: HandoffRequest, *, asked_by: AskedBy) -> HandedOff:
    """Hand a locked conversation over outside of a turn, unless that is so already. Two triggers, one handoff."""
    found = await fetch_one(connection, _OPEN_TASK, {"conversation": locked.id})
    if found is not None:
        return HandedOff(found["id"], new=False)
    now = datetime.now(UTC)
    told = announce(locked, request.say, now=now, window_open=bool(locked.window_open), opted_out=locked.opted_out)
    await wake(connection, Actor(CONVERSATION, locked.id, locked.workspace_id), now)
    await forget_unsaid(connection, locked.id, HANDED_OFF)
    if told.words is not None:
        rows = planned_rows([announcement_bubble(told.words)])
        await plan_messages(connection, locked, rows, author="agent", epoch=locked.epoch + 1)
    task_id = await execute_handoff(
        connection, locked, request, epoch=locked.epoch, told=told, asked_by=asked_by, now=now
    )
    return HandedOff(task_id, new=True)


async def plan_messages(
    connection: Connection,
    locked: Locked,
    rows: list[dict[str, Any]],
    *,
    author: Literal["agent", "person"],
    epoch: int,
    member_id: uuid.UUID | None = None,
) -> int:
    """Put words into the outbox that no turn decided; returns how many are new."""
    return await execute(
        connection,
        sql_file("relevo.conversations", "plan_messages"),
        {
            "workspace": locked.workspace_id,
            "channel": locked.channel_id,
            "conversation": locked.id,
            "author": author,
            "member": member_id,
            "epoch": epoch,
            "bubbles": to_json(rows),
        },
    )


def _people_start(hours: Mapping[str, Any] | None, now: datetime) -> datetime:
    people = PeopleHours.read(hours)
    return people.next_opening(now) if people else now
