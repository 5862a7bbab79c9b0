"""Finds or creates contacts and their conversations, many at once, whoever else is doing the same.

A contact has several identities and none is mandatory. Identities that point at different contacts are never merged:
the most specific one decides (business-scoped id, phone, anything else, username).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from uuid_utils.compat import uuid7

from relevo.errors import ConflictError
from relevo.store.database import execute, fetch_all, to_json
from relevo.store.sql_files import sql_file

if TYPE_CHECKING:
    import uuid
    from collections.abc import Sequence

    from relevo.store.database import Connection

ROUNDS = 3
"""A stranger lost to another transaction in one round is found in the next."""

Identity = tuple[str, str]
"""(kind, value): kind is phone (E.164 with +), bsuid, username or other."""


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


async def find_or_create(connection: Connection, people: Sequence[Correspondent]) -> dict[Correspondent, Found]:
    """Find each one's contact and conversation; create what is missing.

    Raises:
        ConflictError: other transactions kept winning; try the whole transaction again.

    """
    found: dict[Correspondent, Found] = {}
    missing = list(dict.fromkeys(people))
    for _ in range(ROUNDS):
        if not missing:
            return found
        contacts = await _known(connection, missing, found)
        strangers = [person for person in missing if person not in contacts and person not in found]
        if strangers:
            await _introduce(connection, strangers)
        if contacts:
            await _open_conversations(connection, contacts, found)
        missing = strangers
    if missing:
        raise ConflictError("The same contacts were being created elsewhere; try again.")
    return found


async def find(connection: Connection, people: Sequence[Correspondent]) -> dict[Correspondent, Found]:
    """Find those who already talk with their channel; the others are missing from the answer."""
    found: dict[Correspondent, Found] = {}
    await _known(connection, list(dict.fromkeys(people)), found)
    return found


async def _known(
    connection: Connection, people: Sequence[Correspondent], found: dict[Correspondent, Found]
) -> dict[Correspondent, uuid.UUID]:
    """Look everybody up; fill `found` with those who have a conversation, return those who have only a contact."""
    wanted = [
        {
            "n": n,
            "place": place,
            "workspace_id": person.workspace_id,
            "channel_id": person.channel_id,
            "kind": kind,
            "value": value,
        }
        for n, person in enumerate(people)
        for place, (kind, value) in enumerate(person.identities)
    ]
    rows = await fetch_all(connection, sql_file("relevo.crm", "find_contacts"), {"people": to_json(wanted)})
    best: dict[int, tuple[int, uuid.UUID, uuid.UUID | None]] = {}
    places: dict[int, set[int]] = {}
    for row in rows:
        n, place = row["n"], row["place"]
        places.setdefault(n, set()).add(place)
        if n not in best or place < best[n][0]:
            best[n] = (place, row["contact_id"], row["conversation_id"])
    contacts: dict[Correspondent, uuid.UUID] = {}
    learned: list[dict[str, object]] = []
    for n, (_, contact_id, conversation_id) in best.items():
        person = people[n]
        learned += [
            _identity_row(person, kind, value, contact_id, is_new=False)
            for place, (kind, value) in enumerate(person.identities)
            if place not in places[n]
        ]
        if conversation_id is None:
            contacts[person] = contact_id
        else:
            found[person] = Found(contact_id, conversation_id)
    if learned:
        await _add(connection, learned)
    return contacts


async def _introduce(connection: Connection, strangers: Sequence[Correspondent]) -> None:
    """Create contacts for people nobody knew a moment ago. Two of them may be the same person under one identity."""
    by_identity: dict[tuple[uuid.UUID, Identity], uuid.UUID] = {}
    rows: list[dict[str, object]] = []
    for person in strangers:
        keys = [(person.workspace_id, identity) for identity in person.identities]
        contact_id = next((by_identity[key] for key in keys if key in by_identity), None) or uuid7()
        for key in keys:
            if key not in by_identity:
                by_identity[key] = contact_id
                rows.append(_identity_row(person, *key[1], contact_id, is_new=True))
    await _add(connection, rows)


async def _add(connection: Connection, rows: Sequence[dict[str, object]]) -> None:
    await execute(connection, sql_file("relevo.crm", "add_identities"), {"identities": to_json(rows)})


async def _open_conversations(
    connection: Connection, contacts: dict[Correspondent, uuid.UUID], found: dict[Correspondent, Found]
) -> None:
    wanted = {
        (person.channel_id, contact_id): {
            "id": uuid7(),
            "workspace_id": person.workspace_id,
            "channel_id": person.channel_id,
            "contact_id": contact_id,
        }
        for person, contact_id in contacts.items()
    }
    rows = await fetch_all(
        connection, sql_file("relevo.crm", "open_conversations"), {"wanted": to_json(list(wanted.values()))}
    )
    opened = {(row["channel_id"], row["contact_id"]): row["id"] for row in rows}
    for person, contact_id in contacts.items():
        found[person] = Found(contact_id, opened[person.channel_id, contact_id])


def _identity_row(
    person: Correspondent, kind: str, value: str, contact_id: uuid.UUID, *, is_new: bool
) -> dict[str, object]:
    return {
        "workspace_id": person.workspace_id,
        "kind": kind,
        "value": value,
        "contact_id": contact_id,
        "name": person.name,
        "is_new": is_new,
    }
