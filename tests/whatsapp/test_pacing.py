from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from relevo.whatsapp.pacing import NumberPace, PairRate

START = datetime(2026, 11, 1, tzinfo=UTC)


def test_forty_five_at_once_then_one_every_six_seconds() -> None:
    rate = PairRate()
    tat: datetime | None = None
    for _ in range(45):
        tat, wait = rate.reserve(tat, START)
        assert wait == 0
    same, wait = rate.reserve(tat, START)
    assert (same, wait) == (tat, 6.0)
    tat, wait = rate.reserve(tat, START + timedelta(seconds=6))
    assert wait == 0
    _, wait = rate.reserve(tat, START + timedelta(seconds=6))
    assert wait == 6.0


def test_a_long_silence_gives_no_more_than_a_burst() -> None:
    rate = PairRate(interval=6, burst=2)
    tat, _ = rate.reserve(None, START)
    later = START + timedelta(days=3)
    tat, first = rate.reserve(tat, later)
    tat, second = rate.reserve(tat, later)
    _, third = rate.reserve(tat, later)
    assert (first, second, third) == (0, 0, 6.0)


@given(st.lists(st.floats(0, 20), max_size=80), st.integers(1, 8))
def test_no_window_ever_holds_more_than_allowed(gaps: list[float], burst: int) -> None:
    rate = PairRate(interval=6, burst=burst)
    now, tat, sent = START, None, list[datetime]()
    for gap in gaps:
        now += timedelta(seconds=gap)
        tat, wait = rate.reserve(tat, now)
        if wait == 0:
            sent.append(now)
        else:
            _, again = rate.reserve(tat, now + timedelta(seconds=wait))
            assert again == 0
    for index, first in enumerate(sent):
        for count, last in enumerate(sent[index:], start=1):
            assert count <= burst + (last - first).total_seconds() / 6 + 1e-6


def test_a_numbers_sends_are_spaced() -> None:
    pace = NumberPace(per_second=80)
    waits = [pace.reserve("1", 100.0) for _ in range(81)]
    assert waits[0] == 0
    assert abs(waits[80] - 1.0) < 1e-6
    assert pace.reserve("2", 100.0) == 0
    assert pace.reserve("1", 200.0) == 0


def test_a_number_can_have_its_own_rate_and_burst() -> None:
    pace = NumberPace(per_second=80, burst=2)
    pace.set_rate("slow", 20)
    assert [round(pace.reserve("slow", 0.0), 6) for _ in range(4)] == [0, 0, 0.05, 0.1]


def test_a_slot_too_far_away_is_not_taken() -> None:
    pace = NumberPace(per_second=1)
    assert pace.reserve("1", 0.0) == 0
    assert pace.reserve("1", 0.0, longest=0.5) == 1.0
    assert pace.reserve("1", 0.0, longest=0.5) == 1.0
    assert pace.reserve("1", 0.5, longest=0.5) == 0.5
