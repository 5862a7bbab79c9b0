from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from relevo.simulator import NoReplyError, NothingToTapError, Number, Simulator

if TYPE_CHECKING:
    import httpx2

    from relevo.simulator import Customer

    from .conftest import Receiver

AUTH = {"authorization": "Bearer simulated-access-token"}


async def reply(api: httpx2.AsyncClient, sim: Simulator, customer: Customer, **part: object) -> str:
    body = {"messaging_product": "whatsapp", "to": customer.key, "type": "text", "text": {"body": "hola"}, **part}
    url = f"{sim.base_url}/v25.0/{sim.numbers[0].phone_number_id}/messages"
    answer = await api.post(url, json=body, headers=AUTH)
    return str(answer.json()["messages"][0]["id"])


async def test_taps_quote_the_message_that_offered_them(api: httpx2.AsyncClient, receiver: Receiver) -> None:
    async with Simulator(webhook_url=receiver.url) as sim:
        ana = sim.customer("573001234567")
        await ana.say("hola")
        buttons = [{"type": "reply", "reply": {"id": "b2", "title": "2 bolsas"}}]
        rows = [{"id": "m", "title": "media", "description": "prensa"}]
        question = {"type": "button", "body": {"text": "¿Cuántas?"}, "action": {"buttons": buttons}}
        offer = await reply(api, sim, ana, type="interactive", interactive=question)
        action = {"button": "Ver", "sections": [{"rows": rows}]}
        listed = {"type": "list", "body": {"text": "¿Molienda?"}, "action": action}
        choice = await reply(api, sim, ana, type="interactive", interactive=listed)
        await ana.tap("2 bolsas")
        await ana.choose("m")
        with pytest.raises(NothingToTapError):
            await ana.tap("8 bolsas")
        await sim.delivered()
    _, tapped, chosen = receiver.items("messages")
    assert tapped["interactive"] == {"type": "button_reply", "button_reply": {"id": "b2", "title": "2 bolsas"}}
    assert tapped["context"] == {"from": "573001112233", "id": offer}
    assert chosen["interactive"]["list_reply"] == {"id": "m", "title": "media", "description": "prensa"}
    assert chosen["context"]["id"] == choice


async def test_everything_a_customer_can_send_arrives_in_its_form(receiver: Receiver) -> None:
    async with Simulator(webhook_url=receiver.url, connections=1) as sim:
        ana = sim.customer("573001234567", name="Ana", bsuid="CO.1", username="ana.cafe")
        wamid = await ana.say("hola", referral={"source_type": "ad"})
        await ana.say("esto", reply_to=wamid)
        for kind in ("audio", "video", "document", "sticker"):
            await ana.send_media(kind)
        await ana.send_location(4.8, -75.7, "Pereira")
        await ana.react("👍", to=wamid)
        await ana.react("", to=wamid)
        await ana.identity_changed()
        await sim.delivered()
    said = receiver.items("messages")
    kinds = [item["type"] for item in said]
    assert kinds == [
        "text", "text", "audio", "video", "document", "sticker", "location", "reaction", "reaction", "system",
    ]  # fmt: skip
    assert said[0]["referral"] == {"source_type": "ad"}
    assert said[1]["context"]["id"] == wamid
    assert said[2]["audio"]["voice"] is True
    assert said[4]["document"]["filename"] == "documento.pdf"
    assert said[7]["reaction"] == {"message_id": wamid, "emoji": "👍"}
    assert "emoji" not in said[8]["reaction"]
    assert {(item["from"], item["from_user_id"]) for item in said} == {("573001234567", "CO.1")}
    assert receiver.items("contacts")[0] == {
        "profile": {"name": "Ana", "username": "ana.cafe"}, "wa_id": "573001234567", "user_id": "CO.1",
    }  # fmt: skip


async def test_a_customer_without_a_phone_shows_none(receiver: Receiver) -> None:
    async with Simulator(webhook_url=receiver.url) as sim:
        await sim.customer(bsuid="CO.9", username="vale").say("hola")
        await sim.delivered()
    (message,), (contact,) = receiver.items("messages"), receiver.items("contacts")
    assert "from" not in message
    assert message["from_user_id"] == "CO.9"
    assert "wa_id" not in contact


async def test_a_new_number_is_told_and_then_used(api: httpx2.AsyncClient, receiver: Receiver) -> None:
    async with Simulator(webhook_url=receiver.url, connections=1) as sim:
        ana = sim.customer("573001234567", bsuid="CO.1")
        await ana.change_number("573007654321")
        await ana.say("soy yo")
        await reply(api, sim, ana, to="573007654321")
        await sim.delivered()
    system, text = receiver.items("messages")
    assert system["system"]["type"] == "user_changed_number"
    assert system["system"]["wa_id"] == text["from"] == "573007654321"
    assert system["system"]["previous_user_id"] == "CO.1"
    assert system["system"]["user_id"] == text["from_user_id"] != "CO.1"
    assert len(ana.received) == 1


async def test_what_the_owner_writes_is_echoed_and_preferences_are_told(receiver: Receiver) -> None:
    async with Simulator(webhook_url=receiver.url, connections=1) as sim:
        ana = sim.customer("573001234567")
        wamid = await ana.hear_from_owner("Hola, soy la dueña")
        await ana.preference("stop")
        await sim.delivered()
    (echo,) = receiver.items("message_echoes")
    (preference,) = receiver.items("user_preferences")
    fields = [change["field"] for body in receiver.bodies for entry in body["entry"] for change in entry["changes"]]
    assert fields == ["smb_message_echoes", "user_preferences"]
    assert (echo["id"], echo["to"], echo["text"]["body"]) == (wamid, "573001234567", "Hola, soy la dueña")
    assert preference["value"] == "stop"


async def test_replies_are_those_since_the_customer_last_wrote(api: httpx2.AsyncClient) -> None:
    async with Simulator() as sim:
        ana = sim.customer("573001234567")
        await ana.say("hola")
        with pytest.raises(NoReplyError):
            await ana.replies(timeout=0.02)
        await reply(api, sim, ana)
        await ana.say("¿y?")
        await reply(api, sim, ana, text={"body": "uno"})
        await reply(api, sim, ana, text={"body": "dos"})
        assert [message.text for message in await ana.replies(quiet=0.02)] == ["uno", "dos"]


async def test_numbers_keep_their_customers_apart(api: httpx2.AsyncClient) -> None:
    async with Simulator(numbers=[Number("1"), Number("2")]) as sim:
        one = sim.customer("573001234567", number="1")
        two = sim.customer("573001234567", number="2")
        await one.say("hola")
        answer = await api.post(
            f"{sim.base_url}/v25.0/2/messages",
            json={"messaging_product": "whatsapp", "to": "573001234567", "text": {"body": "x"}},
            headers=AUTH,
        )
    assert one is not two
    assert answer.json()["error"]["code"] == 131047
