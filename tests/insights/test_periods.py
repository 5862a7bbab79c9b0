"""Days of time zones, with the hours clocks skip and repeat; the period before."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from relevo.errors import InvalidRequestError
from relevo.insights.periods import chosen_period, midnight, named_period, zone_of

if TYPE_CHECKING:
    from support.history import History

BOGOTA = zone_of("America/Bogota")
SANTIAGO = zone_of("America/Santiago")
NOW = datetime(2026, 3, 10, 15, 30, tzinfo=UTC)


def test_today_runs_from_local_midnight_to_now_beside_yesterday_until_the_same_time() -> None:
    today = named_period("today", BOGOTA, NOW)
    assert (today.start, today.end, today.unit) == (datetime(2026, 3, 10, 5, tzinfo=UTC), NOW, "hour")
    assert len(today.edges) == 24
    before = today.before()
    assert (before.start, before.end) == (today.start - timedelta(1), NOW - timedelta(1))


def test_seven_days_end_with_today() -> None:
    week = named_period("7d", BOGOTA, NOW)
    assert (week.first, week.days, len(week.edges)) == (date(2026, 3, 4), 7, 7)
    assert week.before().end == NOW - timedelta(7)


def test_days_that_are_over_stand_beside_whole_days() -> None:
    past = chosen_period(date(2026, 3, 1), date(2026, 3, 2), BOGOTA, NOW)
    assert past.before().end == past.start
    assert past.end == midnight(date(2026, 3, 3), BOGOTA)


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 4, 4), 25), (date(2026, 4, 5), 24), (date(2026, 9, 6), 23)])
def test_a_day_on_which_clocks_change_has_its_own_number_of_hours(day: date, hours: int) -> None:
    """Chile turns back at midnight after 4 April 2026, and skips midnight of 6 September."""
    period = chosen_period(day, day, SANTIAGO, datetime(2026, 12, 1, tzinfo=UTC))
    assert len(period.edges) == hours
    assert period.end - period.start == timedelta(hours=hours)


def test_a_day_that_begins_without_midnight_begins_with_its_first_moment() -> None:
    assert midnight(date(2026, 9, 6), SANTIAGO) == datetime(2026, 9, 6, 4, tzinfo=UTC)
    assert midnight(date(2026, 9, 6), SANTIAGO).astimezone(SANTIAGO).hour == 1


@pytest.mark.parametrize(
    ("first", "last", "field"),
    [
        (date(2026, 3, 2), date(2026, 3, 1), "to"),
        (date(2024, 1, 1), date(2026, 3, 1), "from"),
        (date(2026, 3, 11), date(2026, 3, 11), "from"),
        (date(1999, 12, 31), date(2000, 1, 1), "from"),
    ],
)
def test_what_is_no_period_is_refused(first: date, last: date, field: str) -> None:
    with pytest.raises(InvalidRequestError) as refused:
        chosen_period(first, last, BOGOTA, NOW)
    assert refused.value.where == field


@pytest.mark.parametrize("name", ["America/Nowhere", "", "../etc/passwd", "/etc/passwd"])
def test_an_unknown_time_zone_is_refused(name: str) -> None:
    with pytest.raises(InvalidRequestError):
        zone_of(name)


@pytest.mark.parametrize(
    ("at", "day"),
    [
        (datetime(2026, 3, 11, 4, 59, 59, tzinfo=UTC), date(2026, 3, 10)),
        (datetime(2026, 3, 11, 5, 0, tzinfo=UTC), date(2026, 3, 11)),
    ],
)
async def test_a_message_belongs_to_the_day_of_the_zone(history: History, at: datetime, day: date) -> None:
    await history.says("customer", at)
    told = await history.tell(date(2026, 3, 10), date(2026, 3, 11), zone="America/Bogota")
    by_day = {point.at.astimezone(BOGOTA).date(): point.messages_in for point in told.series}
    assert by_day[day] == 1
    assert sum(by_day.values()) == 1
    assert told.series[0].at == datetime(2026, 3, 10, 5, tzinfo=UTC)


async def test_the_hour_that_comes_twice_is_told_twice(history: History) -> None:
    await history.says("customer", datetime(2026, 4, 5, 2, 30, tzinfo=UTC))
    await history.says("customer", datetime(2026, 4, 5, 3, 30, tzinfo=UTC))
    told = await history.tell(date(2026, 4, 4), zone="America/Santiago")
    busy = [(point.at.astimezone(SANTIAGO).hour, point.messages_in) for point in told.series if point.messages_in]
    assert busy == [(23, 1), (23, 1)]


async def test_the_period_before_is_told_beside(history: History) -> None:
    await history.says("customer", datetime(2026, 3, 9, 12, tzinfo=UTC))
    await history.says("customer", datetime(2026, 3, 9, 23, tzinfo=UTC))
    told = await history.tell(date(2026, 3, 10), now=datetime(2026, 3, 10, 20, tzinfo=UTC))
    assert (told.figures.messages_in, told.before.messages_in) == (0, 1)
