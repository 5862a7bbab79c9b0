"""What the webhook answers, and what is in the database when it has."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import httpx2
import psycopg
import pytest
from psycopg import sql
from sqlalchemy.engine import make_url

from relevo.simulator.numbers import Number
from relevo.store.secrets import SecretBox
from support.echo_agent import EchoAgent, OneAgent
from support.service import KEY, Service, add_shop, running
from support.webhooks import delivery, post, status, text

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
async def service(database_url: str) -> AsyncGenerator[Service]:
    """Only the web part: nobody answers."""
    async with running(database_url, Number(), OneAgent(EchoAgent()), NOWHERE, workers=0) as service:
        yield service


async def test_a_message_is_in_the_database_when_it_is_acknowledged(service: Service) -> None:
    response = await post(service.webhook, delivery(Number(), messages=[text("w1", "hola")]), Number())
    assert response.status_code == 200
    (message,) = await service.rows("select text, wamid, state, outcome from messages")
    assert (message["text"], message["wamid"], message["outcome"]) == ("hola", "w1", None)
    assert len(await service.rows("select 1 from deliveries")) == 1
    assert len(await service.rows("select 1 from events where type = 'agent/whatsapp.message_received'")) == 1
    assert len(await service.rows("select 1 from mailbox where kind = 'conversation' and due_at is not null")) == 1


@pytest.mark.parametrize("header", ["", "sha256=", "sha256=00", "md5=00", "sha256=" + "é" * 4])
async def test_a_wrong_signature_is_refused_and_nothing_is_stored(service: Service, header: str) -> None:
    body = delivery(Number(), messages=[text("w1", "hola")])
    async with httpx2.AsyncClient() as client:
        response = await client.post(
            service.webhook, content=body, headers=[(b"x-hub-signature-256", header.encode("latin-1"))]
        )
    assert response.status_code == 401
    assert await service.rows("select 1 from deliveries") == []


async def test_a_body_over_three_megabytes_is_refused(service: Service) -> None:
    assert (await post(service.webhook, b" " * (3 * 1024 * 1024 + 1), Number())).status_code == 413


async def test_meta_can_verify_the_address_with_the_right_token_only(service: Service) -> None:
    async with httpx2.AsyncClient() as client:
        query = {"hub.mode": "subscribe", "hub.verify_token": Number().verify_token, "hub.challenge": "42"}
        right = await client.get(service.webhook, params=query)
        wrong = await client.get(service.webhook, params={**query, "hub.verify_token": "guess"})
    assert (right.status_code, right.text) == (200, "42")
    assert wrong.status_code == 403


async def test_something_that_is_not_json_is_kept_and_acknowledged(service: Service) -> None:
    assert (await post(service.webhook, b"not json", Number())).status_code == 200
    (kept,) = await service.rows("select body, problem from deliveries")
    assert bytes(kept["body"]) == b"not json"
    assert kept["problem"]


async def test_everything_in_a_batch_is_read(service: Service) -> None:
    messages = [text(f"w{n}", f"m{n}", sender=f"57300000000{n % 3}") for n in range(30)]
    assert (await post(service.webhook, delivery(Number(), messages=messages), Number())).status_code == 200
    assert len(await service.rows("select 1 from messages")) == 30
    assert len(await service.rows("select 1 from contacts")) == 3


async def test_a_bad_update_is_set_aside_and_takes_nothing_with_it(service: Service) -> None:
    nobody = {"id": "w2", "timestamp": "1900000000", "type": "text", "text": {"body": "who am I?"}}
    body = delivery(Number(), messages=[text("w1", "uno"), nobody, text("w3", "tres", sender="573002222222")])
    assert (await post(service.webhook, body, Number())).status_code == 200
    assert [row["wamid"] for row in await service.rows("select wamid from messages order by arrival")] == ["w1", "w3"]
    (aside,) = await service.rows("select position, error, replayed_at from set_aside_updates")
    assert aside["position"] == 1
    assert "Nobody" in aside["error"]


async def test_a_number_nobody_connected_is_set_aside(service: Service) -> None:
    body = delivery(Number(phone_number_id="999"), messages=[text("w1", "hola")])
    assert (await post(service.webhook, body, Number())).status_code == 200
    (aside,) = await service.rows("select error from set_aside_updates")
    assert "no channel" in aside["error"]


async def test_one_shop_cannot_write_into_anothers_channel(service: Service) -> None:
    other = Number(phone_number_id="777", app_secret="another app's secret")
    await add_shop(service.relevo.database, SecretBox(KEY), other)
    await asyncio.sleep(0.6)
    body = delivery(Number(), messages=[text("w1", "hola")])
    assert (await post(service.webhook, body, other)).status_code in {200, 401}
    assert await service.rows("select 1 from messages") == []


async def test_eight_identical_webhooks_at_once_are_one_message(service: Service) -> None:
    body = delivery(Number(), messages=[text("w1", "hola")])
    answers = await asyncio.gather(*(post(service.webhook, body, Number()) for _ in range(8)))
    assert {answer.status_code for answer in answers} == {200}
    assert len(await service.rows("select 1 from messages")) == 1
    assert len(await service.rows("select 1 from events where type like 'agent/%%'")) == 1
    assert len(await service.rows("select 1 from deliveries")) == 8


async def test_strangers_through_two_servers_at_once_become_one_contact_each(
    service: Service, database_url: str
) -> None:
    async with running(database_url, Number(phone_number_id="2"), OneAgent(EchoAgent()), NOWHERE, workers=0) as second:
        await asyncio.sleep(0.6)
        await asyncio.gather(
            *(
                post(where.webhook, delivery(Number(), messages=[text(f"w{n}.{k}", "hola", sender=f"5730000{n:05d}")]),
                     Number())
                for n in range(20)
                for k, where in enumerate((service, second))
            )
        )  # fmt: skip
    assert len(await service.rows("select 1 from messages")) == 40
    assert len(await service.rows("select 1 from contacts")) == 20
    assert len(await service.rows("select 1 from conversations")) == 20


async def test_statuses_only_move_forward_whatever_their_order(service: Service) -> None:
    await post(service.webhook, delivery(Number(), messages=[text("w1", "hola")]), Number())
    await service.write(
        "insert into messages (id, workspace_id, channel_id, conversation_id, direction, author, state, wamid, kind)"
        " select gen_random_uuid(), workspace_id, channel_id, id, 'out', 'phone', 'sent', 'out1', 'text'"
        " from conversations"
    )
    for name in ("read", "delivered", "sent", "failed", "delivered"):
        await post(service.webhook, delivery(Number(), statuses=[status("out1", name)]), Number())
    (row,) = await service.rows("select state, delivered_at, read_at from messages where wamid = 'out1'")
    assert row["state"] == "read"
    assert row["delivered_at"] is not None
    types = [event["type"] for event in await service.rows("select type from events order by id")]
    assert types.count("message.read") == 1
    assert "message.delivered" not in types


async def test_while_the_database_is_away_the_sender_is_asked_to_try_again(
    service: Service, postgres: str, database_url: str
) -> None:
    body = delivery(Number(), messages=[text("w1", "hola")])
    assert (await post(service.webhook, body, Number())).status_code == 200
    name = make_url(database_url).database or ""
    with psycopg.connect(postgres, autocommit=True) as admin:
        forbid = sql.SQL("alter database {} allow_connections {}")
        admin.execute(forbid.format(sql.Identifier(name), sql.SQL("false")))
        admin.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", (name,))
        later = delivery(Number(), messages=[text("w2", "sigo aquí")])
        assert (await post(service.webhook, later, Number())).status_code == 503
        admin.execute(forbid.format(sql.Identifier(name), sql.SQL("true")))
    answer = await post(service.webhook, later, Number())
    for _ in range(12):
        if answer.status_code == 200:
            break
        answer = await post(service.webhook, later, Number())
    assert answer.status_code == 200
    assert len(await service.rows("select 1 from messages")) == 2


async def test_360dialog_is_known_by_its_secret_header(database_url: str) -> None:
    number = Number(provider="360dialog", app_secret="header secret")
    async with running(database_url, number, OneAgent(EchoAgent()), NOWHERE, workers=0) as service:
        body = delivery(number, messages=[text("w1", "hola")])
        refused = await post(service.webhook, body, number)
        accepted = await post(service.webhook, body, number, **{"X-Relevo-Secret": "header secret"})
    assert (refused.status_code, accepted.status_code) == (401, 200)


async def test_a_name_is_learned_when_it_is_first_heard_and_kept(service: Service) -> None:
    anonymous = delivery(Number(), messages=[text("w1", "hola")]).replace(b'"name": "Ana"', b'"name": ""')
    await post(service.webhook, anonymous, Number())
    assert [row["name"] for row in await service.rows("select name from contacts")] == [None]
    for wamid, name in (("w2", "Ana"), ("w3", "Anita")):
        await post(service.webhook, delivery(Number(), messages=[text(wamid, "hola")], name=name), Number())
    assert [row["name"] for row in await service.rows("select name from contacts")] == ["Ana"]


async def test_what_whatsapp_took_and_could_not_deliver_is_a_task(service: Service) -> None:
    await post(service.webhook, delivery(Number(), messages=[text("w1", "hola")]), Number())
    await service.write(
        "insert into messages"
        " (id, workspace_id, channel_id, conversation_id, direction, author, state, wamid, kind, text)"
        " select gen_random_uuid(), workspace_id, channel_id, id, 'out', 'phone', 'sent', 'out1', 'text', 'Listo'"
        " from conversations"
    )
    error = {"code": 131026, "title": "Message undeliverable"}
    for _ in range(2):
        await post(service.webhook, delivery(Number(), statuses=[status("out1", "failed", errors=[error])]), Number())
    (task,) = await service.rows("select kind, summary, reason from tasks")
    assert (task["kind"], task["summary"]) == ("undelivered", "Listo")
    assert task["reason"]
    assert await service.rows("select 1 from channels where status = 'stopped'") == []


async def test_a_failure_that_concerns_the_number_stops_the_channel(service: Service) -> None:
    await post(service.webhook, delivery(Number(), messages=[text("w1", "hola")]), Number())
    await service.write(
        "insert into messages (id, workspace_id, channel_id, conversation_id, direction, author, state, wamid, kind)"
        " select gen_random_uuid(), workspace_id, channel_id, id, 'out', 'phone', 'sent', 'out1', 'text'"
        " from conversations"
    )
    error = {"code": 131042, "title": "Business eligibility payment issue"}
    await post(service.webhook, delivery(Number(), statuses=[status("out1", "failed", errors=[error])]), Number())
    assert len(await service.rows("select 1 from channels where status = 'stopped'")) == 1
