"""Who may speak: people take conversations over, and switch the agent on or off. Each change counts the epoch up."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from relevo.conversations.handback import hand_back
from relevo.conversations.reasons import CHAT_OFF, PERSON
from relevo.conversations.unsaid import forget_unsaid
from relevo.crm.assignment import assign_to, assign_waiting, lock_rotation, watch_assignments
from relevo.durable.actor import CONVERSATION, Actor
from relevo.durable.mailbox import wake
from relevo.store.database import execute, fetch_one
from relevo.store.sql_files import sql_file

if TYPE_CHECKING:
    import uuid

    from relevo.conversations.change import Locked
    from relevo.store.database import Connection

_TASK = """
select id, assignee_id from tasks where conversation_id = %(conversation)s and kind = 'handoff' and status = 'open'
"""
_ACTED = """
update conversations
set person_active_at = clock_timestamp(), owner_member_id = coalesce(%(member)s::uuid, owner_member_id)
where id = %(conversation)s
"""


async def take_over(
    connection: Connection,
    locked: Locked,
    *,
    member_id: uuid.UUID | None,
    by: Literal["person", "reply"],
) -> None:
    """Give a locked conversation to a person. `reply`: they are saying something in this very transaction.

    A handoff's task moves to them, whoever had it. When this commits, nothing of the agent's that is not already on
    the wire can leave any more, but for the announcement of a handoff where the person has said nothing.
    """
    now = datetime.now(UTC)
    await wake(connection, Actor(CONVERSATION, locked.id, locked.workspace_id), now)
    await watch_assignments(connection, locked.workspace_id, now)
    await forget_unsaid(connection, locked.id, PERSON)
    acted = locked.owner == "person" and locked.person_active_at is not None
    already = by == "reply" and acted and locked.owner_member_id == member_id
    if already:
        # Nothing of the agent's is left unsaid but perhaps an announcement, which their own words make pointless.
        await execute(
            connection,
            "update messages set state = 'dropped', drop_reason = 'a person has the conversation'"
            " where conversation_id = %(conversation)s and state = 'planned' and author = 'agent'",
            {"conversation": locked.id},
        )
        await execute(connection, _ACTED, {"conversation": locked.id, "member": member_id})
    else:
        await execute(
            connection,
            sql_file("relevo.conversations", "take_over"),
            {"conversation": locked.id, "member": member_id, "by": by, "speaks": by == "reply"},
        )
    if member_id is not None:
        await _take_its_task(connection, locked, member_id)


async def _take_its_task(connection: Connection, locked: Locked, member_id: uuid.UUID) -> None:
    await lock_rotation(connection, locked.workspace_id)
    task = await fetch_one(connection, _TASK, {"conversation": locked.id})
    if task is None or task["assignee_id"] == member_id:
        return
    await assign_to(connection, locked.workspace_id, task["id"], member_id, cause="taken", by_member_id=member_id)
    await assign_waiting(connection, locked.workspace_id)


async def switch_agent(
    connection: Connection,
    locked: Locked,
    *,
    conversational: bool | None,
    crm: bool | None,
    member_id: uuid.UUID | None,
) -> None:
    """Set a chat's own switches (null: as the shop's). Switching the agent on where people have it hands it back."""
    now = datetime.now(UTC)
    await wake(connection, Actor(CONVERSATION, locked.id, locked.workspace_id), now)
    was_silent = locked.agent_conversational is False
    if was_silent and conversational is not False:
        await hand_back(connection, locked, member_id=member_id, by="switch")
    if conversational is False and not was_silent:
        await forget_unsaid(connection, locked.id, CHAT_OFF)
    await execute(
        connection,
        sql_file("relevo.conversations", "switch_agent"),
        {"conversation": locked.id, "conversational": conversational, "crm": crm, "member": member_id},
    )
