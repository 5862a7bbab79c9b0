"""Who wrote, who was written to: reads identities wherever WhatsApp puts them; never merges what conflicts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from relevo.whatsapp.lenient import as_list, as_object, identifier, is_bsuid, phone, string
from relevo.whatsapp.updates import NOBODY, Person

if TYPE_CHECKING:
    from relevo.whatsapp.updates import Json

_PARENT = ".ENT."


def person(any_id: object, user_id: object = None, parent_user_id: object = None) -> Person:
    """Build a person from an id that is a phone (some senders put a BSUID there) and the explicit BSUID fields."""
    number = phone(any_id)
    bsuid = identifier(user_id)
    parent = identifier(parent_user_id)
    if number is not None and bsuid is None and parent is None:
        return Person(number)
    other = None
    if number is None:
        loose = identifier(any_id)
        if loose is not None:
            if is_bsuid(loose):
                if _PARENT in loose:
                    parent = parent or loose
                else:
                    bsuid = bsuid or loose
            else:
                other = loose
    if bsuid is not None and parent is None and is_bsuid(bsuid) and _PARENT in bsuid:
        bsuid, parent = None, bsuid
    return Person(number, bsuid, parent, None, None, other)


def contacts_of(value: Json) -> list[Person]:
    """Read `value.contacts[]`: identities and profile of the people of a delivery."""
    found: list[Person] = []
    for item in as_list(value.get("contacts")):
        contact = as_object(item)
        if not contact:
            continue
        profile = as_object(contact.get("profile"))
        base = person(contact.get("wa_id"), contact.get("user_id"), contact.get("parent_user_id"))
        username = identifier(profile.get("username")) or identifier(contact.get("username"))
        found.append(
            Person(base.phone, base.bsuid, base.parent_bsuid, username, string(profile.get("name")), base.other_id)
        )
    return found


def enrich(who: Person, contacts: list[Person], *, alone: bool) -> Person:
    """Return `who` with what the contact that is the same person adds.

    `alone`: the delivery's value holds a single update, so a single contact is its person even when the message names
    nobody. A contact whose identities contradict the message's lends its profile name at most.
    """
    for contact in contacts:
        if _same(who, contact):
            return _merge(who, contact)
    if len(contacts) == 1 and (alone or not who.known):
        contact = contacts[0]
        if not _conflict(who, contact):
            return _merge(who, contact)
        if alone:
            return replace(who, name=contact.name)
    return who


def sender_of(message: Json) -> Person:
    """Return who a message says it is from."""
    return person(message.get("from"), message.get("from_user_id"), message.get("from_parent_user_id"))


def addressee_of(message: Json) -> Person:
    """Return whom an echo says it is for."""
    return person(message.get("to"), message.get("to_user_id"), message.get("to_parent_user_id"))


def recipient_of(status: Json) -> Person:
    """Return whom a status is about; in groups the participant, not the group."""
    if status.get("recipient_type") == "group":
        who = person(
            status.get("recipient_participant_id"),
            status.get("recipient_participant_user_id"),
            status.get("recipient_participant_parent_user_id"),
        )
        return who if who.known else NOBODY
    return person(status.get("recipient_id"), status.get("recipient_user_id"), status.get("recipient_parent_user_id"))


def _same(one: Person, other: Person) -> bool:
    if _conflict(one, other):
        return False
    return bool(
        (one.phone and one.phone == other.phone)
        or (one.bsuid and one.bsuid == other.bsuid)
        or (one.parent_bsuid and one.parent_bsuid == other.parent_bsuid)
        or (one.other_id and one.other_id == other.other_id)
    )


def _conflict(one: Person, other: Person) -> bool:
    return bool(
        (one.phone and other.phone and one.phone != other.phone)
        or (one.bsuid and other.bsuid and one.bsuid != other.bsuid)
        or (one.parent_bsuid and other.parent_bsuid and one.parent_bsuid != other.parent_bsuid)
    )


def _merge(one: Person, other: Person) -> Person:
    return Person(
        one.phone or other.phone,
        one.bsuid or other.bsuid,
        one.parent_bsuid or other.parent_bsuid,
        one.username or other.username,
        one.name or other.name,
        one.other_id or other.other_id,
    )
