"""Turns the agent's bubbles into planned messages: the exact body that will be posted, but for the address. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from uuid_utils.compat import uuid7

from relevo.whatsapp import outgoing
from relevo.whatsapp.outgoing import Recipient
from relevo.whatsapp.outgoing_body import to_body
from relevo.whatsapp.split import split_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from relevo.agents.decision import Bubble
    from relevo.whatsapp.outgoing import OutgoingMessage

_ANYBODY = Recipient(phone="+0")
_OPTIONS_TITLE = "Opciones"


def planned_rows(bubbles: Iterable[Bubble]) -> list[dict[str, Any]]:
    """Return the rows to plan, in order.

    Raises:
        OutgoingMessageError: a bubble breaks a limit of the platform (a defect of the playbook or the agent).

    """
    rows: list[dict[str, Any]] = []
    for bubble in bubbles:
        for part, (kind, message) in enumerate(_messages(bubble)):
            message_id = uuid7()
            content = to_body(message, _ANYBODY, opaque=str(message_id))
            content.pop("to")
            rows.append(
                {
                    "n": len(rows),
                    "id": message_id,
                    "kind": kind,
                    "text": _words(message),
                    "content": content,
                    "key": bubble.key,
                    "asks": bubble.asks,
                    "essential": bubble.essential,
                    "delay": bubble.delay if part == 0 else 0.0,
                }
            )
    return rows


def _messages(bubble: Bubble) -> Iterator[tuple[str, OutgoingMessage]]:
    """Yield what one bubble is on the wire: mostly one message, a long text several."""
    media = bubble.media
    if bubble.template is not None:
        template = bubble.template
        yield "template", outgoing.Template(template.name, template.language, template.parameters)
    elif bubble.buttons:
        header = outgoing.MediaLink(media.kind, media.link) if media else None
        buttons = tuple(outgoing.Button(button.id, button.title) for button in bubble.buttons)
        yield "buttons", outgoing.Buttons(bubble.text, buttons, header=header)
    elif bubble.rows:
        rows = tuple(outgoing.Row(row.id, row.title, row.description) for row in bubble.rows)
        yield "list", outgoing.List(bubble.text, bubble.list_button or _OPTIONS_TITLE, (outgoing.Section(rows),))
    elif media is not None:
        caption = bubble.text or None
        yield media.kind, outgoing.MediaLink(media.kind, media.link, caption=caption, filename=media.filename)
    else:
        for part in split_text(bubble.text):
            yield "text", outgoing.Text(part)


def _words(message: OutgoingMessage) -> str:
    """Return what a person reads of it, for the history and the inbox."""
    match message:
        case outgoing.Text(body=body) | outgoing.Buttons(body=body) | outgoing.List(body=body):
            return body
        case outgoing.MediaLink(caption=caption):
            return caption or ""
        case outgoing.Template(name=name):
            return f"[{name}]"
        case _:
            return ""
