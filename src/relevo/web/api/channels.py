"""`/channels`: connected numbers, how to connect one, and whether it works. Secrets come in and never go out again."""

import uuid
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request, status
from pydantic import BaseModel, Field, SecretStr

from relevo.conversations.channel_state import stop_channel
from relevo.conversations.connect import ChannelChanges, NewChannel, add_channel, change_channel, enable_channel
from relevo.errors import NotFoundError
from relevo.store.database import Connection, Row, fetch_all, fetch_one
from relevo.store.sql_files import sql_file
from relevo.web.api.access import Admin, Caller, Db, Me, Parts, Services
from relevo.web.api.channel_set_up import SetUp, set_up_steps
from relevo.web.api.paging import DEFAULT_LIMIT, Cursor, Limit, Page, page, place
from relevo.whatsapp.answers import Credentials, Failed
from relevo.whatsapp.client import WhatsAppClient
from relevo.whatsapp.explanations import explain
from relevo.whatsapp.signature import SECRET_HEADER

router = APIRouter(prefix="/channels", tags=["channels"])

Secret = Annotated[SecretStr, Field(min_length=1, max_length=2000)]
WEBHOOKS = "/webhooks/whatsapp"
_STOPPED = "stopped by hand"


class Channel(BaseModel):
    """A connected number."""

    id: uuid.UUID
    provider: Literal["meta", "360dialog"]
    phone_number_id: str
    phone: str = Field(description="E.164.")
    api_url: str | None = Field(description="Another base address of the API than the provider's own.")
    status: Literal["active", "stopped"]
    status_reason: str | None
    paused_until: datetime | None = Field(description="WhatsApp asked for slower sending until then.")
    verified_at: datetime | None = Field(description="When the provider last verified the callback address.")
    first_webhook_at: datetime | None = Field(description="Of those still kept; null: none arrived.")
    last_webhook_at: datetime | None
    receiving: bool = Field(description="Something has arrived, so the connection is right.")
    created_at: datetime


class NewChannelForm(BaseModel):
    """A number to connect, as its provider knows it."""

    provider: Literal["meta", "360dialog"]
    phone_number_id: str = Field(min_length=1, max_length=100)
    phone: str = Field(max_length=40, examples=["+573001234567"], description="International form.")
    access_token: Secret = Field(description="Meta's access token, or 360dialog's API key.")
    app_secret: Secret | None = Field(
        default=None, description="Meta: the app secret, required. 360dialog: the header's value; made up if left out."
    )
    verify_token: Secret | None = Field(default=None, description="Made up if left out.")
    api_url: str | None = Field(default=None, max_length=500)


class ChannelForm(BaseModel):
    """What to change; what is left out stays."""

    phone: str | None = Field(default=None, max_length=40)
    access_token: Secret | None = None
    app_secret: Secret | None = None
    verify_token: Secret | None = None
    api_url: str | None = Field(default=None, max_length=500, description="Empty: the provider's own again.")


class ChannelCheck(BaseModel):
    """What the provider says of the number right now."""

    ok: bool
    words: str = Field(description="What is wrong and what to do, or that all is well; in the shop's language.")
    code: int | None = Field(default=None, description="WhatsApp's error code.")
    phone: str | None = Field(default=None, description="The number as the provider writes it.")
    name: str | None = Field(default=None, description="What customers see.")
    quality: str | None = Field(default=None, description="GREEN, YELLOW, RED: how customers take its messages.")
    webhook_url: str | None = Field(default=None, description="360dialog: where its webhooks go now.")


class Wanted(BaseModel):
    """Which page."""

    limit: Limit = DEFAULT_LIMIT
    cursor: Cursor = None


def whatsapp(request: Request) -> WhatsAppClient:
    """Return what talks to the providers."""
    client = request.app.state.whatsapp
    if not isinstance(client, WhatsAppClient):
        raise TypeError("the application runs without a WhatsApp client")
    return client


WhatsApp = Annotated[WhatsAppClient, Depends(whatsapp)]


@router.get("")
async def list_channels(me: Me, db: Db, wanted: Annotated[Wanted, Query()]) -> Page[Channel]:
    """List connected numbers, newest first."""
    parameters = {"workspace": me.workspace_id, "one": None, "limit": wanted.limit + 1, **place(wanted.cursor, "id")}
    async with db.reading() as connection:
        rows = await fetch_all(connection, sql_file("relevo.web.api", "channels"), parameters)
    return page(rows, wanted.limit, Channel, "id")


@router.post("", status_code=status.HTTP_201_CREATED)
async def create_channel(form: NewChannelForm, me: Admin, parts: Parts) -> Channel:
    """Connect a number. Its secrets are stored encrypted."""
    optional = {
        name: value.get_secret_value()
        for name in ("app_secret", "verify_token")
        if (value := getattr(form, name)) is not None
    }
    if form.provider == "meta":
        optional.setdefault("app_secret", "")
    channel = NewChannel(
        provider=form.provider,
        phone_number_id=form.phone_number_id,
        phone=form.phone,
        access_token=form.access_token.get_secret_value(),
        api_url=form.api_url,
        **optional,
    )
    async with parts.database.transaction() as connection:
        channel_id = await add_channel(connection, parts.secrets, me.workspace_id, channel)
        return await _show(connection, me, channel_id)


