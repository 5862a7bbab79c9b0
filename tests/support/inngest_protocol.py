"""Inngest's wire protocol as its server speaks it: signatures, call requests, expressions (docs/SDK_SPEC.md there)."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from dataclasses import dataclass, field
from typing import Any

KEY_PREFIX = "signkey-test-"


def signature(body: bytes, signing_key: str, at: int | None = None) -> str:
    """Sign a request: HMAC-SHA256 of the canonical body and the time (4.1.3)."""
    moment = str(at or int(time.time()))
    key = signing_key.removeprefix(KEY_PREFIX).encode()
    return f"t={moment}&s={hmac.new(key, body + moment.encode(), hashlib.sha256).hexdigest()}"


def canonical(value: object) -> bytes:
    """Write JSON in canonical form (RFC 8785), for values without fractions."""
    return json.dumps(value, separators=(",", ":"), sort_keys=True, ensure_ascii=False).encode()


def signed_by(body: bytes, header: str | None, signing_key: str) -> bool:
    """Check the signature of an answer."""
    parts = dict(part.split("=", 1) for part in (header or "").split("&") if "=" in part)
    return bool(parts) and signature(body, signing_key, int(parts["t"])) == header


def bearer(signing_key: str) -> str:
    """Return what the SDK sends to the server's API (4.1.4; the Python SDK leaves the prefix out)."""
    return f"Bearer {hashlib.sha256(bytes.fromhex(signing_key.removeprefix(KEY_PREFIX))).hexdigest()}"


def value_of(expression: str, event: dict[str, Any]) -> str:
    """Evaluate the one form of expression our functions use: a path from `event`."""
    value: Any = {"event": event}
    for name in expression.split("."):
        value = value[name]
    return str(value)


@dataclass
class Run:
    """One run of one function for one event."""

    id: str
    function: str
    event: dict[str, Any]
    attempt: int = 0
    steps: dict[str, Any] = field(default_factory=dict[str, Any])
    status: str = "scheduled"
    answers: list[tuple[int, Any]] = field(default_factory=list[tuple[int, Any]])

    def body(self) -> bytes:
        """Write the call request (4.4.1)."""
        return canonical(
            {
                "event": self.event,
                "events": [self.event],
                "steps": self.steps,
                "use_api": False,
                "version": 2,
                "ctx": {
                    "run_id": self.id,
                    "attempt": self.attempt,
                    "disable_immediate_execution": False,
                    "use_api": False,
                    "stack": {"stack": list(self.steps), "current": len(self.steps)},
                },
            }
        )
