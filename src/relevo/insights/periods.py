"""Periods as people mean them: whole days of a time zone, cut at now, with the period before. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

from relevo.errors import InvalidRequestError

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_DAYS = 366
NAMED = {"today": 1, "7d": 7, "30d": 30}
"""Days of a named period, today being the last of them."""


@dataclass(frozen=True, slots=True)
class Period:
    """Some whole days, or what there is of them."""

    zone: ZoneInfo
    first: date
    days: int
    end: datetime
    """Now, or the end of the last day. Aware UTC."""
    unit: Literal["hour", "day"]

    @property
    def start(self) -> datetime:
        """When the first day begins. Aware UTC."""
        return midnight(self.first, self.zone)

    @property
    def edges(self) -> Sequence[datetime]:
        """Begins of the hours or days. An hour is an hour: a day when clocks change has 23 or 25."""
        if self.unit == "hour":
            hours = (midnight(self.first + timedelta(self.days), self.zone) - self.start) // timedelta(hours=1)
            return [self.start + timedelta(hours=n) for n in range(hours)]
        return [midnight(self.first + timedelta(n), self.zone) for n in range(self.days)]

    def before(self) -> Period:
        """Return as many days before; where this period is still running, they end at the same time of day."""
        last = self.end.astimezone(self.zone)
        end = midnight(self.first, self.zone)
        if self.end < midnight(self.first + timedelta(self.days), self.zone):
            moved = datetime.combine(last.date() - timedelta(self.days), last.time(), self.zone)
            end = min(moved.astimezone(UTC), end)
        return Period(self.zone, self.first - timedelta(self.days), self.days, end, self.unit)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """Return when a day begins; where clocks skip midnight, the first moment after it. Aware UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def zone_of(name: str) -> ZoneInfo:
    """Return a time zone.

    Raises:
        InvalidRequestError: there is none by that name.

    """
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise InvalidRequestError(f"There is no time zone `{name}`: write America/Bogota.", where="timezone") from None


def named_period(name: str, zone: ZoneInfo, now: datetime) -> Period:
    """Return `today`, `7d` or `30d`, until now."""
    days = NAMED[name]
    today = now.astimezone(zone).date()
    return Period(zone, today - timedelta(days - 1), days, now, "hour" if days == 1 else "day")


def chosen_period(first: date, last: date, zone: ZoneInfo, now: datetime) -> Period:
    """Return the days from `first` to `last`, both included.

    Raises:
        InvalidRequestError: they are in the wrong order, in the future, too many, or out of any calendar.

    """
    days = (last - first).days + 1
    if days < 1:
        raise InvalidRequestError("The period ends before it begins.", where="to")
    if days > MAX_DAYS:
        raise InvalidRequestError(f"At most {MAX_DAYS} days at once.", where="from")
    if not date(2000, 1, 1) <= first <= now.astimezone(zone).date():
        raise InvalidRequestError("The period begins in the future, or before there was WhatsApp.", where="from")
    end = min(now, midnight(last + timedelta(1), zone))
    return Period(zone, first, days, end, "hour" if days == 1 else "day")
