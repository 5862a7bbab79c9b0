"""Reads the body of a send request and refuses what the platform would refuse. Pure; knows nothing of who receives it.

Limits: Cloud API reference, messages (text 4096, caption 1024, interactive body 1024, header and footer 60; 3 reply
buttons with titles of 20 and ids of 256; lists of 10 rows in 10 sections, titles 24, descriptions 72, ids 200, button
20; cta_url 20).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from relevo.simulator.graph_errors import GraphError

Json = Mapping[str, Any]
_MEDIA = ("image", "audio", "video", "document", "sticker")
_PLAIN = ("text", "reaction", "location")
_CAPTIONED = ("image", "video", "document")
_MAX_TEXT, _MAX_CAPTION, _MAX_OPAQUE = 4096, 1024, 512
_MAX_BUTTONS, _MAX_ROWS, _MAX_SECTIONS = 3, 10, 10


@dataclass(frozen=True, slots=True)
class Choice:
    """A reply button or list row as the customer sees it."""

    id: str
    title: str
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message somebody wants sent."""

    to: str
    """Phone or BSUID as given."""
    kind: str
    text: str
    """What the customer reads: text, caption, interactive body, or a name for what cannot be read."""
    body: Json
    opaque: str | None = None
    choices: tuple[Choice, ...] = ()
    reply_to: str | None = None
    template: str | None = None


def read(body: Json) -> Outgoing:
    """Check a send request. Raises `GraphError` with 100, 131008, 131009 or 131051 as the platform does."""
    if body.get("messaging_product") != "whatsapp":
        raise GraphError(100, "", message="(#100) The parameter messaging_product is required.")
    to = body.get("to") or body.get("recipient")
    if not isinstance(to, str) or not to:
        raise GraphError(100, "", message="(#100) The parameter to is required.")
    opaque = body.get("biz_opaque_callback_data")
    if opaque is not None and (not isinstance(opaque, str) or len(opaque) > _MAX_OPAQUE):
        raise GraphError(100, f"Param biz_opaque_callback_data must be at most {_MAX_OPAQUE} characters long.")
    kind = body.get("type", "text")
    context = _object(body.get("context"))
    text, choices, template = _content(kind, body)
    reply_to = context.get("message_id") if context else None
    return Outgoing(to, kind, text, body, opaque, choices, reply_to, template)


def _content(kind: Any, body: Json) -> tuple[str, tuple[Choice, ...], str | None]:  # noqa: ANN401 - as it arrived
    if kind == "contacts":
        if not _objects(body.get("contacts")):
            raise _missing("contacts")
        return "[contacts]", (), None
    if not isinstance(kind, str) or kind not in {*_MEDIA, *_PLAIN, "interactive", "template"}:
        raise GraphError(131051, f"Message type {kind} is currently not supported.")
    part = _object(body.get(kind))
    if part is None:
        raise _missing(kind)
    if kind == "interactive":
        return (*_interactive(part), None)
    if kind == "template":
        name = _template(part)
        return f"[template {name}]", (), name
    return _media(kind, part) if kind in _MEDIA else _plain(kind, part), (), None


def _plain(kind: str, part: Json) -> str:
    if kind == "text":
        return _text(part, "body", _MAX_TEXT, "text['body']", code=100)
    if kind == "reaction":
        _text(part, "message_id", 512, "reaction['message_id']")
        return str(part.get("emoji", ""))
    if "latitude" not in part or "longitude" not in part:
        raise _missing("location['latitude'], location['longitude']")
    return "[location]"


def _template(part: Json) -> str:
    language = _object(part.get("language"))
    if language is None or not language.get("code"):
        raise _missing("template['language']['code']")
    return _text(part, "name", 512, "template['name']")


def _media(kind: str, part: Json) -> str:
    source = part.get("link") or part.get("id")
    if not isinstance(source, str):
        raise _missing(f"{kind}['id'] or {kind}['link']")
    caption = part.get("caption")
    if caption is None:
        return f"[{kind} {source}]"
    if kind not in _CAPTIONED:
        raise GraphError(100, "", message=f'(#100) Unexpected key "caption" on param "{kind}".')
    return _text(part, "caption", _MAX_CAPTION, f"{kind}['caption']", code=100)


