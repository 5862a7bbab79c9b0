"""Invitations, password resets, the first user: links that work once and open only what they were made for."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from relevo.crm.invitations import make_reset
from relevo.crm.set_up import offer_set_up
from relevo.crm.users import create_user
from relevo.errors import RelevoError
from support.sign_in import ORIGIN, PASSWORD, add_person, application, browser, cookie_of
from support.storefront import open_shop

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    import httpx2
    from fastapi import FastAPI

    from relevo.store.database import Database
    from support.storefront import Shop

OWNER, ANA = "owner@example.com", "ana@example.com"
NEW = {"name": "Ana María", "password": "una contraseña larga"}


@pytest.fixture
async def app(database_url: str) -> AsyncGenerator[FastAPI]:
    async with application(database_url) as made:
        yield made


async def owned_shop(database: Database, email: str = OWNER) -> Shop:
    shop = await open_shop(database)
    await add_person(database, shop.workspace_id, email, role="owner")
    return shop


async def invited(app: FastAPI, database: Database, by: str = OWNER, email: str = ANA, **more: Any) -> str:
    """Invite somebody; returns the token."""
    async with browser(app, **await cookie_of(database, by)) as http:
        answer = await http.post("/invitations", json={"email": email, **more})
    assert answer.status_code == 201, answer.text
    link = answer.json()["link"]
    assert link.startswith(f"{ORIGIN}/invitations/")
    return link.rpartition("/")[2]


async def test_an_invited_person_chooses_a_password_and_is_in(app: FastAPI, database: Database) -> None:
    shop = await owned_shop(database)
    token = await invited(app, database, role="admin", name="Ana")
    async with browser(app) as http:
        shown = (await http.get(f"/invitations/{token}")).json()
        assert (shown["email"], shown["name"], shown["role"], shown["has_account"]) == (ANA, "Ana", "admin", False)
        answer = await http.post(f"/invitations/{token}", json=NEW)
        assert answer.status_code == 200
        assert [row["role"] for row in answer.json()["workspaces"]] == ["admin"]
        assert (await http.get("/members")).status_code == 200
        again = await http.post(f"/invitations/{token}", json=NEW)
        assert (again.status_code, (await http.get(f"/invitations/{token}")).status_code) == (404, 404)
        signed = await http.post("/session", json={"email": ANA, "password": NEW["password"]})
        assert signed.status_code == 200
    kinds = await shop.rows("select data ->> 'memberId' as id from events where type = 'member.changed'")
    assert shown["workspace"]
    assert answer.json()["workspaces"][0]["member_id"] in {row["id"] for row in kinds}


async def test_an_invitation_used_twice_at_once_makes_one_account(app: FastAPI, database: Database) -> None:
    shop = await owned_shop(database)
    token = await invited(app, database)
    async with browser(app) as one, browser(app) as other:
        answers = await asyncio.gather(*(http.post(f"/invitations/{token}", json=NEW) for http in (one, other)))
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses[0] == 200
    assert statuses[1] in {404, 409}
    assert (await shop.one("select count(*) from users where email = %(e)s", e=ANA))["count"] == 1
    assert (
        await shop.one(
            "select count(*) from user_sessions s join users u on u.id = s.user_id where email = %(e)s", e=ANA
        )
    )["count"] == 1


async def test_a_new_invitation_replaces_the_old_one(app: FastAPI, database: Database) -> None:
    await owned_shop(database)
    first, second = await invited(app, database), await invited(app, database)
    async with browser(app) as http:
        assert (await http.get(f"/invitations/{first}")).status_code == 404
        assert (await http.get(f"/invitations/{second}")).status_code == 200


@pytest.mark.parametrize(
    "change",
    [
        "update one_time_links set expires_at = now() returning 1",
        "update members set deactivated_at = now() where email = 'ana@example.com' returning 1",
    ],
)
async def test_an_old_or_withdrawn_invitation_opens_nothing(app: FastAPI, database: Database, change: str) -> None:
    shop = await owned_shop(database)
    token = await invited(app, database)
    await shop.rows(change)
    async with browser(app) as http:
        assert (await http.get(f"/invitations/{token}")).status_code == 404
        assert (await http.post(f"/invitations/{token}", json=NEW)).status_code == 404
    assert (await shop.one("select count(*) from users where email = %(e)s", e=ANA))["count"] == 0


async def test_an_invitation_never_sets_the_password_of_an_account(app: FastAPI, database: Database) -> None:
    shop, other = await owned_shop(database), await owned_shop(database, "other@example.com")
    await add_person(database, other.workspace_id, ANA)
    token = await invited(app, database)
    async with browser(app) as stranger:
        assert (await stranger.get(f"/invitations/{token}")).json()["has_account"] is True
        assert (await stranger.post(f"/invitations/{token}", json=NEW)).status_code == 409
        assert (await stranger.post(f"/invitations/{token}", json={})).status_code == 401
    async with browser(app, **await cookie_of(database, "other@example.com")) as wrong:
        assert (await wrong.post(f"/invitations/{token}", json={})).status_code == 403
    async with browser(app) as ana:
        assert len((await ana.post("/session", json={"email": ANA, "password": PASSWORD})).json()["workspaces"]) == 1
        answer = await ana.post(f"/invitations/{token}", json={})
        assert {row["id"] for row in answer.json()["workspaces"]} == {str(shop.workspace_id), str(other.workspace_id)}


async def test_one_shops_link_opens_no_other_shop_that_invited_the_same_address(
    app: FastAPI, database: Database
) -> None:
    shop, trap = await owned_shop(database), await owned_shop(database, "thief@example.com")
    await invited(app, database)
    token = await invited(app, database, by="thief@example.com")
    async with browser(app) as thief:
        answer = await thief.post(f"/invitations/{token}", json=NEW)
        assert [row["id"] for row in answer.json()["workspaces"]] == [str(trap.workspace_id)]
        answer = await thief.get("/conversations", headers={"Relevo-Workspace": str(shop.workspace_id)})
        assert answer.status_code == 404


async def test_only_owners_invite_owners(app: FastAPI, database: Database) -> None:
    shop = await owned_shop(database)
    await add_person(database, shop.workspace_id, "admin@example.com", role="admin")
    async with browser(app, **await cookie_of(database, "admin@example.com")) as http:
        answer = await http.post("/invitations", json={"email": ANA, "role": "owner"})
    assert answer.status_code == 403
    await invited(app, database, role="owner")


async def test_whoever_signs_in_here_already_needs_no_invitation(app: FastAPI, database: Database) -> None:
    shop = await owned_shop(database)
    await add_person(database, shop.workspace_id, ANA)
    async with browser(app, **await cookie_of(database, OWNER)) as http:
        assert (await http.post("/invitations", json={"email": ANA})).status_code == 409
        assert (await http.post("/invitations", json={"email": "nobody"})).status_code == 422


async def test_a_reset_works_once_and_signs_every_browser_out(app: FastAPI, database: Database) -> None:
    shop = await owned_shop(database)
    cookie = await cookie_of(database, OWNER)
    async with database.transaction() as connection:
        first = await make_reset(connection, OWNER)
        second = await make_reset(connection, " Owner@Example.com ")
    new = {"password": "una contraseña nueva"}
    async with browser(app) as http, browser(app, **cookie) as signed_in:
        assert (await http.get(f"/password-resets/{first}")).status_code == 404
        assert (await http.get(f"/password-resets/{second}")).status_code == 204
        assert (await http.post(f"/password-resets/{second}", json={"password": "corta"})).status_code == 422
        answers = await asyncio.gather(*(http.post(f"/password-resets/{second}", json=new) for _ in range(2)))
        assert sorted(answer.status_code for answer in answers) == [204, 404]
        assert (await signed_in.get("/session")).status_code == 401
        assert (await http.post("/session", json={"email": OWNER, "password": PASSWORD})).status_code == 401
        assert (await http.post("/session", json={"email": OWNER, **new})).status_code == 200
    del shop


async def test_links_are_good_for_nothing_else(app: FastAPI, database: Database) -> None:
    await owned_shop(database)
    invitation = await invited(app, database)
    async with database.transaction() as connection:
        reset = await make_reset(connection, OWNER)
    async with browser(app) as http:
        assert (await http.post(f"/password-resets/{invitation}", json={"password": PASSWORD})).status_code == 404
        assert (await http.post(f"/invitations/{reset}", json=NEW)).status_code == 404


FIRST = {"workspace": "La Cima", "name": "Ana", "email": "Ana@Example.com", "password": PASSWORD}


async def test_the_first_user_is_made_with_a_code_and_owns_the_shop(app: FastAPI, database: Database) -> None:
    async with database.transaction() as connection:
        code = await offer_set_up(connection)
    async with browser(app) as http:
        assert (await http.get("/sign-in")).json() == {"set_up": True, "oidc": None}
        assert (await http.post("/set-up", json={**FIRST, "code": "guess"})).status_code == 404
        answer = await http.post("/set-up", json={**FIRST, "code": code})
        assert answer.status_code == 201
        assert [(row["name"], row["role"]) for row in answer.json()["workspaces"]] == [("La Cima", "owner")]
        assert (await http.get("/agent-config")).status_code == 200
        assert (await http.get("/sign-in")).json()["set_up"] is False
        assert (await http.post("/set-up", json={**FIRST, "code": code})).status_code == 409
    async with database.transaction() as connection:
        assert await offer_set_up(connection) is None


async def test_of_two_set_ups_at_once_one_succeeds(app: FastAPI, database: Database) -> None:
    async with database.transaction() as connection:
        codes = [await offer_set_up(connection) for _ in range(2)]
    async with browser(app) as http:
        answers = await asyncio.gather(
            *(
                http.post("/set-up", json={**FIRST, "email": f"{n}@example.com", "workspace": f"{n}", "code": code})
                for n, code in enumerate(codes)
            )
        )
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    async with database.reading() as connection:
        cursor = await connection.execute(
            "select (select count(*) from users) as u, (select count(*) from workspaces) as w"
        )
        assert await cursor.fetchone() == {"u": 1, "w": 1}


async def test_set_up_takes_a_shop_that_was_made_on_the_command_line(app: FastAPI, database: Database) -> None:
    shop = await open_shop(database)
    name = (await shop.one("select name from workspaces"))["name"]
    async with database.transaction() as connection:
        code = await offer_set_up(connection)
    async with browser(app) as http:
        answer = await http.post("/set-up", json={**FIRST, "workspace": name, "code": code})
    assert [row["id"] for row in answer.json()["workspaces"]] == [str(shop.workspace_id)]


async def test_a_shop_keeps_its_last_owner(app: FastAPI, database: Database) -> None:
    shop = await owned_shop(database)
    async with browser(app, **await cookie_of(database, OWNER)) as http:
        me = (await http.get("/session")).json()["workspaces"][0]["member_id"]
        assert (await http.patch(f"/members/{me}", json={"role": "agent"})).status_code == 409
        assert (await http.delete(f"/members/{me}")).status_code == 409
        second = await add_person(database, shop.workspace_id, ANA, role="owner")
        answers: list[httpx2.Response] = await asyncio.gather(
            *(http.patch(f"/members/{member}", json={"role": "admin"}) for member in (me, second))
        )
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses[0] == 200
    assert statuses[1] in {403, 409}
    assert (await shop.one("select count(*) from members where role = 'owner'"))["count"] == 1


async def test_of_two_accounts_of_one_address_made_at_once_one_is_made(database: Database) -> None:
    shop = await open_shop(database)

    async def make() -> bool:
        try:
            async with database.transaction() as connection:
                await create_user(connection, email=" ANA@example.com", name="", password_hash=None)
        except RelevoError:
            return False
        return True

    assert sorted(await asyncio.gather(*(make() for _ in range(5)))) == [False] * 4 + [True]
    assert (await shop.one("select email, name from users")) == {"email": ANA, "name": ANA}
