"""What slot parsers share: outcomes, what they may look at, and text levelled without changing its length. No rules."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from relevo.agents.playbook.model import CatalogItem


@dataclass(frozen=True, slots=True)
class Match:
    """A value found in `text[start:end]`, normalised."""

    value: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Problem:
    """An attempt at the slot that does not validate."""

    reason: str
    """The rule that failed, a stable word: `min_words`, `country`, `not_mobile`, `numero`, …"""


Outcome = Match | Problem | None


@dataclass(frozen=True, slots=True)
class SlotContext:
    """What a parser may look at besides the text."""

    today: date
    """In the shop's zone."""
    country: str = "CO"
    locale: str = "es"
    items: tuple[CatalogItem, ...] = ()
    """The catalogue, for offers."""
    asked: bool = True
    """The customer was just asked for this slot; otherwise only what cannot be anything else is taken."""
    stops: tuple[str, ...] = ()
    """Levelled names of the shop's options: where one is said, an address is over."""
    alone: bool = True
    """The text is a whole clause, not a remainder of one that held other data."""


def level(text: str) -> str:
    """Lower case without accents, character for character, so that places in it are places in `text`."""
    return "".join(_LEVELLED.get(letter) or _level(letter) for letter in text)


_LEVELLED: dict[str, str] = {}


def _level(letter: str) -> str:
    base = unicodedata.normalize("NFKD", letter)[0].lower()
    base = base if len(base) == 1 else letter
    if letter in "’‘´`":
        base = "'"
    if len(_LEVELLED) < 5000:  # noqa: PLR2004  # a bound on memory, whatever alphabets are written
        _LEVELLED[letter] = base
    return base


def blank(text: str, start: int, end: int) -> str:
    """Return the text with a span put out of reach of other parsers; length unchanged."""
    return text[:start] + "\n" * (end - start) + text[end:]
