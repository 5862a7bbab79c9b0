"""`release_after`: the agent takes a conversation back from people who have done nothing in it for a while.

The time counts from the last thing a person did: took over, wrote, wrote on the phone. A handoff nobody has acted on is
never released: the customer was promised a person, and the task says so until one comes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from relevo.conversations.change import lock_conversation
from relevo.conversations.handback import hand_back
from relevo.conversations.write import holding

if TYPE_CHECKING:
    from relevo.conversations.view import View
    from relevo.durable.lease import Lease
    from relevo.store.database import Database


async def release(database: Database, lease: Lease, view: View) -> None:
    """Hand back what `view` showed as due, unless something happened since."""
    async with holding(database, lease) as held:
        if held.epoch != view.epoch:
            return
        locked = await lock_conversation(held.connection, view.workspace_id, view.id)
        if locked.person_active_at == view.person_active_at:
            await hand_back(held.connection, locked, member_id=None, by="release_after")
