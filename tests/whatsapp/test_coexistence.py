"""The owner's own messages and past chats of coexistence numbers: never taken for a customer's."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from relevo.whatsapp.parsing import parse
from relevo.whatsapp.updates import Echo, HistoryChunk

if TYPE_CHECKING:
    from collections.abc import Callable

    Json = dict[str, Any]
    Envelope = Callable[..., bytes]

OWN: Json = {
    "from": "573009999999",
    "to": "573001234567",
    "to_user_id": "CO.1a2B",
    "id": "wamid.H1",
    "timestamp": "1794000000",
    "type": "text",
    "text": {"body": "Ya te atiendo"},
}


@pytest.mark.parametrize("key", ["message_echoes", "messages"])
def test_the_owners_message_is_an_echo(envelope: Envelope, key: str) -> None:
    (echo,) = parse(envelope({key: [OWN]}, field="smb_message_echoes")).updates
    assert isinstance(echo, Echo)
    assert (echo.wamid, echo.text, echo.recipient.phone, echo.recipient.bsuid) == (
        "wamid.H1",
        "Ya te atiendo",
        "+573001234567",
        "CO.1a2B",
    )


def test_the_owner_edits_and_revokes(envelope: Envelope) -> None:
    edit = OWN | {
        "type": "edit",
        "edit": {"original_message_id": "w", "message": {"type": "text", "text": {"body": "Listo"}}},
    }
    revoke = OWN | {"type": "revoke", "revoke": {"original_message_id": "w"}}
    first, second = parse(envelope({"message_echoes": [edit, revoke]}, field="smb_message_echoes")).updates
    assert isinstance(first, Echo)
    assert (first.edit_of, first.text) == ("w", "Listo")
    assert isinstance(second, Echo)
    assert second.revoke_of == "w"


def test_past_chats_are_one_chunk_with_both_sides(envelope: Envelope) -> None:
    asked = {
        "from": "573001234567",
        "id": "wamid.Q",
        "timestamp": "1793000000",
        "type": "text",
        "text": {"body": "hola"},
    }
    said = {
        "from": "573009999999",
        "id": "wamid.A",
        "timestamp": "1793000001",
        "type": "text",
        "text": {"body": "buenas"},
    }
    thread = {
        "id": "573001234567",
        "messages": [asked, said | {"history_context": {"status": "READ"}}, {"type": "text"}],
    }
    item = {"metadata": {"phase": 1, "chunk_order": "2", "progress": 55}, "threads": [thread]}
    (chunk,) = parse(envelope({"history": [item]}, field="history")).updates
    assert isinstance(chunk, HistoryChunk)
    assert (chunk.phase, chunk.chunk_order, chunk.progress) == (1, 2, 55)
    read = [(m.wamid, m.from_business, m.text, m.status, m.person.phone) for m in chunk.messages]
    assert read == [
        ("wamid.Q", False, "hola", None, "+573001234567"),
        ("wamid.A", True, "buenas", "READ", "+573001234567"),
    ]


def test_a_refusal_to_share_is_a_chunk_with_errors(envelope: Envelope) -> None:
    (chunk,) = parse(envelope({"history": [{"errors": [{"code": 2593109}]}]}, field="history")).updates
    assert isinstance(chunk, HistoryChunk)
    assert [error.code for error in chunk.errors] == [2593109]


def test_media_of_past_messages_is_never_a_new_message(envelope: Envelope) -> None:
    image = {"from": "573001234567", "id": "wamid.I", "type": "image", "image": {"id": "9"}}
    (chunk,) = parse(envelope({"messages": [image]}, field="history")).updates
    assert isinstance(chunk, HistoryChunk)
    assert chunk.messages[0].media is not None
    assert chunk.messages[0].media.id == "9"


def test_360dialogs_partner_form() -> None:
    body = {
        "id": "e",
        "event": "history",
        "data": {"history": [{"threads": [{"id": "573001234567", "messages": [OWN]}]}]},
    }
    (chunk,) = parse(json.dumps(body).encode()).updates
    assert isinstance(chunk, HistoryChunk)
    assert chunk.messages[0].from_business
