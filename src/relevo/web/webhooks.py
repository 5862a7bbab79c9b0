"""The webhook: proves where a delivery comes from, hands it to be stored, and answers once it is committed.

A plain ASGI endpoint, as it is the hottest path of the service.
https://developers.facebook.com/docs/graph-api/webhooks/getting-started
"""

from __future__ import annotations

import time
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

import structlog
from uuid_utils.compat import uuid7

from relevo.conversations.receive import Arrival
from relevo.conversations.updates import Place
from relevo.errors import StoreError
from relevo.store.database import DatabaseError
from relevo.telemetry.metrics import ACK_SECONDS, ACKS
from relevo.telemetry.tracing import span, traceparent
from relevo.whatsapp.parsing import parse
from relevo.whatsapp.signature import (
    META_HEADER,
    SECRET_HEADER,
    meta_signature_matches,
    secret_header_matches,
    verify_challenge,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.types import Receive, Scope, Send

    from relevo.conversations.channels import Channel, Channels, Directory
    from relevo.conversations.group_commit import GroupCommit
    from relevo.whatsapp.updates import ParsedDelivery, Update

MAX_BODY = 3 * 1024 * 1024
"""Bytes; the platform sends no more."""
_META = META_HEADER.lower().encode()
_SECRET = SECRET_HEADER.lower().encode()

log = structlog.get_logger(__name__)


class WebhookEndpoint:
    """`/webhooks/whatsapp` for all channels and `/webhooks/whatsapp/{channel_id}` for one."""

    def __init__(self, channels: Channels, commits: GroupCommit) -> None:
        self._channels = channels
        self._commits = commits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        posted = scope["method"] == "POST"
        began = time.perf_counter()
        status, text = 500, ""
        try:
            if posted:
                with span("webhook"):
                    status, text = await self._post(scope, receive)
            else:
                status, text = await self._verify(scope)
        except (DatabaseError, StoreError, OSError) as error:
            log.warning("delivery not stored, asking to be sent again", error=type(error).__name__)
            status, text = 503, "try again"
        finally:
            if posted:
                ACK_SECONDS.observe(time.perf_counter() - began)
                ACKS.labels(status).inc()
        await _respond(send, status, text)

    async def _verify(self, scope: Scope) -> tuple[int, str]:
        query = parse_qs(scope["query_string"].decode("latin-1"))
        mode, token, challenge = (query.get(f"hub.{name}", [None])[0] for name in ("mode", "verify_token", "challenge"))
        groups = _addressed(scope, await self._channels.directory()).values()
        addressed = [channel for group in groups for channel in group]
        answer = verify_challenge(mode, token, challenge, [channel.verify_token for channel in addressed])
        if answer is not None:
            await self._channels.verified([channel.id for channel in addressed if channel.verify_token == token])
        return (403, "wrong verify token") if answer is None else (200, answer)

    async def _post(self, scope: Scope, receive: Receive) -> tuple[int, str]:
        received_at = datetime.now(UTC)
        body = await _read(receive, MAX_BODY)
        if body is None:
            return 413, "too large"
        headers = dict(scope["headers"])
        directory = await self._channels.directory()
        senders = _authenticated(body, headers, _addressed(scope, directory))
        if not senders:
            return 401, "signature does not match"
        parsed = parse(body)
        arrival = await self._arrival(parsed, body, senders, received_at)
        await self._commits.store(arrival)
        return 200, ""

    async def _arrival(
        self, parsed: ParsedDelivery, body: bytes, senders: Sequence[Channel], received_at: datetime
    ) -> Arrival:
        known = {channel.phone_number_id: channel for channel in senders}
        updates: list[tuple[Update, Place | None]] = []
        for update in parsed.updates:
            channel = _channel_of(update, known, senders)
            if channel is None and update.phone_number_id is not None:
                # It may have been added a moment ago, with the same secret as those we know.
                fresh = await self._channels.directory(wanting=update.phone_number_id)
                newer = fresh.by_number.get(update.phone_number_id)
                if newer is not None and newer.webhook_secret == senders[0].webhook_secret:
                    channel = newer
            updates.append((update, Place(channel.id, channel.workspace_id) if channel else None))
        places = {place.channel_id for _, place in updates if place is not None}
        return Arrival(
            id=uuid7(),
            received_at=received_at,
            body=body,
            updates=updates,
            channel_id=next(iter(places)) if len(places) == 1 else None,
            problem=parsed.problem,
            trace=traceparent(),
        )


def _addressed(scope: Scope, directory: Directory) -> Mapping[tuple[str, str], Sequence[Channel]]:
    """Return the channels a request may speak for, by its path alone: by provider and secret."""
    wanted = scope.get("path_params", {}).get("channel_id")
    if wanted is None:
        return directory.by_secret
    try:
        channel = directory.by_id.get(uuid.UUID(wanted))
    except ValueError:
        return {}
    return {(channel.provider, channel.webhook_secret or ""): (channel,)} if channel else {}


def _authenticated(
    body: bytes, headers: dict[bytes, bytes], channels: Mapping[tuple[str, str], Sequence[Channel]]
) -> list[Channel]:
    """Return the channels whose secret the request proves to know."""
    signature = headers.get(_META, b"").decode("latin-1")
    secret = headers.get(_SECRET, b"").decode("latin-1")
    senders: list[Channel] = []
    for (provider, own), group in channels.items():
        proven = (
            meta_signature_matches(body, signature, [own])
            if provider == "meta"
            else secret_header_matches(secret, [own])
        )
        if proven:
            senders.extend(group)
    return senders


def _channel_of(update: Update, known: dict[str, Channel], senders: Sequence[Channel]) -> Channel | None:
    """Return the channel of an update: by its number; without one, only where there is no doubt."""
    if update.phone_number_id is not None:
        return known.get(update.phone_number_id)
    return senders[0] if len({channel.workspace_id for channel in senders}) == 1 else None


async def _read(receive: Receive, limit: int) -> bytes | None:
    """Read the body; None when it is larger than `limit`."""
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise OSError("the sender hung up")
        chunk: bytes = message.get("body", b"")
        size += len(chunk)
        if size > limit:
            return None
        chunks.append(chunk)
        if not message.get("more_body"):
            return chunks[0] if len(chunks) == 1 else b"".join(chunks)


async def _respond(send: Send, status: int, text: str) -> None:
    body = text.encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
