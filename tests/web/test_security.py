"""What browsers are told on every answer, and what is refused of pages of other sites."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

import httpx2
import pytest

from relevo.crm.sign_in_throttle import begin_attempt
from relevo.errors import ThrottledError
from relevo.web.security import POLICY
from support.sign_in import PASSWORD, add_person, application, browser, cookie_of
from support.storefront import open_shop

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from fastapi import FastAPI

    from relevo.store.database import Database
    from support.storefront import Shop

ANA = "ana@example.com"


@pytest.fixture
async def app(database_url: str) -> AsyncGenerator[FastAPI]:
    async with application(database_url) as made:
        yield made


@pytest.fixture
async def shop(database: Database) -> Shop:
    shop = await open_shop(database)
    await add_person(database, shop.workspace_id, ANA, role="owner")
    return shop


def plain(app: FastAPI, base: str = "http://test") -> httpx2.AsyncClient:
    """A client that says nothing about itself."""
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app, raise_app_exceptions=False), base_url=base)


@pytest.mark.parametrize(
    "path", ["/", "/healthz", "/api/v1/session", "/api/openapi.json", "/nothing.js", "/api/nothing"]
)
async def test_every_answer_tells_browsers_what_to_refuse(app: FastAPI, path: str) -> None:
    async with plain(app) as http:
        headers = (await http.get(path)).headers
    assert headers["content-security-policy"] == POLICY
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert "strict-transport-security" not in headers


def directives(policy: str) -> dict[str, str]:
    return {name: sources for name, _, sources in (rule.partition(" ") for rule in policy.split("; "))}


def test_the_policy_leaves_no_way_in_for_foreign_or_inline_scripts() -> None:
    rules = directives(POLICY)
    assert rules["default-src"] == rules["connect-src"] == "'self'"
    assert not {"script-src", "style-src"} & rules.keys()
    assert [rules[name] for name in ("object-src", "base-uri", "frame-ancestors")] == ["'none'"] * 3
    assert "unsafe" not in POLICY


async def test_a_defects_answer_carries_the_headers_too(app: FastAPI) -> None:
    async def broken() -> None:
        raise RuntimeError("a defect")

    app.add_api_route("/api/v1/broken", broken)
    async with plain(app) as http:
        answer = await http.get("/api/v1/broken")
    assert (answer.status_code, answer.headers["content-security-policy"]) == (500, POLICY)


async def test_https_is_asked_for_only_where_there_is_https(app: FastAPI, database_url: str) -> None:
    async with plain(app, "https://test") as http:
        assert "max-age" in (await http.get("/healthz")).headers["strict-transport-security"]
    async with application(database_url, public_url="https://inbox.example.com") as behind, plain(behind) as http:
        assert "max-age" in (await http.get("/healthz")).headers["strict-transport-security"]


async def test_webhooks_are_not_slowed_down_by_headers_for_browsers(app: FastAPI) -> None:
    async with plain(app) as http:
        assert "content-security-policy" not in (await http.get("/webhooks/whatsapp")).headers


async def test_the_documentation_loads_only_scripts_it_knows_the_hash_of(app: FastAPI) -> None:
    async with plain(app) as http:
        answer = await http.get("/api/docs")
    scripts = re.findall(r"<script([^>]*)>", answer.text)
    assert len(scripts) == 2
    assert re.search(r'src="https://\S+@\d+\.\d+\.\d+/\S+" integrity="sha384-\S{64}"', scripts[0])
    rules = directives(answer.headers["content-security-policy"])
    assert "'unsafe" not in rules["script-src"]
    assert "'sha256-" in rules["script-src"]
    assert rules["default-src"] == "'none'"


CROSS_SITE = [
    {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
    {"Sec-Fetch-Site": "same-site", "Origin": "http://other.test"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "http://test"},
    {"Origin": "https://evil.example"},
    {"Origin": "http://test:8001"},
    {"Origin": "null"},
]
OWN = [
    {"Sec-Fetch-Site": "same-origin", "Origin": "http://test"},
    {"Origin": "http://test"},
    {},
]


@pytest.mark.parametrize("headers", CROSS_SITE)
async def test_other_sites_pages_change_nothing(app: FastAPI, shop: Shop, headers: dict[str, str]) -> None:
    cookie = await cookie_of(shop.database, ANA)
    async with plain(app) as http:
        http.cookies.update(cookie)
        for method, path, body in (
            ("PATCH", "/api/v1/agent-config", {"agent_enabled": False}),
            ("POST", "/api/v1/session", {"email": ANA, "password": PASSWORD}),
            ("DELETE", "/api/v1/session", None),
            ("PUT", "/api/v1/session/password", {"current": PASSWORD, "new": "otra contraseña"}),
        ):
            answer = await http.request(method, path, json=body, headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (403, "cross_site"), path
            assert "set-cookie" not in answer.headers
        assert (await http.get("/api/v1/agent-config", headers=headers)).json()["agent_enabled"] is True


@pytest.mark.parametrize("headers", OWN)
async def test_the_inboxs_own_pages_and_programs_change_things(
    app: FastAPI, shop: Shop, headers: dict[str, str]
) -> None:
    async with plain(app) as http:
        http.cookies.update(await cookie_of(shop.database, ANA))
        answer = await http.patch("/api/v1/agent-config", json={"agent_enabled": False}, headers=headers)
    assert answer.json()["agent_enabled"] is False


async def test_behind_a_proxy_the_public_address_is_ours(database_url: str, shop: Shop) -> None:
    public = "https://inbox.example.com"
    async with application(database_url, public_url=public) as app, plain(app) as http:
        cookie = {"Cookie": f"__Host-relevo_session={(await cookie_of(shop.database, ANA))['relevo_session']}"}
        for origin, expected in ((public, 200), ("https://evil.example", 403)):
            answer = await http.patch("/api/v1/agent-config", json={}, headers={**cookie, "Origin": origin})
            assert answer.status_code == expected


async def test_no_other_origin_is_let_in(app: FastAPI) -> None:
    async with plain(app) as http:
        asked = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
        answer = await http.options("/api/v1/session", headers=asked)
    assert not [name for name in answer.headers if name.startswith("access-control")]


async def test_guessing_at_an_account_is_slowed_down_more_and_more(app: FastAPI, shop: Shop) -> None:
    async def guess(address: str, password: str = "wrong password") -> httpx2.Response:
        async with browser(app, address=address) as http:
            return await http.post("/session", json={"email": ANA, "password": password})

    async def time_passes() -> None:
        await shop.rows("update sign_in_throttle set blocked_until = now() returning 1")

    assert [(await guess("192.0.2.1")).status_code for _ in range(5)] == [401] * 5
    waits: list[int] = []
    for n in range(10):
        refused = await guess(f"198.51.100.{n}", PASSWORD)
        assert (refused.status_code, refused.json()["code"]) == (429, "throttled")
        waits.append(int(refused.headers["retry-after"]))
        await time_passes()
        assert (await guess(f"198.51.100.{n}")).status_code == 401
    assert waits == sorted(waits)
    assert waits[0] <= 2
    assert 250 < waits[-1] <= 300
    await time_passes()
    assert (await guess("192.0.2.1", PASSWORD)).status_code == 200
    assert (await guess("192.0.2.1")).status_code == 401, "right once, the count begins anew"


async def test_attempts_at_once_are_counted_one_by_one(database: Database) -> None:
    async def attempt() -> bool:
        try:
            await begin_attempt(database, ANA, "192.0.2.1")
        except ThrottledError:
            return False
        return True

    let_in = await asyncio.gather(*(attempt() for _ in range(20)))
    assert sum(let_in) == 5


async def test_one_network_is_slowed_down_whoever_it_guesses_at(database: Database) -> None:
    for n in range(20):
        await begin_attempt(database, f"{n}@example.com", f"2001:db8:0:1::{n:x}")
    with pytest.raises(ThrottledError):
        await begin_attempt(database, "other@example.com", "2001:db8:0:1:ffff::1")
    await begin_attempt(database, "other@example.com", "2001:db8:0:2::1")


async def test_neither_addresses_nor_what_was_typed_is_kept(database: Database, shop: Shop) -> None:
    await begin_attempt(database, "my password, in the wrong field", "192.0.2.1")
    kept = await shop.one("select string_agg(t::text, ' ') as text from sign_in_throttle t")
    assert "password" not in kept["text"]
    assert "192.0.2.1" not in kept["text"]
