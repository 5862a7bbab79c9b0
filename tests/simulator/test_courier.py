from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING

from relevo.simulator import Faults, Number, Simulator

if TYPE_CHECKING:
    from .conftest import Receiver

QUICK = (0.01, 0.01, 0.01)


async def test_the_signature_covers_the_raw_bytes_with_unicode_and_slashes_escaped(receiver: Receiver) -> None:
    async with Simulator(webhook_url=receiver.url) as sim:
        await sim.customer(name="Óscar").say("mañana y/o después ☕")
        await sim.delivered()
    (raw,), (headers,) = receiver.raw, receiver.headers
    digest = hmac.new(b"simulated-app-secret", raw, hashlib.sha256).hexdigest()
    assert headers["x-hub-signature-256"] == f"sha256={digest}"
    assert raw.isascii()
    assert b"ma\\u00f1ana y\\/o" in raw
    assert receiver.items("messages")[0]["text"]["body"] == "mañana y/o después ☕"
    assert receiver.items("contacts")[0]["profile"] == {"name": "Óscar"}


async def test_a_refused_webhook_is_sent_again_until_200(receiver: Receiver) -> None:
    receiver.answers = [500, 401]
    async with Simulator(webhook_url=receiver.url, retries=QUICK) as sim:
        await sim.customer().say("hola")
        await sim.delivered()
        (post,) = sim.ledger.posts
    assert [attempt.outcome for attempt in post.attempts] == ["refused", "refused", "acked"]
    assert [attempt.status for attempt in post.attempts] == [500, 401, 200]
    assert len(set(receiver.raw)) == 1


async def test_a_webhook_nobody_takes_is_given_up_and_reported(receiver: Receiver) -> None:
    receiver.answers = [500] * 10
    async with Simulator(webhook_url=receiver.url, retries=QUICK) as sim:
        await sim.customer().say("hola")
        await sim.delivered()
        report = sim.ledger.report()
    assert sim.ledger.posts[0].given_up
    assert len(receiver.raw) == 4
    assert report.unacknowledged == 1
    assert not report.ok


async def test_a_service_that_is_away_gets_the_webhook_when_it_is_back(receiver: Receiver) -> None:
    url = receiver.url
    await receiver.stop()
    async with Simulator(webhook_url=url, retries=QUICK) as sim:
        await sim.customer().say("hola")
        await sim.delivered()
    assert {attempt.outcome for attempt in sim.ledger.posts[0].attempts} == {"error"}


async def test_a_dropped_answer_leads_to_another_attempt(receiver: Receiver) -> None:
    receiver.pause = 0.05
    faults = Faults(drop=1.0, max_drops=2, drop_seconds=0.02)
    async with Simulator(webhook_url=receiver.url, retries=QUICK, faults=faults) as sim:
        await sim.customer().say("hola")
        await sim.delivered()
        (post,) = sim.ledger.posts
    assert [attempt.outcome for attempt in post.attempts] == ["dropped", "dropped", "acked"]


async def test_duplicates_carry_the_same_bytes(receiver: Receiver) -> None:
    async with Simulator(webhook_url=receiver.url, faults=Faults(duplicate=1.0, delay_seconds=0.05)) as sim:
        await sim.customer().say("hola")
        await sim.delivered()
        report = sim.ledger.report()
    assert len(receiver.raw) in {2, 3}
    assert len(set(receiver.raw)) == 1
    assert report.webhook_copies == len(receiver.raw) - 1
    assert report.messages_in == 1


async def test_a_batch_holds_several_entries_changes_and_messages_and_loses_none(receiver: Receiver) -> None:
    async with Simulator(webhook_url=receiver.url, faults=Faults(seed=5, batch=1.0)) as sim:
        for index in range(30):
            await sim.customer().say(f"hola {index}")
        await sim.delivered()
    (body,) = receiver.bodies
    changes = [change for entry in body["entry"] for change in entry["changes"]]
    assert len(body["entry"]) > 1
    assert len(changes) > len(body["entry"])
    assert len(changes) < 30
    assert [item["text"]["body"] for item in receiver.items("messages")] == [f"hola {i}" for i in range(30)]


async def test_batches_do_not_mix_numbers_with_different_secrets(receiver: Receiver) -> None:
    numbers = [Number("1", app_secret="one"), Number("2", app_secret="two"), Number("3", app_secret="one")]
    async with Simulator(webhook_url=receiver.url, numbers=numbers, faults=Faults(batch=1.0)) as sim:
        for number in ("1", "2", "3"):
            await sim.customer(number=number).say("hola")
        await sim.delivered()
    assert len(receiver.bodies) == 2
    for raw, headers in zip(receiver.raw, receiver.headers, strict=True):
        secrets = (b"one", b"two")
        signed = [s for s in secrets if hmac.new(s, raw, hashlib.sha256).hexdigest() in headers["x-hub-signature-256"]]
        assert len(signed) == 1
        assert (b'"phone_number_id":"2"' in raw) == (signed == [b"two"])


async def test_delays_reorder_what_customers_wrote(receiver: Receiver) -> None:
    async with Simulator(webhook_url=receiver.url, faults=Faults(seed=1, reorder=0.5)) as sim:
        for index in range(20):
            await sim.customer().say(str(index))
        await sim.delivered()
    said = [int(item["text"]["body"]) for item in receiver.items("messages")]
    assert sorted(said) == list(range(20))
    assert said != sorted(said)


async def test_verification_wants_the_challenge_back(receiver: Receiver) -> None:
    async with Simulator(webhook_url=receiver.url) as sim:
        assert await sim.verify_webhook()
        sim.numbers[0].verify_token = "other"
        assert not await sim.verify_webhook()
