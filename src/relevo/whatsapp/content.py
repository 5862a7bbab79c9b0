"""What a message says: kind, readable text, media, choice. The same for customers' messages, echoes and past chats."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from relevo.whatsapp.json_body import clean
from relevo.whatsapp.lenient import as_list, as_object, identifier, integer, object_or_none, string
from relevo.whatsapp.updates import NO_CONTEXT, Context, Media, ReportedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from relevo.whatsapp.updates import Json, Kind

_ENVELOPE = frozenset(
    {
        "id",
        "from",
        "from_user_id",
        "from_parent_user_id",
        "to",
        "to_user_id",
        "to_parent_user_id",
        "timestamp",
        "type",
        "context",
        "referral",
        "errors",
        "group_id",
        "history_context",
        "edit",
        "revoke",
    }
)
_MEDIA_KINDS: dict[str, Kind] = {
    "image": "image",
    "audio": "audio",
    "voice": "audio",
    "video": "video",
    "document": "document",
    "sticker": "sticker",
}


@dataclass(frozen=True, slots=True)
class Said:
    """The parts of a message that do not depend on who said it."""

    kind: Kind
    text: str
    content: Json
    choice_id: str | None = None
    media: Media | None = None
    reaction_to: str | None = None
    edit_of: str | None = None
    revoke_of: str | None = None


def said(message: Json, kind_of_message: str) -> Said:
    """Read a message of this type; an edit reads as what it became."""
    if kind_of_message == "edit":
        edit = as_object(message.get("edit"))
        inner = as_object(edit.get("message"))
        new = said(inner, type_of(inner)) if inner.get("type") != "edit" else Said("other", "", _content(inner))
        return Said(
            new.kind,
            new.text,
            new.content,
            new.choice_id,
            new.media,
            new.reaction_to,
            identifier(edit.get("original_message_id")),
        )
    if kind_of_message == "revoke":
        revoke = as_object(message.get("revoke"))
        return Said("other", "", {}, revoke_of=identifier(revoke.get("original_message_id")))
    reader = _READERS.get(kind_of_message, _other)
    return reader(as_object(message.get(kind_of_message)), message)


def type_of(message: Json) -> str:
    """Return the type as sent; where it is absent, the one whose part is there."""
    sent = string(message.get("type"))
    if sent is not None:
        return sent
    return next((name for name in _TYPED_PARTS if name in message), "")


def context_of(message: Json) -> Context:
    """Read what the message quotes, forwards or asks about."""
    context = as_object(message.get("context"))
    if not context:
        return NO_CONTEXT
    return Context(
        identifier(context.get("id")) or identifier(context.get("message_id")),
        context.get("forwarded") is True,
        context.get("frequently_forwarded") is True,
        object_or_none(context.get("referred_product")),
    )


def errors_of(holder: Json) -> tuple[ReportedError, ...]:
    """Read `errors[]` of a message, status, value or history chunk."""
    errors = holder.get("errors")
    if errors is None:
        return ()
    return tuple(error_of(item) for item in map(as_object, as_list(errors)) if item)


def error_of(error: Json) -> ReportedError:
    """Read one error object of the platform."""
    data = as_object(error.get("error_data"))
    return ReportedError(
        integer(error.get("code")),
        string(error.get("title")) or string(error.get("error_user_title")),
        string(error.get("message")),
        string(data.get("details")) or string(error.get("details")) or string(error.get("error_user_msg")),
    )


def _content(message: Json) -> Json:
    return {key: value for key, value in message.items() if key not in _ENVELOPE}


def _text(part: Json, message: Json) -> Said:
    return Said("text", string(part.get("body")) or "", _content(message))


def _media(part: Json, message: Json) -> Said:
    kind = _MEDIA_KINDS[type_of(message)]
    caption = string(part.get("caption"))
    media = Media(
        identifier(part.get("id")),
        string(part.get("mime_type")),
        string(part.get("sha256")),
        caption,
        string(part.get("filename")),
        part.get("voice") is True or "voice" in message,
        part.get("animated") is True,
        string(part.get("url")) or string(part.get("link")),
    )
    return Said(kind, caption or "", _content(message), media=media)


def _button(part: Json, message: Json) -> Said:
    title = string(part.get("text"))
    payload = string(part.get("payload"))
    return Said("choice", title or payload or "", _content(message), choice_id=payload or title)


def _interactive(part: Json, message: Json) -> Said:
    for name in ("button_reply", "list_reply"):
        reply = as_object(part.get(name))
        if reply:
            choice = string(reply.get("id"))
            title = string(reply.get("title"))
            return Said("choice", title or choice or "", _content(message), choice_id=choice or title)
    flow = as_object(part.get("nfm_reply"))
    if flow:
        content = _content(message)
        answers = _flow_answers(flow.get("response_json"))
        if answers is not None:
            content["flow_response"] = answers
        return Said("other", string(flow.get("body")) or string(flow.get("name")) or "", content)
    permission = as_object(part.get("call_permission_reply"))
    return Said("other", string(permission.get("response")) or "", _content(message))


def _flow_answers(response: Any) -> Json | None:  # noqa: ANN401 - whatever JSON the sender put there
    """`response_json` is JSON in a string, and not always good JSON."""
    if isinstance(response, str):
        try:
            response = clean(orjson.loads(response))
        except orjson.JSONDecodeError:
            return None
    return object_or_none(response)


def _location(part: Json, message: Json) -> Said:
    places = [place for place in (string(part.get("name")), string(part.get("address"))) if place]
    if not places:
        places = [text for text in (string(part.get("latitude")), string(part.get("longitude"))) if text]
    return Said("location", ", ".join(places), _content(message))


def _contacts(_: Json, message: Json) -> Said:
    cards: list[str] = []
    for item in as_list(message.get("contacts")):
        card = as_object(item)
        name = as_object(card.get("name"))
        label = string(name.get("formatted_name")) or string(name.get("first_name"))
        phones = [string(as_object(entry).get("phone")) for entry in as_list(card.get("phones"))]
        numbers = ", ".join(number for number in phones if number)
        cards.append(": ".join(piece for piece in (label, numbers) if piece))
    return Said("contacts", "; ".join(card for card in cards if card), _content(message))


def _order(part: Json, message: Json) -> Said:
    note = string(part.get("text"))
    if note is None:
        lines: list[str] = []
        for item in as_list(part.get("product_items")):
            product = as_object(item)
            quantity = string(product.get("quantity")) or "1"
            lines.append(f"{quantity} × {string(product.get('product_retailer_id')) or '?'}")
        note = "; ".join(lines)
    return Said("order", note, _content(message))


def _reaction(part: Json, message: Json) -> Said:
    return Said(
        "reaction",
        string(part.get("emoji")) or "",
        _content(message),
        reaction_to=identifier(part.get("message_id")),
    )


def _other(_: Json, message: Json) -> Said:
    return Said("other", "", _content(message))


_READERS: dict[str, Callable[[Json, Json], Said]] = {
    "text": _text,
    "image": _media,
    "audio": _media,
    "voice": _media,
    "video": _media,
    "document": _media,
    "sticker": _media,
    "button": _button,
    "interactive": _interactive,
    "location": _location,
    "contacts": _contacts,
    "order": _order,
    "reaction": _reaction,
}
_TYPED_PARTS = (*_READERS, "system", "edit", "revoke")
