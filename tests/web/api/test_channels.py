"""Numbers: connected, checked at the provider, stopped and resumed; what to paste where; secrets only come in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from relevo.app import Relevo
from relevo.crm.workspaces import create_token
from relevo.settings import Settings
from relevo.simulator.simulator import Simulator
from relevo.store.secrets import SecretBox
from support.echo_agent import EchoAgent, OneAgent
from support.service import KEY
from support.storefront import open_shop

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from conftest import Asked
    from relevo.simulator.numbers import Number
    from relevo.store.database import Database

NEW = {
    "provider": "meta", "phone_number_id": "4711", "phone": "+57 300 765-4321", "access_token": "EAAG-secret",
    "app_secret": "app-secret", "verify_token": "verify-secret",
}  # fmt: skip


async def connect(api: Asked, **changes: Any) -> dict[str, Any]:
    answer = await api.http.post("/channels", json={**NEW, **changes})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_a_number_is_connected_and_its_secrets_never_come_out(api: Asked) -> None:
    channel = await connect(api)
    assert (channel["phone"], channel["status"], channel["receiving"]) == ("+573007654321", "active", False)
    listed = await api.http.get("/channels")
    events = await api.shop.rows("select type, data::text as data from events")
    told = listed.text + str(channel) + str(events)
    assert "secret" not in told
    assert "channel.added" in told
    again = await api.http.post("/channels", json=NEW)
    assert (again.status_code, again.json()["code"]) == (409, "conflict")


@pytest.mark.parametrize(
    "changes",
    [{"phone": "300"}, {"access_token": "with space"}, {"app_secret": None}, {"api_url": "ftp://x"}, {"provider": "x"}],
)
async def test_what_cannot_be_a_number_is_refused_without_repeating_secrets(
    api: Asked, changes: dict[str, object]
) -> None:
    answer = await api.http.post("/channels", json={**NEW, **changes})
    assert answer.status_code == 422
    assert "with space" not in answer.text


async def test_tokens_are_rotated(api: Asked) -> None:
    channel = await connect(api)
    changed = await api.http.patch(
        f"/channels/{channel['id']}", json={"access_token": "new", "api_url": "https://x.y/"}
    )
    assert changed.json()["api_url"] == "https://x.y"
    row = await api.shop.one("select access_token, app_secret from channels where phone_number_id = '4711'")
    box = SecretBox(KEY)
    assert (box.open(row["access_token"]), box.open(row["app_secret"])) == ("new", "app-secret")
    assert (await api.http.patch(f"/channels/{channel['id']}", json={"api_url": ""})).json()["api_url"] is None


async def test_a_number_is_stopped_and_resumed(api: Asked) -> None:
    channel = await connect(api)
    stopped = (await api.http.post(f"/channels/{channel['id']}/stop")).json()
    assert (stopped["status"], stopped["status_reason"]) == ("stopped", "stopped by hand")
    assert (await api.http.post(f"/channels/{channel['id']}/resume")).json()["status"] == "active"


async def test_it_turns_green_with_the_first_webhook(api: Asked) -> None:
    path = f"/channels/{api.shop.channel_id}"
    before = (await api.http.get(path)).json()
    assert (before["receiving"], before["first_webhook_at"]) == (False, None)
    await api.shop.hears("+573001112233", "hola")
    await api.shop.hears("+573001112233", "hay alguien?")
    after = (await api.http.get(path)).json()
    assert after["receiving"]
    assert after["first_webhook_at"] < after["last_webhook_at"]
    await api.shop.rows("delete from deliveries returning id")
    cleared = (await api.http.get(path)).json()
    assert (cleared["receiving"], cleared["first_webhook_at"]) == (True, None)


async def test_a_verified_address_is_remembered(api: Asked) -> None:
    query = {"hub.mode": "subscribe", "hub.verify_token": api.shop.number.verify_token, "hub.challenge": "42"}
    path = f"/channels/{api.shop.channel_id}"
    async with httpx2.AsyncClient(transport=api.transport, base_url="http://test") as outside:
        wrong = await outside.get("/webhooks/whatsapp", params={**query, "hub.verify_token": "no"})
        assert wrong.status_code == 403
        assert (await api.http.get(path)).json()["verified_at"] is None
        assert (await outside.get("/webhooks/whatsapp", params=query)).text == "42"
    assert (await api.http.get(path)).json()["verified_at"]


async def test_what_to_paste_where_with_secrets_only_on_request(api: Asked) -> None:
    meta = await connect(api)
    told = (await api.http.get(f"/channels/{meta['id']}/set-up")).json()
    values = {value["name"]: value["value"] for value in told["values"]}
    assert values == {"callback_url": "http://test/webhooks/whatsapp", "verify_token": None}
    assert (told["fields"][0], told["reachable"]) == ("messages", False)
    shown = (await api.http.get(f"/channels/{meta['id']}/set-up", params={"reveal": True})).json()
    assert {value["name"]: value["value"] for value in shown["values"]}["verify_token"] == "verify-secret"
    other = await connect(api, provider="360dialog", phone_number_id="4712", app_secret="header-secret")
    dialog = (await api.http.get(f"/channels/{other['id']}/set-up", params={"reveal": True})).json()
    assert {value["name"]: value["value"] for value in dialog["values"]}["secret_value"] == "header-secret"
    assert dialog["registers_itself"]


async def test_another_shops_number_is_not_there(api: Asked) -> None:
    other = (await open_shop(api.shop.database)).channel_id
    for method, path in (
        ("GET", ""), ("PATCH", ""), ("POST", "/stop"), ("POST", "/resume"), ("POST", "/check"), ("GET", "/set-up"),
        ("POST", "/register-webhook"),
    ):  # fmt: skip
        answer = await api.http.request(method, f"/channels/{other}{path}", json={} if method == "PATCH" else None)
        assert answer.status_code == 404, path


@pytest.fixture
async def provider(database_url: str, database: Database) -> AsyncGenerator[tuple[httpx2.AsyncClient, Simulator]]:
    """A shop's API with WhatsApp's double behind it."""
    async with Simulator() as sim:
        settings = Settings(whatsapp_api_url=sim.base_url)
        relevo = Relevo(settings, database_url=database_url, secrets=SecretBox(KEY), agents=OneAgent(EchoAgent()))
        shop = await open_shop(database)
        async with database.transaction() as connection:
            token = await create_token(connection, shop.workspace_id, "test")
        async with httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=relevo.web()),
            base_url="http://test/api/v1",
            headers={"Authorization": f"Bearer {token}"},
        ) as client:
            yield client, sim
        await relevo.stop()


async def add(client: httpx2.AsyncClient, number: Number, **changes: str) -> str:
    form = {
        "provider": number.provider, "phone_number_id": number.phone_number_id, "phone": f"+{number.display_phone}",
        "access_token": number.access_token, "app_secret": number.app_secret, **changes,
    }  # fmt: skip
    return (await client.post("/channels", json=form)).json()["id"]


async def test_a_check_asks_the_provider(provider: tuple[httpx2.AsyncClient, Simulator]) -> None:
    client, sim = provider
    channel = await add(client, sim.numbers[0])
    found = (await client.post(f"/channels/{channel}/check")).json()
    assert (found["ok"], found["name"], found["quality"]) == (True, "Simulated Business", "GREEN")


async def test_a_check_says_what_is_wrong(provider: tuple[httpx2.AsyncClient, Simulator]) -> None:
    client, sim = provider
    channel = await add(client, sim.numbers[0], access_token="wrong")
    found = (await client.post(f"/channels/{channel}/check")).json()
    assert (found["ok"], found["code"]) == (False, 190)
    assert "token" in found["words"]
