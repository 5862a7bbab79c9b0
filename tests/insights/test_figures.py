"""Each figure against a history made by hand: told from the messages, and the same once it is kept."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from relevo.insights.figures import spread
from relevo.insights.keep import Keeper
from relevo.store.database import execute

if TYPE_CHECKING:
    from relevo.insights.report import Insights
    from support.history import History

DAY = date(2026, 3, 10)
NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


def later(**time: float) -> datetime:
    return NOON + timedelta(**time)


async def told_twice(history: History, first: date = DAY, last: date | None = None, zone: str = "UTC") -> Insights:
    """Ask for the figures, keep them, ask again: both must be the same."""
    fresh = await history.tell(first, last, zone=zone)
    await Keeper(history.rows.database).keep(datetime(2026, 6, 1, tzinfo=UTC))
    kept = await history.tell(first, last, zone=zone)
    assert kept == fresh
    return fresh


async def test_nothing_happened(history: History) -> None:
    figures = (await told_twice(history)).figures
    assert (figures.conversations, figures.messages_in, figures.orders) == (0, 0, 0)
    assert figures.conversion is figures.answered_without_person_share is figures.model.per_order is None


async def test_messages_are_counted_by_who_wrote_them(history: History) -> None:
    await history.says("customer", NOON)
    await history.says("agent", later(seconds=1), sent=2)
    await history.says("agent", later(seconds=1), sent=5)
    await history.says("person", later(minutes=20))
    await history.says("phone", later(minutes=21))
    figures = (await told_twice(history)).figures
    assert (figures.messages_in, figures.messages_by_agent, figures.messages_by_people) == (1, 2, 2)


@pytest.mark.parametrize(
    ("who", "more"),
    [
        ("customer", {"kind": "reaction"}),
        ("customer", {"outcome": "ignored", "outcome_reason": "past chat"}),
        ("customer", {"outcome": "ignored", "outcome_reason": "edit of an earlier message"}),
        ("phone", {"content": '{"history": true}'}),
        ("agent", {"state": "dropped", "drop_reason": "handed to a person", "accepted_at": None, "wamid": None}),
        ("agent", {"state": "failed", "accepted_at": None}),
        ("person", {"state": "planned", "accepted_at": None, "wamid": None}),
    ],
)
async def test_what_nobody_said_now_is_not_counted(history: History, who: str, more: dict[str, Any]) -> None:
    await history.says(who, NOON, **more)
    figures = (await told_twice(history)).figures
    assert figures.conversations == figures.messages_in == figures.messages_by_agent == figures.messages_by_people == 0


async def test_conversations_active_and_new(history: History) -> None:
    await history.says("customer", later(days=-1), to="Ana")
    await history.says("customer", NOON, to="Ana")
    await history.says("customer", NOON, to="Beto")
    figures = (await told_twice(history)).figures
    assert (figures.conversations, figures.conversations_new, figures.conversations_asked) == (2, 1, 2)
    two_days = (await history.tell(date(2026, 3, 9), DAY)).figures
    assert (two_days.conversations, two_days.conversations_new) == (2, 2)


async def test_answered_without_a_person(history: History) -> None:
    await history.says("customer", NOON, to="alone")
    await history.says("agent", later(seconds=3), to="alone")
    await history.says("customer", NOON, to="handed off")
    await history.hands_off(later(seconds=3), to="handed off")
    await history.says("customer", NOON, to="joined")
    await history.says("agent", later(seconds=3), to="joined")
    await history.says("phone", later(hours=1), to="joined")
    await history.says("customer", NOON, to="unanswered")
    await history.says("agent", NOON, to="only written to")
    figures = (await told_twice(history)).figures
    assert figures.conversations == 5
    assert (figures.conversations_asked, figures.answered_without_person) == (4, 1)
    assert figures.answered_without_person_share == 0.25


async def test_handoffs_by_reason(history: History) -> None:
    for number, reason in enumerate(["angry", "person_asked", "angry"]):
        await history.hands_off(later(minutes=number), to=str(number), reason=reason)
    await history.hands_off(later(days=1), to="tomorrow")
    figures = (await told_twice(history)).figures
    assert figures.handoffs == 3
    assert [(one.reason, one.count) for one in figures.handoffs_by_reason] == [("angry", 2), ("person_asked", 1)]


async def test_orders_and_conversion(history: History) -> None:
    for name in ("Ana", "Beto", "Caro", "Dani"):
        await history.says("customer", NOON, to=name)
    await history.orders(later(minutes=1), 89_900, to="Ana")
    await history.orders(later(minutes=2), 100, to="Ana")
    await history.orders(later(minutes=3), 1_250, to="Beto", currency="USD")
    await history.orders(later(minutes=4), 5, to="Caro", status="cancelled", closed_at=later(minutes=5))
    await history.orders(later(days=-1), 7, to="Dani")
    figures = (await told_twice(history)).figures
    assert (figures.orders, figures.orders_cancelled, figures.conversations_with_order) == (3, 1, 2)
    assert [(one.currency, one.count, one.total) for one in figures.orders_by_currency] == [
        ("COP", 2, 90_000), ("USD", 1, 1_250),
    ]  # fmt: skip
    assert figures.conversion == 0.5


async def test_an_answer_is_timed_from_the_first_message_that_waits_for_it(history: History) -> None:
    await history.says("customer", NOON)
    await history.says("customer", later(seconds=3))
    await history.says("agent", later(seconds=6), sent=1)
    await history.says("agent", later(seconds=6), sent=4)
    await history.says("customer", later(seconds=30))
    await history.says("agent", later(seconds=32), sent=1)
    figures = (await told_twice(history)).figures
    assert (figures.first_answer_agent.count, figures.first_answer_agent.p50, figures.first_answer_agent.p90) == (
        2,
        3,
        7,
    )
    assert figures.first_answer_people.count == 0


async def test_a_handoff_splits_the_wait(history: History) -> None:
    """The agent's ends when the customer is told of it, people's begins when it happens."""
    await history.says("customer", NOON)
    await history.hands_off(later(seconds=4))
    await history.says("customer", later(minutes=5), outcome="ignored", outcome_reason="a person has the conversation")
    await history.says("person", later(seconds=604))
    figures = (await told_twice(history)).figures
    assert (figures.first_answer_agent.count, figures.first_answer_agent.p50) == (1, 6)
    assert (figures.first_answer_people.count, figures.first_answer_people.p50) == (1, 600)


async def test_answered_and_handed_off_in_one_breath_people_still_owe_an_answer(history: History) -> None:
    await history.says("customer", NOON)
    await history.says("agent", later(seconds=4), sent=1, epoch=1)
    await history.hands_off(later(seconds=4))
    await history.says("person", later(seconds=94))
    figures = (await told_twice(history)).figures
    assert (figures.first_answer_agent.count, figures.first_answer_agent.p50) == (1, 5)
    assert (figures.first_answer_people.count, figures.first_answer_people.p50) == (1, 90)


async def test_later_questions_to_people_are_timed_from_the_question(history: History) -> None:
    await history.says("person", NOON)
    await history.says("customer", later(minutes=10), outcome="ignored", outcome_reason="a person has the conversation")
    await history.says("phone", later(minutes=12))
    figures = (await told_twice(history)).figures
    assert (figures.first_answer_people.count, figures.first_answer_people.p50) == (1, 120)


async def test_what_needs_no_answer_does_not_wait(history: History) -> None:
    await history.says("customer", NOON, outcome="ignored", outcome_reason="thanks, nothing to say")
    await history.says("agent", later(hours=3))
    figures = (await told_twice(history)).figures
    assert figures.messages_in == 1
    assert figures.first_answer_agent.count == 0


async def test_a_wait_for_people_that_the_agent_ended_is_nobodys(history: History) -> None:
    await history.says("person", NOON)
    await history.says("customer", later(minutes=1))
    await history.says("agent", later(hours=1))
    figures = (await told_twice(history)).figures
    assert figures.first_answer_agent.count == figures.first_answer_people.count == 0


async def test_words_planned_before_the_customer_went_on_are_no_answer_to_that(history: History) -> None:
    await history.says("customer", NOON)
    await history.says("agent", later(seconds=2), sent=30)
    await history.says("customer", later(seconds=10))
    await history.says("agent", later(seconds=40), sent=10)
    figures = (await told_twice(history)).figures
    assert (figures.first_answer_agent.count, figures.first_answer_agent.p50, figures.first_answer_agent.p90) == (
        2,
        32,
        40,
    )


async def test_while_webhooks_were_late_the_customer_waited_all_the_same(history: History) -> None:
    await history.says("customer", later(minutes=10), provider_at=NOON)
    await history.says("agent", later(minutes=10), sent=5)
    figures = (await told_twice(history)).figures
    assert figures.first_answer_agent.p50 == 610


async def test_an_answer_counts_on_the_day_it_is_given(history: History) -> None:
    await history.says("customer", datetime(2026, 3, 10, 23, 59, 50, tzinfo=UTC))
    await history.says("agent", datetime(2026, 3, 10, 23, 59, 55, tzinfo=UTC), sent=10)
    assert (await told_twice(history, DAY)).figures.first_answer_agent.count == 0
    tomorrow = (await told_twice(history, date(2026, 3, 11))).figures
    assert (tomorrow.first_answer_agent.p50, tomorrow.messages_by_agent, tomorrow.messages_in) == (15, 1, 0)


async def test_model_cost_for_each_conversation_and_order(history: History) -> None:
    for name in ("Ana", "Beto"):
        await history.says("customer", NOON, to=name)
        await history.thinks(later(seconds=1), 0.003, to=name)
    await history.orders(later(minutes=1), 1)
    await history.thinks(later(days=1), 1.0)
    told = await told_twice(history)
    assert told.figures.model.usd == pytest.approx(0.006)
    assert told.figures.model.per_conversation == pytest.approx(0.003)
    assert told.figures.model.per_order == pytest.approx(0.006)
    assert told.series[12].model_usd == pytest.approx(0.006)


async def test_whatsapp_costs_nothing_until_the_shop_names_prices(history: History) -> None:
    await history.says("customer", NOON)
    for number, category in enumerate(["marketing", "marketing", "utility"]):
        await history.write(
            "insert into whatsapp_charges (channel_id, wamid, workspace_id, at, category)"
            " values (%(ch)s, %(wamid)s, %(w)s, %(at)s, %(category)s)",
            wamid=str(number), at=NOON, category=category,
        )  # fmt: skip
    free = (await history.tell(DAY)).figures.whatsapp
    assert (free.messages, free.cost, free.currency) == (3, 0, None)
    await history.write(
        "update agent_configs set whatsapp_prices = %(prices)s where workspace_id = %(w)s",
        prices='{"currency": "USD", "marketing": 12500}',
    )
    told = await history.tell(DAY)
    assert (told.figures.whatsapp.cost, told.figures.whatsapp.currency) == (0.025, "USD")
    assert told.figures.whatsapp.per_conversation == 0.025
    assert [(one.category, one.messages, one.cost) for one in told.figures.whatsapp.categories] == [
        ("marketing", 2, 0.025), ("utility", 1, 0.0),
    ]  # fmt: skip
    assert told.series[12].whatsapp_cost == 0.025


async def test_who_waits_right_now(history: History) -> None:
    await history.says("customer", NOON, to="for the agent")
    await history.says("customer", NOON, to="answered", outcome="answered", outcome_reason="x")
    await history.says(
        "customer", NOON, to="for people", outcome="ignored", outcome_reason="a person has the conversation"
    )
    await history.write(
        "update conversations set owner = 'person', agent_conversational = false, owned_since = %(at)s,"
        " last_inbound_at = %(at)s + interval '1 second' where id = %(id)s",
        id=history.conversations["for people"], at=NOON,
    )  # fmt: skip
    waiting = (await history.tell(DAY)).unanswered_now
    assert (waiting.for_agent, waiting.for_people) == (1, 1)


async def test_a_shop_sees_its_own_figures_only(history: History) -> None:
    await history.says("customer", NOON)
    await history.orders(NOON, 5)
    await history.thinks(NOON, 1.0)
    history.rows.workspace = history.rows.channel  # any other id
    figures = (await history.tell(DAY)).figures
    assert (figures.conversations, figures.messages_in, figures.orders, figures.model.usd) == (0, 0, 0, 0)


async def test_kept_figures_and_fresh_ones_join_without_gap_or_overlap(history: History) -> None:
    """Keeping at any moment of a day changes nothing of what is told."""
    for minute in range(0, 120, 7):
        await history.says("customer", later(minutes=minute), to=str(minute % 3))
        await history.says("agent", later(minutes=minute, seconds=3), sent=2, to=str(minute % 3))
        await history.thinks(later(minutes=minute), 0.1, to=str(minute % 3))
    fresh = await history.tell(DAY)
    for minute in (20, 35, 50, 95, 200):
        await Keeper(history.rows.database).keep(later(minutes=minute))
        assert await history.tell(DAY) == fresh
    async with history.rows.database.reading() as connection:
        assert await execute(connection, "delete from messages", {}) > 0
    assert (await history.tell(DAY)).figures.messages_in == fresh.figures.messages_in


def test_percentiles_are_waits_that_happened() -> None:
    assert spread([]).p50 is None
    assert spread([(3.0, 1)]).p90 == 3
    many = spread([(1.0, 5), (2.0, 4), (60.0, 1)])
    assert (many.count, many.p50, many.p90) == (10, 1, 2)
