"""Messages we send, as values. Limits are in `outgoing_limits`, the wire form in `outgoing_body`; nothing here sends.

https://developers.facebook.com/documentation/business-messaging/whatsapp/messages
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from relevo.whatsapp.updates import Json

MediaKind = Literal["image", "video", "audio", "document", "sticker"]


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom to write to; the phone wins when both are known."""

    phone: str | None = None
    """E.164 with `+`."""
    bsuid: str | None = None


@dataclass(frozen=True, slots=True)
class Text:
    """Plain text, up to 4096 characters; see `split_text`."""

    body: str
    preview_url: bool = False


@dataclass(frozen=True, slots=True)
class MediaLink:
    """Media WhatsApp fetches from a public https address."""

    kind: MediaKind
    link: str
    caption: str | None = None
    """Not for audio and stickers."""
    filename: str | None = None
    """For documents."""


@dataclass(frozen=True, slots=True)
class Button:
    """A reply button."""

    id: str
    title: str


@dataclass(frozen=True, slots=True)
class Buttons:
    """Text with up to three reply buttons."""

    body: str
    buttons: tuple[Button, ...]
    header: str | MediaLink | None = None
    """Text, or an image, video or document without caption."""
    footer: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a list."""

    id: str
    title: str
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """Rows under a title; the title is needed when there are several sections."""

    rows: tuple[Row, ...]
    title: str | None = None


@dataclass(frozen=True, slots=True)
class List:
    """Text with a button that opens a list of up to ten rows."""

    body: str
    button: str
    sections: tuple[Section, ...]
    header: str | None = None
    footer: str | None = None


@dataclass(frozen=True, slots=True)
class UrlButton:
    """Text with one button that opens a web page (`cta_url`)."""

    body: str
    title: str
    url: str
    header: str | None = None
    footer: str | None = None


@dataclass(frozen=True, slots=True)
class Template:
    """An approved template, the only thing allowed outside the 24-hour window."""

    name: str
    language: str
    parameters: tuple[str, ...] = ()
    """Body parameters in order; shorthand for a body component."""
    components: tuple[Json, ...] = ()
    """Components in wire form, for headers and buttons."""


@dataclass(frozen=True, slots=True)
class Reaction:
    """An emoji on a message; an empty emoji takes it away."""

    message_id: str
    emoji: str


@dataclass(frozen=True, slots=True)
class ContactInfoRequest:
    """Asks somebody known by username only for their phone number (`request_contact_info`)."""

    body: str


OutgoingMessage = Text | MediaLink | Buttons | List | UrlButton | Template | Reaction | ContactInfoRequest
