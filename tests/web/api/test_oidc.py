"""Signing in through a provider: who is let in, and every lie that is not believed."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc.jwk import RSAKey

from relevo.crm.members import add_member
from support.oidc_double import CLIENT_ID, CLIENT_SECRET, OidcDouble
from support.sign_in import PASSWORD, add_person, application, browser, cookie_of
from support.storefront import open_shop

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    import httpx2
    from fastapi import FastAPI

    from relevo.store.database import Database
    from support.storefront import Shop

ANA = "ana@example.com"
FAILED, UNKNOWN, UNVERIFIED = (f"/sign-in?error=oidc_{what}" for what in ("failed", "unknown", "unverified"))


@pytest.fixture
async def provider() -> AsyncGenerator[OidcDouble]:
    async with OidcDouble() as double:
        yield double


@pytest.fixture
async def app(database_url: str, provider: OidcDouble) -> AsyncGenerator[FastAPI]:
    async with application(
        database_url,
        oidc_issuer=provider.url,
        oidc_client_id=CLIENT_ID,
        oidc_client_secret=CLIENT_SECRET,
        oidc_name="La Cima",
    ) as made:
        yield made


@pytest.fixture
async def shop(database: Database) -> Shop:
    return await open_shop(database)


async def invite(shop: Shop, email: str = ANA) -> None:
    async with shop.database.transaction() as connection:
        await add_member(connection, shop.workspace_id, email=email, name="Ana", role="admin")


async def go(http: httpx2.AsyncClient, provider: OidcDouble, **changed: str) -> str:
    """Sign in through the provider; returns where the browser is sent in the end."""
    begun = await http.get("/oidc/start")
    assert begun.status_code == 303
    back = {**provider.approve(begun.headers["location"]), **changed}
    answer = await http.get("/oidc/callback", params=back)
    assert answer.status_code == 303
    return answer.headers["location"]


async def test_an_invited_member_comes_in_without_a_password(app: FastAPI, provider: OidcDouble, shop: Shop) -> None:
    await invite(shop)
    provider.claims["email"] = "Ana@Example.com"
    async with browser(app) as http:
        assert (await http.get("/sign-in")).json()["oidc"] == {"name": "La Cima"}
        assert await go(http, provider) == "/"
        shown = (await http.get("/session")).json()
        assert (shown["user"]["email"], shown["workspaces"][0]["role"]) == (ANA, "admin")
        assert await go(http, provider) == "/"
    assert (await shop.one("select count(*) from users"))["count"] == 1
    assert (await shop.one("select count(*) from user_sessions where revoked_at is null"))["count"] == 1


async def test_the_browser_is_sent_to_the_provider_and_keeps_its_secrets_sealed(
    app: FastAPI, provider: OidcDouble
) -> None:
    async with browser(app) as http:
        answer = await http.get("/oidc/start")
    asked = {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}
    assert answer.headers["location"].startswith(f"{provider.url}/authorize?")
    assert asked["redirect_uri"] == "http://test/api/v1/oidc/callback"
    cookie = answer.headers["set-cookie"]
    assert {"HttpOnly", "SameSite=lax", "Max-Age=600"} <= {part.strip() for part in cookie.split(";")}
    assert asked["state"] not in cookie
    assert asked["nonce"] not in cookie


async def test_nobody_is_let_in_only_because_the_provider_knows_them(
    app: FastAPI, provider: OidcDouble, shop: Shop
) -> None:
    async with browser(app) as http:
        assert await go(http, provider) == UNKNOWN
        await invite(shop)
        await shop.rows("update members set deactivated_at = now() returning 1")
        assert await go(http, provider) == UNKNOWN
        assert (await http.get("/session")).status_code == 401
    assert (await shop.one("select count(*) from users"))["count"] == 0


async def test_a_disabled_account_stays_out(app: FastAPI, provider: OidcDouble, shop: Shop) -> None:
    await add_person(shop.database, shop.workspace_id, ANA)
    await shop.rows("update users set disabled_at = now() returning 1")
    async with browser(app) as http:
        assert await go(http, provider) == UNKNOWN


@pytest.mark.parametrize("verified", [False, None, "true", 1])
async def test_an_address_that_was_not_verified_proves_nothing(
    app: FastAPI, provider: OidcDouble, shop: Shop, verified: object
) -> None:
    await invite(shop)
    provider.claims["email_verified"] = verified
    async with browser(app) as http:
        assert await go(http, provider) == UNVERIFIED
        assert (await http.get("/session")).status_code == 401


@pytest.mark.parametrize(
    "lie",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"iss": "https://evil.example"},
        {"aud": "another client"},
        {"aud": [CLIENT_ID, "another"], "azp": "another"},
        {"exp": 1_600_000_000},
        {"at_hash": "another"},
    ],
)
async def test_a_token_that_was_not_made_for_this_sign_in_is_not_believed(
    app: FastAPI, provider: OidcDouble, shop: Shop, lie: dict[str, Any]
) -> None:
    await invite(shop)
    provider.claims |= lie
    async with browser(app) as http:
        assert await go(http, provider) == FAILED
        assert (await http.get("/session")).status_code == 401


async def test_a_token_signed_by_another_key_is_not_believed(app: FastAPI, provider: OidcDouble, shop: Shop) -> None:
    await invite(shop)
    provider.signing_key = RSAKey.generate_key(2048, {"kid": "one"})
    async with browser(app) as http:
        assert await go(http, provider) == FAILED


@pytest.mark.parametrize(
    "changed",
    [{"state": "another"}, {"state": ""}, {"iss": "https://evil.example"}, {"code": "stolen"}, {"error": "x"}],
)
async def test_an_answer_that_was_not_asked_for_is_refused(
    app: FastAPI, provider: OidcDouble, shop: Shop, changed: dict[str, str]
) -> None:
    await invite(shop)
    async with browser(app) as http:
        assert await go(http, provider, **changed) == FAILED


async def test_a_code_brought_into_another_browser_is_refused(app: FastAPI, provider: OidcDouble, shop: Shop) -> None:
    await invite(shop)
    async with browser(app) as thief, browser(app) as victim:
        back = provider.approve((await thief.get("/oidc/start")).headers["location"])
        for before in (None, "/oidc/start"):
            if before:
                await victim.get(before)
            answer = await victim.get("/oidc/callback", params=back)
            assert answer.headers["location"] == FAILED


async def test_whoever_takes_too_long_begins_anew(
    app: FastAPI, provider: OidcDouble, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    await invite(shop)
    async with browser(app) as http:
        back = provider.approve((await http.get("/oidc/start")).headers["location"])
        late = time.time() + 601
        monkeypatch.setattr("relevo.web.api.oidc.time.time", lambda: late)
        assert (await http.get("/oidc/callback", params=back)).headers["location"] == FAILED


async def test_a_provider_that_calls_itself_otherwise_or_is_away_is_not_used(
    app: FastAPI, provider: OidcDouble, database_url: str
) -> None:
    provider.issuer_claimed = "https://evil.example"
    async with browser(app) as http:
        assert (await http.get("/oidc/start")).headers["location"] == FAILED
    for issuer in ("http://127.0.0.1:9", "http://id.example.com"):
        async with application(database_url, oidc_issuer=issuer, oidc_client_id="x") as other, browser(other) as http:
            assert (await http.get("/oidc/start")).headers["location"] == FAILED


async def test_a_password_set_by_the_holder_of_another_shops_link_dies_when_the_owner_comes(
    app: FastAPI, provider: OidcDouble, shop: Shop
) -> None:
    trap = await open_shop(shop.database)
    await add_person(shop.database, trap.workspace_id, ANA)
    await invite(shop)
    async with browser(app, **await cookie_of(shop.database, ANA)) as thief, browser(app) as ana:
        assert await go(ana, provider) == "/"
        assert len((await ana.get("/session")).json()["workspaces"]) == 2
        assert (await thief.get("/session")).status_code == 401
        assert (await thief.post("/session", json={"email": ANA, "password": PASSWORD})).status_code == 401


async def test_an_account_keeps_its_password_where_nothing_new_opens(
    app: FastAPI, provider: OidcDouble, shop: Shop
) -> None:
    await add_person(shop.database, shop.workspace_id, ANA)
    async with browser(app) as http:
        assert await go(http, provider) == "/"
        assert (await http.post("/session", json={"email": ANA, "password": PASSWORD})).status_code == 200
