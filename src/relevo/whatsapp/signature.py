"""Proves where a webhook came from: signatures over the raw bytes, secret header, handshake. Never parses the body.

Re-serialised JSON does not verify (Meta escapes unicode): give these functions the bytes as they arrived. Comparisons
take constant time. An empty secret never matches, so a channel without one accepts nothing.
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

META_HEADER = "X-Hub-Signature-256"
SECRET_HEADER = "X-Relevo-Secret"  # noqa: S105 - a header's name, not a secret
"""The custom header set with a 360dialog number's webhook; 360dialog signs nothing there."""
PARTNER_HEADER = "x-360dialog-signature"
_PREFIX = "sha256="


def meta_signature_matches(body: bytes, header: str | None, app_secrets: Iterable[str]) -> bool:
    """Whether `X-Hub-Signature-256` was made with any of the app secrets.

    https://developers.facebook.com/docs/graph-api/webhooks/getting-started#validate-payloads
    """
    if header is None or not header.startswith(_PREFIX):
        return False
    return _hmac_matches(body, header.removeprefix(_PREFIX), app_secrets)


def partner_signature_matches(body: bytes, header: str | None, platform_secrets: Iterable[str]) -> bool:
    """Whether 360dialog's `x-360dialog-signature` (partner webhooks) was made with any of the platform's secrets."""
    if header is None:
        return False
    return _hmac_matches(body, header.strip().removeprefix(_PREFIX), platform_secrets)


def secret_header_matches(header: str | None, secrets: Iterable[str]) -> bool:
    """Whether `X-Relevo-Secret` is any of the secrets."""
    if not header:
        return False
    return _matches_any(header, secrets)


def verify_challenge(
    mode: str | None, token: str | None, challenge: str | None, expected: str | Iterable[str]
) -> str | None:
    """Return what to answer (status 200, as plain text) to Meta's `GET` verification, or None for 403.

    https://developers.facebook.com/docs/graph-api/webhooks/getting-started#verification-requests
    """
    tokens = (expected,) if isinstance(expected, str) else expected
    if mode != "subscribe" or not token or challenge is None:
        return None
    return challenge if _matches_any(token, tokens) else None


def _hmac_matches(body: bytes, given: str, secrets: Iterable[str]) -> bool:
    made = (hmac.digest(secret.encode(), body, "sha256").hex() for secret in secrets if secret)
    return _matches_any(given.lower(), made)


def _matches_any(given: str, candidates: Iterable[str]) -> bool:
    # Bytes, as comparing text beyond ASCII raises; no early exit, so that time does not tell which one matched.
    sent = given.encode("utf-8", "replace")
    matched = False
    for candidate in candidates:
        if candidate:
            matched |= hmac.compare_digest(sent, candidate.encode())
    return matched
