from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from relevo.simulator import Faults, Number, Rules, Simulator

if TYPE_CHECKING:
    from .conftest import Receiver

AUTH = {"authorization": "Bearer simulated-access-token"}


def url(sim: Simulator) -> str:
    return f"{sim.base_url}/v25.0/{sim.numbers[0].phone_number_id}/messages"


def text(to: str, body: str = "hola", **more: object) -> dict[str, Any]:
    return {"messaging_product": "whatsapp", "to": to, "type": "text", "text": {"body": body}, **more}


async def test_an_accepted_message_gets_a_wamid_and_reaches_the_customer(api: httpx2.AsyncClient) -> None:
    async with Simulator() as sim:
        ana = sim.customer("573001234567")
        await ana.say("hola")
        response = await api.post(url(sim), json=text("+573001234567", "¿Qué más?"), headers=AUTH)
    answer = response.json()
    assert response.status_code == 200
    assert answer["contacts"] == [{"input": "+573001234567", "wa_id": "573001234567"}]
    assert answer["messages"][0]["id"].startswith("wamid.HBgM")
    assert [message.text for message in ana.received] == ["¿Qué más?"]


async def test_a_wrong_token_is_refused_with_190_and_an_unknown_number_with_100_33(api: httpx2.AsyncClient) -> None:
    async with Simulator() as sim:
        wrong = await api.post(url(sim), json=text("57300"), headers={"authorization": "Bearer other"})
        unknown = await api.post(f"{sim.base_url}/v25.0/999/messages", json=text("57300"), headers=AUTH)
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (401, 190)
    assert (unknown.status_code, unknown.json()["error"]["error_subcode"]) == (400, 33)


async def test_a_refusal_has_the_platforms_error_body(api: httpx2.AsyncClient) -> None:
    async with Simulator() as sim:
        await sim.customer("573001234567").say("hola")
        response = await api.post(url(sim), json=text("573001234567", "x" * 4097), headers=AUTH)
        broken = await api.post(url(sim), content=b"{", headers=AUTH)
        report = sim.ledger.report()
    error = response.json()["error"]
    assert (response.status_code, error["code"], error["type"]) == (400, 100, "OAuthException")
    assert "at most 4096" in error["message"]
    assert error["fbtrace_id"]
    assert broken.json()["error"]["code"] == 100
    assert (report.accepted, report.refused) == (0, 1)


async def test_24_hours_after_the_customers_last_message_only_templates_pass(api: httpx2.AsyncClient) -> None:
    template = {"type": "template", "template": {"name": "recompra", "language": {"code": "es_CO"}}}
    async with Simulator(rules=Rules(templates=frozenset({"recompra"}))) as sim:
        await sim.customer("573001234567").say("hola")
        sim.clock.skip(24 * 3600 - 60)
        inside = await api.post(url(sim), json=text("573001234567"), headers=AUTH)
        sim.clock.skip(120)
        outside = await api.post(url(sim), json=text("573001234567"), headers=AUTH)
        approved = await api.post(url(sim), json={**text("573001234567"), **template}, headers=AUTH)
        template["template"] = {"name": "otra", "language": {"code": "es_CO"}}
        unknown = await api.post(url(sim), json={**text("573001234567"), **template}, headers=AUTH)
    assert inside.status_code == 200
    assert outside.json()["error"]["code"] == 131047
    assert approved.status_code == 200
    assert unknown.json()["error"]["code"] == 132001


async def test_somebody_unknown_cannot_be_reached(api: httpx2.AsyncClient) -> None:
    async with Simulator() as sim:
        response = await api.post(url(sim), json=text("573009999999"), headers=AUTH)
    assert response.json()["error"]["code"] == 131026


