"""When people of a shop answer, as its configuration says; and how to tell a customer. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import holidays

from relevo.agents.engine.hours import clock, days_of, span
from relevo.agents.playbook.words import DAYS
from relevo.errors import InvalidRequestError

if TYPE_CHECKING:
    from collections.abc import Mapping

HORIZON_DAYS = 15
"""To look ahead: longer than any run of holidays."""
_LATER = {
    "es": "En este momento nuestro equipo no está; te escribe {when}.",
    "en": "Our team is away right now; they will write to you {when}.",
    "pt": "Nossa equipe não está agora; vai escrever para você {when}.",
}
_WHEN = {
    "es": ("hoy desde las {time}", "mañana desde las {time}", "el {day} desde las {time}"),
    "en": ("today from {time}", "tomorrow from {time}", "on {day} from {time}"),
    "pt": ("hoje a partir das {time}", "amanhã a partir das {time}", "{day} a partir das {time}"),
}


@dataclass(frozen=True, slots=True)
class PeopleHours:
    """Opening hours by weekday, in the shop's zone."""

    zone: ZoneInfo
    days: dict[int, tuple[time, time]]
    """Weekday (Monday is 0) to opening and closing time."""
    country: str | None = None
    """ISO code of the country whose public holidays people take."""

    @classmethod
    def read(cls, form: Mapping[str, Any] | None) -> PeopleHours | None:
        """Read `{"timezone": "America/Bogota", "mon-fri": "08:00-18:00", "holidays": "CO"}`; None: always open.

        Raises:
            InvalidRequestError: an entry cannot be read.

        """
        if not form:
            return None
        rest = {key: str(value) for key, value in form.items()}
        name, country = rest.pop("timezone", "UTC"), rest.pop("holidays", None)
        days: dict[int, tuple[time, time]] = {}
        try:
            zone = ZoneInfo(name)
            if country:
                holidays.country_holidays(country, years=2026)
            for key, value in rest.items():
                which = days_of(key)
                opens, closes = span(value)
                if which is None or opens >= closes:
                    raise InvalidRequestError(f"people_hours: cannot read {key}: {value}. Write mon-fri: 08:00-18:00.")
                days |= dict.fromkeys(which, (opens, closes))
        except (ValueError, NotImplementedError, ZoneInfoNotFoundError) as problem:
            raise InvalidRequestError(f"people_hours: {problem}") from None
        return cls(zone, days, country) if days else None

    def next_opening(self, now: datetime) -> datetime:
        """Return when people answer next; `now` itself while they do. Aware UTC."""
        local = now.astimezone(self.zone)
        for ahead in range(HORIZON_DAYS):
            day = local.date() + timedelta(days=ahead)
            hours = self.days.get(day.weekday())
            if hours is None or self._holiday(day.year, day):
                continue
            opens, closes = (datetime.combine(day, at, self.zone) for at in hours)
            if local < closes:
                return max(now, opens.astimezone(UTC))
        return now + timedelta(days=HORIZON_DAYS)

    def is_open(self, now: datetime) -> bool:
        """Whether people answer now."""
        return self.next_opening(now) <= now

    def _holiday(self, year: int, day: object) -> bool:
        return self.country is not None and day in holidays.country_holidays(self.country, years=year)


def when_people_answer(hours: PeopleHours, now: datetime, language: str) -> str:
    """Say the next opening: `mañana desde las 8:00 a. m.`."""
    opening = hours.next_opening(now).astimezone(hours.zone)
    ahead = (opening.date() - now.astimezone(hours.zone).date()).days
    form = _WHEN[language][min(ahead, 2)]
    return form.replace("{time}", clock(opening.time(), language)).replace("{day}", DAYS[language][opening.weekday()])


def announcement(
    words: str, hours: Mapping[str, Any] | None, away_words: str | None, language: str, now: datetime
) -> str:
    """Return what a customer is told with a handoff: the shop's words and, while people are away, their return."""
    people = PeopleHours.read(hours)
    if people is None or people.is_open(now):
        return words
    when = when_people_answer(people, now, language)
    if when in words:
        return words
    away = (away_words or _LATER[language]).replace("{when}", when)
    if when.endswith("."):
        away = away.replace(f"{when}.", when)  # a time that ends in a full stop ends the sentence with it
    return f"{words.rstrip()}\n{away}" if words.strip() else away
