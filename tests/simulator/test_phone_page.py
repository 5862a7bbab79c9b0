"""The page on which one writes as a customer: its files, and the chat as the customer sees it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from relevo.simulator import Receipts, Simulator

if TYPE_CHECKING:
    import httpx2

    from .conftest import Receiver

ANA = "573001234567"


async def chat(api: httpx2.AsyncClient, sim: Simulator, **query: str) -> dict[str, Any]:
    answer = await api.get(f"{sim.base_url}/phone/chat", params={"customer": ANA, **query})
    assert answer.status_code == 200
    return answer.json()


async def send(api: httpx2.AsyncClient, sim: Simulator, **body: Any) -> str:
    number = sim.numbers[0]
    answer = await api.post(
        f"{sim.base_url}/v25.0/{number.phone_number_id}/messages",
        json={"messaging_product": "whatsapp", "to": ANA, **body},
        headers={"authorization": f"Bearer {number.access_token}"},
    )
    assert answer.status_code == 200, answer.text
    return answer.json()["messages"][0]["id"] if "messages" in answer.json() else ""


async def mark(api: httpx2.AsyncClient, sim: Simulator, wamid: str, **more: Any) -> None:
    number = sim.numbers[0]
    answer = await api.post(
        f"{sim.base_url}/v25.0/{number.phone_number_id}/messages",
        json={"messaging_product": "whatsapp", "status": "read", "message_id": wamid, **more},
        headers={"authorization": f"Bearer {number.access_token}"},
    )
    assert answer.json() == {"success": True}


async def test_the_page_and_its_files_are_served_under_a_strict_policy(api: httpx2.AsyncClient) -> None:
    async with Simulator() as sim:
        page = await api.get(sim.phone_url)
        script = await api.get(f"{sim.base_url}/phone/phone.js")
        style = await api.get(f"{sim.base_url}/phone/phone.css")
        missing = await api.get(f"{sim.base_url}/phone/secret.txt")
        outside = await api.get(f"{sim.base_url}/phone/..%2fserver.py")
    assert page.headers["content-type"].startswith("text/html")
    assert "default-src 'self'" in page.headers["content-security-policy"]
    assert "unsafe" not in page.headers["content-security-policy"]
    assert script.headers["content-type"].startswith("text/javascript")
    assert style.headers["content-type"].startswith("text/css")
    assert (missing.status_code, outside.status_code) == (404, 404)


async def test_a_message_shows_how_far_it_came(api: httpx2.AsyncClient, receiver: Receiver) -> None:
    receiver.pause = 0.3
    async with Simulator(webhook_url=receiver.url) as sim:
        said = await api.post(f"{sim.base_url}/_sim/say", json={"customer": ANA, "name": "Ana", "text": "hola"})
        before = await chat(api, sim)
        await sim.delivered()
        arrived = await chat(api, sim)
        await mark(api, sim, said.json()["wamid"], typing_indicator={"type": "text"})
        read = await chat(api, sim)
        await send(api, sim, type="text", text={"body": "Hola, Ana"})
        answered = await chat(api, sim)
    assert [one["lines"][0]["ticks"] for one in (before, arrived, read)] == ["sent", "delivered", "read"]
    assert (before["name"], before["typing"], read["typing"], answered["typing"]) == ("Ana", False, True, False)
    assert [(line["mine"], line["text"]) for line in answered["lines"]] == [(True, "hola"), (False, "Hola, Ana")]


async def test_whoever_has_seen_all_is_told_as_soon_as_there_is_more(
    api: httpx2.AsyncClient, receiver: Receiver
) -> None:
    async with Simulator(webhook_url=receiver.url) as sim:
        empty = await chat(api, sim)
        waiting = asyncio.create_task(chat(api, sim, seen=empty["version"]))
        await asyncio.sleep(0.3)
        assert not waiting.done()
        await sim.customer(ANA).say("hola")
        fresh = await asyncio.wait_for(waiting, 5)
    assert (empty["lines"], fresh["lines"][0]["text"]) == ([], "hola")


async def test_a_page_that_waits_does_not_keep_the_simulator_up(api: httpx2.AsyncClient) -> None:
    async with Simulator() as sim:
        empty = await chat(api, sim)
        waiting = asyncio.create_task(
            api.get(f"{sim.base_url}/phone/chat", params={"customer": ANA, "seen": empty["version"]})
        )
        await asyncio.sleep(0.2)
    assert (await asyncio.wait_for(waiting, 5)).status_code == 204


async def test_what_can_be_tapped_is_offered_and_the_tap_goes_through(
    api: httpx2.AsyncClient, receiver: Receiver
) -> None:
    rows = [{"id": "r1", "title": "Una libra", "description": "500 g"}, {"id": "r2", "title": "Dos libras"}]
    async with Simulator(webhook_url=receiver.url) as sim:
        await sim.customer(ANA).say("precios")
        buttons = {"buttons": [{"type": "reply", "reply": {"id": "si", "title": "Sí"}}]}
        await send(
            api, sim, type="interactive",
            interactive={
                "type": "button", "body": {"text": "¿Confirmas?"}, "footer": {"text": "La Cima"}, "action": buttons
            },
        )  # fmt: skip
        action = {"button": "Ver packs", "sections": [{"title": "Packs", "rows": rows}]}
        header = {"type": "text", "text": "Packs"}
        await send(
            api, sim, type="interactive",
            interactive={"type": "list", "header": header, "body": {"text": "Elige"}, "action": action},
        )  # fmt: skip
        await api.post(f"{sim.base_url}/_sim/tap", json={"customer": ANA, "choice": "r1"})
        await sim.delivered()
        _, asked, listed, tapped = (await chat(api, sim))["lines"]
    assert (asked["choices"][0]["title"], asked["footer"], "menu" in asked) == ("Sí", "La Cima", False)
    assert (listed["menu"], listed["header"]) == ("Ver packs", "Packs")
    assert [choice["description"] for choice in listed["choices"]] == ["500 g", None]
    assert (tapped["mine"], tapped["text"], tapped["reply_to"]) == (True, "Una libra", listed["wamid"])
    assert receiver.items("messages")[-1]["interactive"]["list_reply"]["id"] == "r1"


async def test_replies_and_reactions_stand_with_what_they_are_about(
    api: httpx2.AsyncClient, receiver: Receiver
) -> None:
    async with Simulator(webhook_url=receiver.url) as sim:
        first = await sim.customer(ANA).say("hola")
        theirs = await send(api, sim, type="text", text={"body": "¿Qué desea?"}, context={"message_id": first})
        await send(api, sim, type="reaction", reaction={"message_id": first, "emoji": "👍"})
        await api.post(f"{sim.base_url}/_sim/say", json={"customer": ANA, "text": "un café", "reply_to": theirs})
        await api.post(f"{sim.base_url}/_sim/react", json={"customer": ANA, "to": theirs, "emoji": "❤️"})
        liked = (await chat(api, sim))["lines"]
        await api.post(f"{sim.base_url}/_sim/react", json={"customer": ANA, "to": theirs, "emoji": ""})
        taken_back = (await chat(api, sim))["lines"]
    assert [line["text"] for line in liked] == ["hola", "¿Qué desea?", "un café"]
    assert (liked[0]["reactions"], liked[1]["reactions"]) == (["👍"], ["❤️"])
    assert (liked[1]["reply_to"], liked[2]["reply_to"]) == (first, theirs)
    assert "reactions" not in taken_back[1]


async def test_files_go_out_and_come_back_as_what_they_are(api: httpx2.AsyncClient, receiver: Receiver) -> None:
    async with Simulator(webhook_url=receiver.url) as sim:
        query = {"customer": ANA, "name": "Ana", "kind": "image", "caption": "mi comprobante"}
        png = {"content-type": "image/png"}
        await api.post(f"{sim.base_url}/_sim/file", params=query, content=b"\x89PNG", headers=png)
        query = {"customer": ANA, "kind": "document", "filename": "x.html"}
        html = {"content-type": "text/html"}
        await api.post(f"{sim.base_url}/_sim/file", params=query, content=b"<script>", headers=html)
        await send(api, sim, type="image", image={"link": "https://shop.example/a.jpg", "caption": "Así llega"})
        await sim.delivered()
        picture, page, linked = (await chat(api, sim))["lines"]
        shown = await api.get(f"{sim.base_url}{picture['file']}")
        disarmed = await api.get(f"{sim.base_url}{page['file']}")
    assert (picture["text"], shown.content, shown.headers["content-type"]) == (
        "mi comprobante",
        b"\x89PNG",
        "image/png",
    )
    assert disarmed.headers["content-type"] == "application/octet-stream"
    assert (page["filename"], linked["file"], linked["text"]) == ("x.html", "https://shop.example/a.jpg", "Así llega")
    assert receiver.items("messages")[0]["image"]["mime_type"] == "image/png"


async def test_places_templates_contacts_and_the_owners_words_are_shown(
    api: httpx2.AsyncClient, receiver: Receiver
) -> None:
    async with Simulator(webhook_url=receiver.url) as sim:
        place = {"latitude": 4.65, "longitude": -74.08}
        await api.post(f"{sim.base_url}/_sim/place", json={"customer": ANA, **place})
        parameters = [{"type": "body", "parameters": [{"type": "text", "text": "Ana"}]}]
        template = {"name": "pedido_listo", "language": {"code": "es"}, "components": parameters}
        await send(api, sim, type="template", template=template)
        await send(api, sim, type="location", location={**place, "name": "La tienda", "address": "Calle 1"})
        await send(api, sim, type="contacts", contacts=[{"name": {"formatted_name": "Luz"}}])
        link = {"name": "cta_url", "parameters": {"display_text": "Pagar", "url": "https://pay.example"}}
        await send(
            api, sim, type="interactive", interactive={"type": "cta_url", "body": {"text": "Listo"}, "action": link}
        )
        await api.post(f"{sim.base_url}/_sim/owner", json={"customer": ANA, "text": "yo atiendo"})
        mine, filled, shop, contact, pay, owner = (await chat(api, sim))["lines"]
    assert (mine["kind"], mine["mine"]) == ("location", True)
    assert (filled["text"], filled["details"]) == ("pedido_listo", ["Ana"])
    assert (shop["text"], shop["details"][0], contact["details"]) == ("La tienda", "Calle 1", ["Luz"])
    assert pay["link"] == {"title": "Pagar", "url": "https://pay.example"}
    assert (owner["text"], owner["mine"]) == ("yo atiendo", False)


async def test_everybody_who_wrote_is_listed_the_latest_first(api: httpx2.AsyncClient, receiver: Receiver) -> None:
    async with Simulator(webhook_url=receiver.url, receipts=Receipts(None, None, None)) as sim:
        sim.numbers[0].name = "La Cima"
        await sim.customer(ANA, name="Ana").say("hola")
        await sim.customer("573009998877", name="Beto").say("buenas")
        told = (await api.get(f"{sim.base_url}/phone/people")).json()
    assert [(one["name"], one["text"]) for one in told["people"]] == [("Beto", "buenas"), ("Ana", "hola")]
    assert [(one["name"], one["phone"]) for one in told["numbers"]] == [("La Cima", "573001112233")]


@pytest.mark.parametrize(
    ("path", "query", "content"),
    [
        ("file", {"customer": ANA, "kind": "hologram"}, b"x"),
        ("file", {"customer": ANA, "kind": "image"}, b""),
        ("file", {"kind": "image"}, b"x"),
        ("place", {}, b'{"customer":"573001234567","latitude":"here"}'),
        ("react", {}, b'{"customer":"573001234567","emoji":"x"}'),
    ],
)
async def test_what_cannot_be_sent_is_told(
    api: httpx2.AsyncClient, path: str, query: dict[str, str], content: bytes
) -> None:
    async with Simulator() as sim:
        answer = await api.post(f"{sim.base_url}/_sim/{path}", params=query, content=content)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")
