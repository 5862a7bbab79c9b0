"""Signing in and out: cookies, answers that tell nothing, sessions that end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pwdlib import PasswordHash

from support.sign_in import PASSWORD, add_person, application, browser, cookie_of
from support.storefront import open_shop

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    import httpx2
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
    await add_person(database, shop.workspace_id, ANA, role="admin")
    return shop


async def sign_in(http: httpx2.AsyncClient, password: str = PASSWORD, email: str = ANA) -> httpx2.Response:
    return await http.post("/session", json={"email": email, "password": password})


async def test_signing_in_gives_a_cookie_no_script_reads_and_tells_where_one_belongs(app: FastAPI, shop: Shop) -> None:
    async with browser(app) as http:
        answer = await sign_in(http, email=" Ana@Example.com")
        assert answer.status_code == 200
        cookie = answer.headers["set-cookie"]
        assert {"HttpOnly", "SameSite=lax", "Path=/"} <= {part.strip() for part in cookie.split(";")}
        assert "Secure" not in cookie
        shown = (await http.get("/session")).json()
        assert shown == answer.json()
        assert shown["user"]["email"] == ANA
        assert [(row["id"], row["role"]) for row in shown["workspaces"]] == [(str(shop.workspace_id), "admin")]
        assert (await http.get("/workspaces/current")).json()["id"] == str(shop.workspace_id)


async def test_over_https_the_cookie_is_bound_to_the_host(database_url: str, database: Database, shop: Shop) -> None:
    async with application(database_url, public_url="https://inbox.example.com/") as app, browser(app) as http:
        cookie = (await sign_in(http)).headers["set-cookie"]
        assert cookie.startswith("__Host-relevo_session=")
        assert "Secure" in cookie
        assert "Domain" not in cookie
        token = (await cookie_of(database, ANA))["relevo_session"]
        for name, expected in (("relevo_session", 401), ("__Host-relevo_session", 200)):
            answer = await http.get("/session", headers={"Cookie": f"{name}={token}"})
            assert answer.status_code == expected, name
    del shop


async def test_unknown_address_and_wrong_password_are_answered_alike(app: FastAPI, shop: Shop) -> None:
    async with browser(app) as http:
        wrong, unknown = await sign_in(http, "another password"), await sign_in(http, email="nobody@example.com")
    assert (wrong.status_code, unknown.status_code) == (401, 401)
    assert wrong.json() == unknown.json()
    assert "set-cookie" not in wrong.headers
    del shop


async def test_an_unknown_address_costs_a_hash_like_a_known_one(monkeypatch: pytest.MonkeyPatch, app: FastAPI) -> None:
    compared: list[str] = []
    verify = PasswordHash.verify

    def noting(hasher: PasswordHash, password: str | bytes, stored: str | bytes) -> bool:
        compared.append(str(stored))
        return verify(hasher, password, stored)

    monkeypatch.setattr(PasswordHash, "verify", noting)
    async with browser(app) as http:
        assert (await sign_in(http, email="nobody@example.com")).status_code == 401
    assert [stored.split("$")[1] for stored in compared] == ["argon2id"]


async def test_a_session_is_kept_as_a_hash_only(app: FastAPI, shop: Shop) -> None:
    async with browser(app) as http:
        await sign_in(http)
        token = http.cookies["relevo_session"]
    row = await shop.one("select s::text as all_of_it, token_hash = sha256(convert_to(%(t)s, 'utf8')) as same"
                         " from user_sessions s", t=token)  # fmt: skip
    assert row["same"]
    assert token not in row["all_of_it"]


async def test_signing_in_always_makes_a_new_session_and_ends_the_one_before(app: FastAPI, shop: Shop) -> None:
    async with browser(app) as http, browser(app) as thief:
        await sign_in(http)
        first = http.cookies["relevo_session"]
        await sign_in(http)
        assert http.cookies["relevo_session"] != first
        assert (await thief.get("/session", headers={"Cookie": f"relevo_session={first}"})).status_code == 401
        planted = "a-token-somebody-else-chose"
        await thief.post(
            "/session", json={"email": ANA, "password": PASSWORD}, headers={"Cookie": f"relevo_session={planted}"}
        )
        assert (await http.get("/session", headers={"Cookie": f"relevo_session={planted}"})).status_code == 401
    del shop


@pytest.mark.parametrize(
    "change",
    [
        "update user_sessions set revoked_at = now() returning 1",
        "update user_sessions set expires_at = now() returning 1",
        "update user_sessions set seen_at = now() - interval '7 days' returning 1",
        "update users set disabled_at = now() returning 1",
        "update members set deactivated_at = now() returning 1",
        "update members set user_id = null returning 1",
    ],
)
async def test_what_ends_a_session_ends_it_at_once(app: FastAPI, shop: Shop, change: str) -> None:
    async with browser(app, **await cookie_of(shop.database, ANA)) as http:
        assert (await http.get("/conversations")).status_code == 200
        await shop.rows(change)
        assert (await http.get("/conversations")).status_code == 401


async def test_seen_is_written_at_most_once_a_minute(app: FastAPI, shop: Shop) -> None:
    async with browser(app, **await cookie_of(shop.database, ANA)) as http:
        seen = "select seen_at, xmin::text from user_sessions"
        before = await shop.one(seen)
        await http.get("/session")
        assert await shop.one(seen) == before
        await shop.rows("update user_sessions set seen_at = now() - interval '2 minutes' returning 1")
        await http.get("/session")
        assert (await shop.one(seen))["seen_at"] >= before["seen_at"]


async def test_signing_out_ends_the_session_everywhere(app: FastAPI, shop: Shop) -> None:
    async with browser(app) as http:
        await sign_in(http)
        token = http.cookies["relevo_session"]
        answer = await http.delete("/session")
        assert answer.status_code == 204
        assert "Max-Age=0" in answer.headers["set-cookie"]
        assert (await http.get("/session", headers={"Cookie": f"relevo_session={token}"})).status_code == 401
        assert (await http.delete("/session")).status_code == 204
    del shop


async def test_one_sees_ones_browsers_and_signs_them_out(app: FastAPI, shop: Shop, database: Database) -> None:
    await add_person(database, shop.workspace_id, "luis@example.com")
    async with (
        browser(app, **await cookie_of(database, ANA)) as laptop,
        browser(app, **await cookie_of(database, ANA)) as phone,
        browser(app, **await cookie_of(database, "luis@example.com")) as luis,
    ):
        listed = (await laptop.get("/sessions")).json()["items"]
        assert len(listed) == 2
        (other,) = [row["id"] for row in listed if not row["current"]]
        assert (await luis.delete(f"/sessions/{other}")).status_code == 404
        assert (await laptop.delete(f"/sessions/{other}")).status_code == 204
        assert (await phone.get("/session")).status_code == 401
        assert (await laptop.get("/session")).status_code == 200


async def test_changing_the_password_needs_the_old_one_and_ends_other_sessions(app: FastAPI, shop: Shop) -> None:
    async with (
        browser(app, **await cookie_of(shop.database, ANA)) as here,
        browser(app, **await cookie_of(shop.database, ANA)) as there,
    ):
        wrong = await here.put("/session/password", json={"current": "no es", "new": "otra contraseña"})
        assert wrong.status_code == 403
        short = await here.put("/session/password", json={"current": PASSWORD, "new": "corta"})
        assert short.status_code == 422
        right = await here.put("/session/password", json={"current": PASSWORD, "new": "otra contraseña"})
        assert right.status_code == 204
        assert (await here.get("/session")).status_code == 200
        assert (await there.get("/session")).status_code == 401
        assert (await sign_in(there)).status_code == 401
        assert (await sign_in(there, "otra contraseña")).status_code == 200


async def test_a_workspace_is_chosen_by_header_and_others_do_not_exist(app: FastAPI, shop: Shop) -> None:
    second, foreign = await open_shop(shop.database), await open_shop(shop.database)
    await add_person(shop.database, second.workspace_id, ANA, role="agent")
    async with browser(app, **await cookie_of(shop.database, ANA)) as http:

        async def current(**headers: str) -> tuple[int, str | None]:
            answer = await http.get("/workspaces/current", headers=headers)
            return answer.status_code, answer.json().get("id")

        assert await current() == (200, str(shop.workspace_id))
        assert await current(**{"Relevo-Workspace": str(second.workspace_id)}) == (200, str(second.workspace_id))
        assert (await current(**{"Relevo-Workspace": str(foreign.workspace_id)}))[0] == 404
        by_query = await http.get("/workspaces/current", params={"workspace": str(second.workspace_id)})
        assert by_query.json()["id"] == str(second.workspace_id)
        await shop.rows(
            "update members set deactivated_at = now() where workspace_id = %(w)s returning 1", w=shop.workspace_id
        )
        assert await current() == (200, str(second.workspace_id))
        assert (await current(**{"Relevo-Workspace": str(shop.workspace_id)}))[0] == 404


async def test_whoever_belongs_nowhere_cannot_sign_in(app: FastAPI, shop: Shop) -> None:
    await shop.rows("update members set deactivated_at = now() returning 1")
    async with browser(app) as http:
        assert (await sign_in(http)).status_code == 403
        assert (await sign_in(http, "another password")).status_code == 401


async def test_an_account_that_was_disabled_does_not_exist(app: FastAPI, shop: Shop) -> None:
    await shop.rows("update users set disabled_at = now() returning 1")
    async with browser(app) as http:
        assert (await sign_in(http)).status_code == 401
    del shop


async def test_the_acting_member_is_the_sessions_whatever_header_says(app: FastAPI, shop: Shop) -> None:
    luis = await shop.member("Luis")
    conversation = await shop.hears("573000000001", "hola")
    async with browser(app, **await cookie_of(shop.database, ANA)) as http:
        answer = await http.post(f"/conversations/{conversation}/takeover", headers={"Relevo-Member": str(luis)})
        me = (await http.get("/session")).json()["workspaces"][0]["member_id"]
    assert answer.json()["owner_member_id"] == me
