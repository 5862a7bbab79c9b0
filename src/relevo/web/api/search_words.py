"""What somebody typed, as the database searches for it; and what of a text to show. Pure.

Words are indexed under their shop and a bucket of 16,384 messages (`search_words` in the migrations), so that a search
walks from the newest bucket to the oldest and stops as soon as it has enough.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from typing import TYPE_CHECKING, NamedTuple

import phonenumbers

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterable, Iterator, Sequence

BUCKET_BITS = 14
LONGEST_WORD = 60
"""Characters of a word that count, as in the index."""
MAX_WORDS = 8
SNIPPET = 160
"""Characters of a message shown around what was found."""
FEWEST_DIGITS = 3
FEWEST_LAST_DIGITS = 4


class Phones(NamedTuple):
    """Patterns of `like` for what may be (part of) a number."""

    starts: list[str]
    end: str | None


def words_of(folded: str) -> list[str]:
    """Split what `fold` returned."""
    return [word[:LONGEST_WORD] for word in re.findall(r"[^\W_]+", folded)[:MAX_WORDS]]


def prefix(workspace_id: uuid.UUID, bucket: int) -> str:
    """Return what `search_words` in the database begins each word with."""
    shop = hashlib.md5(str(workspace_id).encode(), usedforsecurity=False).hexdigest()[:8]
    return f"w{shop}{bucket:x}x"


def query(workspace_id: uuid.UUID, words: Sequence[str], buckets: Iterable[int], *, unfinished: bool = True) -> str:
    """Write a tsquery: all words, the last one perhaps `unfinished`, in any of these buckets."""
    end = ":*" if unfinished else ""
    parts: list[str] = []
    for bucket in buckets:
        start = prefix(workspace_id, bucket)
        terms = [f"'{start}{word}'" for word in words]
        parts.append(f"({' & '.join(terms)}{end})")
    return " | ".join(parts)


def patterns_of(words: Sequence[str]) -> list[str]:
    """Write patterns of `like` that say the same of a text between spaces."""
    return [*(f"% {word} %" for word in words[:-1]), *(f"% {word}%" for word in words[-1:])]


def steps(newest: int) -> Iterator[range]:
    """Yield buckets from the newest to the oldest: few at first, as the newest mostly have enough."""
    size = 1
    while newest >= 0:
        yield range(newest, max(newest - size, -1), -1)
        newest -= size
        size = min(size * 4, 64)


def phones_of(text: str, shop_phones: Iterable[str]) -> Phones:
    """Read a number, or part of one: from the left (with or without the shop's country code), or its last digits."""
    digits = re.sub(r"\D", "", text)
    if len(digits) < FEWEST_DIGITS or re.search(r"[^\d\s()+.\-/]", text):
        handle = text.strip().lstrip("@").lower()
        named = re.fullmatch(r"[a-z0-9._]{3,}", handle)
        return Phones([f"{handle.replace('_', chr(92) + '_')}%"] if named else [], None)
    codes = {_country_code(phone) for phone in shop_phones} - {""}
    starts = [f"+{digits}%", *(f"+{code}{digits}%" for code in sorted(codes))]
    return Phones(starts, f"{digits[::-1]}%" if len(digits) >= FEWEST_LAST_DIGITS else None)


def _country_code(phone: str) -> str:
    try:
        return str(phonenumbers.parse(phone).country_code or "")
    except phonenumbers.NumberParseException:
        return ""


class Snippet(NamedTuple):
    """Part of a text, and where in it the words stand (start and end, in characters)."""

    text: str
    marks: list[tuple[int, int]]


def snippet(text: str, words: Sequence[str]) -> Snippet:
    """Cut out what surrounds the first word that was found."""
    plain = "".join(_plain(character) for character in text)
    found = [
        match.span(1)
        for match in re.finditer(
            r"(?<![^\W_])(" + "|".join(re.escape(word) for word in words) + ")", plain, re.IGNORECASE
        )
    ] if words else []  # fmt: skip
    start = max(found[0][0] - SNIPPET // 4, 0) if found else 0
    if start:
        start = text.rfind(" ", 0, start) + 1 or start
    piece = text[start : start + SNIPPET]
    marks = [(low - start, min(high - start, len(piece))) for low, high in found if low - start < len(piece)]
    return Snippet(piece, [mark for mark in marks if mark[0] >= 0])


def _plain(character: str) -> str:
    """One character for one, so that places in the text stay where they are."""
    base = unicodedata.normalize("NFD", character)[0].lower()
    return base if len(base) == 1 else character
