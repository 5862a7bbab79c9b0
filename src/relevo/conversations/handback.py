"""Back to the agent: by a person, by the API, or after people were silent for long enough.

Still open, and so looked at again, is what the customer wrote after the last thing anybody said, and what was set aside
only because the agent had no say. What a person answered stays answered; what the window no longer lets us answer stays
as it is.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal, Protocol

from relevo.conversations.reasons import REOPENED_ON_HAND_BACK
from relevo.conversations.turn_input import SESSION_IDLE
from relevo.crm.assignment import assign_waiting, lock_rotation, watch_assignments
from relevo.durable.actor import CONVERSATION, Actor
from relevo.durable.mailbox import wake
from relevo.store.database import execute, fetch_one
from relevo.store.sql_files import sql_file

if TYPE_CHECKING:
    import uuid

    from relevo.store.database import Connection


class Held(Protocol):
    """What is known of a conversation whose row the transaction holds."""

    @property
    def id(self) -> uuid.UUID: ...  # noqa: D102 - names say it
    @property
    def workspace_id(self) -> uuid.UUID: ...  # noqa: D102
    @property
    def owner(self) -> str: ...  # noqa: D102
    @property
    def agent_conversational(self) -> bool | None: ...  # noqa: D102


async def hand_back(
    connection: Connection,
    held: Held,
    *,
    member_id: uuid.UUID | None,
    by: Literal["person", "switch", "release_after", "task"],
) -> bool:
    """Let the agent speak again in a conversation the caller holds; returns whether anything changed.

    Closes the handoff's task, resumes the session it ended, and wakes the agent for what is still open.
    """
    if held.owner == "agent" and held.agent_conversational is not False:
        return False
    now = datetime.now(UTC)
    await wake(connection, Actor(CONVERSATION, held.id, held.workspace_id), now)
    await watch_assignments(connection, held.workspace_id, now)
    await fetch_one(
        connection,
        sql_file("relevo.conversations", "hand_back"),
        {
            "conversation": held.id,
            "member": member_id,
            "by": by,
            "silences": list(REOPENED_ON_HAND_BACK),
            "idle": SESSION_IDLE,
        },
    )
    await lock_rotation(connection, held.workspace_id)
    await execute(
        connection,
        sql_file("relevo.crm", "close_handoff_tasks"),
        {"conversation": held.id, "member": member_id},
    )
    await assign_waiting(connection, held.workspace_id)
    return True
