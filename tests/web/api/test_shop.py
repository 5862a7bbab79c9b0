"""The shop itself: its name, its configuration with errors named by field, its tokens; its figures over the API."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from support.storefront import open_shop

if TYPE_CHECKING:
    from conftest import Asked


async def test_a_shop_is_renamed_but_not_to_anothers_name(api: Asked) -> None:
    renamed = await api.http.patch("/workspaces/current", json={"name": " Café Lunar "})
    assert renamed.json()["name"] == "Café Lunar"
    other = await open_shop(api.shop.database)
    taken = await api.http.patch("/workspaces/current", json={"name": f"shop {other.workspace_id}"})
    assert taken.status_code == 409
    assert (await api.http.patch("/workspaces/current", json={"name": "  "})).status_code == 422


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"people_hours": {"mon-fri": "18:00-08:00"}}, "people_hours"),
        ({"people_hours": {"timezone": "Mars/Base"}}, "people_hours"),
        ({"burst_quiet_seconds": 50, "burst_max_seconds": 5}, "burst_max_seconds"),
        ({"handoff_team_id": "00000000-0000-0000-0000-000000000000"}, "handoff_team_id"),
        ({"handoff_message": ""}, "handoff_message"),
        ({"handoff_message": None}, "handoff_message"),
        ({"conversational_agent_id": "nobody"}, "conversational_agent_id"),
        ({"whatsapp_prices": {"currency": "pesos"}}, "whatsapp_prices.currency"),
        ({"whatsapp_prices": {"currency": "USD", "marketing": -1}}, "whatsapp_prices.marketing"),
    ],
)
async def test_a_value_that_cannot_be_is_named_by_its_field(api: Asked, change: dict[str, Any], field: str) -> None:
    answer = await api.http.patch("/agent-config", json=change)
    assert answer.status_code == 422
    assert [error["where"] for error in answer.json()["errors"]] == [f"body.{field}"]


async def test_hours_with_holidays_and_prices_are_kept(api: Asked) -> None:
    change = {
        "people_hours": {"timezone": "America/Bogota", "mon-fri": "08:00-18:00", "holidays": "CO"},
        "whatsapp_prices": {"currency": "USD", "marketing": 12500},
    }
    assert (await api.http.patch("/agent-config", json=change)).status_code == 200
    shown = (await api.http.get("/agent-config")).json()
    assert shown["people_hours"] == change["people_hours"]
    assert shown["whatsapp_prices"] == {
        "currency": "USD", "marketing": 12500, "utility": 0, "authentication": 0, "service": 0,
    }  # fmt: skip
    assert (await api.http.patch("/agent-config", json={"whatsapp_prices": None})).json()["whatsapp_prices"] is None


async def test_time_zones_are_listed(api: Asked) -> None:
    assert "America/Bogota" in (await api.http.get("/timezones")).json()["items"]


async def test_a_token_is_shown_once_used_and_revoked(api: Asked) -> None:
    made = (await api.http.post("/tokens", json={"name": "shop system"})).json()
    listed = {token["name"]: token for token in (await api.http.get("/tokens")).json()["items"]}
    assert listed["shop system"]["last_used_at"] is None
    assert listed["test"]["last_used_at"]
    assert made["token"] not in str(listed)
    headers = {"Authorization": f"Bearer {made['token']}"}
    async with httpx2.AsyncClient(transport=api.transport, base_url="http://test/api/v1", headers=headers) as other:
        assert (await other.get("/workspaces/current")).status_code == 200
        listed = {token["name"]: token for token in (await api.http.get("/tokens")).json()["items"]}
        assert listed["shop system"]["last_used_at"]
        assert (await api.http.delete(f"/tokens/{made['id']}")).status_code == 204
        assert (await other.get("/workspaces/current")).status_code == 401
    assert (await api.http.delete(f"/tokens/{made['id']}")).status_code == 404


async def test_a_tokens_use_is_written_once_a_minute(api: Asked) -> None:
    for _ in range(3):
        await api.http.get("/workspaces/current")
    (row,) = await api.shop.rows("select xmin::text as x, last_used_at from api_tokens")
    await api.http.get("/workspaces/current")
    (again,) = await api.shop.rows("select xmin::text as x, last_used_at from api_tokens")
    assert again == row


async def test_figures_are_told_for_named_and_chosen_days(api: Asked) -> None:
    await api.shop.hears("+573001112233", "hola")
    for query in ({"period": "today"}, {"period": "30d", "timezone": "America/Bogota"}, {}):
        told = (await api.http.get("/insights", params=query)).json()
        assert told["figures"]["messages_in"] == 1, query
        assert told["unanswered_now"] == {"for_agent": 1, "for_people": 0}
    assert (await api.http.get("/insights", params={"from": "2026-01-01", "to": "2026-01-07"})).json()["unit"] == "day"


@pytest.mark.parametrize(
    "query",
    [
        {"timezone": "Mars/Base"}, {"to": "2026-01-01"}, {"from": "2026-01-02", "to": "2026-01-01"}, {"period": "year"},
        {"period": "today", "from": "2026-01-01"}, {"from": "yesterday"},
    ],
)  # fmt: skip
async def test_what_is_no_period_is_refused(api: Asked, query: dict[str, str]) -> None:
    answer = await api.http.get("/insights", params=query)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")


async def test_figures_come_as_csv_too(api: Asked) -> None:
    await api.shop.hears("+573001112233", "hola")
    answer = await api.http.get("/insights.csv", params={"period": "7d", "timezone": "America/Bogota"})
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert len(rows) == 7
    assert (rows[-1]["messages_in"], rows[0]["messages_in"]) == ("1", "0")


async def test_a_team_is_made_changed_and_dissolved(api: Asked) -> None:
    ana = str(await api.shop.member("Ana"))
    made = (await api.http.put("/teams", json={"name": "ventas", "member_ids": [ana]})).json()
    assert (made["name"], made["member_ids"]) == ("ventas", [ana])
    await api.http.patch("/agent-config", json={"handoff_team_id": made["id"]})
    assert (await api.http.put("/teams", json={"name": "ventas", "member_ids": []})).json()["id"] == made["id"]
    assert (await api.http.delete(f"/teams/{made['id']}")).status_code == 204
    assert (await api.http.get("/agent-config")).json()["handoff_team_id"] is None
    assert (await api.http.delete(f"/teams/{made['id']}")).status_code == 404