async def test_late_refusals_come_as_failed_statuses(api: httpx2.AsyncClient, receiver: Receiver) -> None:
    async with Simulator(webhook_url=receiver.url, rules=Rules(late=True)) as sim:
        response = await api.post(url(sim), json=text("573009999999", biz_opaque_callback_data="op-1"), headers=AUTH)
        await sim.settled(quiet=0.05)
        report = sim.ledger.report()
    (status,) = receiver.items("statuses")
    assert response.status_code == 200
    assert (status["status"], status["biz_opaque_callback_data"]) == ("failed", "op-1")
    assert status["id"] == response.json()["messages"][0]["id"]
    assert status["errors"][0]["code"] == 131026
    assert (report.accepted, report.refused) == (0, 1)


async def test_more_than_45_at_once_to_one_customer_hit_the_pair_limit(api: httpx2.AsyncClient) -> None:
    async with Simulator(rules=Rules(pair_rate=True)) as sim:
        await sim.customer("573001234567").say("hola")
        codes = [(await api.post(url(sim), json=text("573001234567"), headers=AUTH)).status_code for _ in range(45)]
        refused = await api.post(url(sim), json=text("573001234567"), headers=AUTH)
        sim.clock.skip(6)
        again = await api.post(url(sim), json=text("573001234567"), headers=AUTH)
    assert set(codes) == {200}
    assert refused.json()["error"]["code"] == 131056
    assert again.status_code == 200


