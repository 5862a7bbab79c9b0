from __future__ import annotations

import pytest

from relevo.errors import OutgoingMessageError
from relevo.whatsapp.outgoing import (
    Button,
    Buttons,
    ContactInfoRequest,
    List,
    MediaLink,
    OutgoingMessage,
    Reaction,
    Recipient,
    Row,
    Section,
    Template,
    Text,
    UrlButton,
)
from relevo.whatsapp.outgoing_body import read_body, to_body
from relevo.whatsapp.outgoing_limits import check

ANA = Recipient(phone="+573001234567", bsuid="CO.1a2B")
IMAGE = MediaLink("image", "https://example.org/a.jpg")
ONE = (Button("si", "Sí"),)


def rows(count: int) -> tuple[Row, ...]:
    return tuple(Row(f"r{n}", f"Fila {n}") for n in range(count))


def test_a_text_with_everything() -> None:
    assert to_body(Text("Hola"), ANA, opaque="key-1", reply_to="wamid.T1") == {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": "+573001234567",
        "context": {"message_id": "wamid.T1"},
        "biz_opaque_callback_data": "key-1",
        "type": "text",
        "text": {"body": "Hola", "preview_url": False},
    }


def test_people_without_a_phone_are_reached_by_bsuid() -> None:
    body = to_body(Text("Hola"), Recipient(bsuid="CO.1a2B"))
    assert body["recipient"] == "CO.1a2B"
    assert "to" not in body
    with pytest.raises(OutgoingMessageError, match="nobody"):
        to_body(Text("Hola"), Recipient())


@pytest.mark.parametrize(
    ("message", "kind", "part"),
    [
        (
            MediaLink("document", "https://example.org/l.pdf", "La lista", "lista.pdf"),
            "document",
            {"link": "https://example.org/l.pdf", "caption": "La lista", "filename": "lista.pdf"},
        ),
        (
            Buttons("¿Confirma?", ONE, header=IMAGE, footer="Café"),
            "interactive",
            {
                "type": "button",
                "body": {"text": "¿Confirma?"},
                "action": {"buttons": [{"type": "reply", "reply": {"id": "si", "title": "Sí"}}]},
                "header": {"type": "image", "image": {"link": "https://example.org/a.jpg"}},
                "footer": {"text": "Café"},
            },
        ),
        (
            List("Elija", "Ver", (Section((Row("h", "Huila", "Medio"), Row("n", "Nariño"))),), header="Cafés"),
            "interactive",
            {
                "type": "list",
                "body": {"text": "Elija"},
                "action": {
                    "button": "Ver",
                    "sections": [
                        {
                            "rows": [
                                {"id": "h", "title": "Huila", "description": "Medio"},
                                {"id": "n", "title": "Nariño"},
                            ]
                        }
                    ],
                },
                "header": {"type": "text", "text": "Cafés"},
            },
        ),
        (
            UrlButton("Pague aquí", "Pagar", "https://example.org/pay"),
            "interactive",
            {
                "type": "cta_url",
                "body": {"text": "Pague aquí"},
                "action": {
                    "name": "cta_url",
                    "parameters": {"display_text": "Pagar", "url": "https://example.org/pay"},
                },
            },
        ),
        (
            Template("pedido_listo", "es_CO", ("Ana\nMaría", "  ")),
            "template",
            {
                "name": "pedido_listo",
                "language": {"code": "es_CO"},
                "components": [
                    {
                        "type": "body",
                        "parameters": [{"type": "text", "text": "Ana María"}, {"type": "text", "text": "-"}],
                    }
                ],
            },
        ),
        (Reaction("wamid.T1", ""), "reaction", {"message_id": "wamid.T1", "emoji": ""}),
        (
            ContactInfoRequest("¿Nos comparte su número?"),
            "interactive",
            {
                "type": "request_contact_info",
                "body": {"text": "¿Nos comparte su número?"},
                "action": {"name": "request_contact_info"},
            },
        ),
    ],
)
def test_the_wire_form_of_each_kind(message: OutgoingMessage, kind: str, part: dict[str, object]) -> None:
    body = to_body(message, ANA)
    assert body["type"] == kind
    assert body[kind] == part


