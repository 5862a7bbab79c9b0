"""Conversations over the API: reading, taking over, replying, handing off and back; and nobody else's."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import httpx2

from support.storefront import open_shop

if TYPE_CHECKING:
    from conftest import Asked


async def test_nobody_gets_in_without_a_token(api: Asked) -> None:
    for headers in ({"Authorization": ""}, {"Authorization": "Bearer relevo_wrong"}):
        answer = await api.http.get("/conversations", headers=headers)
        assert answer.status_code == 401
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["code"] == "unauthorized"


async def test_lists_go_from_page_to_page_without_gaps(api: Asked) -> None:
    written = {str(await api.shop.hears(f"57300000{n:04d}", f"hola {n}")) for n in range(7)}
    seen: list[str] = []
    cursor: str | None = None
    while True:
        parameters = {"limit": 3} | ({"cursor": cursor} if cursor else {})
        page = (await api.http.get("/conversations", params=parameters)).json()
        seen += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert len(seen) == 7
    assert set(seen) == written


async def test_a_broken_cursor_is_the_callers_mistake(api: Asked) -> None:
    answer = await api.http.get("/conversations", params={"cursor": "nonsense"})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")


async def test_another_workspaces_conversation_is_not_there(api: Asked) -> None:
    elsewhere = await open_shop(api.shop.database)
    theirs = await elsewhere.hears("573009999999", "hola")
    for method, path in (
        ("GET", ""), ("GET", "/messages"), ("GET", "/timeline"), ("POST", "/takeover"), ("POST", "/handback"),
    ):  # fmt: skip
        answer = await api.http.request(method, f"/conversations/{theirs}{path}")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), path
    answer = await api.http.post(f"/conversations/{theirs}/messages", json={"text": "hola"})
    assert answer.status_code == 404
    answer = await api.http.post(f"/conversations/{theirs}/handoff", json={})
    assert answer.status_code == 404
    answer = await api.http.put(f"/conversations/{theirs}/agent", json={"conversational": False})
    assert answer.status_code == 404
    assert (await elsewhere.one("select owner, epoch from conversations"))["epoch"] == 0


async def test_a_reply_takes_the_conversation_over(api: Asked) -> None:
    ana = await api.shop.member("Ana")
    conversation = await api.shop.hears("573001112222", "hola")
    answer = await api.http.post(
        f"/conversations/{conversation}/messages", json={"text": "Hola, soy Ana"}, headers={"Relevo-Member": str(ana)}
    )
    assert answer.status_code == 202
    shown = (await api.http.get(f"/conversations/{conversation}")).json()
    assert (shown["owner"], shown["owner_member_id"], shown["agent_speaks"]) == ("person", str(ana), False)
    newest = (await api.http.get(f"/conversations/{conversation}/messages")).json()["items"][0]
    assert (newest["id"], newest["author"], newest["state"]) == (answer.json()["ids"][0], "person", "planned")


async def test_the_same_reply_sent_again_is_planned_once(api: Asked) -> None:
    conversation = await api.shop.hears("573001112222", "hola")
    reply = {"id": str(uuid.uuid4()), "text": "Hola"}
    for _ in range(2):
        answer = await api.http.post(f"/conversations/{conversation}/messages", json=reply)
        assert answer.json()["ids"] == [reply["id"]]
    row = await api.shop.one("select count(*) as count from messages where author = 'person'")
    assert row["count"] == 1


async def test_after_the_window_only_a_template_goes(api: Asked) -> None:
    conversation = await api.shop.hears("573001112222", "hola")
    await api.shop.rows("update conversations set window_until = now() - interval '1 hour' returning id")
    path = f"/conversations/{conversation}/messages"
    refused = await api.http.post(path, json={"text": "Hola"})
    assert (refused.status_code, refused.json()["code"]) == (409, "outside_window")
    assert (await api.http.get(f"/conversations/{conversation}")).json()["owner"] == "agent"
    taken = await api.http.post(path, json={"template": {"name": "recordatorio", "language": "es"}})
    assert taken.status_code == 202


async def test_people_and_agent_coexist_where_the_shop_wants_it(api: Asked) -> None:
    await api.shop.rows("update agent_configs set human_reply = 'coexist' returning workspace_id")
    conversation = await api.shop.hears("573001112222", "hola")
    await api.http.post(f"/conversations/{conversation}/messages", json={"text": "Hola"})
    assert (await api.http.get(f"/conversations/{conversation}")).json()["owner"] == "agent"


async def test_a_handoff_asked_for_twice_is_one(api: Asked) -> None:
    ana = await api.shop.member("Ana")
    conversation = await api.shop.hears("573001112222", "quiero hablar con alguien")
    first = (await api.http.post(f"/conversations/{conversation}/handoff", json={"summary": "pide persona"})).json()
    again = (await api.http.post(f"/conversations/{conversation}/handoff", json={})).json()
    assert (first["new"], again["new"], again["task_id"]) == (True, False, first["task_id"])
    assert first["conversation"]["task_assignee_id"] == str(ana)
    messages = (await api.http.get(f"/conversations/{conversation}/messages")).json()["items"]
    assert [item["text"] for item in messages if item["sent_by_agent"]] == [
        "Regálame 1 min, ya te comunico con un asesor"
    ]


async def test_switches_change_only_what_is_named(api: Asked) -> None:
    conversation = await api.shop.hears("573001112222", "hola")
    path = f"/conversations/{conversation}/agent"
    off = (await api.http.put(path, json={"conversational": False})).json()
    assert (off["agent_speaks"], off["crm_agent_works"], off["owner"], off["epoch"]) == (False, True, "agent", 1)
    crm = (await api.http.put(path, json={"crm": False})).json()
    assert (crm["agent_speaks"], crm["crm_agent_works"], crm["epoch"]) == (False, False, 1)
    back = (await api.http.put(path, json={"conversational": None})).json()
    assert (back["agent_conversational"], back["agent_speaks"], back["crm_agent_works"]) == (None, True, False)


async def test_the_description_of_the_api_is_served(api: Asked) -> None:
    async with httpx2.AsyncClient(transport=api.transport, base_url="http://test") as client:
        described = (await client.get("/api/openapi.json")).json()
    assert "/api/v1/conversations/{conversation_id}/handoff" in described["paths"]


async def test_the_timeline_says_why_nothing_was_answered_and_who_had_it(api: Asked) -> None:
    ana = await api.shop.member("Ana")
    conversation = await api.shop.hears("573001112222", "hola")
    path = f"/conversations/{conversation}/timeline"
    waiting = (await api.http.get(path)).json()["items"][0]
    assert (waiting["kind"], waiting["outcome"], waiting["words"]) == ("inbound", None, "Está por responderse.")
    await api.http.post(f"/conversations/{conversation}/takeover", headers={"Relevo-Member": str(ana)})
    await api.shop.hears("573001112222", "¿siguen ahí?")
    await api.shop.rows(
        "update messages set outcome = 'ignored', outcome_reason = 'a person has the conversation'"
        " where outcome is null returning id"
    )
    spoken: dict[str, str] = {}
    for language in ("es", "en", "pt"):
        items = (await api.http.get(path, params={"lang": language})).json()["items"]
        assert [item["kind"] for item in items] == ["inbound", "conversation.taken_over", "inbound"]
        spoken[language] = items[0]["words"]
    assert spoken["es"].startswith("Ana tiene la conversación desde las ")
    assert spoken["en"].startswith("Ana has had the conversation since ")
    assert spoken["pt"].startswith("Ana está com a conversa desde as ")
    pages: list[str] = []
    cursor: str | None = None
    while True:
        page = (await api.http.get(path, params={"limit": 1} | ({"cursor": cursor} if cursor else {}))).json()
        pages += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert len(pages) == len(set(pages)) == 3


async def test_what_is_only_read_shows_no_secret_and_nobody_elses(api: Asked) -> None:
    elsewhere = await open_shop(api.shop.database)
    await elsewhere.hears("573009999999", "hola")
    await api.shop.hears("573001112222", "hola")
    channels = (await api.http.get("/channels")).json()["items"]
    assert [item["id"] for item in channels] == [str(api.shop.channel_id)]
    assert not {"access_token", "app_secret", "verify_token"} & set(channels[0])
    contacts = (await api.http.get("/contacts")).json()["items"]
    assert [item["identities"] for item in contacts] == [[{"kind": "phone", "value": "+573001112222"}]]
    theirs = (await elsewhere.one("select id from contacts where workspace_id = %(w)s", w=elsewhere.workspace_id))["id"]
    for path in (f"/contacts/{theirs}", f"/channels/{elsewhere.channel_id}", f"/orders/{uuid.uuid4()}"):
        assert (await api.http.get(path)).status_code == 404
    assert (await api.http.get("/orders")).json() == {"items": [], "next_cursor": None}
    assert "tostadora" in {item["id"] for item in (await api.http.get("/playbooks")).json()["items"]}
