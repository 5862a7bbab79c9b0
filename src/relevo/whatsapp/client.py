"""Talks to WhatsApp over HTTP: sends, marks as read, fetches media, sets 360dialog's webhook. Never retries by itself.

Nothing here raises for the provider's trouble: the answer says what happened, and whether a message may have been
accepted although nobody said so. Meta takes `POST {base}/{version}/{phone_number_id}/messages` with a bearer token,
360dialog `POST {base}/messages` with `D360-API-KEY`.
"""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote, urlsplit

import httpx2
import orjson

from relevo.errors import InvalidRequestError
from relevo.whatsapp.answers import (
    Accepted,
    Credentials,
    Downloaded,
    Failed,
    MediaCutError,
    MediaInfo,
    NumberInfo,
    OpenMedia,
)
from relevo.whatsapp.json_body import load
from relevo.whatsapp.lenient import as_list, as_object, identifier, integer, string
from relevo.whatsapp.outgoing_body import read_body
from relevo.whatsapp.people import person
from relevo.whatsapp.provider_errors import Action, ProviderFailure, classify, not_sent, unconfirmed

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping
    from types import TracebackType

    from relevo.whatsapp.updates import Json

GRAPH_VERSION = "v24.0"
_BASES = {"meta": "https://graph.facebook.com", "360dialog": "https://waba-v2.360dialog.io"}
_MEDIA_HOST = "https://lookaside.fbsbx.com"
_MEDIA_DOMAINS = (".fbsbx.com", ".fbcdn.net", ".facebook.com", ".whatsapp.net")
"""Whose servers may see the token when Meta says the media is there."""
_NOT_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.ProxyError)
_SUCCESS = range(200, 300)
_ANSWER_LIMIT = 1_000_000
_TEMPLATE_PAGE = 100
_TEMPLATE_BYTES = 4_000_000
_TOTAL = 20.0
_CONNECT = 5.0
_CONNECTIONS = 400
_KEEPALIVE = 20.0
"""Seconds; below what servers keep, as a connection closed under a request makes its outcome unknown."""


