"""Reads statuses of sent messages and customers' preferences."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from relevo.whatsapp.content import errors_of
from relevo.whatsapp.lenient import identifier, moment, object_or_none, string
from relevo.whatsapp.people import enrich, person, recipient_of
from relevo.whatsapp.updates import StatusUpdate, Unknown, UserPreference

if TYPE_CHECKING:
    from relevo.whatsapp.updates import Json, Person, PreferenceName, StatusName

_STATUSES = frozenset({"sent", "delivered", "read", "played", "failed"})
_PREFERENCES = frozenset({"stop", "resume", "signup"})


def status(
    item: Json, contacts: list[Person], *, alone: bool, phone_number_id: str | None, position: int
) -> StatusUpdate | Unknown:
    """Read one element of `value.statuses`; a call's status or a new word is `Unknown`."""
    wamid = identifier(item.get("id"))
    name = item.get("status")
    if wamid is None or item.get("type") == "call" or not isinstance(name, str) or name not in _STATUSES:
        return Unknown(
            phone_number_id=phone_number_id,
            raw=item,
            position=position,
            reason="status without id" if wamid is None else f"unknown status: {name!s:.50}",
            wamid=wamid,
        )
    recipient = recipient_of(item)
    in_group = item.get("recipient_type") == "group"
    return StatusUpdate(
        phone_number_id=phone_number_id,
        raw=item,
        position=position,
        wamid=wamid,
        status=cast("StatusName", name),
        at=moment(item.get("timestamp")),
        recipient=enrich(recipient, contacts, alone=alone and not in_group),
        opaque=string(item.get("biz_opaque_callback_data")),
        errors=errors_of(item),
        pricing=object_or_none(item.get("pricing")),
        conversation=object_or_none(item.get("conversation")),
        group_id=identifier(item.get("recipient_id")) if in_group else None,
    )


def preference(
    item: Json, contacts: list[Person], *, alone: bool, phone_number_id: str | None, position: int
) -> UserPreference | Unknown:
    """Read one element of `value.user_preferences`."""
    wish = item.get("value")
    if not isinstance(wish, str) or wish not in _PREFERENCES:
        return Unknown(
            phone_number_id=phone_number_id,
            raw=item,
            position=position,
            reason=f"unknown preference: {wish!s:.50}",
            field="user_preferences",
        )
    who = person(item.get("wa_id"), item.get("user_id"), item.get("parent_user_id"))
    return UserPreference(
        phone_number_id=phone_number_id,
        raw=item,
        position=position,
        person=enrich(who, contacts, alone=alone),
        preference=cast("PreferenceName", wish),
        category=string(item.get("category")),
        detail=string(item.get("detail")),
        at=moment(item.get("timestamp")),
    )
