"""Reads a day: in words ("pasado mañana", "el viernes", "en ocho días"), as 15/08, or as "15 de agosto".

Day before month, as Latin America writes. "Ocho días" and "quince días" in words mean a week and a fortnight.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import TYPE_CHECKING

from relevo.agents.understanding.slots.amounts import amounts
from relevo.agents.understanding.slots.base import Match, Outcome, Problem, SlotContext, level

if TYPE_CHECKING:
    from relevo.agents.playbook.slots import DateSlot

_RELATIVE = (
    (r"\b(?:pasado manana|depois de amanha|day after tomorrow)\b", 2),
    (r"\b(?:anteayer|antier|antes de ayer|anteontem|day before yesterday)\b", -2),
    (r"\b(?:ayer|ontem|yesterday)\b", -1),
    (r"\b(?:hoy|hoje|today|esta noche|esta tarde|hoy mismo|tonight)\b", 0),
    (r"(?<!por la )(?<!en la )(?<!de la )(?<!a la )(?<!de )(?:\b(?:manana|amanha|tomorrow|tmrw)\b)", 1),
)
_DAYS = (
    r"lunes|segunda(?:-feira| feira)?|monday|mon",
    r"martes|terca(?:-feira| feira)?|tuesday|tue",
    r"miercoles|quarta(?:-feira| feira)?|wednesday|wed",
    r"jueves|quinta(?:-feira| feira)?|thursday|thu",
    r"viernes|sexta(?:-feira| feira)?|friday|fri",
    r"sabado|saturday|sat",
    r"domingo|sunday",
)
_MONTHS = (
    "enero|janeiro|january|jan|ene", "febrero|fevereiro|february|feb|fev", "marzo|marco|march|mar",
    "abril|april|abr|apr", "mayo|maio|may", "junio|junho|june|jun", "julio|julho|july|jul",
    "agosto|august|ago|aug", "septiembre|setiembre|setembro|september|sep|sept|set",
    "octubre|outubro|october|oct|out", "noviembre|novembro|november|nov", "diciembre|dezembro|december|dic|dez|dec",
)  # fmt: skip
_MONTH = "|".join(_MONTHS)
_WRITTEN = re.compile(
    rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th|º|°)?\s(?:de\s|of\s|"
    rf"do\s)?(?P<month>{_MONTH})\b(?:\s(?:de\s|del\s|,\s?)?(?P<year>20\d\d))?"
)
_WRITTEN_US = re.compile(rf"\b(?P<month>{_MONTH})\s(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s(?P<year>20\d\d))?")
_DIGITS = re.compile(
    r"(?<![\d#$.-])(?P<day>\d{1,2})[/\-.](?P<month>\d{1,2})(?:[/\-.](?P<year>20\d\d|"
    r"\d\d))?(?![\d.,])"
)
_ISO = re.compile(r"\b(?P<year>20\d\d)-(?P<month>\d{1,2})-(?P<day>\d{1,2})\b")
_DAY_OF_MONTH = re.compile(
    r"\b(?:el|dia|o dia|el dia|para el|the)\s(?P<day>\d{1,2})(?:th|st|nd|"
    r"rd)?\b(?!\s?(?:de\s|%|/|-|:|am|pm|a\.m|p\.m|mil|unidades|bolsas|cajas))"
)
_SPAN = re.compile(
    r"\b(?:en|dentro de|em|daqui a|in|"
    r"de hoy en)\s(?P<span>[a-z0-9 ]{1,24}?)\s?(?P<unit>dias?|semanas?|meses|mes|days?|"
    r"weeks?|months?|quincena)\b"
)
_FROM_TODAY = re.compile(r"\bde hoy en (?P<n>ocho|quince)\b")
_WEEKEND = re.compile(r"\b(?:fin de semana|finde|fim de semana|weekend)\b")
_AFTER_NEXT = re.compile(
    r"(?:\ben (?:ocho|8)\b|(?:de|da) la otra semana|de la proxima semana|"
    r"da semana que vem|next week|de la semana que viene)"
)


def find(spec: DateSlot, text: str, context: SlotContext) -> Outcome:
    """Return the day as ISO 8601; `past`, `too_far`, or `date` for the 31st of February when asked for."""
    flat = level(text)
    try:
        found = _spoken(flat, context.today) or _written(flat, context.today)
    except (ValueError, OverflowError):
        return Problem("date") if context.asked else None
    if found is None:
        return None
    day, start, end = found
    if day < context.today and not spec.past:
        return Problem("past") if context.asked else None
    if spec.within is not None and day > context.today + spec.within:
        return Problem("too_far") if context.asked else None
    return Match(day.isoformat(), start, end)


def _spoken(  # noqa: C901, PLR0911 # one way for each way to say a day
    flat: str, today: date
) -> tuple[date, int, int] | None:
    idiom = _FROM_TODAY.search(flat)
    if idiom:
        return today + timedelta(days=7 if idiom["n"] == "ocho" else 14), idiom.start(), idiom.end()
    span = _SPAN.search(flat)
    if span:
        days = _days(span["span"], span["unit"])
        if days is not None:
            return today + timedelta(days=days), span.start(), span.end()
    for pattern, days in _RELATIVE:
        hit = re.search(pattern, flat)
        if hit:
            return today + timedelta(days=days), hit.start(), hit.end()
    for weekday, names in enumerate(_DAYS):
        hit = re.search(rf"\b(?:(?P<this>est[ea]|this|hoy)\s)?(?:{names})\b(?!\s?feira)", flat)
        if hit:
            ahead = (weekday - today.weekday()) % 7
            if ahead == 0 and not hit["this"]:
                ahead = 7
            later = _AFTER_NEXT.search(flat)
            if later:
                monday = today + timedelta(days=7 - today.weekday())
                return monday + timedelta(days=weekday), hit.start(), max(hit.end(), later.end())
            return today + timedelta(days=ahead), hit.start(), hit.end()
    weekend = _WEEKEND.search(flat)
    if weekend:
        return today + timedelta(days=(5 - today.weekday()) % 7), weekend.start(), weekend.end()
    return None


def _days(span: str, unit: str) -> int | None:
    words = span.strip()
    numbers = amounts(words)
    if len(numbers) != 1:
        return None
    count = numbers[0].value
    if unit.startswith("d"):
        return {"ocho": 7, "quince": 14}.get(words, count)
    return count * (7 if unit[0] in "sw" else 15 if unit == "quincena" else 30)


def _written(flat: str, today: date) -> tuple[date, int, int] | None:
    iso = _ISO.search(flat)
    if iso:
        return date(int(iso["year"]), int(iso["month"]), int(iso["day"])), iso.start(), iso.end()
    for pattern in (_WRITTEN, _WRITTEN_US):
        hit = pattern.search(flat)
        if hit:
            month = next(place for place, names in enumerate(_MONTHS, 1) if hit["month"] in names.split("|"))
            return _coming(today, int(hit["day"]), month, hit["year"]), hit.start(), hit.end()
    digits = _DIGITS.search(flat)
    if digits and int(digits["month"]) <= 12:  # noqa: PLR2004
        return _coming(today, int(digits["day"]), int(digits["month"]), digits["year"]), digits.start(), digits.end()
    bare = _DAY_OF_MONTH.search(flat)
    if bare:
        day = int(bare["day"])
        month, year = (
            (today.month, today.year) if day >= today.day else (today.month % 12 + 1, today.year + today.month // 12)
        )
        return date(year, month, day), bare.start(), bare.end()
    return None


def _coming(today: date, day: int, month: int, year: str | None) -> date:
    """Return the date in the year given, else the next time that day comes."""
    if year is not None:
        return date(int(year) if len(year) == 4 else 2000 + int(year), month, day)  # noqa: PLR2004
    this_year = date(today.year, month, day)
    return this_year if this_year >= today else date(today.year + 1, month, day)