async def test_more_than_its_throughput_hits_the_numbers_limit(api: httpx2.AsyncClient) -> None:
    number = Number(throughput=2)
    async with Simulator(numbers=[number], rules=Rules(throughput=True)) as sim:
        await sim.customer("573001234567").say("hola")
        answers = [await api.post(url(sim), json=text("573001234567"), headers=AUTH) for _ in range(10)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused
    assert refused[0].json()["error"]["code"] == 130429


async def test_statuses_follow_in_order_with_the_opaque_data(api: httpx2.AsyncClient, receiver: Receiver) -> None:
    async with Simulator(webhook_url=receiver.url) as sim:
        await sim.customer("573001234567").say("hola")
        await api.post(url(sim), json=text("573001234567", biz_opaque_callback_data="op-7"), headers=AUTH)
        await sim.settled(quiet=0.05)
    statuses = receiver.items("statuses")
    assert [status["status"] for status in statuses] == ["sent", "delivered", "read"]
    assert {status["biz_opaque_callback_data"] for status in statuses} == {"op-7"}
    assert {status["recipient_id"] for status in statuses} == {"573001234567"}
    assert all("pricing" in status for status in statuses)


async def test_marks_and_typing_are_recorded_and_unknown_messages_refused(api: httpx2.AsyncClient) -> None:
    async with Simulator() as sim:
        wamid = await sim.customer("573001234567").say("hola")
        mark = {"messaging_product": "whatsapp", "status": "read", "message_id": wamid}
        read = await api.post(url(sim), json=mark, headers=AUTH)
        typing = await api.post(url(sim), json={**mark, "typing_indicator": {"type": "text"}}, headers=AUTH)
        unknown = await api.post(url(sim), json={**mark, "message_id": "wamid.other"}, headers=AUTH)
    assert read.json() == typing.json() == {"success": True}
    assert [mark.typing for mark in sim.ledger.marks] == [False, True]
    assert unknown.json()["error"]["code"] == 131009
    assert sim.ledger.sends == []


async def test_a_customer_without_a_phone_is_reached_by_bsuid(api: httpx2.AsyncClient) -> None:
    async with Simulator() as sim:
        vale = sim.customer(bsuid="CO.123", username="vale")
        await vale.say("hola")
        body = {"messaging_product": "whatsapp", "recipient": "CO.123", "type": "text", "text": {"body": "hola"}}
        response = await api.post(url(sim), json=body, headers=AUTH)
    assert response.json()["contacts"] == [{"input": "CO.123", "user_id": "CO.123"}]
    assert [message.text for message in vale.received] == ["hola"]


async def test_media_is_found_by_id_and_downloaded_until_its_url_expires(
    api: httpx2.AsyncClient, receiver: Receiver
) -> None:
    async with Simulator(webhook_url=receiver.url) as sim:
        await sim.customer("573001234567").send_image(b"picture", caption="mira")
        await sim.delivered()
        image = receiver.items("messages")[0]["image"]
        found = (await api.get(f"{sim.base_url}/v25.0/{image['id']}", headers=AUTH)).json()
        file = await api.get(found["url"], headers=AUTH)
        stranger = await api.get(found["url"])
        sim.clock.skip(301)
        late = await api.get(found["url"], headers=AUTH)
    assert (image["caption"], found["mime_type"], found["file_size"]) == ("mira", "image/jpeg", 7)
    assert file.content == b"picture"
    assert stranger.status_code == 401
    assert late.status_code == 404


async def test_the_number_itself_can_be_looked_up(api: httpx2.AsyncClient) -> None:
    async with Simulator() as sim:
        found = await api.get(f"{sim.base_url}/v25.0/{sim.numbers[0].phone_number_id}", headers=AUTH)
    assert found.json()["display_phone_number"] == "573001112233"


async def test_360dialog_sends_configures_webhooks_and_rewrites_media_hosts(
    api: httpx2.AsyncClient, receiver: Receiver
) -> None:
    key = {"D360-API-KEY": "key-1"}
    async with Simulator(numbers=[Number(provider="360dialog", access_token="key-1")]) as sim:
        config = {"url": receiver.url, "headers": {"x-relevo-secret": "s3cret"}}
        set_up = await api.post(f"{sim.base_url}/v1/configs/webhook", json=config, headers=key)
        ana = sim.customer("573001234567")
        await ana.send_media("audio", b"voice")
        await sim.delivered()
        sent = await api.post(f"{sim.base_url}/messages", json=text("573001234567"), headers=key)
        refused = await api.post(f"{sim.base_url}/messages", json=text("573001234567"), headers={"D360-API-KEY": "x"})
        media_id = receiver.items("messages")[0]["audio"]["id"]
        found = (await api.get(f"{sim.base_url}/{media_id}", headers=key)).json()["url"]
        file = await api.get(found.replace("https://lookaside.fbsbx.com", sim.base_url), headers=key)
    assert set_up.json() == config
    assert receiver.headers[0]["x-relevo-secret"] == "s3cret"
    assert "x-hub-signature-256" not in receiver.headers[0]
    assert sent.status_code == 200
    assert refused.status_code == 401
    assert found.startswith("https://lookaside.fbsbx.com/")
    assert file.content == b"voice"


@pytest.mark.parametrize(
    ("fault", "status", "accepted"),
    [
        ("rate_limited", 429, False),
        ("pair_limited", 400, False),
        ("error_before", 500, False),
        ("error_after", 500, True),
        ("slow", 200, True),
        ("hang", None, True),
        ("reset_before", None, False),
        ("reset_after", None, True),
    ],
)
async def test_each_fault_does_what_it_says(
    fault: str,
    status: int | None,
    accepted: bool,
    api: httpx2.AsyncClient,
) -> None:
    faults = replace(Faults(slow_seconds=0.01, hang_seconds=0.05), **{fault: 1.0})  # pyright: ignore[reportArgumentType] - one of the probabilities
    async with Simulator(faults=faults) as sim:
        ana = sim.customer("573001234567")
        await ana.say("hola")
        try:
            code = (await api.post(url(sim), json=text("573001234567"), headers=AUTH)).status_code
        except httpx2.TransportError:
            code = None
        (send,) = sim.ledger.sends
    assert code == status or (status == 500 and code in {500, 503})
    assert (send.outcome == "accepted") == accepted == bool(ana.received)
    assert send.answered == (fault not in {"error_after", "hang", "reset_before", "reset_after"})
    assert send.ended_at is not None
    assert send.fault == fault


async def test_faults_on_one_message_end_so_that_trying_again_succeeds(api: httpx2.AsyncClient) -> None:
    async with Simulator(faults=Faults(rate_limited=1.0, max_per_message=2)) as sim:
        await sim.customer("573001234567").say("hola")
        body = text("573001234567", biz_opaque_callback_data="op-1")
        codes = [(await api.post(url(sim), json=body, headers=AUTH)).status_code for _ in range(3)]
    assert codes == [429, 429, 200]
