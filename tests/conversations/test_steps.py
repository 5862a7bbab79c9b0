"""The choice of the next step, rule by rule. No database: a view in, a step out."""

from __future__ import annotations

import dataclasses
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from relevo.conversations.steps import (
    MAX_RESTARTS,
    Discard,
    Drop,
    FollowUpDue,
    MarkUnknown,
    Rest,
    Send,
    Settle,
    TakeTurn,
    Wait,
    next_step,
)
from relevo.conversations.view import Pending, PlannedFollowUp, View

NOW = datetime(2026, 5, 4, 15, 0, tzinfo=UTC)
ID = uuid.UUID(int=1)


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


def pending(**changes: Any) -> Pending:
    values: dict[str, Any] = {
        "id": ID, "state": "planned", "author": "agent", "turn_id": ID, "epoch": 0, "delay": 0.0, "not_before": None,
        "settle_at": None, "attempts": 0, "essential": False, "kind": "text", "content": {}, "created_at": NOW,
        "sending_at": None, "discardable": True, "turn_said": False,
    }  # fmt: skip
    known = {field.name for field in dataclasses.fields(Pending)}
    values.update(dict.fromkeys(known - values.keys()))
    return Pending(**{**values, **changes})


def view(**changes: Any) -> View:
    values: dict[str, Any] = {
        "id": ID, "workspace_id": ID, "channel_id": ID, "contact_id": ID, "owner": "agent", "epoch": 0, "restarts": 0,
        "window_until": NOW + timedelta(hours=1), "agent_enabled": True, "crm_agents_enabled": True,
        "conversational_agent_id": "echo", "handoff_message": "", "timer_preset": "real", "response_speed": 1.0,
        "burst_quiet_seconds": 4.0, "burst_max_seconds": 12.0, "provider": "meta", "phone_number_id": "1",
        "access_token": b"", "channel_status": "active", "contact_tags": [], "contact_fields": {}, "unaccounted": 0,
        "now": NOW,
    }  # fmt: skip
    known = {field.name for field in dataclasses.fields(View)}
    values.update(dict.fromkeys(known - values.keys()))
    return View(**{**values, **changes})


def heard(first: float, last: float, **changes: Any) -> View:
    """A view with open messages, the first and the last of them that many seconds ago."""
    return view(
        unaccounted=2, first_unaccounted_at=NOW - seconds(first), last_unaccounted_at=NOW - seconds(last), **changes
    )


def test_nothing_open_rests() -> None:
    assert next_step(view(), None) == Rest()


def test_a_burst_is_waited_out() -> None:
    assert next_step(heard(3, 1), None) == Wait(NOW + seconds(3))
    assert next_step(heard(5, 4), None) == TakeTurn()


def test_a_burst_is_not_waited_for_longer_than_its_longest() -> None:
    assert next_step(heard(12, 0), None) == TakeTurn()
    assert next_step(heard(11, 0), None) == Wait(NOW + seconds(1))


def test_the_agent_may_want_less_quiet_but_not_more() -> None:
    assert next_step(heard(2, 2), 1.5) == TakeTurn()
    assert next_step(heard(2, 2), 60) == Wait(NOW + seconds(2))


def test_without_an_agent_messages_are_accounted_for_at_once() -> None:
    assert next_step(heard(0, 0, agent_enabled=False), None) == TakeTurn()
    assert next_step(heard(0, 0, agent_conversational=False), None) == TakeTurn()


def test_on_a_stopped_channel_everything_waits() -> None:
    assert next_step(heard(60, 60, channel_status="stopped"), None) == Rest()
    assert next_step(view(pending=pending(), channel_status="stopped"), None) == Rest()


def test_a_planned_message_is_sent_when_its_delay_is_over() -> None:
    step = next_step(view(pending=pending()), None)
    assert isinstance(step, Send)
    assert not step.speaks_over
    assert next_step(view(pending=pending(delay=3.0)), None) == Wait(NOW + seconds(3))


def test_the_delay_of_a_later_bubble_counts_from_the_one_before() -> None:
    later = pending(delay=3.0, turn_said=True, created_at=NOW - seconds(60))
    assert next_step(view(pending=later, last_outbound_at=NOW - seconds(1)), None) == Wait(NOW + seconds(2))


@pytest.mark.parametrize("name", ["not_before", "paused_until"])
def test_backoff_and_pauses_are_kept(name: str) -> None:
    until = NOW + seconds(9)
    held = (
        view(pending=pending(not_before=until)) if name == "not_before" else view(pending=pending(), paused_until=until)
    )
    assert next_step(held, None) == Wait(until)


