"""Accounts from the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pwdlib import PasswordHash

if TYPE_CHECKING:
    from cli.conftest import Relevo

ANA = "ana@example.com"
PASSWORD = "caballo correcto"


def hash_of(relevo: Relevo) -> str:
    ((stored,),) = relevo.rows("select password_hash from users where email = %s", ANA)
    return stored


def test_a_user_with_a_password_from_standard_input_signs_in_at_once(relevo: Relevo, shop: str) -> None:
    result = relevo(
        "user", "add", " Ana@Example.com", "-w", shop, "--role", "owner", "--password", "-", text=f"{PASSWORD}\n"
    )
    assert PASSWORD not in result.output
    assert PasswordHash.recommended().verify(PASSWORD, hash_of(relevo))
    assert relevo.rows("select role, m.user_id = u.id from members m join users u using (email)") == [("owner", True)]
    (listed,) = relevo.json("user", "list")
    assert listed["workspaces"] == [{"workspace": shop, "role": "owner"}]
    assert ANA in relevo("user", "list").stdout


def test_without_a_password_a_link_is_printed_once_and_kept_as_a_hash(relevo: Relevo, shop: str) -> None:
    relevo.environment["RELEVO_PORT"] = "8123"
    made = relevo.json("user", "add", ANA, "-w", shop, "--role", "admin")
    assert made["user_id"] is None
    base, _, token = made["link"].rpartition("/")
    assert base == "http://127.0.0.1:8123/invitations"
    ((member, stored),) = relevo.rows("select member_id::text, token_hash from one_time_links")
    assert member == made["member_id"]
    assert token.encode() not in bytes(stored)
    relevo.environment["RELEVO_PUBLIC_URL"] = "https://inbox.example.com/"
    again = relevo.json("user", "add", ANA, "-w", shop)
    assert again["link"].startswith("https://inbox.example.com/invitations/")
    assert (again["member_id"], again["role"]) == (made["member_id"], "admin")
    assert relevo.rows("select count(*) from one_time_links where used_at is null") == [(1,)]


def test_repeating_it_is_harmless_and_a_new_password_ends_sessions(relevo: Relevo, shop: str) -> None:
    arguments = ("user", "add", ANA, "-w", shop, "--role", "owner", "--password", "-")
    relevo(*arguments, text=PASSWORD)
    relevo.rows(
        "insert into user_sessions (id, user_id, token_hash, user_agent, expires_at)"
        " select gen_random_uuid(), id, 'x', '', now() + interval '1 day' from users"
    )
    relevo("user", "add", ANA, "-w", shop)
    assert relevo.rows("select revoked_at is null from user_sessions") == [(True,)]
    relevo(*arguments, text="otra contraseña")
    assert relevo.rows("select revoked_at is null from user_sessions") == [(False,)]
    assert PasswordHash.recommended().verify("otra contraseña", hash_of(relevo))
    assert relevo.rows("select count(*) from users") == [(1,)]


def test_somebody_of_one_shop_joins_another_with_the_account_they_have(relevo: Relevo, shop: str) -> None:
    relevo("user", "add", ANA, "-w", shop, "--password", "-", text=PASSWORD)
    before = hash_of(relevo)
    relevo("workspace", "create", "Otra")
    joined = relevo.json("user", "add", ANA, "-w", "Otra")
    assert joined["link"] is None
    assert hash_of(relevo) == before
    assert len(relevo.json("user", "list")[0]["workspaces"]) == 2


def test_reset_prints_a_link_for_accounts_only(relevo: Relevo, shop: str) -> None:
    assert "no account" in relevo("user", "reset", ANA, exits=1).stderr
    relevo("user", "add", ANA, "-w", shop, "--password", "-", text=PASSWORD)
    assert "/password-resets/" in relevo("user", "reset", ANA).stdout
    assert relevo.json("user", "reset", ANA)["link"].startswith("http://127.0.0.1:")
    relevo("user", "disable", ANA)
    assert "disabled" in relevo("user", "reset", ANA, exits=1).stderr


def test_disabled_users_come_back_by_being_added_again(relevo: Relevo, shop: str) -> None:
    relevo("user", "add", ANA, "-w", shop, "--password", "-", text=PASSWORD)
    assert relevo.json("user", "disable", "Ana@example.com") == {"email": ANA, "sessions_ended": 0}
    assert relevo.rows("select disabled_at is null from users") == [(False,)]
    relevo("user", "add", ANA, "-w", shop)
    assert relevo.rows("select disabled_at is null from users") == [(True,)]
    assert relevo.json("user", "disable", "nobody@example.com", exits=1)["error"]["code"] == "not_found"


@pytest.mark.parametrize(
    ("arguments", "text", "exits", "words"),
    [
        (("ana", "--role", "owner"), None, 1, "not an e-mail address"),
        ((ANA, "--role", "boss"), None, 2, "owner, admin or agent"),
        ((ANA, "--password", PASSWORD), None, 2, "standard input"),
        ((ANA, "--password", "-"), "corta\n", 1, "10 to 256"),
    ],
)
def test_what_cannot_be_is_refused_whole(
    relevo: Relevo, shop: str, arguments: tuple[str, ...], text: str | None, exits: int, words: str
) -> None:
    result = relevo("user", "add", *arguments, "-w", shop, exits=exits, text=text)
    assert words in result.stderr
    assert relevo.rows("select count(*) from members") == [(0,)]


def test_the_last_owner_stays_one(relevo: Relevo, shop: str) -> None:
    relevo("user", "add", ANA, "-w", shop, "--role", "owner")
    assert "at least one owner" in relevo("user", "add", ANA, "-w", shop, "--role", "agent", exits=1).stderr
