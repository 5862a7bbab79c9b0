from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from relevo.whatsapp.parsing import parse
from relevo.whatsapp.updates import (
    AccountEvent,
    InboundMessage,
    Person,
    ProviderError,
    StatusUpdate,
    Unknown,
    Update,
    UserPreference,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    Json = dict[str, Any]
    Samples = dict[str, dict[str, Json]]
    Envelope = Callable[..., bytes]


def only(body: bytes) -> Update:
    parsed = parse(body)
    assert len(parsed.updates) == 1, parsed
    return parsed.updates[0]


def message(body: bytes) -> InboundMessage:
    update = only(body)
    assert isinstance(update, InboundMessage), update
    return update


@pytest.mark.parametrize(
    ("name", "kind", "text", "choice"),
    [
        ("text", "text", "¿Tienen café en grano?", None),
        ("button", "choice", "No más mensajes", "baja"),
        ("button_reply", "choice", "Confirmar", "confirmar"),
        ("list_reply", "choice", "Huila 500 g", "huila"),
        ("flow", "other", "Enviado", None),
        ("bad_flow", "other", "Enviado", None),
        ("call_permission", "other", "accept", None),
        ("empty_interactive", "other", "", None),
        ("image", "image", "este", None),
        ("voice", "audio", "", None),
        ("video", "video", "", None),
        ("document", "document", "", None),
        ("sticker", "sticker", "", None),
        ("location", "location", "Casa, Cra 7 # 12", None),
        ("bare_location", "location", "4.6, -74.1", None),
        ("contacts", "contacts", "Tía Rosa: +57 310 555 0101", None),
        ("order", "order", "2 × huila-500", None),
        ("reaction", "reaction", "👍", None),
        ("unsupported", "other", "", None),
        ("request_welcome", "other", "", None),
        ("edit", "text", "¿Tienen café molido?", None),
        ("novelty", "other", "", None),
    ],
)
def test_each_type_says_what_a_person_would_read(
    samples: Samples, envelope: Envelope, name: str, kind: str, text: str, choice: str | None
) -> None:
    sample = samples["messages"][name]
    read = message(envelope({"messages": [sample]}))
    assert (read.wamid, read.type, read.kind, read.text, read.choice_id) == (
        sample["id"],
        sample["type"],
        kind,
        text,
        choice,
    )
    assert read.sender.phone == "+573001234567"
    assert read.phone_number_id == "1065"
    assert read.raw == sample


def test_seconds_strings_and_milliseconds_are_the_same_time(samples: Samples, envelope: Envelope) -> None:
    at = [message(envelope({"messages": [samples["messages"][n]]})).provider_at for n in ("text", "reply", "forwarded")]
    assert at == [datetime.fromtimestamp(1_794_000_000 + second, UTC) for second in range(3)]


@pytest.mark.parametrize("absurd", [None, "", "soon", 0, -5, True, "1e400", 12, [], "9" * 40, 10**400])
def test_an_absurd_time_is_no_time(samples: Samples, envelope: Envelope, absurd: object) -> None:
    sample = samples["messages"]["text"] | {"timestamp": absurd}
    assert message(envelope({"messages": [sample]})).provider_at is None


def test_what_a_message_refers_to_is_kept(samples: Samples, envelope: Envelope) -> None:
    reply = message(envelope({"messages": [samples["messages"]["reply"]]}))
    assert reply.context.reply_to == "wamid.OUT1"
    forwarded = message(envelope({"messages": [samples["messages"]["forwarded"]]}))
    assert (forwarded.context.forwarded, forwarded.context.frequently_forwarded) == (True, True)
    product = message(envelope({"messages": [samples["messages"]["product"]]}))
    assert product.context.referred_product == {"catalog_id": "9", "product_retailer_id": "huila-500"}
    reaction = message(envelope({"messages": [samples["messages"]["reaction_removed"]]}))
    assert (reaction.reaction_to, reaction.text) == ("wamid.OUT1", "")
    edit = message(envelope({"messages": [samples["messages"]["edit"]]}))
    assert edit.edit_of == "wamid.T1"
    revoke = message(envelope({"messages": [samples["messages"]["revoke"]]}))
    assert revoke.revoke_of == "wamid.T1"


def test_only_ads_open_the_long_window(samples: Samples, envelope: Envelope) -> None:
    ad = message(envelope({"messages": [samples["messages"]["ad"]]}))
    assert (ad.from_ad, (ad.referral or {})["source_id"]) == (True, "77")
    post = message(envelope({"messages": [samples["messages"]["post"]]}))
    assert (post.from_ad, (post.referral or {})["source_id"]) == (False, "78")


def test_what_opens_the_service_window(samples: Samples, envelope: Envelope) -> None:
    closed = {
        name
        for name, sample in samples["messages"].items()
        if not message(envelope({"messages": [sample]})).opens_window
    }
    assert closed == {"edit", "revoke", "reaction", "reaction_removed"}


def test_media_without_id_is_still_media(samples: Samples, envelope: Envelope) -> None:
    bare = message(envelope({"messages": [samples["messages"]["image_without_id"]]}))
    assert bare.media is not None
    assert (bare.media.id, bare.media.mime_type) == (None, "image/jpeg")
    voice = message(envelope({"messages": [samples["messages"]["voice"]]}))
    assert voice.media is not None
    assert voice.media.voice
    document = message(envelope({"messages": [samples["messages"]["document"]]}))
    assert document.media is not None
    assert document.media.filename == "rut.pdf"


def test_flow_answers_are_read_where_they_are_json(samples: Samples, envelope: Envelope) -> None:
    good = message(envelope({"messages": [samples["messages"]["flow"]]}))
    assert good.content["flow_response"] == {"barrio": "Centro"}
    bad = message(envelope({"messages": [samples["messages"]["bad_flow"]]}))
    assert "flow_response" not in bad.content


def test_errors_are_read_in_messages_statuses_and_values(samples: Samples, envelope: Envelope) -> None:
    unsupported = message(envelope({"messages": [samples["messages"]["unsupported"]]}))
    assert [error.code for error in unsupported.errors] == [131051]
    failed = only(envelope({"statuses": [samples["statuses"]["failed"]]}))
    assert isinstance(failed, StatusUpdate)
    assert [(error.code, error.details) for error in failed.errors] == [(131047, "more than 24 hours")]
    wide = only(envelope({"errors": [{"code": "130429", "title": "Rate limit"}]}))
    assert isinstance(wide, ProviderError)
    assert (wide.error.code, wide.error.title) == (130429, "Rate limit")


def test_statuses_carry_our_key_and_the_recipient(samples: Samples, envelope: Envelope) -> None:
    sent = only(envelope({"statuses": [samples["statuses"]["sent"]]}))
    assert isinstance(sent, StatusUpdate)
    assert (sent.status, sent.opaque, sent.recipient.phone) == ("sent", "0197-key", "+573001234567")
    assert sent.pricing == {"billable": False, "pricing_model": "PMP", "category": "service"}
    played = only(envelope({"statuses": [samples["statuses"]["played"]]}))
    assert isinstance(played, StatusUpdate)
    assert played.recipient == Person(bsuid="CO.1a2B")


def test_everything_in_a_batch_is_fanned_out_in_order(samples: Samples) -> None:
    texts = [samples["messages"]["text"] | {"id": f"wamid.{n}"} for n in range(6)]
    entries = [
        {
            "changes": [
                {"field": "messages", "value": {"messages": texts[0:2], "statuses": [samples["statuses"]["sent"]]}},
                {"field": "messages", "value": {"messages": texts[2:3]}},
            ]
        },
        {"changes": [{"field": "messages", "value": {"messages": texts[3:6]}}]},
    ]
    parsed = parse(json.dumps({"entry": entries}).encode())
    wamids = [update.wamid for update in parsed.updates if isinstance(update, InboundMessage)]
    assert wamids == [f"wamid.{n}" for n in range(6)]
    assert sum(isinstance(update, StatusUpdate) for update in parsed.updates) == 1
    assert [update.position for update in parsed.updates] == list(range(7))


def test_a_malformed_update_stands_alone(samples: Samples, envelope: Envelope) -> None:
    text = samples["messages"]["text"]
    parsed = parse(envelope({"messages": [7, {"type": "text"}, text, None, {"id": {}}], "statuses": [{"id": "x"}, []]}))
    kinds = [type(update).__name__ for update in parsed.updates]
    assert kinds.count("InboundMessage") == 1
    assert kinds.count("Unknown") == 6
    assert parsed.problem is None


def test_360dialogs_legacy_flat_form(samples: Samples) -> None:
    flat = {
        "contacts": [{"profile": {"name": "Ana"}, "wa_id": "573001234567"}],
        "messages": [samples["messages"]["text"]],
        "statuses": [samples["statuses"]["sent"]],
    }
    parsed = parse(json.dumps(flat).encode())
    first, second = parsed.updates
    assert isinstance(first, InboundMessage)
    assert (first.sender.name, first.phone_number_id) == ("Ana", None)
    assert isinstance(second, StatusUpdate)


def test_a_missing_field_name_changes_nothing(samples: Samples, envelope: Envelope) -> None:
    assert message(envelope({"messages": [samples["messages"]["text"]]}, field=None)).text


@pytest.mark.parametrize("field", ["account_update", "calls", "group_lifecycle_update", "template_category_update"])
def test_account_fields_are_events_even_with_statuses_inside(envelope: Envelope, field: str) -> None:
    update = only(envelope({"event": "X", "statuses": [{"id": "wacid.1", "status": "sent"}]}, field=field))
    assert isinstance(update, AccountEvent)
    assert (update.field, update.event, update.account_id) == (field, "X", "W")


def test_unknown_fields_are_kept(envelope: Envelope) -> None:
    update = only(envelope({"something": 1}, field="new_in_2027"))
    assert isinstance(update, Unknown)
    assert (update.field, update.raw["value"]["something"]) == ("new_in_2027", 1)


def test_marketing_preferences(envelope: Envelope) -> None:
    wish = {"wa_id": 573001234567, "value": "stop", "category": "marketing_messages", "timestamp": 1794000000}
    update = only(envelope({"user_preferences": [wish]}, field="user_preferences"))
    assert isinstance(update, UserPreference)
    assert (update.preference, update.person.phone) == ("stop", "+573001234567")


def test_standby_messages_are_marked(samples: Samples, envelope: Envelope) -> None:
    assert message(envelope({"messages": [samples["messages"]["text"]]}, field="standby")).standby


@pytest.mark.parametrize("body", [b"", b"nonsense", b"[1]", b"null", b'"x"', b"{}", b'{"entry": []}', b"\xff", b"["])
def test_unreadable_bodies_are_one_unknown_with_the_problem(body: bytes) -> None:
    parsed = parse(body)
    assert parsed.problem
    assert len(parsed.updates) == 1
    assert isinstance(parsed.updates[0], Unknown)


def test_what_postgres_refuses_is_taken_out(samples: Samples, envelope: Envelope) -> None:
    sample = samples["messages"]["text"] | {"text": {"body": "ho\x00la", "k\x00": "\x00"}}
    read = message(envelope({"messages": [sample]}))
    assert read.text == "hola"
    assert read.raw["text"] == {"body": "hola", "k": ""}


def test_half_a_character_does_not_cost_the_delivery(samples: Samples, envelope: Envelope) -> None:
    sample = samples["messages"]["text"] | {"text": {"body": "hola \ud83d"}}
    read = message(envelope({"messages": [sample]}))
    assert read.text == "hola \ufffd"
    json.dumps(read.raw, ensure_ascii=False).encode()
