"""Lenient readers for values that should have a certain type and sometimes have not. They never raise."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from relevo.whatsapp.updates import Json

_BSUID = re.compile(r"[A-Z]{2}\.(?:ENT\.)?[A-Za-z0-9]{1,128}")
_NOT_DIGIT = re.compile(r"[^0-9]")
_EMPTY: Json = {}
_LONGEST_ID = 1024
"""Ids end up in unique indexes, which refuse keys over ~2700 bytes."""
_EARLIEST = 1_230_768_000.0
"""2009, the year WhatsApp began: anything before is not a time of a message."""
_LATEST = 4_102_444_800.0
"""2100."""
_LONGEST_NUMBER = 20
_SHORTEST_PHONE = 6
_LONGEST_PHONE = 15


def as_object(value: object) -> Json:
    """Return the object, or an empty one (not to be changed)."""
    return cast("Json", value) if isinstance(value, dict) else _EMPTY


def object_or_none(value: object) -> Json | None:
    """Return the object, or None."""
    return cast("Json", value) if isinstance(value, dict) else None


def as_list(value: object) -> list[Any]:
    """Return the list; anything else where a list should be counts as its only element, None as no element."""
    if isinstance(value, list):
        return cast("list[Any]", value)
    return [] if value is None else [value]


def as_piece(value: object) -> Json:
    """Return the value as an object that can be kept as `raw`."""
    return cast("Json", value) if isinstance(value, dict) else {"value": value}


def string(value: object) -> str | None:
    """Return a string that is not blank; numbers count as their digits."""
    if isinstance(value, str):
        return value if value and not value.isspace() else None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return None


def identifier(value: object) -> str | None:
    """Return a string fit to be a key, stripped; None when blank or absurdly long."""
    if value is None:
        return None
    text = value if isinstance(value, str) else string(value)
    text = text.strip() if text else ""
    return text if 0 < len(text) <= _LONGEST_ID else None


def integer(value: object) -> int | None:
    """Return a whole number, also when sent as a string."""
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return int(value) if value.is_integer() else None
    if isinstance(value, str):
        text = value.strip()
        digits = text.removeprefix("-")
        if digits.isascii() and digits.isdigit() and len(digits) <= _LONGEST_NUMBER:
            return int(text)
    return None


def phone(value: object) -> str | None:
    """Return E.164 with `+` from what WhatsApp calls a phone or `wa_id`; None when it is neither."""
    if value is None:
        return None
    text = value if isinstance(value, str) else string(value)
    text = text.strip() if text else ""
    digits = text.removeprefix("+")
    if not (digits.isascii() and digits.isdigit()):
        if not text or text[0] not in "+(0123456789" or any(c.isalpha() for c in text):
            return None
        digits = _NOT_DIGIT.sub("", text)
    if _SHORTEST_PHONE <= len(digits) <= _LONGEST_PHONE and digits[0] != "0":
        return "+" + digits
    return None


def is_bsuid(value: str) -> bool:
    """Tell whether this has the form of a business-scoped user id (parent form included)."""
    return _BSUID.fullmatch(value) is not None


def moment(value: object) -> datetime | None:
    """Return aware UTC from (milli-, micro-) seconds since 1970, number or string; None when absent or absurd."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    if isinstance(value, str) and len(value) > _LONGEST_NUMBER:
        return None
    try:
        seconds = float(value)
    except (ValueError, OverflowError):
        return None
    if not math.isfinite(seconds):
        return None
    while seconds > _LATEST * 10:
        seconds /= 1000
    return datetime.fromtimestamp(seconds, UTC) if _EARLIEST <= seconds <= _LATEST else None
