from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from relevo.whatsapp.lenient import phone
from relevo.whatsapp.parsing import parse
from relevo.whatsapp.updates import IdentityChange, InboundMessage, Person, Unknown

if TYPE_CHECKING:
    from collections.abc import Callable

    Envelope = Callable[..., bytes]

TEXT = {"type": "text", "text": {"body": "hola"}}
ANA = {"profile": {"name": "Ana", "username": "ana.cafe"}, "wa_id": "573001234567", "user_id": "CO.1a2B"}


def senders(body: bytes) -> list[Person]:
    return [update.sender for update in parse(body).updates if isinstance(update, InboundMessage)]


def change(body: bytes) -> IdentityChange:
    (update,) = parse(body).updates
    assert isinstance(update, IdentityChange), update
    return update


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("573001234567", "+573001234567"),
        (573001234567, "+573001234567"),
        ("+57 300 123 4567", "+573001234567"),
        ("(57) 300-1234567", "+573001234567"),
        ("CO.1a2B", None),
        ("0573001234567", None),
        ("12345", None),
        ("1" * 16, None),
        ("٣٤٥٦٧٨٩", None),
        (True, None),
        (None, None),
        ("", None),
    ],
)
def test_phones_become_e164(sent: object, read: str | None) -> None:
    assert phone(sent) == read


def test_profile_and_bsuid_come_from_the_matching_contact(envelope: Envelope) -> None:
    rosa = {"profile": {"name": "Rosa"}, "wa_id": "573002222222"}
    messages = [TEXT | {"from": "573002222222", "id": "a"}, TEXT | {"from": "573001234567", "id": "b"}]
    assert senders(envelope({"contacts": [ANA, rosa], "messages": messages})) == [
        Person("+573002222222", name="Rosa"),
        Person("+573001234567", "CO.1a2B", username="ana.cafe", name="Ana"),
    ]


@pytest.mark.parametrize(
    "sent", [{"from": "CO.1a2B"}, {"from_user_id": "CO.1a2B"}, {"from": "CO.ENT.9z", "from_user_id": "CO.1a2B"}]
)
def test_a_bsuid_is_one_wherever_it_stands(envelope: Envelope, sent: dict[str, Any]) -> None:
    (who,) = senders(envelope({"messages": [TEXT | {"id": "a"} | sent]}))
    assert (who.phone, who.bsuid, who.other_id) == (None, "CO.1a2B", None)


def test_the_parent_form_is_told_from_the_own_one(envelope: Envelope) -> None:
    (who,) = senders(envelope({"messages": [TEXT | {"id": "a", "from": "CO.ENT.9z"}]}))
    assert (who.bsuid, who.parent_bsuid) == (None, "CO.ENT.9z")


def test_a_message_from_nobody_takes_the_only_contact(envelope: Envelope) -> None:
    (who,) = senders(envelope({"contacts": [ANA], "messages": [TEXT | {"id": "a"}]}))
    assert who == Person("+573001234567", "CO.1a2B", username="ana.cafe", name="Ana")


def test_a_contradicting_contact_lends_no_identity(envelope: Envelope) -> None:
    (who,) = senders(envelope({"contacts": [ANA], "messages": [TEXT | {"id": "a", "from": "573002222222"}]}))
    assert (who.phone, who.bsuid, who.username) == ("+573002222222", None, None)
    both = [TEXT | {"id": "a", "from": "573002222222"}, TEXT | {"id": "b", "from": "573001234567"}]
    first, second = senders(envelope({"contacts": [ANA], "messages": both}))
    assert (first.name, second.name) == (None, "Ana")


def test_nobody_at_all_is_still_a_message(envelope: Envelope) -> None:
    (who,) = senders(envelope({"messages": [TEXT | {"id": "a", "from": "someone"}]}))
    assert who == Person(other_id="someone")
    assert not Person(name="Ana").known


def system(kind: str, **parts: Any) -> dict[str, Any]:
    return {"from": "573001234567", "id": "wamid.S", "timestamp": "1794000000", "type": "system"} | {
        "system": {"type": kind, "body": "User Ana changed"} | parts
    }


def test_a_new_number(envelope: Envelope) -> None:
    for kind, key in (("user_changed_number", "wa_id"), ("customer_changed_number", "new_wa_id")):
        read = change(envelope({"messages": [system(kind, **{key: "573105550101"})]}))
        assert (read.change, read.previous.phone, read.current.phone) == (kind, "+573001234567", "+573105550101")
        assert not read.keys_only


def test_a_new_bsuid_names_the_one_before(envelope: Envelope) -> None:
    sent = system("user_changed_user_id", user_id="CO.new", previous_user_id="CO.old", wa_id="573001234567")
    read = change(envelope({"messages": [sent]}))
    assert (read.previous.bsuid, read.current.bsuid, read.current.phone) == ("CO.old", "CO.new", "+573001234567")
    assert read.wamid == "wamid.S"


def test_new_keys_are_no_new_person(envelope: Envelope) -> None:
    read = change(envelope({"messages": [system("customer_identity_changed")]}))
    assert read.keys_only
    assert read.previous == read.current


def test_a_user_id_update_is_the_same_news(envelope: Envelope) -> None:
    item = {"wa_id": "573001234567", "user_id": {"previous": "CO.old", "current": "CO.new"}, "timestamp": "1794000000"}
    read = change(envelope({"user_id_update": [item]}, field="user_id_update"))
    assert (read.previous.bsuid, read.current.bsuid, read.current.phone) == ("CO.old", "CO.new", "+573001234567")


def test_an_unknown_system_message_is_kept(envelope: Envelope) -> None:
    (update,) = parse(envelope({"messages": [system("user_became_a_cat")]})).updates
    assert isinstance(update, Unknown)
    assert update.wamid == "wamid.S"
