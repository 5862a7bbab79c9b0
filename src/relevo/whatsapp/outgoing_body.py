"""Turns an outgoing message into the JSON the messages endpoint takes, Meta's and 360dialog's alike. Sends nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relevo.errors import OutgoingMessageError
from relevo.whatsapp.outgoing import (
    Buttons,
    ContactInfoRequest,
    List,
    MediaLink,
    Reaction,
    Template,
    Text,
    UrlButton,
)
from relevo.whatsapp.outgoing_limits import check, check_opaque

if TYPE_CHECKING:
    from relevo.whatsapp.outgoing import OutgoingMessage, Recipient
    from relevo.whatsapp.updates import Json


def to_body(
    message: OutgoingMessage, recipient: Recipient, *, opaque: str | None = None, reply_to: str | None = None
) -> Json:
    """Return the request body; `opaque` comes back in every status, `reply_to` is the wamid to quote.

    Raises `OutgoingMessageError` when a limit is broken or there is nobody to send to. Phones go with their `+`:
    without it Meta may put the shop's own country code in front (`cloud-api/messages`, "phone number formats").
    """
    check(message)
    body: Json = {"messaging_product": "whatsapp", "recipient_type": "individual"}
    if recipient.phone:
        body["to"] = recipient.phone
    elif recipient.bsuid:
        body["recipient"] = recipient.bsuid
    else:
        raise OutgoingMessageError("nobody to send to: the contact has neither a phone nor a BSUID")
    if reply_to and not isinstance(message, Reaction):
        body["context"] = {"message_id": reply_to}
    if opaque is not None:
        check_opaque(opaque)
        body["biz_opaque_callback_data"] = opaque
    body.update(_part(message))
    return body


def read_body(wamid: str, *, typing: bool = False) -> Json:
    """Return the body that marks a message (and all before it) as read; `typing` shows "typing…" for up to 25 s."""
    body: Json = {"messaging_product": "whatsapp", "status": "read", "message_id": wamid}
    if typing:
        body["typing_indicator"] = {"type": "text"}
    return body


def _part(message: OutgoingMessage) -> Json:  # noqa: PLR0911 - one return per kind of message
    match message:
        case Text(text, preview_url):
            return {"type": "text", "text": {"body": text, "preview_url": preview_url}}
        case MediaLink(kind):
            return {"type": kind, kind: _media(message)}
        case Buttons():
            return _interactive("button", message.body, _buttons(message), _header(message.header), message.footer)
        case List():
            return _interactive("list", message.body, _list(message), _header(message.header), message.footer)
        case UrlButton(text, title, url, header, footer):
            action = {"name": "cta_url", "parameters": {"display_text": title, "url": url}}
            return _interactive("cta_url", text, action, _header(header), footer)
        case Template():
            return {"type": "template", "template": _template(message)}
        case Reaction(message_id, emoji):
            return {"type": "reaction", "reaction": {"message_id": message_id, "emoji": emoji}}
        case ContactInfoRequest(text):
            return _interactive("request_contact_info", text, {"name": "request_contact_info"})


def _media(media: MediaLink) -> Json:
    part: Json = {"link": media.link}
    if media.caption:
        part["caption"] = media.caption
    if media.filename:
        part["filename"] = media.filename
    return part


def _header(header: str | MediaLink | None) -> Json | None:
    if header is None:
        return None
    if isinstance(header, MediaLink):
        return {"type": header.kind, header.kind: _media(header)}
    return {"type": "text", "text": header}


def _interactive(kind: str, text: str, action: Json, header: Json | None = None, footer: str | None = None) -> Json:
    part: Json = {"type": kind, "body": {"text": text}, "action": action}
    if header is not None:
        part["header"] = header
    if footer is not None:
        part["footer"] = {"text": footer}
    return {"type": "interactive", "interactive": part}


def _buttons(message: Buttons) -> Json:
    return {"buttons": [{"type": "reply", "reply": {"id": b.id, "title": b.title}} for b in message.buttons]}


def _list(message: List) -> Json:
    sections: list[Json] = []
    for section in message.sections:
        rows: list[Json] = []
        for row in section.rows:
            wire: Json = {"id": row.id, "title": row.title}
            if row.description:
                wire["description"] = row.description
            rows.append(wire)
        sections.append({"rows": rows} if section.title is None else {"title": section.title, "rows": rows})
    return {"button": message.button, "sections": sections}


def _template(message: Template) -> Json:
    components = list(message.components)
    if message.parameters:
        # Meta refuses line breaks, tabs and runs of spaces inside parameters (132018).
        texts = [" ".join(parameter.split()) or "-" for parameter in message.parameters]
        components.append({"type": "body", "parameters": [{"type": "text", "text": text} for text in texts]})
    part: Json = {"name": message.name, "language": {"code": message.language}}
    if components:
        part["components"] = components
    return part
