"""Messages as bubbles: pages around one, quotes and reactions, typed parts, why one failed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from uuid_utils.compat import uuid7

from relevo.simulator.ids import wamid as new_wamid
from relevo.web.api.bubbles import parts_of
from relevo.web.api.failures import failure_of
from support.api import api_of
from support.echo_agent import EchoAgent
from support.shop import shop
from support.storefront import open_shop

if TYPE_CHECKING:
    import uuid

    from conftest import Asked

PHONE = "573000000001"


async def messages(api: Asked, conversation: object, **parameters: Any) -> dict[str, Any]:
    answer = await api.http.get(f"/conversations/{conversation}/messages", params=parameters)
    assert answer.status_code == 200, answer.text
    return answer.json()


def texts(page: dict[str, Any]) -> list[str]:
    return [item["text"] for item in page["items"]]


async def test_pages_lead_to_older_and_newer_ones_from_anywhere(api: Asked) -> None:
    conversation = await api.shop.hears(PHONE, "m0")
    for n in range(1, 20):
        await api.shop.hears(PHONE, f"m{n}")
    everything = await messages(api, conversation)
    assert texts(everything) == [f"m{n}" for n in range(19, -1, -1)]
    assert (everything["next_cursor"], everything["newer_cursor"]) == (None, None)
    ids = {item["text"]: item["id"] for item in everything["items"]}
    middle = await messages(api, conversation, around=ids["m10"], limit=6)
    assert texts(middle) == ["m13", "m12", "m11", "m10", "m9", "m8"]
    older = await messages(api, conversation, cursor=middle["next_cursor"], limit=6)
    newer = await messages(api, conversation, cursor=middle["newer_cursor"], limit=4)
    assert texts(older) == ["m7", "m6", "m5", "m4", "m3", "m2"]
    assert texts(newer) == ["m17", "m16", "m15", "m14"]
    assert texts(await messages(api, conversation, cursor=newer["newer_cursor"], limit=4)) == ["m19", "m18"]
    assert texts(await messages(api, conversation, cursor=newer["next_cursor"], limit=2)) == ["m13", "m12"]
    assert texts(await messages(api, conversation, before=ids["m2"])) == ["m1", "m0"]
    assert texts(await messages(api, conversation, after=ids["m17"])) == ["m19", "m18"]
    assert texts(await messages(api, conversation, ids=[ids["m3"], ids["m5"], str(uuid7())])) == ["m5", "m3"]
    assert texts(await messages(api, conversation, around=ids["m0"], limit=4)) == ["m2", "m1", "m0"]


async def test_another_conversations_message_is_no_place_in_this_one(api: Asked) -> None:
    here = await api.shop.hears(PHONE, "aquí")
    other = await api.shop.hears("573000000002", "allá")
    there = (await messages(api, other))["items"][0]["id"]
    for name in ("around", "before", "after"):
        answer = await api.http.get(f"/conversations/{here}/messages", params={name: there})
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert (await messages(api, here, ids=[there]))["items"] == []


async def heard(api: Asked, conversation: uuid.UUID, kind: str, **values: Any) -> str:
    """Store an inbound message of any kind."""
    message, wamid = uuid7(), new_wamid(PHONE, inbound=True)
    row = {"text": "", "content": "{}", "reply_to": None, **values}
    await api.shop.rows(
        "insert into messages (id, workspace_id, channel_id, conversation_id, direction, author, state, wamid, kind,"
        " text, content, reply_to) values (%(id)s, %(w)s, %(ch)s, %(c)s, 'in', 'customer', 'received', %(wamid)s,"
        " %(kind)s, %(text)s, %(content)s::jsonb, %(reply_to)s) returning id",
        id=message, w=api.shop.workspace_id, ch=api.shop.channel_id, c=conversation, wamid=wamid, kind=kind, **row,
    )  # fmt: skip
    return str(message)


async def test_a_reply_shows_what_it_quotes_although_that_is_pages_away(api: Asked) -> None:
    conversation = await api.shop.hears(PHONE, "primero")
    first = (await messages(api, conversation))["items"][0]
    for n in range(5):
        await api.shop.hears(PHONE, f"m{n}")
    await heard(api, conversation, "text", text="sobre eso", reply_to=first["wamid"])
    newest = (await messages(api, conversation, limit=1))["items"][0]
    assert (newest["quoted"]["id"], newest["quoted"]["text"]) == (first["id"], "primero")
    await heard(api, conversation, "text", text="sobre algo más", reply_to="wamid.unknown")
    unknown = (await messages(api, conversation, limit=1))["items"][0]
    assert (unknown["quoted"], unknown["reply_to"]) == (None, "wamid.unknown")


async def test_reactions_stand_on_what_they_are_about_and_the_last_counts(api: Asked) -> None:
    conversation = await api.shop.hears(PHONE, "hola")
    about = (await messages(api, conversation))["items"][0]
    await heard(api, conversation, "reaction", text="👍", reply_to=about["wamid"])
    last = await heard(api, conversation, "reaction", text="❤️", reply_to=about["wamid"])
    page = await messages(api, conversation)
    assert [[one["emoji"] for one in item["reactions"]] for item in page["items"]] == [["❤️"]]
    by_reaction = await messages(api, conversation, ids=[last])
    assert [item["id"] for item in by_reaction["items"]] == [about["id"]]
    await heard(api, conversation, "reaction", text="", reply_to=about["wamid"])
    assert (await messages(api, conversation))["items"][0]["reactions"] == []
    shown = (await api.http.get(f"/conversations/{conversation}")).json()
    assert shown["last_message"]["text"] == "hola"


async def test_people_quote_and_react_and_customers_get_both(database_url: str) -> None:
    async with shop(database_url, EchoAgent()) as (sim, service):
        customer = sim.customer("573001112222")
        await customer.say("hola")
        await sim.delivered()
        await service.idle()
        (row,) = await service.rows("select id, conversation_id, wamid from messages where direction = 'in'")
        async with api_of(service) as http:
            path = f"/conversations/{row['conversation_id']}/messages"
            said = await http.post(path, json={"text": "claro", "reply_to": str(row["id"])})
            assert said.status_code == 202, said.text
            emoji = await http.put(f"{path}/{row['id']}/reaction", json={"emoji": "🙏"})
            assert emoji.status_code == 202, emoji.text
            await sim.delivered()
            await service.idle()
            items = (await http.get(path)).json()["items"]
            assert items[0]["text"] == "claro"
            assert items[0]["quoted"]["id"] == str(row["id"])
            assert [one["emoji"] for one in items[-1]["reactions"]] == ["🙏"]
            missing = await http.post(path, json={"text": "x", "reply_to": str(uuid7())})
            assert (missing.status_code, missing.json()["code"]) == (404, "not_found")
        sends = [send for send in sim.ledger.sends if send.outcome == "accepted"]
        assert [send.kind for send in sends][-2:] == ["text", "reaction"]


async def test_another_shops_message_cannot_be_reacted_to(api: Asked) -> None:
    elsewhere = await open_shop(api.shop.database)
    theirs = await elsewhere.hears("573009999999", "hola")
    message = (await elsewhere.one("select id from messages where conversation_id = %(c)s", c=theirs))["id"]
    answer = await api.http.put(f"/conversations/{theirs}/messages/{message}/reaction", json={"emoji": "👍"})
    assert answer.status_code == 404
    mine = await api.shop.hears(PHONE, "hola")
    answer = await api.http.put(f"/conversations/{mine}/messages/{message}/reaction", json={"emoji": "👍"})
    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("error", "key"),
    [
        ({"code": 131047, "title": "Re-engagement message"}, "window_closed"),
        ({"code": 470}, "window_closed"),
        ({"code": 131026, "details": "Message undeliverable"}, "not_on_whatsapp"),
        ({"code": 131026, "details": "more than 24 hours have passed"}, "window_closed"),
        ({"code": 131050}, "customer_blocks_marketing"),
        ({"code": 132001}, "template_refused"),
        ({"code": 131053}, "media_refused"),
        ({"code": 190}, "channel_stopped"),
        ({"code": 131000}, "provider_trouble"),
        ({"code": 131008}, "content_refused"),
        ({"code": 424242}, "other"),
        ({"title": "interrupted while sending"}, "unconfirmed"),
    ],
)
def test_each_failure_has_a_stable_key(error: dict[str, Any], key: str) -> None:
    failure = failure_of(error)
    assert failure is not None
    assert failure.key == key
    assert failure_of(None) is None


def test_parts_are_read_from_both_directions() -> None:
    location = parts_of("location", {"location": {"latitude": "4.6", "longitude": -74.1, "name": "Casa"}})
    assert location.location is not None
    assert (location.location.latitude, location.location.name) == (4.6, "Casa")
    ana: dict[str, Any] = {"name": {"formatted_name": "Ana"}, "phones": [{"phone": "+57 300"}], "emails": [{}]}
    card = parts_of("contacts", {"contacts": [ana]})
    assert (card.contacts[0].name, card.contacts[0].phones) == ("Ana", ["+57 300"])
    tapped = parts_of("choice", {"type": "interactive", "interactive": {"list_reply": {"id": "x", "title": "Equis"}}})
    assert tapped.choice is not None
    assert tapped.choice.title == "Equis"
    offered = parts_of(
        "buttons",
        {"type": "interactive", "interactive": {
            "type": "button", "header": {"type": "image", "image": {"link": "https://x/y.jpg"}},
            "action": {"buttons": [{"type": "reply", "reply": {"id": "si", "title": "Sí"}}]}}},
    )  # fmt: skip
    assert [button.title for button in offered.buttons] == ["Sí"]
    assert offered.media is not None
    assert offered.media.link == "https://x/y.jpg"
    voice = parts_of("audio", {"type": "audio", "audio": {"id": "1", "voice": True, "mime_type": "audio/ogg"}})
    assert voice.media is not None
    assert (voice.media.voice, voice.media.available) == (True, True)
    template = parts_of(
        "template",
        {"template": {"name": "t", "language": {"code": "es"},
                      "components": [{"type": "body", "parameters": [{"type": "text", "text": "Ana"}]}]}},
    )  # fmt: skip
    assert template.template is not None
    assert template.template.parameters == ["Ana"]


RUBBISH: tuple[Any, ...] = (None, 7, "x", [], [None], {"latitude": "n"}, {"name": 3}, {"action": {"buttons": [3]}})
NAMES = ("image", "location", "contacts", "interactive", "button", "order", "template", "type", "referral")


@pytest.mark.parametrize("rubbish", RUBBISH)
def test_malformed_content_is_left_out(rubbish: Any) -> None:
    for kind in ("image", "location", "contacts", "choice", "order", "template", "buttons", "other"):
        parts = parts_of(kind, dict.fromkeys(NAMES, rubbish))
        assert parts.location is None
        assert parts.choice is None
