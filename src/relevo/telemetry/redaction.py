"""Takes secrets and phone numbers out of whatever is about to be logged. Errs on the side of hiding too much."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any, Final, cast

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, MutableMapping

HIDDEN: Final = "[hidden]"
MIN_SECRET: Final = 6
"""Characters; anything shorter would blank out ordinary words."""

_SECRET_NAME: Final = re.compile(
    r"secret|token|passw|authorization|api[-_]?key|cookie|credential|signature|private", re.IGNORECASE
)
_PLAIN_NAMES: Final = frozenset({"phone_number_id", "timestamp", "level", "logger"})
"""Long digits that name a business number or a moment, never a customer."""

_SECRET_SHAPES: Final = re.compile(
    r"""
      (?P<scheme>\b(?:bearer|basic)\s+)[^\s'",;]+           # Authorization headers
    | (?P<url>\b[a-z][a-z0-9+.-]*://[^\s/@:]*:)[^\s/@]+(?=@)  # passwords in URLs
    | (?P<query>[?&;](?:access_token|hub\.verify_token|api_key|key|token|secret|password)=)[^&\s'"]+
    | \bEAA[A-Za-z0-9]{16,}                                 # Meta's access tokens
    | \bsk-[A-Za-z0-9_-]{12,}                               # model providers' keys
    | \brelevo_[A-Za-z0-9_-]{20,}                           # our own API tokens
    | \bgAAAAA[A-Za-z0-9_=-]{20,}                           # what SecretBox seals
    """,
    re.VERBOSE | re.IGNORECASE,
)
_NUMBERS: Final = re.compile(
    r"""
      (?P<keep>
          \b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b      # ids
        | \b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?                    # moments
      )
    | (?P<wamid>\bwamid\.[A-Za-z0-9+/=_-]+)                 # holds the customer's number in base 64
    | (?P<phone>\+\d(?:[\s().-]{0,2}\d){5,17}               # written with a plus
        | \d(?:[\s().-]{0,2}\d){8,17})                      # nine digits or more, whatever stands beside them
    """,
    re.VERBOSE | re.IGNORECASE,
)
_SHOWN_WAMID: Final = 6
_LONG: Final = 10


def shorten_phone(phone: str) -> str:
    """Shorten a phone to what tells two customers apart but calls neither: `+57•••4567`."""
    digits = re.sub(r"\D", "", phone)
    tail = 4 if len(digits) >= _LONG else 2
    return f"{'+' if phone.startswith('+') else ''}{digits[:2]}•••{digits[-tail:]}"


class Redactor:
    """A structlog processor. `secrets` are values known beforehand, hidden wherever they turn up."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        known = sorted({secret for secret in secrets if len(secret) >= MIN_SECRET}, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, known))) if known else None

    def __call__(self, _logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        """Clean one event, in place."""
        for name, value in event.items():
            event[name] = self._value(name, value)
        return event

    def text(self, text: str) -> str:
        """Clean a text."""
        if self._known is not None:
            text = self._known.sub(HIDDEN, text)
        return _NUMBERS.sub(_shorter, _SECRET_SHAPES.sub(_hidden, text))

    def _value(self, name: str, value: object) -> object:
        if _SECRET_NAME.search(name):
            return HIDDEN
        if name in _PLAIN_NAMES or value is None or isinstance(value, (bool, float)):
            return value
        if isinstance(value, int):
            cleaned = self.text(str(value))
            return value if cleaned == str(value) else cleaned
        if isinstance(value, dict):
            inner = cast("dict[object, object]", value)
            return {self.text(str(key)): self._value(str(key), item) for key, item in inner.items()}
        if isinstance(value, (list, tuple, set, frozenset)):
            return [self._value("", item) for item in cast("Iterable[object]", value)]
        return self.text(value if isinstance(value, str) else str(value))


def environment_secrets(environment: Mapping[str, str] | None = None) -> list[str]:
    """Return the secrets this process was given by its environment: keys, tokens, passwords in URLs."""
    found: list[str] = []
    for name, value in (os.environ if environment is None else environment).items():
        if _SECRET_NAME.search(name) or name.endswith("_KEY"):
            found.append(value)
        elif match := re.match(r"[a-z][a-z0-9+.-]*://[^\s/@:]*:([^\s/@]+)@", value):
            found.append(match[1])
    return found


def _hidden(match: re.Match[str]) -> str:
    return f"{match['scheme'] or match['url'] or match['query'] or ''}{HIDDEN}"


def _shorter(match: re.Match[str]) -> str:
    if match["keep"]:
        return match[0]
    if match["wamid"]:
        return f"wamid.…{match[0][-_SHOWN_WAMID:]}"
    return shorten_phone(match[0])
