"""Cuts a long text into messages where a reader would pause. It knows no limits but the one it is given."""

from __future__ import annotations

import re
import unicodedata

from relevo.whatsapp.outgoing_limits import TEXT_LIMIT

_BORDERS = (
    re.compile(r"\n[^\S\n]*\n\s*"),
    re.compile(r"\s*\n\s*"),
    re.compile(r"(?<=[.!?…])[\"'”’»)\]]*\s+"),
    re.compile(r"(?<=[,;:])\s+"),
    re.compile(r"\s+"),
)
_JOINERS = "\u200d\ufe0f"
_SHORTEST_SHARE = 4
"""A border in the first quarter of the room would leave a stub; a weaker border further on reads better."""


def split_text(text: str, limit: int = TEXT_LIMIT) -> list[str]:
    """Return the text in pieces of at most `limit` characters, cut at paragraphs, else sentences, else words.

    Nothing but white space at the cuts is dropped. Empty for blank text. `limit` is at least 1.
    """
    pieces: list[str] = []
    rest = text.strip()
    while len(rest) > limit:
        end, start = _cut(rest, limit)
        pieces.append(rest[:end].rstrip())
        rest = rest[start:].lstrip()
    if rest:
        pieces.append(rest)
    return pieces


def _cut(text: str, limit: int) -> tuple[int, int]:
    """Where the piece ends and where the next begins."""
    for share in (_SHORTEST_SHARE, limit + 1):
        for border in _BORDERS:
            best = None
            for match in border.finditer(text, 0, limit + 2):
                if limit // share < match.start() <= limit:
                    best = match
            if best is not None:
                return _after_closing(best, limit)
    end = limit
    while end > 1 and (text[end] in _JOINERS or text[end - 1] == "\u200d" or unicodedata.combining(text[end])):
        end -= 1
    return end, end


def _after_closing(match: re.Match[str], limit: int) -> tuple[int, int]:
    """Keep quotes and brackets that close a sentence with it."""
    closing = len(match.group()) - len(match.group().lstrip("\"'”’»)]"))
    end = match.start() + closing
    return (end, match.end()) if end <= limit else (match.start(), match.start())