def test_marking_as_read_with_and_without_typing() -> None:
    read = {"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.T1"}
    assert read_body("wamid.T1") == read
    assert read_body("wamid.T1", typing=True) == read | {"typing_indicator": {"type": "text"}}


@pytest.mark.parametrize(
    "message",
    [
        Text("a" * 4096),
        MediaLink("image", "https://example.org/a.jpg", "c" * 1024),
        Buttons("b" * 1024, tuple(Button(f"{n}" * 256, f"{n}" * 20) for n in range(3)), "h" * 60, "f" * 60),
        List("b" * 1024, "v" * 20, (Section((Row("i" * 200, "t" * 24, "d" * 72), *rows(9))),)),
        List("b", "v", tuple(Section((row,), "t" * 24) for row in rows(10))),
        UrlButton("b", "t" * 20, "https://example.org"),
    ],
)
def test_the_limits_themselves_are_allowed(message: OutgoingMessage) -> None:
    check(message)


@pytest.mark.parametrize(
    ("message", "word"),
    [
        (Text("a" * 4097), "split"),
        (Text(" \n"), "empty"),
        (MediaLink("image", "https://example.org/a.jpg", "c" * 1025), "1024"),
        (MediaLink("image", "/a.jpg"), "https://"),
        (MediaLink("image", "http://["), "https://"),
        (MediaLink("audio", "https://example.org/a.ogg", "hola"), "caption"),
        (MediaLink("image", "https://example.org/a.jpg", filename="a.jpg"), "file name"),
        (Buttons("b", ()), "1 to 3"),
        (Buttons("b", tuple(Button(f"{n}", f"{n}") for n in range(4))), "list"),
        (Buttons("b", (Button("a", "Sí"), Button("a", "No"))), "twice"),
        (Buttons("b", (Button("a", "Sí"), Button("b", "Sí"))), "twice"),
        (Buttons("b", (Button("a", "t" * 21),)), "20"),
        (Buttons("b", (Button("i" * 257, "t"),)), "256"),
        (Buttons("b" * 1025, ONE), "1024"),
        (Buttons("b", ONE, header="h" * 61), "60"),
        (Buttons("b", ONE, footer="f" * 61), "60"),
        (Buttons("b", ONE, header=MediaLink("audio", "https://example.org/a.ogg")), "header"),
        (List("b", "v", ()), "1 to 10"),
        (List("b", "v", (Section(rows(11)),)), "1 to 10"),
        (List("b", "v", (Section(rows(1)), Section(rows(1), "Otra"))), "title"),
        (List("b", "v", (Section(rows(1), "A"), Section((), "B"))), "sections"),
        (List("b", "v", (Section((Row("a", "t"), Row("a", "u"))),)), "twice"),
        (List("b", "v", (Section((Row("a", "t" * 25),)),)), "24"),
        (List("b", "v", (Section((Row("a", "t", "d" * 73),)),)), "72"),
        (List("b", "v", (Section((Row("i" * 201, "t"),)),)), "200"),
        (List("b", "v" * 21, (Section(rows(1)),)), "20"),
        (Template("Pedido Listo", "es"), "approved name"),
        (Template("pedido", "español"), "es_CO"),
        (Reaction("", "👍"), "empty"),
        (ContactInfoRequest(""), "empty"),
    ],
)
def test_what_whatsapp_would_refuse_is_not_sent(message: OutgoingMessage, word: str) -> None:
    with pytest.raises(OutgoingMessageError, match=word):
        to_body(message, ANA)


def test_our_key_has_a_limit_too() -> None:
    to_body(Text("a"), ANA, opaque="k" * 512)
    with pytest.raises(OutgoingMessageError, match="512"):
        to_body(Text("a"), ANA, opaque="k" * 513)