@router.get("/{channel_id}")
async def get_channel(channel_id: uuid.UUID, me: Me, db: Db) -> Channel:
    """Show one. A page that waits for the first webhook may ask every second or two."""
    async with db.reading() as connection:
        return await _show(connection, me, channel_id)


@router.patch("/{channel_id}")
async def update_channel(channel_id: uuid.UUID, form: ChannelForm, me: Admin, parts: Parts) -> Channel:
    """Change a number's secrets, address or phone."""
    secrets = {
        name: value.get_secret_value()
        for name in ("access_token", "app_secret", "verify_token")
        if (value := getattr(form, name)) is not None
    }
    changes = ChannelChanges(phone=form.phone, api_url=form.api_url, **secrets)
    async with parts.database.transaction() as connection:
        await change_channel(connection, parts.secrets, me.workspace_id, channel_id, changes)
        return await _show(connection, me, channel_id)


@router.post("/{channel_id}/stop")
async def stop(channel_id: uuid.UUID, me: Admin, db: Db) -> Channel:
    """Send nothing more on this number. What arrives is still stored; what is planned waits."""
    async with db.transaction() as connection:
        await _show(connection, me, channel_id)
        await stop_channel(connection, channel_id, _STOPPED)
        return await _show(connection, me, channel_id)


@router.post("/{channel_id}/resume")
async def resume(channel_id: uuid.UUID, me: Admin, db: Db) -> Channel:
    """Let a stopped number speak again; what waited is sent within a minute."""
    async with db.transaction() as connection:
        await _show(connection, me, channel_id)
        await enable_channel(connection, str(channel_id))
        return await _show(connection, me, channel_id)


@router.post("/{channel_id}/check")
async def check(channel_id: uuid.UUID, me: Admin, parts: Parts, client: WhatsApp) -> ChannelCheck:
    """Ask the provider whether it knows the number and takes the token. Nothing is sent to anybody."""
    row = await _secrets(parts, me, channel_id)
    found = await client.number_info(_credentials(parts, row))
    if isinstance(found, Failed):
        return ChannelCheck(ok=False, words=explain(found.failure, row["language"]), code=found.failure.code)
    return ChannelCheck(
        ok=True,
        words=_WELL[row["language"]],
        phone=found.phone,
        name=found.name,
        quality=found.quality,
        webhook_url=found.webhook_url,
    )


@router.get("/{channel_id}/set-up")
async def set_up(
    channel_id: uuid.UUID,
    request: Request,
    me: Admin,
    parts: Parts,
    reveal: Annotated[bool, Query(description="Show the verify token or the secret header, to paste it.")] = False,  # noqa: FBT002 - a query parameter
) -> SetUp:
    """Say what to paste where at the provider."""
    row = await _secrets(parts, me, channel_id)
    column = "verify_token" if row["provider"] == "meta" else "app_secret"
    shown = parts.secrets.open(row[column]) if reveal else None
    return set_up_steps(row["provider"], parts.site.url(request, WEBHOOKS), shown)


@router.post("/{channel_id}/register-webhook")
async def register_webhook(
    channel_id: uuid.UUID, request: Request, me: Admin, parts: Parts, client: WhatsApp
) -> ChannelCheck:
    """Tell 360dialog where this number's webhooks go. Meta's are set in the app's dashboard."""
    row = await _secrets(parts, me, channel_id)
    url = parts.site.url(request, WEBHOOKS)
    headers = {SECRET_HEADER: parts.secrets.open(row["app_secret"])} if row["app_secret"] else {}
    failure = await client.set_webhook(_credentials(parts, row), url, headers)
    if failure is not None:
        return ChannelCheck(ok=False, words=explain(failure, row["language"]), code=failure.code)
    return ChannelCheck(ok=True, words=_WELL[row["language"]], webhook_url=url)


_WELL = {
    "es": "Todo bien: WhatsApp conoce el número y acepta el token.",
    "en": "All is well: WhatsApp knows the number and takes the token.",
    "pt": "Tudo certo: o WhatsApp conhece o número e aceita o token.",
}
_SECRETS = """
select c.provider, c.phone_number_id, c.api_url, c.access_token, c.app_secret, c.verify_token, a.language
from channels c join agent_configs a on a.workspace_id = c.workspace_id
where c.workspace_id = %(workspace)s and c.id = %(channel)s
"""


async def _show(connection: Connection, me: Caller, channel_id: uuid.UUID) -> Channel:
    wanted = {"workspace": me.workspace_id, "one": channel_id, "limit": 1, "after_id": None}
    rows = await fetch_all(connection, sql_file("relevo.web.api", "channels"), wanted)
    if not rows:
        raise NotFoundError(f"There is no channel {channel_id}.")
    return Channel.model_validate(dict(rows[0]))


async def _secrets(parts: Services, me: Caller, channel_id: uuid.UUID) -> Row:
    async with parts.database.reading() as connection:
        row = await fetch_one(connection, _SECRETS, {"workspace": me.workspace_id, "channel": channel_id})
    if row is None:
        raise NotFoundError(f"There is no channel {channel_id}.")
    return row


def _credentials(parts: Services, row: Row) -> Credentials:
    token = parts.secrets.open(row["access_token"])
    return Credentials(row["provider"], row["phone_number_id"], token, row["api_url"])
