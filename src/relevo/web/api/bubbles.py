"""What is inside a bubble besides its text, typed: media, places, cards, buttons. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from pydantic import BaseModel, Field

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MEDIA_KINDS = frozenset({"image", "audio", "video", "document", "sticker"})


class MediaPart(BaseModel):
    """A file. Inbound ones are at `…/messages/{id}/media`; outgoing ones at the link they were sent by."""

    mime_type: str | None = None
    filename: str | None = None
    voice: bool = False
    animated: bool = False
    link: str | None = Field(default=None, description="Of an outgoing one.")
    available: bool = Field(description="Whether `…/media` may have it: WhatsApp keeps inbound files for some days.")


class PlacePart(BaseModel):
    """A location."""

    latitude: float
    longitude: float
    name: str | None = None
    address: str | None = None


class CardPart(BaseModel):
    """A contact's card."""

    name: str
    phones: list[str] = []
    emails: list[str] = []


class ChoicePart(BaseModel):
    """A button or row, offered or tapped."""

    id: str
    title: str
    description: str | None = None


class TemplatePart(BaseModel):
    """An approved template as it was sent."""

    name: str
    language: str
    parameters: list[str] = []


class ItemPart(BaseModel):
    """A line of an order from WhatsApp's own catalogue."""

    product_id: str
    quantity: int
    price: float | None = None
    currency: str | None = None


class AdPart(BaseModel):
    """The ad (or post) the customer came from."""

    headline: str | None = None
    body: str | None = None
    url: str | None = None


class Parts(BaseModel):
    """Whatever applies; the rest is null or empty."""

    media: MediaPart | None = None
    location: PlacePart | None = None
    contacts: list[CardPart] = []
    buttons: list[ChoicePart] = Field(default=[], description="Reply buttons, or rows of a list, as offered.")
    list_button: str | None = None
    url: str | None = Field(default=None, description="Where the one button of the message leads.")
    choice: ChoicePart | None = Field(default=None, description="What the customer tapped.")
    template: TemplatePart | None = None
    items: list[ItemPart] = []
    form: dict[str, Any] = Field(default={}, description="Answers of a WhatsApp Flow.")
    ad: AdPart | None = None
    forwarded: bool = False
    corrects: bool = Field(default=False, description="It replaces the quoted message (edited on the phone).")
    deletes: bool = Field(default=False, description="The quoted message was taken back.")


def parts_of(kind: str, content: Mapping[str, Any]) -> Parts:
    """Read what a message holds; anything malformed is left out."""
    sent = _text(content.get("type")) or kind
    parts = Parts(
        forwarded=content.get("forwarded") is True,
        corrects=sent == "edit",
        deletes=sent == "revoke",
        form=_dict(content.get("flow_response")),
        ad=_ad(_dict(content.get("referral"))),
    )
    if kind in MEDIA_KINDS:
        parts.media = _media(_dict(content.get(sent)) or _dict(content.get(kind)))
    elif kind == "location":
        parts.location = _place(_dict(content.get("location")))
    elif kind == "contacts":
        parts.contacts = [_card(card) for card in _dicts(content.get("contacts"))]
    elif kind == "choice":
        parts.choice = _tapped(content)
    elif kind == "order":
        parts.items = [_item(item) for item in _dicts(_dict(content.get("order")).get("product_items"))]
    elif kind == "template":
        parts.template = _template(_dict(content.get("template")))
    _interactive(parts, _dict(content.get("interactive")))
    return parts


def _media(part: Mapping[str, Any]) -> MediaPart:
    return MediaPart(
        mime_type=_text(part.get("mime_type")),
        filename=_text(part.get("filename")),
        voice=part.get("voice") is True,
        animated=part.get("animated") is True,
        link=_text(part.get("link")),
        available=bool(_text(part.get("id"))),
    )


def _place(part: Mapping[str, Any]) -> PlacePart | None:
    try:
        latitude, longitude = float(part["latitude"]), float(part["longitude"])
    except (KeyError, TypeError, ValueError):
        return None
    return PlacePart(
        latitude=latitude, longitude=longitude, name=_text(part.get("name")), address=_text(part.get("address"))
    )


def _card(card: Mapping[str, Any]) -> CardPart:
    name = _dict(card.get("name"))
    phones = [_text(phone.get("phone")) or _text(phone.get("wa_id")) for phone in _dicts(card.get("phones"))]
    emails = [_text(mail.get("email")) for mail in _dicts(card.get("emails"))]
    return CardPart(
        name=_text(name.get("formatted_name")) or _text(name.get("first_name")) or "",
        phones=[phone for phone in phones if phone],
        emails=[mail for mail in emails if mail],
    )


def _tapped(content: Mapping[str, Any]) -> ChoicePart | None:
    interactive, button = _dict(content.get("interactive")), _dict(content.get("button"))
    reply = _dict(interactive.get("button_reply")) or _dict(interactive.get("list_reply"))
    if button:
        reply = {"id": button.get("payload"), "title": button.get("text")}
    title = _text(reply.get("title")) or _text(reply.get("id"))
    if title is None:
        return None
    return ChoicePart(id=_text(reply.get("id")) or title, title=title, description=_text(reply.get("description")))


def _item(item: Mapping[str, Any]) -> ItemPart:
    return ItemPart(
        product_id=_text(item.get("product_retailer_id")) or "?",
        quantity=int(_number(item.get("quantity")) or 1),
        price=_number(item.get("item_price")),
        currency=_text(item.get("currency")),
    )


def _template(part: Mapping[str, Any]) -> TemplatePart:
    nothing: dict[str, Any] = {}
    body = next((one for one in _dicts(part.get("components")) if one.get("type") == "body"), nothing)
    return TemplatePart(
        name=_text(part.get("name")) or "",
        language=_text(_dict(part.get("language")).get("code")) or "",
        parameters=[_text(one.get("text")) or "" for one in _dicts(body.get("parameters"))],
    )


def _interactive(parts: Parts, interactive: Mapping[str, Any]) -> None:
    """Add what an outgoing interactive message offers."""
    action, header = _dict(interactive.get("action")), _dict(interactive.get("header"))
    head = _text(header.get("type"))
    if head in MEDIA_KINDS:
        parts.media = _media(_dict(header.get(head)))
    offered = [_dict(button.get("reply")) for button in _dicts(action.get("buttons"))]
    offered += [row for section in _dicts(action.get("sections")) for row in _dicts(section.get("rows"))]
    parts.buttons = [
        ChoicePart(
            id=str(one.get("id", "")), title=str(one.get("title", "")), description=_text(one.get("description"))
        )
        for one in offered
    ]
    parts.list_button = _text(action.get("button"))
    if action.get("name") == "cta_url":
        parts.url = _text(_dict(action.get("parameters")).get("url"))


def _ad(part: Mapping[str, Any]) -> AdPart | None:
    if not part:
        return None
    return AdPart(headline=_text(part.get("headline")), body=_text(part.get("body")), url=_text(part.get("source_url")))


def _dict(value: object) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _dicts(value: object) -> Iterable[dict[str, Any]]:
    items = cast("list[object]", value) if isinstance(value, list) else []
    return [one for item in items if (one := _dict(item))]


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _number(value: object) -> float | None:
    try:
        return float(value) if isinstance(value, (int, float, str)) else None
    except ValueError:
        return None
