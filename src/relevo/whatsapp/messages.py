"""Reads one element of `value.messages` (or of the owner's echoes) into its update. Knows no conversations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relevo.whatsapp.content import context_of, errors_of, said, type_of
from relevo.whatsapp.lenient import as_object, identifier, moment, object_or_none, string
from relevo.whatsapp.people import addressee_of, enrich, person, sender_of
from relevo.whatsapp.updates import Echo, IdentityChange, InboundMessage, Person, Unknown

if TYPE_CHECKING:
    from relevo.whatsapp.updates import Json

_NO_WINDOW = frozenset({"edit", "revoke", "reaction"})
"""Meta documents messages and calls as opening the window and is silent about these: nothing is built on them."""
_NUMBER_CHANGES = frozenset({"user_changed_number", "customer_changed_number", "user_changed_user_id"})
_KEY_CHANGES = frozenset({"customer_identity_changed", "user_identity_changed"})


def inbound(
    message: Json,
    contacts: list[Person],
    *,
    alone: bool,
    phone_number_id: str | None,
    position: int,
    standby: bool = False,
) -> InboundMessage | IdentityChange | Unknown:
    """Read a customer's message; `alone` says that nothing else shares its `value`."""
    wamid = identifier(message.get("id"))
    if wamid is None:
        return Unknown(phone_number_id=phone_number_id, raw=message, position=position, reason="message without id")
    kind_of_message = type_of(message)
    if kind_of_message == "system":
        return _system(message, wamid, phone_number_id, position)
    what = said(message, kind_of_message)
    referral = object_or_none(message.get("referral"))
    return InboundMessage(
        phone_number_id=phone_number_id,
        raw=message,
        position=position,
        wamid=wamid,
        type=kind_of_message,
        kind=what.kind,
        text=what.text,
        content=what.content,
        provider_at=moment(message.get("timestamp")),
        media=what.media,
        context=context_of(message),
        errors=errors_of(message),
        edit_of=what.edit_of,
        revoke_of=what.revoke_of,
        reaction_to=what.reaction_to,
        group_id=identifier(message.get("group_id")),
        sender=enrich(sender_of(message), contacts, alone=alone),
        choice_id=what.choice_id,
        referral=referral,
        from_ad=referral is not None and _is_ad(referral),
        opens_window=kind_of_message not in _NO_WINDOW,
        standby=standby,
    )


def echo(
    message: Json, contacts: list[Person], *, alone: bool, phone_number_id: str | None, position: int
) -> Echo | Unknown:
    """Read what the owner wrote on the phone."""
    wamid = identifier(message.get("id"))
    if wamid is None:
        return Unknown(phone_number_id=phone_number_id, raw=message, position=position, reason="echo without id")
    kind_of_message = type_of(message)
    what = said(message, kind_of_message)
    return Echo(
        phone_number_id=phone_number_id,
        raw=message,
        position=position,
        wamid=wamid,
        type=kind_of_message,
        kind=what.kind,
        text=what.text,
        content=what.content,
        provider_at=moment(message.get("timestamp")),
        media=what.media,
        context=context_of(message),
        errors=errors_of(message),
        edit_of=what.edit_of,
        revoke_of=what.revoke_of,
        reaction_to=what.reaction_to,
        group_id=identifier(message.get("group_id")),
        recipient=enrich(addressee_of(message), contacts, alone=alone),
    )


def _is_ad(referral: Json) -> bool:
    return referral.get("source_type") == "ad" or string(referral.get("ctwa_clid")) is not None


def _system(message: Json, wamid: str, phone_number_id: str | None, position: int) -> IdentityChange | Unknown:
    """System messages come without `contacts`; the new identity stands in `system`."""
    system = as_object(message.get("system"))
    change = string(system.get("type")) or ""
    before = sender_of(message)
    if change in _NUMBER_CHANGES:
        after = person(
            system.get("wa_id") or system.get("new_wa_id"), system.get("user_id"), system.get("parent_user_id")
        )
        named = identifier(system.get("previous_user_id")) or identifier(message.get("previous_user_id"))
        # `from_user_id` is the old id where it differs from the new one; some senders already put the new one there.
        bsuid = named or (before.bsuid if before.bsuid != after.bsuid else None)
        number = None if change == "user_changed_user_id" and before.phone == after.phone else before.phone
        parent = before.parent_bsuid if before.parent_bsuid != after.parent_bsuid else None
        previous = Person(number, bsuid, parent, None, None, before.other_id)
        current = after
    elif change in _KEY_CHANGES:
        previous = current = before
    else:
        return Unknown(
            phone_number_id=phone_number_id,
            raw=message,
            position=position,
            reason="system message of an unknown type",
            wamid=wamid,
        )
    return IdentityChange(
        phone_number_id=phone_number_id,
        raw=message,
        position=position,
        change=change,
        previous=previous,
        current=current,
        wamid=wamid,
        at=moment(message.get("timestamp")),
        text=string(system.get("body")) or "",
        keys_only=change in _KEY_CHANGES,
    )


def user_id_update(item: Json, phone_number_id: str | None, position: int) -> IdentityChange | Unknown:
    """Read an element of the `user_id_update` field: `user_id {previous, current}`."""
    ids = as_object(item.get("user_id"))
    parents = as_object(item.get("parent_user_id"))
    current = person(item.get("wa_id"), ids.get("current") or string(item.get("user_id")), parents.get("current"))
    previous = person(None, ids.get("previous") or item.get("previous_user_id"), parents.get("previous"))
    if not (current.known and previous.known):
        return Unknown(
            phone_number_id=phone_number_id,
            raw=item,
            position=position,
            reason="user_id_update without both ids",
            field="user_id_update",
        )
    return IdentityChange(
        phone_number_id=phone_number_id,
        raw=item,
        position=position,
        change="user_id_update",
        previous=previous,
        current=current,
        at=moment(item.get("timestamp")),
        text=string(item.get("detail")) or "",
    )
