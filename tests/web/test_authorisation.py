"""Who may do what, for every route there is: a route without a line in `RULES` fails, and so does a wrong answer.

`ANYBODY` needs no sign-in, `USER` a browser's session, `ME` any member or token, `ADMIN` an admin, owner or token.
`{…_id}` in a path is somebody else's for callers from another workspace: they must be told 404.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import pytest
from fastapi.routing import iter_route_contexts
from uuid_utils.compat import uuid7

from relevo.crm.workspaces import create_token
from support.sign_in import PASSWORD, add_person, application, browser, cookie_of
from support.storefront import open_shop

if TYPE_CHECKING:
    import uuid
    from collections.abc import AsyncGenerator

    import httpx2
    from fastapi import FastAPI

    from relevo.store.database import Database
    from support.storefront import Shop

Level = Literal["ANYBODY", "USER", "ME", "ADMIN"]
CONVERSATION, CHANNEL, ENDPOINT = (
    "/conversations/{conversation_id}",
    "/channels/{channel_id}",
    "/webhooks/{endpoint_id}",
)
TASK, MEMBER, PLAYBOOK = "/tasks/{task_id}", "/members/{member_id}", "/playbooks/{playbook_id}"
NOBODYS = "00000000-0000-7000-8000-000000000000"


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may call it, and a body that is understood."""

    level: Level
    body: dict[str, Any] | None = None
    query: str = ""
    foreign: int = 404
    """What callers from another workspace are told, if the path names something."""


