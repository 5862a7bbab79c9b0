"""When people answer, and how a customer is told."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relevo.crm.hours import PeopleHours, announcement

HOURS = {"timezone": "America/Bogota", "mon-fri": "08:00-18:00", "sat": "09:00-13:00", "holidays": "CO"}
BOGOTA_NOON_MONDAY = datetime(2026, 3, 2, 17, tzinfo=UTC)
FRIDAY_NIGHT = datetime(2026, 3, 7, 1, tzinfo=UTC)
SATURDAY_EVENING = datetime(2026, 3, 8, 0, tzinfo=UTC)


def test_within_hours_the_shops_words_stand_alone() -> None:
    assert announcement("Ya te paso", HOURS, None, "es", BOGOTA_NOON_MONDAY) == "Ya te paso"
    assert announcement("Ya te paso", None, None, "es", FRIDAY_NIGHT) == "Ya te paso"


@pytest.mark.parametrize(
    ("language", "now", "when"),
    [
        ("es", FRIDAY_NIGHT, "mañana desde las 9:00 a. m."),
        ("es", SATURDAY_EVENING, "el lunes desde las 8:00 a. m."),
        ("en", FRIDAY_NIGHT, "tomorrow from 9:00 am"),
        ("pt", FRIDAY_NIGHT, "amanhã a partir das 9h"),
    ],
)
def test_out_of_hours_the_customer_is_told_when(language: str, now: datetime, when: str) -> None:
    told = announcement("…", HOURS, None, language, now)
    assert when in told
    assert not told.endswith("..")


def test_the_shop_may_say_it_in_its_own_words_and_it_is_not_said_twice() -> None:
    own = announcement("Ya te paso", HOURS, "Abrimos {when} 😊", "es", FRIDAY_NIGHT)
    assert own == "Ya te paso\nAbrimos mañana desde las 9:00 a. m. 😊"
    assert announcement(own, HOURS, None, "es", FRIDAY_NIGHT) == own


def test_public_holidays_are_skipped() -> None:
    people = PeopleHours.read(HOURS)
    assert people is not None
    new_year = datetime(2026, 1, 1, 15, tzinfo=UTC)
    assert people.next_opening(new_year) == datetime(2026, 1, 2, 13, tzinfo=UTC)


@given(st.datetimes(min_value=datetime(2026, 1, 1), max_value=datetime(2027, 12, 1)))  # noqa: DTZ001 - made aware below
def test_the_next_opening_is_open_and_never_past(moment: datetime) -> None:
    people = PeopleHours.read(HOURS)
    assert people is not None
    now = moment.replace(tzinfo=UTC)
    opening = people.next_opening(now)
    assert opening >= now
    assert people.is_open(opening)
