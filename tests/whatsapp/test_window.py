from __future__ import annotations

from datetime import UTC, datetime, timedelta

from relevo.whatsapp.window import window

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_a_message_opens_twenty_four_hours() -> None:
    opened = window(NOON)
    assert opened.open_at(NOON + 24 * HOUR - timedelta(seconds=1))
    assert not opened.open_at(NOON + 24 * HOUR)
    assert opened.free_of_charge_until is None


def test_nothing_is_open_towards_somebody_who_never_wrote() -> None:
    assert not window(None).open_at(NOON)


def test_an_ad_answered_in_time_is_free_for_seventy_two_hours_but_not_free_form() -> None:
    opened = window(NOON, ad_inbound_at=NOON, first_reply_at=NOON + HOUR)
    assert opened.free_of_charge_until == NOON + 73 * HOUR
    assert not opened.open_at(NOON + 30 * HOUR)


def test_an_ad_answered_late_or_before_it_came_opens_nothing() -> None:
    assert window(NOON, ad_inbound_at=NOON, first_reply_at=NOON + 25 * HOUR).free_of_charge_until is None
    assert window(NOON, ad_inbound_at=NOON, first_reply_at=NOON - HOUR).free_of_charge_until is None
    assert window(NOON, ad_inbound_at=NOON).free_of_charge_until is None