RULES: dict[str, Rule] = {
    "GET /sign-in": Rule("ANYBODY"),
    "POST /session": Rule("ANYBODY", {"email": "nobody@example.com", "password": PASSWORD}),
    "DELETE /session": Rule("ANYBODY"),
    "POST /set-up": Rule("ANYBODY"),
    "GET /invitations/{token}": Rule("ANYBODY"),
    "POST /invitations/{token}": Rule("ANYBODY", {"password": PASSWORD}),
    "GET /password-resets/{token}": Rule("ANYBODY"),
    "POST /password-resets/{token}": Rule("ANYBODY", {"password": PASSWORD}),
    "GET /oidc/start": Rule("ANYBODY"),
    "GET /oidc/callback": Rule("ANYBODY"),
    "GET /session": Rule("USER"),
    "PUT /session/password": Rule("USER"),
    "GET /sessions": Rule("USER"),
    "DELETE /sessions/{session_id}": Rule("USER"),
    "POST /invitations": Rule("ADMIN"),
    "GET /workspaces/current": Rule("ME"),
    "PATCH /workspaces/current": Rule("ADMIN"),
    "GET /agent-config": Rule("ME"),
    "GET /timezones": Rule("ME"),
    "PATCH /agent-config": Rule("ADMIN"),
    "GET /conversations": Rule("ME"),
    "POST /conversations/mark-all-read": Rule("ME"),
    "GET /search": Rule("ME"),
    f"GET {CONVERSATION}": Rule("ME"),
    f"POST {CONVERSATION}/takeover": Rule("ME"),
    f"POST {CONVERSATION}/handoff": Rule("ME", {}),
    f"POST {CONVERSATION}/handback": Rule("ME"),
    f"PUT {CONVERSATION}/agent": Rule("ME", {}),
    f"GET {CONVERSATION}/agent": Rule("ME"),
    f"PUT {CONVERSATION}/read": Rule("ME", {}),
    f"GET {CONVERSATION}/timeline": Rule("ME"),
    f"GET {CONVERSATION}/messages": Rule("ME"),
    f"POST {CONVERSATION}/messages": Rule("ME", {"text": "hola"}),
    f"PUT {CONVERSATION}/messages/{{message_id}}/reaction": Rule("ME", {"emoji": "👍"}),
    f"GET {CONVERSATION}/messages/{{message_id}}/media": Rule("ME"),
    "GET /canned-replies": Rule("ME"),
    "POST /canned-replies": Rule("ME"),
    "PATCH /canned-replies/{reply_id}": Rule("ME", {}),
    "DELETE /canned-replies/{reply_id}": Rule("ME"),
    "GET /tasks": Rule("ME"),
    f"GET {TASK}": Rule("ME"),
    f"POST {TASK}/take": Rule("ME"),
    f"POST {TASK}/assign": Rule("ME", {"member_id": None}),
    f"POST {TASK}/snooze": Rule("ME", {"until": "2099-01-01T00:00:00Z"}),
    f"POST {TASK}/comments": Rule("ME", {"text": "hola"}),
    f"POST {TASK}/complete": Rule("ME", {}),
    "GET /members": Rule("ME"),
    "POST /members": Rule("ADMIN"),
    f"GET {MEMBER}": Rule("ME"),
    f"PATCH {MEMBER}": Rule("ADMIN", {"name": "Otro"}),
    f"DELETE {MEMBER}": Rule("ADMIN"),
    f"PUT {MEMBER}/presence": Rule("ME", {"presence": "away"}),
    f"POST {MEMBER}/heartbeat": Rule("ME", {"device": "laptop"}),
    "GET /teams": Rule("ME"),
    "PUT /teams": Rule("ADMIN"),
    "DELETE /teams/{team_id}": Rule("ADMIN"),
    "GET /contacts": Rule("ME"),
    "GET /contacts/{contact_id}": Rule("ME"),
    "GET /orders": Rule("ME"),
    "GET /orders/{order_id}": Rule("ME"),
    "GET /channels": Rule("ME"),
    "POST /channels": Rule("ADMIN"),
    f"GET {CHANNEL}": Rule("ME"),
    f"PATCH {CHANNEL}": Rule("ADMIN", {}),
    f"POST {CHANNEL}/stop": Rule("ADMIN"),
    f"POST {CHANNEL}/resume": Rule("ADMIN"),
    f"POST {CHANNEL}/check": Rule("ADMIN"),
    f"GET {CHANNEL}/set-up": Rule("ADMIN"),
    f"POST {CHANNEL}/register-webhook": Rule("ADMIN"),
    f"GET {CHANNEL}/templates": Rule("ME"),
    "GET /playbooks": Rule("ME"),
    "POST /playbooks/check": Rule("ME"),
    f"GET {PLAYBOOK}": Rule("ME"),
    # A playbook's name is free in each workspace: there it is not foreign, but new, and this text is none.
    f"PUT {PLAYBOOK}": Rule("ADMIN", {"text": "nothing", "base_version": None}, foreign=422),
    f"PUT {PLAYBOOK}/settings": Rule("ADMIN", {"values": {}}),
    f"GET {PLAYBOOK}/versions": Rule("ME"),
    f"GET {PLAYBOOK}/versions/{{version}}": Rule("ME"),
    f"GET {PLAYBOOK}/diff": Rule("ME", query="?against=1"),
    f"POST {PLAYBOOK}/diff": Rule("ME", {"text": "nothing"}),
    "GET /tokens": Rule("ADMIN"),
    "POST /tokens": Rule("ADMIN"),
    "DELETE /tokens/{token_id}": Rule("ADMIN"),
    "GET /insights": Rule("ME"),
    "GET /insights.csv": Rule("ME"),
    "GET /webhooks": Rule("ADMIN"),
    "POST /webhooks": Rule("ADMIN"),
    f"GET {ENDPOINT}": Rule("ADMIN"),
    f"PATCH {ENDPOINT}": Rule("ADMIN", {}),
    f"DELETE {ENDPOINT}": Rule("ADMIN"),
    f"GET {ENDPOINT}/dead-letters": Rule("ADMIN"),
    f"POST {ENDPOINT}/replay": Rule("ADMIN"),
    f"POST {ENDPOINT}/dead-letters/{{letter_id}}/replay": Rule("ADMIN"),
    "GET /events": Rule("ME"),
}
REFUSED = {401, 403}
HEADERS = {"Last-Event-ID": "none"}
"""Refused by the stream, which otherwise would not end."""


@pytest.fixture
async def app(database_url: str) -> AsyncGenerator[FastAPI]:
    async with application(database_url, whatsapp_api_url="http://127.0.0.1:9") as made:
        yield made


@pytest.fixture
async def shop(database: Database) -> Shop:
    shop = await open_shop(database)
    for role in ("owner", "admin", "agent"):
        await add_person(database, shop.workspace_id, f"{role}@example.com", role=role, password=False)
    return shop


def routes(app: FastAPI) -> set[str]:
    found = iter_route_contexts(app.routes)
    return {
        f"{method} {route.path.removeprefix('/api/v1')}"
        for route in found
        if route.path is not None and route.path.startswith("/api/v1")
        for method in (route.methods or ())
    }


async def ask(http: httpx2.AsyncClient, route: str, ids: dict[str, Any], body: dict[str, Any] | None) -> int:
    method, path = route.split(" ", 1)
    filled = re.sub(r"\{(\w+)\}", lambda found: str(ids.get(found[1], NOBODYS)), path)
    return (await http.request(method, filled + RULES[route].query, json=body, headers=HEADERS)).status_code


