"""Who writes, and where their messages go: people as the store's `find_or_create_conversations` takes them.

A contact has several identities and none is mandatory. Identities that point at different contacts are never merged:
the most specific one decides (business-scoped id, phone, anything else, username).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from uuid_utils.compat import uuid7

from relevo.store.database import fetch_one, to_json

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterable

    from relevo.store.database import Connection

Identity = tuple[str, str]
"""(kind, value): kind is phone (E.164 with +), bsuid, username or other."""

_FIND_OR_CREATE = "select contacts, conversations from find_or_create_conversations(%(people)s::jsonb)"


@dataclass(frozen=True, slots=True)
class Correspondent:
    """Somebody who writes to, or is written to from, a channel."""

    workspace_id: uuid.UUID
    channel_id: uuid.UUID
    identities: tuple[Identity, ...]
    """Most specific first; at least one."""
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """Where a correspondent's messages go."""

    contact_id: uuid.UUID
    conversation_id: uuid.UUID


class People:
    """Correspondents, numbered from 1, with the ids their contacts and conversations get if they have none yet."""

    def __init__(self) -> None:
        self.numbers: dict[Correspondent, int] = {}
        self._rows: list[dict[str, object]] = []
        self._contacts: dict[tuple[uuid.UUID, Identity], uuid.UUID] = {}

    def number(self, person: Correspondent) -> int:
        """Return a person's number, adding them if need be. Two of them may be one under an identity they share."""
        known = self.numbers.get(person)
        if known is not None:
            return known
        number = self.numbers[person] = len(self.numbers) + 1
        keys = [(person.workspace_id, identity) for identity in person.identities]
        contact_id = next((self._contacts[key] for key in keys if key in self._contacts), None) or uuid7()
        conversation_id = uuid7()
        for place, key in enumerate(keys):
            self._contacts.setdefault(key, contact_id)
            self._rows.append(
                {
                    "n": number,
                    "place": place,
                    "workspace_id": person.workspace_id,
                    "channel_id": person.channel_id,
                    "kind": key[1][0],
                    "value": key[1][1],
                    "name": person.name,
                    "contact_id": contact_id,
                    "conversation_id": conversation_id,
                }
            )
        return number

    def to_json(self) -> str:
        """Write them as the store's functions take them."""
        return to_json(self._rows)


async def find_or_create(connection: Connection, people: Iterable[Correspondent]) -> dict[Correspondent, Found]:
    """Find each one's contact and conversation; create what is missing.

    Raises:
        DatabaseError: (a conflict) other transactions kept winning; try the whole transaction again.

    """
    numbered = People()
    for person in people:
        numbered.number(person)
    if not numbered.numbers:
        return {}
    row = await fetch_one(connection, _FIND_OR_CREATE, {"people": numbered.to_json()})
    if row is None:
        raise LookupError("a function returns a row")
    return {
        person: Found(row["contacts"][number - 1], row["conversations"][number - 1])
        for person, number in numbered.numbers.items()
    }
