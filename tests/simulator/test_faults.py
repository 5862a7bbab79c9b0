from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from relevo.simulator import Faults

SUBJECTS = [f"{customer}:{seq}" for customer in range(40) for seq in range(10)]


@given(seed=st.integers(0, 2**32), subject=st.text(max_size=20), attempt=st.integers(1, 9))
def test_the_same_seed_decides_the_same(seed: int, subject: str, attempt: int) -> None:
    one, other = Faults.rough(seed), Faults.rough(seed)
    assert one.for_update(subject) == other.for_update(subject)
    assert one.for_send(subject, attempt) == other.for_send(subject, attempt)
    assert one.for_attempt(subject, attempt) == other.for_attempt(subject, attempt)


def test_another_seed_decides_otherwise() -> None:
    one = [Faults.rough(1).for_update(subject) for subject in SUBJECTS]
    other = [Faults.rough(2).for_update(subject) for subject in SUBJECTS]
    assert one != other


def test_rough_plays_every_fault_and_none_plays_nothing() -> None:
    rough, none = Faults.rough(1), Faults.none()
    fates = [rough.for_update(subject) for subject in SUBJECTS]
    assert {fate.copies for fate in fates} == {1, 2, 3}
    assert {fate.batch for fate in fates} == {True, False}
    assert any(fate.delay > rough.reorder_seconds for fate in fates)
    assert len({rough.for_send(subject, 1) for subject in SUBJECTS}) == 9
    assert any(rough.for_attempt(subject, 1) is not None for subject in SUBJECTS)
    assert all(none.for_send(subject, 1) is None for subject in SUBJECTS)
    assert all(none.for_attempt(subject, 1) is None for subject in SUBJECTS)
    assert {(fate.copies, fate.delay, fate.batch) for fate in map(none.for_update, SUBJECTS)} == {(1, 0.0, False)}


@given(seed=st.integers(0, 10_000), subject=st.text(max_size=10))
def test_faults_on_one_thing_are_bounded(seed: int, subject: str) -> None:
    faults = Faults(seed=seed, drop=1.0, error_before=1.0)
    assert faults.for_send(subject, faults.max_per_message + 1) is None
    assert faults.for_attempt(subject, faults.max_drops + 1) is None
