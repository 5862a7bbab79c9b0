"""What WhatsApp charges for, read from the statuses it told: each message once, free ones never."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import orjson
from uuid_utils.compat import uuid7

from relevo.insights.keep import BATCH, Keeper, charges_in

if TYPE_CHECKING:
    from support.history import History

NUMBER = "106540352242922"
NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


def told(wamid: str, status: str = "delivered", *, number: str = NUMBER, **pricing: Any) -> bytes:
    item = {
        "id": wamid, "status": status, "timestamp": str(int(NOON.timestamp())), "recipient_id": "573001112233",
        "pricing": {"billable": True, "pricing_model": "PMP", "type": "regular", "category": "marketing", **pricing},
    }  # fmt: skip
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "573000000000", "phone_number_id": number},
        "statuses": [item],
    }
    change = {"field": "messages", "value": value}
    return orjson.dumps({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [change]}]})


async def deliver(history: History, *bodies: bytes, at: datetime = NOON) -> None:
    for number, body in enumerate(bodies):
        await history.write(
            "insert into deliveries (id, channel_id, received_at, body) values (%(id)s, %(ch)s, %(at)s, %(body)s)",
            id=uuid7(), at=at + timedelta(milliseconds=number), body=body,
        )  # fmt: skip


async def charged(history: History) -> list[tuple[str, str]]:
    rows = await history.rows.read("select wamid, category from whatsapp_charges order by wamid")
    return [(row["wamid"], row["category"]) for row in rows]


def test_only_what_arrived_and_is_billable_is_charged() -> None:
    assert [charge["category"] for charge in charges_in(told("wamid.1"))] == ["marketing"]
    assert charges_in(told("wamid.1", "sent")) == []
    assert charges_in(told("wamid.1", "failed")) == []
    assert charges_in(told("wamid.1", billable=False)) == []
    assert charges_in(b"no json") == []


async def test_a_message_is_charged_once_however_often_it_is_told(history: History) -> None:
    await deliver(
        history, told("wamid.1"), told("wamid.1"), told("wamid.1", "read"), told("wamid.2", category="utility")
    )
    keeper = Keeper(history.rows.database)
    await keeper.charge(NOON + timedelta(hours=1))
    await deliver(history, told("wamid.1"), at=NOON + timedelta(hours=1))
    await keeper.charge(NOON + timedelta(hours=2))
    assert await charged(history) == [("wamid.1", "marketing"), ("wamid.2", "utility")]


async def test_free_messages_and_unreadable_bodies_leave_nothing(history: History) -> None:
    await deliver(
        history, told("wamid.1", billable=False), b'\xff\xfe "billable": true', b"[]", told("wamid.3", number="7")
    )
    await Keeper(history.rows.database).charge(NOON + timedelta(hours=1))
    assert await charged(history) == []


async def test_what_comes_in_later_is_read_later(history: History) -> None:
    keeper = Keeper(history.rows.database)
    await keeper.charge(NOON + timedelta(minutes=1))
    await deliver(history, told("wamid.1"), at=NOON + timedelta(seconds=30))
    await keeper.charge(NOON + timedelta(minutes=2))
    assert await charged(history) == [("wamid.1", "marketing")]


async def test_more_than_a_batch_is_read_to_the_end(history: History) -> None:
    await history.write(
        "insert into deliveries (id, channel_id, received_at, body)"
        " select gen_random_uuid(), %(ch)s, %(at)s + n / 3 * interval '1 ms',"
        " convert_to(replace(%(body)s, 'wamid.x', 'wamid.' || n), 'utf8') from generate_series(1, %(count)s) n",
        at=NOON, body=told("wamid.x").decode(), count=2 * BATCH + 7,
    )  # fmt: skip
    await Keeper(history.rows.database).charge(NOON + timedelta(hours=1))
    assert len(await charged(history)) == 2 * BATCH + 7