def test_the_customers_pace_is_kept() -> None:
    step = next_step(view(pending=pending(), pair_tat=NOW + seconds(6 * 45)), None)
    assert isinstance(step, Wait)
    assert step.until > NOW


def test_newer_words_before_the_first_bubble_discard_the_turn() -> None:
    message = pending()
    assert next_step(heard(1, 1, pending=message), None) == Discard(message, "the customer wrote again")


def test_a_turn_is_discarded_a_bounded_number_of_times() -> None:
    step = next_step(heard(1, 1, pending=pending(), restarts=MAX_RESTARTS), None)
    assert isinstance(step, Send)
    assert step.speaks_over


def test_a_turn_that_was_held_up_is_discarded_however_often_it_happened() -> None:
    message = pending(created_at=NOW - seconds(4), delay=2.0)
    assert isinstance(next_step(heard(1, 1, pending=message, restarts=MAX_RESTARTS), None), Discard)
    assert isinstance(next_step(view(pending=message, restarts=MAX_RESTARTS), None), Send), "nobody wrote meanwhile"
    message = pending(created_at=NOW - seconds(2.3), delay=2.0)
    assert isinstance(next_step(heard(1, 1, pending=message, restarts=MAX_RESTARTS), None), Send)


def test_newer_words_after_the_first_bubble_drop_what_is_not_worth_saying() -> None:
    message = pending(turn_said=True)
    step = next_step(heard(1, 1, pending=message), None)
    assert isinstance(step, Drop)
    assert step.whole_turn
    essential = next_step(heard(1, 1, pending=pending(turn_said=True, essential=True)), None)
    assert isinstance(essential, Send)
    assert essential.speaks_over


def test_a_turn_that_did_more_than_speak_is_not_discarded() -> None:
    step = next_step(heard(1, 1, pending=pending(discardable=False)), None)
    assert isinstance(step, Drop)
    assert isinstance(next_step(heard(1, 1, pending=pending(discardable=False, essential=True)), None), Send)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"epoch": 1}, {"turn_said": True}),
        ({"agent_enabled": False}, {"turn_said": True}),
        ({"epoch": 1}, {"discardable": False}),
        ({"opted_out_at": NOW - seconds(5)}, {}),
        ({"window_until": NOW}, {}),
        ({"window_until": None}, {}),
    ],
)
def test_what_must_not_be_said_any_more_is_dropped(changes: dict[str, Any], message: dict[str, Any]) -> None:
    step = next_step(view(pending=pending(**message), **changes), None)
    assert isinstance(step, Drop)
    assert step.reason


@pytest.mark.parametrize("changes", [{"epoch": 1}, {"agent_enabled": False}])
def test_a_silenced_turn_of_which_nothing_was_said_is_forgotten(changes: dict[str, Any]) -> None:
    assert isinstance(next_step(view(pending=pending(), **changes), None), Discard)


def test_a_template_may_leave_the_window() -> None:
    assert isinstance(next_step(view(pending=pending(kind="template"), window_until=None), None), Send)


def test_the_farewell_of_an_opt_out_is_said() -> None:
    assert isinstance(next_step(view(pending=pending(created_at=NOW), opted_out_at=NOW), None), Send)


def test_a_persons_words_are_not_the_agents() -> None:
    words = pending(author="person", turn_id=None, discardable=None)
    assert isinstance(next_step(heard(1, 1, pending=words, epoch=5, agent_enabled=False), None), Send)


def test_a_sending_nobody_saw_the_end_of_becomes_unknown_and_is_waited_for() -> None:
    lost = pending(state="sending")
    assert next_step(view(pending=lost), None) == MarkUnknown(lost)
    waiting = pending(state="unknown", settle_at=NOW + seconds(7))
    assert next_step(heard(60, 60, pending=waiting), None) == Wait(NOW + seconds(7))
    due = pending(state="unknown", settle_at=NOW)
    assert next_step(view(pending=due), None) == Settle(due)


def test_follow_ups_come_after_everything_else() -> None:
    timer = PlannedFollowUp(id=ID, name="n", due_at=NOW, planned_at=NOW)
    assert next_step(view(follow_up=timer), None) == FollowUpDue()
    assert next_step(heard(60, 60, follow_up=timer), None) == TakeTurn()
    later = dataclasses.replace(timer, due_at=NOW + seconds(5))
    assert next_step(view(follow_up=later), None) == Wait(NOW + seconds(5))
