"""Who can have work waiting: an actor is a kind and a key, and belongs to a workspace."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from relevo.durable.lease import Lease

CONVERSATION: Final = "conversation"
SWEEP: Final = "sweep"
ROTATION: Final = "rotation"
"""Assignment of handoffs; one for each workspace, under its id. Sorts after `conversation`: leases are renewed in the
order of (kind, key), and a conversation's run wakes its workspace's rotation."""
OUTGOING_WEBHOOK: Final = "outgoing_webhook"
"""One for each endpoint."""
RELAY: Final = "relay"
"""Hands events and wake-ups to an engine outside. Runs without that engine, in the process that serves it."""

NO_WORKSPACE: Final = uuid.UUID(int=0)
"""Workspace of actors that serve the whole installation."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Something whose runs happen one at a time, in order."""

    kind: str
    key: uuid.UUID
    workspace_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What an actor of a kind does when woken, and when it failed for good."""

    run: Callable[[Lease], Awaitable[datetime | None]]
    """Do what is due by the database; return when to be woken next, or None. May be called at any time, repeatedly."""
    give_up: Callable[[Lease, str], Awaitable[None]]
    """Leave the actor's work in a state a person can see; the argument is the last error, in words."""
