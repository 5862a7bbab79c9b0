"""When people of the shop answer: open now, or next when. In the shop's zone; only for words and conditions."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

import holidays

from relevo.agents.playbook.words import DAYS

if TYPE_CHECKING:
    from relevo.agents.engine.book import Book

NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_HORIZON = 15
"""Days to look ahead: longer than any run of holidays."""


def days_of(key: str) -> range | None:
    """Read `mon-fri` or `sat` as weekday numbers; None when it is neither."""
    first, _, last = key.partition("-")
    if first not in NAMES or (last and last not in NAMES):
        return None
    start = NAMES.index(first)
    end = NAMES.index(last) if last else start
    return range(start, end + 1) if end >= start else None


def span(text: str) -> tuple[time, time]:
    """Read `08:00-18:00`. Raises ValueError when it is not that."""
    start, _, end = text.partition("-")
    return time.fromisoformat(start), time.fromisoformat(end)


@lru_cache(maxsize=64)
def _holidays(country: str, year: int) -> frozenset[object]:
    return frozenset(holidays.country_holidays(country, years=year))


def _open_span(book: Book, when: datetime) -> tuple[time, time] | None:
    people = book.playbook.hours.people
    country = people.get("holidays")
    if country and when.date() in _holidays(country, when.year):
        return None
    for key, value in people.items():
        days = days_of(key)
        if days is not None and when.weekday() in days:
            return span(value)
    return None


def people_open(book: Book, now: datetime) -> bool:
    """Tell whether people answer now; always, where no hours are given."""
    if not any(days_of(key) for key in book.playbook.hours.people):
        return True
    local = now.astimezone(book.zone)
    today = _open_span(book, local)
    return today is not None and today[0] <= local.time() < today[1]


def next_person(book: Book, now: datetime, language: str) -> str:
    """Say when a person will write: in a moment, or the next opening."""
    if people_open(book, now):
        return book.words("people_now", language)
    local = now.astimezone(book.zone)
    for ahead in range(_HORIZON):
        opening = _open_span(book, local + timedelta(days=ahead))
        if opening is None or (ahead == 0 and local.time() >= opening[1]):
            continue
        name = "today" if ahead == 0 else "tomorrow" if ahead == 1 else "on_day"
        weekday = DAYS[language][(local.weekday() + ahead) % 7]
        when = book.words(name, language).replace("{time}", clock(opening[0], language)).replace("{day}", weekday)
        # A time that ends in a full stop ends the sentence with it.
        sentence = book.words("people_later", language)
        return (sentence.replace("{when}.", "{when}") if when.endswith(".") else sentence).replace("{when}", when)
    return ""


def clock(at: time, language: str) -> str:
    """Write a time of day as the language does: `8:00 a. m.`, `8h`, `8:00 am`."""
    if language == "pt":
        return f"{at.hour}h{at.minute:02d}" if at.minute else f"{at.hour}h"
    noon = 12
    half = ("a. m.", "p. m.") if language == "es" else ("am", "pm")
    return f"{(at.hour - 1) % noon + 1}:{at.minute:02d} {half[at.hour >= noon]}"


def described(book: Book, language: str) -> str:
    """Write the opening hours: `lunes a viernes 8:00 a. m. - 6:00 p. m.`."""
    parts: list[str] = []
    to = {"es": "a", "pt": "a", "en": "to"}[language]
    for key, value in book.playbook.hours.people.items():
        days = days_of(key)
        if days is None:
            continue
        names = DAYS[language]
        first, last = names[days[0]], names[days[-1]]
        start, end = span(value)
        which = first if first == last else f"{first} {to} {last}"
        parts.append(f"{which} {clock(start, language)} - {clock(end, language)}")
    return ", ".join(parts)
