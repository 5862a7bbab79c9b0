"""Tasks over the API: to whom they go and why, and what people do with them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from support.storefront import open_shop

if TYPE_CHECKING:
    import uuid

    from conftest import Asked


async def hand_off(api: Asked, phone: str) -> tuple[uuid.UUID, str]:
    conversation = await api.shop.hears(phone, "quiero un asesor")
    answer = await api.http.post(f"/conversations/{conversation}/handoff", json={"reason": "customer_asked"})
    return conversation, answer.json()["task_id"]


async def task(api: Asked, task_id: str) -> dict[str, Any]:
    return (await api.http.get(f"/tasks/{task_id}")).json()


def acting(member: uuid.UUID) -> dict[str, str]:
    return {"Relevo-Member": str(member)}


async def test_a_task_says_who_was_considered_and_why_it_went_where_it_went(api: Asked) -> None:
    ana, luis = await api.shop.member("Ana"), await api.shop.member("Luis", online=False)
    _, task_id = await hand_off(api, "573000000001")
    shown = await task(api, task_id)
    assert (shown["assignee_id"], shown["priority"], shown["kind"]) == (str(ana), "high", "handoff")
    assert shown["assignment_why"] == "the only one free"
    assert shown["assignment_why_key"] == "only_one_free"
    considered = {entry["memberId"]: entry["online"] for entry in shown["assignments"][0]["considered"]}
    assert considered == {str(ana): True, str(luis): False}


async def test_without_anybody_the_oldest_waits_first_and_newer_ones_never_overtake(api: Asked) -> None:
    tasks = [(await hand_off(api, f"57300000000{n}"))[1] for n in range(3)]
    assert (await task(api, tasks[0]))["assignment_why"] == "nobody is in the rotation"
    ana = await api.shop.member("Ana", online=False, capacity=1)
    assert [(await task(api, one))["assignee_id"] for one in tasks] == [None, None, None]
    await api.http.put(f"/members/{ana}/presence", json={"presence": "online"})
    assert [(await task(api, one))["assignee_id"] for one in tasks] == [str(ana), None, None]
    await api.http.post(f"/tasks/{tasks[0]}/complete", json={}, headers=acting(ana))
    assert [(await task(api, one))["assignee_id"] for one in tasks] == [str(ana), str(ana), None]
    await api.http.patch(f"/members/{ana}", json={"capacity": 2})
    assert (await task(api, tasks[2]))["assignee_id"] == str(ana)


async def test_a_returning_customer_gets_whom_they_had(api: Asked) -> None:
    members = [await api.shop.member(name) for name in ("Ana", "Luis", "Eva")]
    conversation, first = await hand_off(api, "573000000001")
    await api.http.post(f"/conversations/{conversation}/handback")
    await hand_off(api, "573000000002")
    again = (await api.http.post(f"/conversations/{conversation}/handoff", json={})).json()
    had = (await task(api, first))["assignee_id"]
    assert had == str(members[0])
    shown = await task(api, again["task_id"])
    assert (shown["assignee_id"], shown["assignment_why"]) == (had, "had this customer before")


async def test_taking_a_task_moves_it_and_says_so_in_the_ledger(api: Asked) -> None:
    await api.shop.member("Ana")
    luis = await api.shop.member("Luis", online=False)
    _, task_id = await hand_off(api, "573000000001")
    refused = await api.http.post(f"/tasks/{task_id}/take")
    assert refused.status_code == 422
    taken = (await api.http.post(f"/tasks/{task_id}/take", headers=acting(luis))).json()
    assert (taken["assignee_id"], taken["assignment_cause"]) == (str(luis), "taken")
    assert [entry["cause"] for entry in taken["assignments"]] == ["new", "taken"]


async def test_taking_a_conversation_over_takes_its_task(api: Asked) -> None:
    await api.shop.member("Ana")
    luis = await api.shop.member("Luis", online=False)
    conversation, task_id = await hand_off(api, "573000000001")
    await api.http.post(f"/conversations/{conversation}/takeover", headers=acting(luis))
    assert (await task(api, task_id))["assignee_id"] == str(luis)


async def test_given_back_a_task_goes_to_another(api: Asked) -> None:
    ana, luis = await api.shop.member("Ana"), await api.shop.member("Luis")
    _, task_id = await hand_off(api, "573000000001")
    given = (await api.http.post(f"/tasks/{task_id}/assign", json={"member_id": None}, headers=acting(ana))).json()
    assert (given["assignee_id"], given["assignment_cause"]) == (str(luis), "given_back")


async def test_a_task_is_noted_on_put_off_and_done(api: Asked) -> None:
    ana = await api.shop.member("Ana", capacity=1)
    conversation, task_id = await hand_off(api, "573000000001")
    _, second = await hand_off(api, "573000000002")
    noted = await api.http.post(f"/tasks/{task_id}/comments", json={"text": "llama mañana"}, headers=acting(ana))
    assert [item["text"] for item in noted.json()["comments"]] == ["llama mañana"]
    until = (datetime.now(UTC) + timedelta(hours=2)).isoformat()
    off = (await api.http.post(f"/tasks/{task_id}/snooze", json={"until": until})).json()
    assert off["snoozed_until"] is not None
    assert (await task(api, second))["assignee_id"] == str(ana), "a task put off takes nobody's capacity"
    done = (await api.http.post(f"/tasks/{task_id}/complete", json={"hand_back": True}, headers=acting(ana))).json()
    assert (done["status"], done["done_by"]) == ("done", str(ana))
    assert (await api.http.get(f"/conversations/{conversation}")).json()["owner"] == "agent"
    told = {row["type"] for row in await api.shop.rows("select type from events where type like 'task.%%'")}
    assert told >= {"task.opened", "task.assigned", "task.commented", "task.snoozed", "task.done"}
    again = await api.http.post(f"/tasks/{task_id}/snooze", json={"until": until})
    assert (again.status_code, again.json()["code"]) == (409, "conflict")


async def test_tasks_are_filtered(api: Asked) -> None:
    ana = await api.shop.member("Ana", capacity=1)
    first, second = (await hand_off(api, "573000000001"))[1], (await hand_off(api, "573000000002"))[1]
    for query, expected in (
        ({"assignee_id": str(ana)}, {first}), ({"unassigned": True}, {second}), ({"status": "done"}, set[str]()),
        ({"kind": "handoff"}, {first, second}), ({"overdue": True}, set[str]()),
    ):  # fmt: skip
        items = (await api.http.get("/tasks", params=query)).json()["items"]
        assert {item["id"] for item in items} == expected, query


async def test_another_workspaces_tasks_and_members_are_not_there(api: Asked) -> None:
    elsewhere = await open_shop(api.shop.database)
    theirs = await elsewhere.member("Eva")
    _, task_id = await hand_off(api, "573000000001")
    for answer in (
        await api.http.get(f"/members/{theirs}"),
        await api.http.put(f"/members/{theirs}/presence", json={"presence": "offline"}),
        await api.http.post(f"/members/{theirs}/heartbeat", json={"device": "x"}),
        await api.http.delete(f"/members/{theirs}"),
        await api.http.patch(f"/members/{theirs}", json={"name": "x"}),
        await api.http.post(f"/tasks/{task_id}/assign", json={"member_id": str(theirs)}),
        await api.http.put("/teams", json={"name": "x", "member_ids": [str(theirs)]}),
    ):
        assert answer.status_code == 404, answer.request.url
    named = await api.http.get("/tasks", headers=acting(theirs))
    assert named.status_code == 403
    assert (await elsewhere.one("select presence from members"))["presence"] == "online"
