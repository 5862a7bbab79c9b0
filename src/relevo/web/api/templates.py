"""`/channels/{id}/templates`: what may be sent outside the window, as WhatsApp has approved it."""

import re
import time
import uuid
from typing import TYPE_CHECKING, Any, Literal, cast

import orjson
from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from relevo.errors import ConflictError, NotFoundError
from relevo.store.database import Connection, Row, fetch_all, fetch_one
from relevo.web.api.access import Me, Parts
from relevo.web.api.paging import Page
from relevo.whatsapp.answers import Credentials, Failed
from relevo.whatsapp.explanations import explain

if TYPE_CHECKING:
    from relevo.whatsapp.client import WhatsAppClient

router = APIRouter(prefix="/channels/{channel_id}/templates", tags=["channels"])

FRESH_SECONDS = 300.0
MOST_KEPT = 500
"""Channels whose templates one process keeps."""

_CHANNEL = """
select provider, phone_number_id, api_url, access_token from channels
where id = %(channel)s and workspace_id = %(workspace)s
"""
_BODIES = """
select body from deliveries where channel_id = %(channel)s and problem is null order by received_at desc limit 5
"""
_WITH_VALUES = frozenset({"COPY_CODE", "OTP", "FLOW"})
"""Buttons that are not sent without a value."""
_VARIABLE = re.compile(r"\{\{\s*([A-Za-z0-9_]+)\s*\}\}")


class TemplateButton(BaseModel):
    """A button under a template."""

    type: str
    text: str


class Template(BaseModel):
    """A template and what it takes to send it."""

    name: str
    language: str
    category: str
    header: str | None = Field(description="Text of the header; of a header with media: its kind, in capitals.")
    body: str
    footer: str | None
    buttons: list[TemplateButton]
    variables: list[str] = Field(description="Of the body, in order: their numbers, or their names.")
    sendable: bool = Field(description="False: its header or a button needs values that cannot be given here.")


class _Kept(BaseModel):
    at: float
    templates: list[Template]


@router.get("")
async def list_templates(channel_id: uuid.UUID, me: Me, parts: Parts, request: Request) -> Page[Template]:
    """List the approved templates of a number, as WhatsApp told them at most five minutes ago."""
    async with parts.database.reading() as connection:
        wanted = {"channel": channel_id, "workspace": me.workspace_id}
        channel = await fetch_one(connection, _CHANNEL, wanted)
        if channel is None:
            raise NotFoundError(f"There is no channel {channel_id}.")
        kept: dict[uuid.UUID, _Kept] = request.app.state.templates
        known = kept.get(channel_id)
        if known is not None and time.monotonic() - known.at < FRESH_SECONDS:
            return Page[Template](items=known.templates)
        account = await _account(connection, channel_id) if channel["provider"] == "meta" else None
    if channel["provider"] == "meta" and account is None:
        raise ConflictError("The number's account is known once the first webhook arrives: write to the number once.")
    client: WhatsAppClient = request.app.state.whatsapp
    found = await client.templates(_credentials(channel, parts.secrets.open(channel["access_token"])), account)
    if isinstance(found, Failed):
        raise ConflictError(f"WhatsApp does not tell its templates: {explain(found.failure, 'en')}")
    templates = [template for one in found if (template := _read(one)) is not None]
    templates.sort(key=lambda template: (template.name, template.language))
    if len(kept) >= MOST_KEPT:
        kept.clear()
    kept[channel_id] = _Kept(at=time.monotonic(), templates=templates)
    return Page[Template](items=templates)


async def _account(connection: Connection, channel_id: uuid.UUID) -> str | None:
    """Read the WhatsApp business account of a number: webhooks carry it as `entry[].id`."""
    for row in await fetch_all(connection, _BODIES, {"channel": channel_id}):
        try:
            loaded: Any = orjson.loads(row["body"])
            entry = cast("dict[str, Any]", loaded)["entry"][0]["id"]
        except (orjson.JSONDecodeError, KeyError, IndexError, TypeError):
            continue
        if isinstance(entry, str) and entry.isascii() and entry.isdigit():
            return entry
    return None


def _credentials(channel: Row, token: str) -> Credentials:
    provider = cast("Literal['meta', '360dialog']", channel["provider"])
    return Credentials(provider, channel["phone_number_id"], token, channel["api_url"])


def _read(one: dict[str, Any]) -> Template | None:
    """Read an approved template of either provider; anything else is none."""
    name, language = one.get("name"), one.get("language")
    if str(one.get("status", "")).upper() != "APPROVED" or not isinstance(name, str) or not isinstance(language, str):
        return None
    parts = {str(part.get("type", "")).upper(): part for part in _dicts(one.get("components"))}
    body, header = str(parts.get("BODY", {}).get("text") or ""), parts.get("HEADER", {})
    format_ = str(header.get("format") or "TEXT").upper()
    head = str(header.get("text") or "") if format_ == "TEXT" else format_
    buttons = _dicts(parts.get("BUTTONS", {}).get("buttons"))
    wanting = _VARIABLE.search(head) or any(
        _VARIABLE.search(str(button.get("url", "")))
        or str(button.get("type", "")).upper() in {"COPY_CODE", "OTP", "FLOW"}
        for button in buttons
    )
    variables = list(dict.fromkeys(_VARIABLE.findall(body)))
    numbered = all(variable.isdigit() for variable in variables)
    if numbered:
        variables.sort(key=int)
    return Template(
        name=name,
        language=language,
        category=str(one.get("category") or "").upper(),
        header=head or None,
        body=body,
        footer=str(parts.get("FOOTER", {}).get("text") or "") or None,
        buttons=[TemplateButton(type=str(b.get("type", "")), text=str(b.get("text", ""))) for b in buttons],
        variables=variables,
        # Named variables travel by name, which is not what the outgoing message writes.
        sendable=format_ == "TEXT" and not wanting and numbered and "CAROUSEL" not in parts,
    )


def _dicts(value: object) -> list[dict[str, Any]]:
    items = cast("list[object]", value) if isinstance(value, list) else []
    return [cast("dict[str, Any]", item) for item in items if isinstance(item, dict)]