async def wrong(http: httpx2.AsyncClient, may: dict[Level, bool], *, refused: int) -> list[tuple[str, int]]:
    """Ask every route without a body and about nothing that exists; return the answers that should be others."""
    found: list[tuple[str, int]] = []
    for route, rule in RULES.items():
        if route == "DELETE /session":
            continue  # open to all, and the last thing a browser does
        status = await ask(http, route, {"version": 1, "letter_id": 1}, None)
        if (status == refused) if may[rule.level] else (status != refused):
            found.append((route, status))
        if may[rule.level] and status in REFUSED:
            found.append((route, status))
    return found


def test_every_route_has_a_rule_and_every_rule_a_route(app: FastAPI) -> None:
    assert routes(app) == set(RULES)


async def test_nobody_gets_past_what_is_for_anybody(app: FastAPI) -> None:
    async with browser(app) as http:
        may: dict[Level, bool] = {"ANYBODY": True, "USER": False, "ME": False, "ADMIN": False}
        assert await wrong(http, may, refused=401) == []


async def test_a_wrong_token_or_session_is_nobodys(app: FastAPI, shop: Shop) -> None:
    async with browser(app, relevo_session="made up") as http, browser(app) as other:
        other.headers["Authorization"] = "Bearer relevo_made_up"
        for client in (http, other):
            may: dict[Level, bool] = {"ANYBODY": True, "USER": False, "ME": False, "ADMIN": False}
            assert await wrong(client, may, refused=401) == []
    del shop


@pytest.mark.parametrize("role", ["agent", "admin", "owner"])
async def test_a_member_may_do_what_their_role_may(app: FastAPI, shop: Shop, role: str) -> None:
    may: dict[Level, bool] = {"ANYBODY": True, "USER": True, "ME": True, "ADMIN": role != "agent"}
    cookie = await cookie_of(shop.database, f"{role}@example.com")
    async with browser(app, **cookie) as http:
        assert await wrong(http, may, refused=403) == []


async def test_a_token_may_do_what_an_admin_may_and_is_no_users_browser(app: FastAPI, shop: Shop) -> None:
    async with shop.database.transaction() as connection:
        token = await create_token(connection, shop.workspace_id, "test")
    async with browser(app) as http:
        http.headers["Authorization"] = f"Bearer {token}"
        may: dict[Level, bool] = {"ANYBODY": True, "USER": False, "ME": True, "ADMIN": True}
        assert await wrong(http, may, refused=401) == []


async def things(shop: Shop) -> dict[str, Any]:
    """One of everything in this shop, by the name it has in paths."""
    conversation = await shop.hears("573000000001", "hola")
    ids = await shop.one(
        "select c.contact_id, m.id as message_id from conversations c join messages m on m.conversation_id = c.id"
        " where c.id = %(c)s", c=conversation,
    )  # fmt: skip
    member = await add_person(shop.database, shop.workspace_id, "member@example.com", password=False)
    new = {name: uuid7() for name in ("task_id", "order_id", "endpoint_id", "token_id", "session_id", "reply_id")}
    at = {"w": shop.workspace_id, "c": conversation, **new}
    for statement in (
        (
            "insert into tasks (id, workspace_id, conversation_id, kind, priority, reason, summary)"
            " values (%(task_id)s, %(w)s, %(c)s, 'handoff', 'high', 'r', 's') returning 1"
        ),
        (
            "insert into orders (id, workspace_id, conversation_id, number, status, lines, total, currency)"
            " values (%(order_id)s, %(w)s, %(c)s, 1, 'open', '[]', 0, 'COP') returning 1"
        ),
        (
            "insert into webhook_endpoints (id, workspace_id, url, secret, cursor_xact, cursor_id)"
            " values (%(endpoint_id)s, %(w)s, 'https://x.example', '', '0', 0) returning 1"
        ),
        (
            "insert into api_tokens (id, workspace_id, name, token_hash)"
            " values (%(token_id)s, %(w)s, 'x', 'x') returning 1"
        ),
        (
            "insert into canned_replies (id, workspace_id, shortcut, text)"
            " values (%(reply_id)s, %(w)s, 'x', 'x') returning 1"
        ),
        "insert into playbooks (workspace_id, slug, version) values (%(w)s, 'secret-recipe', 1) returning 1",
        (
            "insert into playbook_versions (workspace_id, slug, version, text)"
            " values (%(w)s, 'secret-recipe', 1, 'x') returning 1"
        ),
    ):
        await shop.rows(statement, **at)
    letter = await shop.one(
        "insert into webhook_dead_letters (workspace_id, endpoint_id, event_id, attempts, error)"
        " values (%(w)s, %(endpoint_id)s, 1, 1, 'x') returning id", **at,
    )  # fmt: skip
    return {
        **new, **ids, "conversation_id": conversation, "channel_id": shop.channel_id, "member_id": member,
        "letter_id": letter["id"], "playbook_id": "secret-recipe", "version": 1,
    }  # fmt: skip