def _interactive(part: Json) -> tuple[str, tuple[Choice, ...]]:
    kind = part.get("type")
    text = _text(_object(part.get("body")) or {}, "text", _MAX_CAPTION, "interactive['body']['text']")
    header = _object(part.get("header"))
    if header is not None and header.get("type") == "text":
        _text(header, "text", 60, "interactive['header']['text']")
    footer = _object(part.get("footer"))
    if footer is not None:
        _text(footer, "text", 60, "interactive['footer']['text']")
    action = _object(part.get("action"))
    if action is None:
        raise _missing("interactive['action']")
    if kind == "button":
        return text, _buttons(action)
    if kind == "list":
        return text, _rows(action)
    if kind == "cta_url":
        parameters = _object(action.get("parameters")) or {}
        _text(parameters, "display_text", 20, "action['parameters']['display_text']")
        _text(parameters, "url", 2000, "action['parameters']['url']")
        return text, ()
    if kind in {"request_contact_info", "location_request_message", "flow", "product", "product_list"}:
        return text, ()
    raise _invalid(f"interactive['type'] must be one of button, list, cta_url, …; got {kind}")


def _buttons(action: Json) -> tuple[Choice, ...]:
    buttons = _objects(action.get("buttons"))
    if not 1 <= len(buttons) <= _MAX_BUTTONS:
        raise _invalid(f"Invalid buttons count. Min allowed buttons: 1, Max allowed buttons: {_MAX_BUTTONS}")
    replies = [_object(button.get("reply")) or {} for button in buttons]
    choices = tuple(
        Choice(_text(reply, "id", 256, "Button id"), _text(reply, "title", 20, "Button title")) for reply in replies
    )
    _unique(choices, "Buttons")
    if len({choice.title for choice in choices}) < len(choices):
        raise _invalid("Buttons cannot have duplicate titles")
    return choices


def _rows(action: Json) -> tuple[Choice, ...]:
    _text(action, "button", 20, "action['button']")
    sections = _objects(action.get("sections"))
    if not 1 <= len(sections) <= _MAX_SECTIONS:
        raise _invalid(f"Invalid sections count. Min: 1, Max: {_MAX_SECTIONS}")
    rows: list[Choice] = []
    for section in sections:
        if len(sections) > 1 or "title" in section:
            _text(section, "title", 24, "Section title")
        for row in _objects(section.get("rows")):
            description = _text(row, "description", 72, "Row description") if row.get("description") else None
            rows.append(Choice(_text(row, "id", 200, "Row id"), _text(row, "title", 24, "Row title"), description))
    if not 1 <= len(rows) <= _MAX_ROWS:
        raise _invalid(f"Total row count exceed max allowed count: {_MAX_ROWS}")
    _unique(rows, "Rows")
    return tuple(rows)


def _unique(choices: tuple[Choice, ...] | list[Choice], what: str) -> None:
    if len({choice.id for choice in choices}) < len(choices):
        raise _invalid(f"{what} cannot have duplicate ids")


def _text(part: Json, key: str, most: int, name: str, *, code: int = 131009) -> str:
    value = part.get(key)
    if value is None or value == "":
        raise _missing(name)
    if not isinstance(value, str):
        raise _invalid(f"{name} must be a string")
    if len(value) > most:
        if code == 100:  # noqa: PLR2004 - the platform's code for texts and captions
            raise GraphError(100, "", message=f"(#100) Param {name} must be at most {most} characters long.")
        raise _invalid(f"{name} length invalid. Min length: 1, Max length: {most}")
    return value


def _object(value: Any) -> Json | None:  # noqa: ANN401 - as it arrived
    return cast("Json", value) if isinstance(value, dict) else None


def _objects(value: Any) -> list[Json]:  # noqa: ANN401 - as it arrived
    items = cast("list[Any]", value) if isinstance(value, list) else []
    return [cast("Json", item) for item in items if isinstance(item, dict)]


def _missing(name: str) -> GraphError:
    return GraphError(131008, f"Required parameter {name} is missing")


def _invalid(details: str) -> GraphError:
    return GraphError(131009, details)
