"""How people change a conversation: in one transaction that holds its row, scoped by workspace."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from relevo.errors import NotFoundError
from relevo.store.database import fetch_one
from relevo.store.sql_files import sql_file

if TYPE_CHECKING:
    import uuid
    from collections.abc import Mapping
    from datetime import datetime

    from relevo.store.database import Connection


@dataclass(frozen=True, slots=True)
class Locked:
    """A conversation as it stands under our lock, with what its shop decided."""

    id: uuid.UUID
    workspace_id: uuid.UUID
    channel_id: uuid.UUID
    contact_id: uuid.UUID
    owner: str
    owner_member_id: uuid.UUID | None
    person_active_at: datetime | None
    agent_conversational: bool | None
    agent_crm: bool | None
    epoch: int
    window_open: bool | None
    opted_out: bool
    handoff_message: str
    human_reply: str
    people_hours: Mapping[str, Any] | None
    out_of_hours_message: str | None
    language: str


async def lock_conversation(connection: Connection, workspace_id: uuid.UUID, conversation_id: uuid.UUID) -> Locked:
    """Lock a conversation until the transaction ends.

    Raises:
        NotFoundError: there is none by that id in this workspace.

    """
    row = await fetch_one(
        connection,
        sql_file("relevo.conversations", "lock_for_change"),
        {"conversation": conversation_id, "workspace": workspace_id},
    )
    if row is None:
        raise NotFoundError(f"There is no conversation {conversation_id}.")
    return Locked(**row)