async def test_what_is_another_workspaces_does_not_exist(app: FastAPI, shop: Shop) -> None:
    ids = await things(shop)
    elsewhere = await open_shop(shop.database)
    await add_person(shop.database, elsewhere.workspace_id, "elsewhere@example.com", role="owner", password=False)
    await cookie_of(shop.database, "owner@example.com")
    ids["session_id"] = (await shop.one("select id from user_sessions"))["id"]
    ours = "select (select jsonb_agg(t) from {0} t where t.workspace_id = %(w)s)::text as rows"
    tables = ("conversations", "messages", "tasks", "members", "channels", "orders", "webhook_endpoints", "playbooks")
    before = [await shop.one(ours.format(table), w=shop.workspace_id) for table in tables]
    async with browser(app, **await cookie_of(shop.database, "elsewhere@example.com")) as http:
        told = {route: await ask(http, route, ids, rule.body) for route, rule in RULES.items() if "_id}" in route}
        assert {route: status for route, status in told.items() if status != RULES[route].foreign} == {}
        assert len(told) > 35
        http.headers["Relevo-Workspace"] = str(shop.workspace_id)
        for route, rule in RULES.items():
            if rule.level in {"ME", "ADMIN"}:
                assert await ask(http, route, ids, rule.body) == 404, route
    assert [await shop.one(ours.format(table), w=shop.workspace_id) for table in tables] == before


async def test_what_is_ones_own_does_exist(app: FastAPI, shop: Shop) -> None:
    ids = await things(shop)
    cookie = await cookie_of(shop.database, "owner@example.com")
    ids["session_id"] = (await shop.one("select id from user_sessions"))["id"]
    async with browser(app, **cookie) as http:
        for route in sorted(RULES):
            if route.startswith("GET ") and "_id}" in route and not route.endswith("/media"):  # a text has none
                status = await ask(http, route, ids, None)
                assert status in {200, 409, 422}, (route, status)


async def test_members_speak_for_their_own_presence_and_admins_for_everybodys(app: FastAPI, shop: Shop) -> None:
    rows = await shop.rows("select role, id from members")
    member: dict[str, uuid.UUID] = {row["role"]: row["id"] for row in rows}
    for role, whose, expected in (
        ("agent", "agent", 200), ("agent", "admin", 403), ("admin", "agent", 200), ("owner", "admin", 200),
    ):  # fmt: skip
        async with browser(app, **await cookie_of(shop.database, f"{role}@example.com")) as http:
            answer = await http.put(f"/members/{member[whose]}/presence", json={"presence": "away"})
            assert answer.status_code == expected, (role, whose)
            answer = await http.post(f"/members/{member[whose]}/heartbeat", json={"device": "x"})
            assert answer.status_code == (204 if expected == 200 else expected), (role, whose)


async def test_owners_are_made_changed_and_removed_by_owners_only(app: FastAPI, shop: Shop) -> None:
    rows = await shop.rows("select role, id from members")
    member: dict[str, uuid.UUID] = {row["role"]: row["id"] for row in rows}
    async with shop.database.transaction() as connection:
        token = await create_token(connection, shop.workspace_id, "test")
    async with (
        browser(app, **await cookie_of(shop.database, "admin@example.com")) as admin,
        browser(app) as program,
        browser(app, **await cookie_of(shop.database, "owner@example.com")) as owner,
    ):
        program.headers["Authorization"] = f"Bearer {token}"
        for http, expected in ((admin, 403), (program, 403), (owner, 0)):
            answers = [
                await http.patch(f"/members/{member['owner']}", json={"name": "Dueña"}),
                await http.post("/members", json={"email": f"{expected}@example.com", "role": "owner"}),
                await http.patch(f"/members/{member['agent']}", json={"role": "owner"}),
                await http.delete(f"/members/{member['owner']}"),
            ]
            statuses = [answer.status_code for answer in answers]
            assert statuses == ([expected] * 4 if expected else [200, 201, 200, 204])