class WhatsAppClient:
    """One connection pool for all channels. Close it with `aclose` or use it as a context manager.

    `api_url` replaces the provider's base address (`WHATSAPP_API_URL`); a channel's own goes before it. `total` and
    `connect` are seconds: for a whole call, and for getting and opening a connection.
    """

    def __init__(
        self,
        *,
        api_url: str | None = None,
        total: float = _TOTAL,
        connect: float = _CONNECT,
        connections: int = _CONNECTIONS,
    ) -> None:
        self._api_url = api_url
        self._total = total
        self._http = httpx2.AsyncClient(
            timeout=httpx2.Timeout(total, connect=connect, pool=connect),
            limits=httpx2.Limits(
                max_connections=connections, max_keepalive_connections=connections, keepalive_expiry=_KEEPALIVE
            ),
            headers={"user-agent": "relevo"},
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the pool."""
        await self._http.aclose()

    async def send(self, credentials: Credentials, body: Json) -> Accepted | Failed:
        """Post a message (see `to_body`) once."""
        answer = await self._call("POST", self._messages_url(credentials), credentials, body)
        if isinstance(answer, ProviderFailure):
            return Failed(answer)
        loaded, _ = load(answer.content)
        parts = as_object(loaded)
        wamid = next(
            (found for item in as_list(parts.get("messages")) if (found := identifier(as_object(item).get("id")))), None
        )
        if answer.status not in _SUCCESS or wamid is None:
            return Failed(classify(answer.status, answer.content, retry_after=answer.retry_after))
        contact = as_object(next(iter(as_list(parts.get("contacts"))), None))
        return Accepted(wamid, person(contact.get("wa_id"), contact.get("user_id"), contact.get("parent_user_id")))

    async def mark_read_typing(
        self, credentials: Credentials, wamid: str, *, typing: bool = True
    ) -> ProviderFailure | None:
        """Mark the customer's message as read and show "typing…" for up to 25 s. None when it worked."""
        answer = await self._call("POST", self._messages_url(credentials), credentials, read_body(wamid, typing=typing))
        return self._harmless(answer)

    async def number_info(self, credentials: Credentials) -> NumberInfo | Failed:
        """Ask the provider about the number, which shows that it takes the token. Sends nothing to anybody.

        Meta: `GET /{phone-number-id}`. 360dialog has the number behind the key: `GET /v1/configs/webhook`.
        """
        meta = credentials.provider == "meta"
        path = quote(credentials.phone_number_id, safe="") if meta else "v1/configs/webhook"
        answer = await self._call("GET", f"{self._base(credentials)}/{path}", credentials)
        failure = self._harmless(answer)
        if failure is not None or isinstance(answer, ProviderFailure):
            return Failed(failure or ProviderFailure(Action.TRANSIENT))
        loaded, _ = load(answer.content)
        parts = as_object(loaded)
        return NumberInfo(
            string(parts.get("display_phone_number")),
            string(parts.get("verified_name")),
            string(parts.get("quality_rating")),
            string(parts.get("url")),
        )

    async def templates(
        self, credentials: Credentials, account_id: str | None, *, most: int = 1000
    ) -> list[Json] | Failed:
        """Read the number's message templates as the provider tells them, page by page.

        Meta: `GET /{whatsapp-business-account-id}/message_templates`. 360dialog: `GET /v1/configs/templates`.
        Raises `InvalidRequestError` for Meta without an account.
        """
        if credentials.provider == "meta":
            if account_id is None:
                raise InvalidRequestError("the WhatsApp business account is not known")
            where, name = f"{self._base(credentials)}/{quote(account_id, safe='')}/message_templates", "data"
        else:
            where, name = f"{self._root(credentials)}/v1/configs/templates", "waba_templates"
        found: list[Json] = []
        page = f"?limit={_TEMPLATE_PAGE}"
        while len(found) < most:
            answer = await self._call("GET", where + page, credentials, limit=_TEMPLATE_BYTES)
            failure = self._harmless(answer)
            if failure is not None or isinstance(answer, ProviderFailure):
                return Failed(failure or ProviderFailure(Action.TRANSIENT))
            loaded, _ = load(answer.content)
            parts = as_object(loaded)
            items = [as_object(item) for item in as_list(parts.get(name))]
            found += items
            paging = as_object(parts.get("paging"))
            after = string(as_object(paging.get("cursors")).get("after")) if paging.get("next") else None
            if credentials.provider == "360dialog":
                after = None if len(items) < _TEMPLATE_PAGE else str(len(found))
            if after is None or not items:
                break
            # Never the address the answer names: the token goes where we send it.
            key = "after" if credentials.provider == "meta" else "offset"
            page = f"?limit={_TEMPLATE_PAGE}&{key}={quote(after, safe='')}"
        return found

    async def media_info(self, credentials: Credentials, media_id: str) -> MediaInfo | Failed:
        """Ask where the bytes of an inbound media are."""
        url = f"{self._base(credentials)}/{quote(media_id, safe='')}"
        answer = await self._call("GET", url, credentials)
        failure = self._harmless(answer)
        if failure is not None or isinstance(answer, ProviderFailure):
            return Failed(failure or ProviderFailure(Action.TRANSIENT))
        loaded, _ = load(answer.content)
        parts = as_object(loaded)
        where = string(parts.get("url"))
        if where is None:
            return Failed(ProviderFailure(Action.TRANSIENT, title="media without address"))
        if credentials.provider == "360dialog":
            where = where.replace(_MEDIA_HOST, self._root(credentials), 1)
        return MediaInfo(
            where, string(parts.get("mime_type")), string(parts.get("sha256")), integer(parts.get("file_size"))
        )

    async def download_media(self, credentials: Credentials, media_id: str, *, limit: int) -> Downloaded | Failed:
        """Fetch the bytes of an inbound media, at most `limit`."""
        info = await self.media_info(credentials, media_id)
        if isinstance(info, Failed):
            return info
        if not self._trusted(credentials, info.url):
            return Failed(ProviderFailure(Action.GIVE_UP, title="media on a server that is not WhatsApp's"))
        if info.size is not None and info.size > limit:
            return Failed(_too_large(limit))
        answer = await self._call("GET", info.url, credentials, limit=limit)
        failure = self._harmless(answer)
        if failure is not None or isinstance(answer, ProviderFailure):
            return Failed(failure or ProviderFailure(Action.TRANSIENT))
        return Downloaded(answer.content, info.mime_type or answer.mime_type)

    @asynccontextmanager
    async def open_media(
        self, credentials: Credentials, media_id: str, *, limit: int
    ) -> AsyncGenerator[OpenMedia | Failed]:
        """Begin to fetch an inbound media of at most `limit` bytes, without holding it in memory."""
        info = await self.media_info(credentials, media_id)
        if isinstance(info, Failed):
            yield info
            return
        if not self._trusted(credentials, info.url):
            yield Failed(ProviderFailure(Action.GIVE_UP, title="media on a server that is not WhatsApp's"))
            return
        if info.size is not None and info.size > limit:
            yield Failed(_too_large(limit))
            return
        headers = _headers(credentials)
        async with AsyncExitStack() as stack:
            try:
                response = await stack.enter_async_context(self._http.stream("GET", info.url, headers=headers))
                if response.status_code not in _SUCCESS:
                    yield Failed(replace(classify(response.status_code, b""), ambiguous=False))
                    return
            except (httpx2.HTTPError, httpx2.InvalidURL) as error:
                yield Failed(not_sent(_words(error)))
                return
            mime_type = info.mime_type or response.headers.get("content-type")
            yield OpenMedia(mime_type, info.size, _pieces(response, limit))

    async def set_webhook(
        self, credentials: Credentials, url: str, headers: Mapping[str, str]
    ) -> ProviderFailure | None:
        """Tell 360dialog where this number's webhooks go and with which secret header. None when it worked.

        Raises `InvalidRequestError` for Meta, whose webhook is set in the app's dashboard.
        """
        if credentials.provider != "360dialog":
            raise InvalidRequestError("Meta's webhook is set in the app's dashboard, under WhatsApp, Configuration")
        where = f"{self._root(credentials)}/v1/configs/webhook"
        return self._harmless(await self._call("POST", where, credentials, {"url": url, "headers": dict(headers)}))

    def _root(self, credentials: Credentials) -> str:
        return (credentials.api_url or self._api_url or _BASES[credentials.provider]).rstrip("/")

    def _base(self, credentials: Credentials) -> str:
        root = self._root(credentials)
        return f"{root}/{GRAPH_VERSION}" if credentials.provider == "meta" else root

    def _messages_url(self, credentials: Credentials) -> str:
        if credentials.provider == "meta":
            return f"{self._base(credentials)}/{quote(credentials.phone_number_id, safe='')}/messages"
        return f"{self._base(credentials)}/messages"

    def _trusted(self, credentials: Credentials, url: str) -> bool:
        """Whether the token may go there: WhatsApp's own servers over TLS, or the very base we send to."""
        try:
            there, ours = urlsplit(url), urlsplit(self._root(credentials))
        except ValueError:
            return False
        if (there.scheme, there.netloc) == (ours.scheme, ours.netloc):
            return True
        return there.scheme == "https" and f".{there.hostname or ''}".endswith(_MEDIA_DOMAINS)

    async def _call(
        self, method: str, url: str, credentials: Credentials, body: Json | None = None, *, limit: int = _ANSWER_LIMIT
    ) -> _Answer | ProviderFailure:
        token = credentials.access_token
        if not (token and token.isascii() and token.isprintable()):
            return ProviderFailure(Action.STOP_CHANNEL, title="the access token is empty or damaged")
        headers = _headers(credentials)
        options: dict[str, Any] = {}
        if body is not None:
            headers["content-type"] = "application/json"
            options["content"] = orjson.dumps(body)
        try:
            async with (
                asyncio.timeout(self._total),
                self._http.stream(method, url, headers=headers, **options) as response,
            ):
                content = bytearray()
                async for piece in response.aiter_bytes():
                    content += piece
                    if len(content) > limit:
                        return replace(_too_large(limit), ambiguous=True)
                return _Answer(
                    response.status_code,
                    bytes(content),
                    _seconds(response.headers.get("retry-after")),
                    response.headers.get("content-type"),
                )
        except _NOT_SENT as error:
            return not_sent(_words(error))
        except (httpx2.InvalidURL, httpx2.UnsupportedProtocol) as error:
            return ProviderFailure(Action.STOP_CHANNEL, title="the API address cannot be used", details=_words(error))
        except (httpx2.HTTPError, TimeoutError) as error:
            return unconfirmed(_words(error))

    @staticmethod
    def _harmless(answer: _Answer | ProviderFailure) -> ProviderFailure | None:
        """Failures of calls that may be repeated freely are never ambiguous."""
        if isinstance(answer, _Answer):
            if answer.status in _SUCCESS:
                return None
            answer = classify(answer.status, answer.content, retry_after=answer.retry_after)
        return replace(answer, ambiguous=False)


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    content: bytes
    retry_after: float | None
    mime_type: str | None


def _headers(credentials: Credentials) -> dict[str, str]:
    token = credentials.access_token
    return {"authorization": f"Bearer {token}"} if credentials.provider == "meta" else {"d360-api-key": token}


async def _pieces(response: httpx2.Response, limit: int) -> AsyncGenerator[bytes]:
    seen = 0
    try:
        async for piece in response.aiter_bytes():
            seen += len(piece)
            if seen > limit:
                raise MediaCutError(f"The file is larger than {limit} bytes.")
            yield piece
    except httpx2.HTTPError as error:
        raise MediaCutError(f"WhatsApp broke off: {_words(error)}") from None


def _too_large(limit: int) -> ProviderFailure:
    return ProviderFailure(Action.GIVE_UP, title=f"larger than {limit} bytes")


def _seconds(header: str | None) -> float | None:
    return float(header) if header is not None and header.isascii() and header.isdigit() else None


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
