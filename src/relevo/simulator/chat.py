"""A chat as its customer sees it on the phone: bubbles, ticks, buttons, typing. Reads the world, changes nothing."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from relevo.simulator.numbers import Number
    from relevo.simulator.phone import Customer, Received
    from relevo.simulator.records import Inbound
    from relevo.simulator.world import World

Ticks = Literal["sent", "delivered", "read"]
TYPING_SECONDS = 25.0
"""How long a typing indicator stays without a message (Cloud API, typing indicators)."""
_FILES = ("image", "audio", "video", "document", "sticker")


@dataclass(frozen=True, slots=True)
class Line:
    """One bubble."""

    wamid: str
    at: float
    mine: bool
    kind: str
    text: str
    ticks: Ticks | None = None
    """Of the customer's own messages. `delivered`: the service acknowledged it; `read`: it marked it so."""
    reply_to: str | None = None
    header: str | None = None
    footer: str | None = None
    choices: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    menu: str | None = None
    """What opens the rows of a list; without it, choices are buttons."""
    link: dict[str, str] | None = None
    file: str | None = None
    """Address of a picture, recording, film or document."""
    filename: str | None = None
    details: list[str] = field(default_factory=list[str])
    """What else there is to read: values of a template, names of contacts."""
    reactions: list[str] = field(default_factory=list[str])


@dataclass(frozen=True, slots=True)
class Chat:
    """All of one customer's chat with one number."""

    customer: str
    name: str | None
    business: str
    phone: str
    typing: bool
    lines: list[Line]


def chat(world: World, number: Number, customer: Customer | None, key: str) -> Chat:
    """Return the chat of the customer called `key`; an empty one for somebody who has not written yet."""
    if customer is None:
        return Chat(key, None, number.name, number.display_phone, typing=False, lines=[])
    inbounds = [
        one
        for one in world.ledger.inbounds
        if one.customer == customer.key and one.number == number.phone_number_id and one.kind != "system"
    ]
    marks = [
        mark for mark in world.ledger.marks if mark.customer == customer.key and mark.number == number.phone_number_id
    ]
    marked = {mark.wamid for mark in marks}
    read = max((one.seq for one in inbounds if one.wamid in marked), default=0)
    echoes = [
        Line(echo.wamid, echo.at, mine=False, kind="text", text=echo.text)
        for echo in world.ledger.echoes
        if echo.customer == customer.key and echo.number == number.phone_number_id
    ]
    lines = [
        *(_said(one, world.item(one.wamid), read=one.seq <= read) for one in inbounds),
        *(_heard(world, one) for one in customer.received),
        *echoes,
    ]
    heard_at = max([0.0, *(one.at for one in customer.received)])
    typed_at = max((mark.at for mark in marks if mark.typing), default=0.0)
    typing = typed_at > heard_at and world.clock.now() - typed_at < TYPING_SECONDS
    profile = customer.profile
    return Chat(profile.key, profile.name, number.name, number.display_phone, typing, _with_reactions(lines))


def as_json(view: Chat) -> dict[str, Any]:
    """Return the chat as the page takes it: what is empty is left out of the lines."""
    lines = [{name: value for name, value in asdict(line).items() if value not in (None, [])} for line in view.lines]
    return {**asdict(view), "lines": lines}


def _said(inbound: Inbound, item: Mapping[str, Any], *, read: bool) -> Line:
    ticks: Ticks = "read" if read else "delivered" if inbound.acked_at is not None else "sent"
    reply_to: str | None = item.get("context", {}).get("id")
    line = Line(inbound.wamid, inbound.at, mine=True, kind=inbound.kind, text=inbound.text, ticks=ticks)
    if inbound.kind in _FILES:
        part: dict[str, Any] = item.get(inbound.kind, {})
        file = f"/phone/media/{part.get('id')}"
        return replace(line, file=file, filename=part.get("filename"), reply_to=reply_to)
    if inbound.kind == "reaction":
        return replace(line, reply_to=item.get("reaction", {}).get("message_id"))
    return replace(line, reply_to=reply_to)


def _heard(world: World, received: Received) -> Line:
    body, kind = received.body, received.kind
    context: dict[str, Any] = body.get("context") or {}
    reply_to: str | None = context.get("message_id")
    line = Line(received.wamid, received.at, mine=False, kind=kind, text=received.text, reply_to=reply_to)
    if kind == "contacts":
        names = [str(one.get("name", {}).get("formatted_name", "")) for one in body.get("contacts", [])]
        return replace(line, text="", details=names)
    part: dict[str, Any] = body.get(kind) or {}
    if kind in _FILES:
        own = world.media.get(str(part.get("id")))
        file = f"/phone/media/{own.id}" if own is not None else part.get("link")
        line = replace(line, text=str(part.get("caption") or ""), file=file, filename=part.get("filename"))
    elif kind == "interactive":
        line = _interactive(line, part, received)
    elif kind == "template":
        line = replace(line, text=str(part.get("name")), details=list(_values(part)))
    elif kind == "reaction":
        line = replace(line, reply_to=part.get("message_id"))
    elif kind == "location":
        line = replace(line, text=str(part.get("name") or ""), details=_place(part))
    return line


def _interactive(line: Line, part: Mapping[str, Any], received: Received) -> Line:
    action: dict[str, Any] = part.get("action", {})
    header: dict[str, Any] = part.get("header") or {}
    footer: dict[str, Any] = part.get("footer") or {}
    link: dict[str, str] | None = None
    if part.get("type") == "cta_url":
        parameters: dict[str, Any] = action.get("parameters", {})
        link = {"title": str(parameters.get("display_text")), "url": str(parameters.get("url"))}
    return replace(
        line,
        header=header.get("text"),
        footer=footer.get("text"),
        choices=[asdict(choice) for choice in received.choices],
        menu=str(action.get("button")) if part.get("type") == "list" else None,
        link=link,
    )


def _values(template: Mapping[str, Any]) -> Iterable[str]:
    """Return the values put into a template; its words are the provider's, not ours to know."""
    for component in template.get("components", []):
        for parameter in component.get("parameters", []):
            if parameter.get("type") == "text":
                yield str(parameter.get("text"))


def _place(part: Mapping[str, Any]) -> list[str]:
    where = f"{part.get('latitude')}, {part.get('longitude')}"
    return [where] if not part.get("address") else [str(part["address"]), where]


def _with_reactions(lines: list[Line]) -> list[Line]:
    """Put reactions on what they are about; of each side only the last counts, and an empty one takes it back."""
    lines = sorted(lines, key=lambda line: line.at)
    reactions: dict[str, dict[bool, str]] = {}
    for line in lines:
        if line.kind == "reaction" and line.reply_to is not None:
            reactions.setdefault(line.reply_to, {})[line.mine] = line.text
    return [
        replace(line, reactions=[emoji for emoji in reactions.get(line.wamid, {}).values() if emoji])
        for line in lines
        if line.kind != "reaction"
    ]
