"""Checks an outgoing message against the platform's limits before it is sent. It sends and changes nothing.

Lengths count characters (code points). Pages: `messages/text-messages`, `…/interactive-reply-buttons-messages`,
`…/interactive-list-messages`, `…/image-messages` of Meta's Cloud API documentation.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

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

if TYPE_CHECKING:
    from collections.abc import Iterable

    from relevo.whatsapp.outgoing import OutgoingMessage

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024
BODY_LIMIT = 1024
HEADER_LIMIT = 60
FOOTER_LIMIT = 60
BUTTONS_LIMIT = 3
BUTTON_TITLE_LIMIT = 20
BUTTON_ID_LIMIT = 256
ROWS_LIMIT = 10
SECTIONS_LIMIT = 10
SECTION_TITLE_LIMIT = 24
ROW_TITLE_LIMIT = 24
ROW_DESCRIPTION_LIMIT = 72
ROW_ID_LIMIT = 200
OPAQUE_LIMIT = 512
URL_LIMIT = 2048
_TEMPLATE_NAME = re.compile(r"[a-z0-9_]{1,512}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(_[A-Za-z]{2,4})?")


def check(message: OutgoingMessage) -> None:
    """Raise `OutgoingMessageError`, saying what to do, when WhatsApp would refuse the message for its form."""
    match message:
        case Text(body):
            _filled("text", body, TEXT_LIMIT, "split it with split_text")
        case MediaLink():
            _media(message)
        case Buttons():
            _buttons(message)
        case List():
            _list(message)
        case UrlButton(body, title, url, header, footer):
            _interactive(body, header, footer)
            _filled("button title", title, BUTTON_TITLE_LIMIT)
            _link(url)
        case Template():
            _template(message)
        case Reaction(message_id):
            _filled("message to react to", message_id, URL_LIMIT)
        case ContactInfoRequest(body):
            _filled("body", body, BODY_LIMIT)


def check_opaque(opaque: str) -> None:
    """Raise `OutgoingMessageError` when WhatsApp would not carry this `biz_opaque_callback_data`."""
    _filled("opaque data", opaque, OPAQUE_LIMIT)


def _filled(what: str, value: str, limit: int, advice: str = "shorten it") -> None:
    if not value.strip():
        raise OutgoingMessageError(f"{what} is empty: write something or leave the message out")
    _within(what, value, limit, advice)


def _within(what: str, value: str | None, limit: int, advice: str = "shorten it") -> None:
    if value is not None and len(value) > limit:
        raise OutgoingMessageError(f"{what} has {len(value)} characters, WhatsApp takes {limit}: {advice}")


def _unique(what: str, values: Iterable[str]) -> None:
    seen: set[str] = set()
    for value in values:
        if value in seen:
            raise OutgoingMessageError(f"{what} {value!r} stands twice: make each different")
        seen.add(value)


def _link(link: str) -> None:
    _within("link", link, URL_LIMIT)
    try:
        parts = urlsplit(link)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in {"https", "http"} or not parts.netloc:
        raise OutgoingMessageError(f"link {link[:80]!r}: give the full public address, beginning with https://")


def _media(media: MediaLink) -> None:
    _link(media.link)
    if media.caption is not None:
        if media.kind in {"audio", "sticker"}:
            raise OutgoingMessageError(f"{media.kind} takes no caption: send the words as their own message")
        _within("caption", media.caption, CAPTION_LIMIT)
    if media.filename is not None and media.kind != "document":
        raise OutgoingMessageError(f"{media.kind} takes no file name: only documents do")


def _template(template: Template) -> None:
    if not _TEMPLATE_NAME.fullmatch(template.name):
        raise OutgoingMessageError(f"template name {template.name!r}: use the approved name (a-z, 0-9, _)")
    if not _LANGUAGE.fullmatch(template.language):
        raise OutgoingMessageError(f"template language {template.language!r}: use a code such as es or es_CO")


def _interactive(body: str, header: str | None, footer: str | None) -> None:
    _filled("body", body, BODY_LIMIT)
    if header is not None:
        _filled("header", header, HEADER_LIMIT)
    if footer is not None:
        _filled("footer", footer, FOOTER_LIMIT)


def _buttons(message: Buttons) -> None:
    header = message.header
    if isinstance(header, MediaLink):
        if header.kind in {"audio", "sticker"} or header.caption is not None:
            raise OutgoingMessageError("the header takes an image, video or document without caption")
        _media(header)
        header = None
    _interactive(message.body, header, message.footer)
    if not 1 <= len(message.buttons) <= BUTTONS_LIMIT:
        raise OutgoingMessageError(f"{len(message.buttons)} buttons, WhatsApp takes 1 to {BUTTONS_LIMIT}: use a list")
    for button in message.buttons:
        _filled("button title", button.title, BUTTON_TITLE_LIMIT)
        _filled("button id", button.id, BUTTON_ID_LIMIT)
    _unique("button id", (button.id for button in message.buttons))
    _unique("button title", (button.title for button in message.buttons))


def _list(message: List) -> None:
    _interactive(message.body, message.header, message.footer)
    _filled("list button", message.button, BUTTON_TITLE_LIMIT)
    sections = message.sections
    rows = [row for section in sections for row in section.rows]
    if not 1 <= len(rows) <= ROWS_LIMIT:
        raise OutgoingMessageError(f"{len(rows)} rows, WhatsApp takes 1 to {ROWS_LIMIT} in all: leave some out")
    if len(sections) > SECTIONS_LIMIT or not all(section.rows for section in sections):
        raise OutgoingMessageError(f"a list takes up to {SECTIONS_LIMIT} sections, each with rows: join or drop some")
    for section in sections:
        if section.title is None and len(sections) > 1:
            raise OutgoingMessageError("with several sections each needs a title")
        if section.title is not None:
            _filled("section title", section.title, SECTION_TITLE_LIMIT)
    for row in rows:
        _filled("row title", row.title, ROW_TITLE_LIMIT)
        _filled("row id", row.id, ROW_ID_LIMIT)
        _within("row description", row.description, ROW_DESCRIPTION_LIMIT)
    _unique("row id", (row.id for row in rows))
