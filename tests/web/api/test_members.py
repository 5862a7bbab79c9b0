"""Members, their presence on several devices, teams, and the shop's configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conftest import Asked


async def add(api: Asked, name: str) -> dict[str, Any]:
    answer = await api.http.post("/members", json={"email": f"{name}@Example.com", "name": name})
    assert answer.status_code == 201
    return answer.json()


async def online(api: Asked, member: dict[str, Any]) -> bool:
    return (await api.http.get(f"/members/{member['id']}")).json()["online"]


async def test_an_address_is_one_member_and_one_who_left_comes_back(api: Asked) -> None:
    ana = await add(api, "Ana")
    assert ana["email"] == "ana@example.com"
    again = await api.http.post("/members", json={"email": "ANA@example.com"})
    assert (again.status_code, again.json()["code"]) == (409, "conflict")
    assert (await api.http.delete(f"/members/{ana['id']}")).status_code == 204
    back = await api.http.post("/members", json={"email": "ana@example.com", "role": "admin"})
    assert (back.json()["id"], back.json()["role"]) == (ana["id"], "admin")


async def test_a_member_is_online_while_any_of_their_inboxes_is_open(api: Asked) -> None:
    ana = await add(api, "Ana")
    assert not await online(api, ana)
    for device in ("laptop", "phone"):
        assert (await api.http.post(f"/members/{ana['id']}/heartbeat", json={"device": device})).status_code == 204
    await api.http.post(f"/members/{ana['id']}/heartbeat", json={"device": "laptop", "closed": True})
    assert await online(api, ana)
    await api.http.post(f"/members/{ana['id']}/heartbeat", json={"device": "phone", "closed": True})
    assert not await online(api, ana)


async def test_after_silence_a_member_is_away(api: Asked) -> None:
    ana = await add(api, "Ana")
    await api.http.post(f"/members/{ana['id']}/heartbeat", json={"device": "laptop"})
    assert await online(api, ana)
    await api.shop.rows("update member_devices set seen_at = now() - interval '4 minutes' returning device")
    assert not await online(api, ana)


async def test_presence_set_by_hand_beats_open_inboxes(api: Asked) -> None:
    ana = await add(api, "Ana")
    await api.http.post(f"/members/{ana['id']}/heartbeat", json={"device": "laptop"})
    for presence, expected in (("away", False), ("online", True), ("offline", False), ("auto", True)):
        shown = (await api.http.put(f"/members/{ana['id']}/presence", json={"presence": presence})).json()
        assert shown["online"] is expected, presence


async def test_only_the_chosen_team_gets_handoffs(api: Asked) -> None:
    ana, luis = await add(api, "Ana"), await add(api, "Luis")
    for member in (ana, luis):
        await api.http.put(f"/members/{member['id']}/presence", json={"presence": "online"})
    team = (await api.http.put("/teams", json={"name": "Ventas", "member_ids": [luis["id"]]})).json()
    await api.http.patch("/agent-config", json={"handoff_team_id": team["id"]})
    for phone in ("573000000001", "573000000002"):
        conversation = await api.shop.hears(phone, "hola")
        done = (await api.http.post(f"/conversations/{conversation}/handoff", json={})).json()
        assert done["conversation"]["task_assignee_id"] == luis["id"]
    assert (await api.http.get("/teams")).json()["items"][0]["member_ids"] == [luis["id"]]


async def test_the_configuration_is_changed_in_part(api: Asked) -> None:
    changed = (
        await api.http.patch("/agent-config", json={"handoff_message": "Ya te paso", "release_after": 3600})
    ).json()
    assert (changed["handoff_message"], changed["release_after"]) == ("Ya te paso", 3600.0)
    cleared = (await api.http.patch("/agent-config", json={"release_after": None})).json()
    assert (cleared["handoff_message"], cleared["release_after"]) == ("Ya te paso", None)


@pytest.mark.parametrize(
    "wrong",
    [
        {"handoff_message": ""},
        {"handoff_message": None},
        {"burst_quiet_seconds": 9, "burst_max_seconds": 3},
        {"people_hours": {"timezone": "America/Bogota", "lunes": "8-18"}},
        {"people_hours": {"timezone": "Mars/Olympus", "mon": "08:00-18:00"}},
        {"conversational_agent_id": "nobody"},
        {"handoff_team_id": "00000000-0000-0000-0000-000000000001"},
        {"member_capacity": 0},
    ],
)
async def test_a_configuration_that_cannot_work_is_refused_whole(api: Asked, wrong: dict[str, Any]) -> None:
    before = (await api.http.get("/agent-config")).json()
    answer = await api.http.patch("/agent-config", json={"language": "pt", **wrong})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert (await api.http.get("/agent-config")).json() == before


async def test_current_workspace_is_the_tokens(api: Asked) -> None:
    assert (await api.http.get("/workspaces/current")).json()["id"] == str(api.shop.workspace_id)
