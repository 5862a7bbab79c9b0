"""A shop's own playbooks: checked, saved in versions, compared, chosen; what they ask a shop to fill in."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from relevo.agents.playbook.loader import read

if TYPE_CHECKING:
    from conftest import Asked

TEXT = read("tostadora")[1]
BROKEN = TEXT.replace("do: {handoff:", "do: {handof:", 1)


async def save(api: Asked, text: str, base: int | None, name: str = "mi-tienda") -> Any:
    return await api.http.put(f"/playbooks/{name}", json={"text": text, "base_version": base})


async def test_what_ships_is_listed_with_what_it_lacks(api: Asked) -> None:
    items = {item["id"]: item for item in (await api.http.get("/playbooks")).json()["items"]}
    assert items["tostadora"]["in_use"]
    assert items["tostadora"]["ready"]
    assert items["tostadora"]["summary"]["intents"] > 5
    assert not items["somnio"]["ready"]
    (setting,) = items["somnio"]["settings"]
    assert (setting["key"], setting["value"], setting["source"]) == ("registro", None, None)
    assert "fill" in setting["problem"]


async def test_a_check_names_each_problem_with_its_place(api: Asked) -> None:
    found = (await api.http.post("/playbooks/check", json={"text": BROKEN})).json()
    assert not found["ok"]
    (problem,) = [one for one in found["problems"] if not one["warning"]]
    line = BROKEN.splitlines()[int(problem["line"]) - 1]
    assert line[int(problem["column"]) - 1 :].startswith("handof:")
    assert problem["path"][-1] == "handof"
    assert "handoff" in problem["suggestion"]


async def test_hostile_texts_are_refused_in_words(api: Asked) -> None:
    doubled = "\n".join(["a0: &a0 [x, x]", *(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 40))])
    for text in ("a: &a [*a]", "[" * 5000, doubled, "- list", "a: 'open", ""):
        found = (await api.http.post("/playbooks/check", json={"text": text})).json()
        assert not found["ok"], text[:20]
        assert found["problems"][0]["message"]


async def test_a_check_runs_the_playbooks_own_tests(api: Asked) -> None:
    begin = TEXT[: TEXT.index("\ntests:")]
    failing = begin + "\ntests:\n  - [{user: hola, handoff: angry}]\n"
    found = (await api.http.post("/playbooks/check", json={"text": failing, "run_tests": True})).json()
    (test,) = found["tests"]
    assert (found["ok"], test["ok"], len(test["failures"])) == (True, False, 1)
    assert test["transcript"][0] == "user: hola"
    plain = begin + "\ntests:\n  - [{user: hola}]\n"
    found = (await api.http.post("/playbooks/check", json={"text": plain, "run_tests": True})).json()
    assert found["ok"]
    assert [(test["number"], test["ok"]) for test in found["tests"]] == [(1, True)]


async def test_versions_are_appended_and_the_last_is_in_force(api: Asked) -> None:
    first = await save(api, TEXT, None)
    assert (first.status_code, first.json()["version"], first.json()["origin"]) == (200, 1, "own")
    changed = TEXT.replace("Luna", "Sol")
    second = await save(api, changed, 1)
    assert second.json()["version"] == 2
    versions = (await api.http.get("/playbooks/mi-tienda/versions")).json()["items"]
    assert [(one["version"], one["current"]) for one in versions] == [(2, True), (1, False)]
    assert (await api.http.get("/playbooks/mi-tienda/versions/1")).json()["text"] == TEXT
    assert (await api.http.get("/playbooks/mi-tienda")).json()["text"] == changed
    assert (await api.http.get("/playbooks/mi-tienda/versions/3")).status_code == 404


async def test_of_two_who_save_at_once_one_is_told(api: Asked) -> None:
    await save(api, TEXT, None)
    answers = await asyncio.gather(*(save(api, f"{TEXT}\n# {n}\n", 1) for n in range(3)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
    assert (await save(api, TEXT, None)).status_code == 409


async def test_what_does_not_load_is_not_saved(api: Asked) -> None:
    answer = await save(api, BROKEN, None)
    assert (answer.status_code, answer.json()["code"]) == (422, "playbook")
    assert answer.json()["errors"][0]["line"]
    assert (await api.http.get("/playbooks/mi-tienda")).status_code == 404


async def test_names_that_cannot_be(api: Asked) -> None:
    for name in ("Mi Tienda", "-x", "a.b"):
        assert (await save(api, TEXT, None, name)).status_code == 422, name
    answer = await save(api, TEXT, None, "tostadora")
    assert (answer.status_code, "another name" in answer.json()["detail"]) == (409, True)


async def test_a_difference_is_told_line_by_line(api: Asked) -> None:
    await save(api, "# one\n# two\n" + TEXT, None)
    await save(api, "# one\n# three\n" + TEXT, 1)
    told = (await api.http.get("/playbooks/mi-tienda/diff", params={"against": "1", "context": 1})).json()
    assert [(line["kind"], line["text"]) for line in told["lines"][:3]] == [
        ("same", "# one"), ("removed", "# two"), ("added", "# three"),
    ]  # fmt: skip
    assert (told["added"], told["removed"], told["lines"][-1]["kind"]) == (1, 1, "skipped")
    assert (told["lines"][1]["old_line"], told["lines"][2]["new_line"]) == (2, 2)
    draft = await api.http.post("/playbooks/mi-tienda/diff", json={"text": TEXT, "against": "tostadora"})
    assert draft.json()["lines"] == []


async def test_one_is_chosen_only_when_it_could_speak(api: Asked) -> None:
    refused = await api.http.patch("/agent-config", json={"conversational_agent_id": "somnio"})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["where"] == "body.conversational_agent_id"
    bad = await api.http.put("/playbooks/somnio/settings", json={"values": {"registro": "?"}})
    assert "does not look like" in bad.json()["settings"][0]["problem"]
    good = await api.http.put("/playbooks/somnio/settings", json={"values": {"registro": "SD2026-0001234"}})
    assert (good.json()["ready"], good.json()["settings"][0]["source"]) == (True, "shop")
    assert (await api.http.patch("/agent-config", json={"conversational_agent_id": "somnio"})).status_code == 200
    await save(api, TEXT, None)
    chosen = await api.http.patch("/agent-config", json={"conversational_agent_id": "mi-tienda"})
    assert chosen.json()["conversational_agent_id"] == "mi-tienda"
    assert (await api.http.get("/playbooks/mi-tienda")).json()["in_use"]


async def test_a_playbook_asks_only_for_what_it_asks(api: Asked) -> None:
    answer = await api.http.put("/playbooks/somnio/settings", json={"values": {"other": "x"}})
    assert answer.status_code == 422


async def test_saving_leaves_an_event(api: Asked) -> None:
    await save(api, TEXT, None)
    (row,) = await api.shop.rows("select data from events where type = 'playbook.saved'")
    assert row["data"] == {"playbook": "mi-tienda", "version": 1, "memberId": None}
