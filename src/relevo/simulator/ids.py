"""Ids shaped like the platform's. Unique across runs on purpose: a restarted simulator must not repeat a wamid."""

from __future__ import annotations

import base64
import secrets

_INBOUND = b"\x15\x02\x00\x12\x18\x14"
_OUTBOUND = b"\x15\x02\x00\x11\x18\x12"


def wamid(peer: str, *, inbound: bool) -> str:
    """Return a message id as seen in webhooks: `wamid.` and base64 of the peer and a random message key."""
    head = b"\x1c\x18" + bytes([len(peer)]) + peer.encode()
    key = secrets.token_hex(10 if inbound else 9).upper().encode()
    return "wamid." + base64.b64encode(head + (_INBOUND if inbound else _OUTBOUND) + key + b"\x00").decode()


def media_id() -> str:
    """Return a media id: digits, as the Graph API gives them."""
    return str(1_000_000_000_000_000 + secrets.randbelow(9_000_000_000_000_000))


def trace_id() -> str:
    """Return the `fbtrace_id` of an error body."""
    return "A" + secrets.token_urlsafe(16)


def bsuid(country: str = "CO") -> str:
    """Return a business-scoped user id, `CC.` and alphanumerics."""
    return f"{country}.{secrets.randbelow(10**20):020d}"
