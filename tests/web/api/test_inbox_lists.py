"""The list of conversations as a person sees it: filters, unread, what was said last."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from support.storefront import open_shop

if TYPE_CHECKING:
    import uuid

    from conftest import Asked


def acting(member: uuid.UUID) -> dict[str, str]:
    return {"Relevo-Member": str(member)}


async def listed(api: Asked, member: uuid.UUID | None = None, **parameters: Any) -> list[str]:
    headers = acting(member) if member else {}
    answer = await api.http.get("/conversations", params=parameters, headers=headers)
    assert answer.status_code == 200, answer.text
    return [item["id"] for item in answer.json()["items"]]


async def test_each_filter_shows_what_it_says(api: Asked) -> None:
    ana, luis = await api.shop.member("Ana", online=False), await api.shop.member("Luis", online=False)
    chats = [str(await api.shop.hears(f"5730000000{n:02}", f"hola {n}")) for n in range(6)]
    quiet, taken, waiting, given, off, back = chats
    await api.http.post(f"/conversations/{taken}/takeover", headers=acting(ana))
    for chat in (waiting, given, back):
        await api.http.post(f"/conversations/{chat}/handoff", json={})
    task = (await api.http.get(f"/conversations/{given}")).json()["task_id"]
    await api.http.post(f"/tasks/{task}/assign", json={"member_id": str(ana)})
    await api.http.post(f"/conversations/{back}/handback")
    await api.http.put(f"/conversations/{off}/agent", json={"conversational": False})
    assert await listed(api) == chats[::-1]
    assert await listed(api, ana, filter="mine") == [given, taken]
    assert await listed(api, luis, filter="mine") == []
    assert await listed(api, luis, filter="mine", member_id=str(ana)) == [given, taken]
    assert await listed(api, filter="unassigned") == [waiting]
    assert await listed(api, filter="tasks") == [given, waiting]
    assert await listed(api, filter="agent") == [back, quiet]
    assert await listed(api, ids=[quiet, given]) == [given, quiet]
    await api.http.patch("/agent-config", json={"agent_enabled": False})
    assert await listed(api, filter="agent") == []


@pytest.mark.parametrize("name", ["all", "mine", "unassigned", "agent", "tasks", "unread"])
async def test_every_filter_goes_from_page_to_page(api: Asked, name: str) -> None:
    ana = await api.shop.member("Ana", online=False)
    chats = {str(await api.shop.hears(f"5730000000{n:02}", "hola")) for n in range(7)}
    for chat in chats if name in ("mine", "unassigned", "tasks") else ():
        await api.http.post(f"/conversations/{chat}/handoff", json={})
    if name == "mine":
        await api.shop.rows("update conversations set owner_member_id = %(m)s returning id", m=ana)
    seen: list[str] = []
    cursor: str | None = None
    while True:
        parameters = {"limit": 3, "filter": name} | ({"cursor": cursor} if cursor else {})
        page = (await api.http.get("/conversations", params=parameters, headers=acting(ana))).json()
        seen += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 7
    assert set(seen) == chats


async def test_unread_counts_for_each_member_alone_and_never_comes_back_by_itself(api: Asked) -> None:
    ana, luis = await api.shop.member("Ana"), await api.shop.member("Luis")
    chat = await api.shop.hears("573000000001", "uno")
    for text in ("dos", "tres"):
        await api.shop.hears("573000000001", text)
    path = f"/conversations/{chat}"
    messages = (await api.http.get(f"{path}/messages")).json()["items"]
    shown = (await api.http.get(path, headers=acting(ana))).json()
    assert (shown["unread"], shown["first_unread_id"]) == (3, messages[-1]["id"])
    marked = await api.http.put(f"{path}/read", json={"message_id": messages[1]["id"]}, headers=acting(ana))
    assert (marked.json()["unread"], marked.json()["first_unread_id"]) == (1, messages[0]["id"])
    earlier = await api.http.put(f"{path}/read", json={"message_id": messages[2]["id"]}, headers=acting(ana))
    assert earlier.json()["unread"] == 1
    assert await listed(api, ana, filter="unread") == [str(chat)]
    assert (await api.http.put(f"{path}/read", json={}, headers=acting(ana))).json()["unread"] == 0
    assert await listed(api, ana, filter="unread") == []
    assert (await api.http.get(path, headers=acting(luis))).json()["unread"] == 3
    await api.shop.hears("573000000001", "cuatro")
    assert (await api.http.get(path, headers=acting(ana))).json()["unread"] == 1
    assert (await api.http.get(path)).json()["unread"] == 0  # a token reads nothing


async def test_a_reply_reads_what_it_answers_and_everything_can_be_read_at_once(api: Asked) -> None:
    ana = await api.shop.member("Ana")
    first, second = [await api.shop.hears(f"57300000000{n}", "hola") for n in (1, 2)]
    await api.http.post(f"/conversations/{first}/messages", json={"text": "Hola"}, headers=acting(ana))
    assert await listed(api, ana, filter="unread") == [str(second)]
    assert (await api.http.post("/conversations/mark-all-read", headers=acting(ana))).status_code == 204
    assert await listed(api, ana, filter="unread") == []
    await api.shop.hears("573000000002", "¿hola?")
    assert await listed(api, ana, filter="unread") == [str(second)]


async def test_what_arrived_before_a_member_joined_is_not_unread(api: Asked) -> None:
    chat = await api.shop.hears("573000000001", "hola")
    ana = await api.shop.member("Ana")
    assert (await api.http.get(f"/conversations/{chat}", headers=acting(ana))).json()["unread"] == 0
    assert await listed(api, ana, filter="unread") == []


async def test_nobodys_list_is_asked_for_with_whose_it_is(api: Asked) -> None:
    for name in ("mine", "unread"):
        answer = await api.http.get("/conversations", params={"filter": name})
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    chat = await api.shop.hears("573000000001", "hola")
    assert (await api.http.put(f"/conversations/{chat}/read", json={})).status_code == 422
    assert (await api.http.post("/conversations/mark-all-read")).status_code == 422


async def test_a_row_says_who_spoke_last_and_whether_the_agent_is_about_to(api: Asked) -> None:
    ana = await api.shop.member("Ana")
    chat = await api.shop.hears("573000000001", "hola")
    path = f"/conversations/{chat}"
    shown = (await api.http.get(path)).json()
    assert (shown["agent_writing"], shown["waiting_for_agent"]) == (True, True)
    assert (shown["last_message"]["text"], shown["last_message"]["author"]) == ("hola", "customer")
    await api.http.post(f"{path}/messages", json={"text": "Soy Ana"}, headers=acting(ana))
    after = (await api.http.get(path)).json()
    assert (after["agent_writing"], after["waiting_for_person"]) == (False, False)
    assert (after["last_message"]["member_name"], after["last_message"]["state"]) == ("Ana", "planned")
    assert after["owner_member_name"] == "Ana"
    assert after["version"] > shown["version"]


async def test_other_shops_conversations_are_in_no_batch(api: Asked) -> None:
    elsewhere = await open_shop(api.shop.database)
    theirs = await elsewhere.hears("573009999999", "hola")
    ana = await api.shop.member("Ana")
    assert await listed(api, ids=[str(theirs)]) == []
    answer = await api.http.put(f"/conversations/{theirs}/read", json={}, headers=acting(ana))
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
