"""Workspaces, numbers and tokens from the command line."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import pytest

from relevo.store.secrets import SecretBox

if TYPE_CHECKING:
    from collections.abc import Callable

    from cli.conftest import Relevo


def test_a_workspace_comes_with_its_configuration(relevo: Relevo) -> None:
    made = relevo.json("workspace", "create", "  La Cima ")
    assert relevo.rows("select id::text, name from workspaces") == [(made["id"], "La Cima")]
    assert relevo.rows("select workspace_id::text, agent_enabled from agent_configs") == [(made["id"], True)]
    assert [row["name"] for row in relevo.json("workspace", "list")] == ["La Cima"]


def test_what_clashes_is_said_in_one_line_and_exits_with_one(relevo: Relevo, shop: str) -> None:
    result = relevo("workspace", "create", shop, exits=1)
    assert result.stderr.strip() == "relevo: There is a workspace `Tienda` already."
    assert relevo.json("workspace", "create", shop, exits=1)["error"]["code"] == "conflict"


def test_a_number_is_stored_with_sealed_secrets_and_told_what_to_paste(
    relevo: Relevo, add_meta: Callable[..., Any]
) -> None:
    told = add_meta()
    assert told["callback_url"].endswith("/webhooks/whatsapp")
    assert told["verify_token"] == "verify-me"
    ((token, secret, verify, phone),) = relevo.rows(
        "select access_token, app_secret, verify_token, phone from channels"
    )
    box = SecretBox("a test key, long enough")
    assert [box.open(bytes(sealed)) for sealed in (token, secret, verify)] == ["EAAtoken", "app-secret", "verify-me"]
    assert phone == "+573002242922"


def test_people_are_told_where_to_paste_what_at_meta(relevo: Relevo, shop: str) -> None:
    text = relevo(
        "channel", "add", "-w", shop, "--provider", "meta", "--phone-number-id", "1", "--phone", "+57 300 111-2233",
        "--access-token", "EAAtoken", "--app-secret", "s3cret", "--webhook-url", "https://shop.example/webhooks/whatsapp",
    ).stdout  # fmt: skip
    assert "Callback URL   https://shop.example/webhooks/whatsapp" in text
    assert "Verify token" in text
    assert "EAAtoken" not in text
    assert "s3cret" not in text


def test_secrets_left_out_are_asked_for_and_not_echoed(relevo: Relevo, shop: str) -> None:
    result = relevo(
        "channel", "add", "-w", shop, "--provider", "meta", "--phone-number-id", "1", "--phone", "+573001112233",
        text="EAAtoken\ns3cret\n",
    )  # fmt: skip
    assert "EAAtoken" not in result.output
    assert relevo.rows("select count(*) from channels") == [(1,)]


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("--phone", "300 111 2233", "international form"),
        ("--access-token", "EAA token", "copied"),
        ("--app-secret", "", "empty"),
        ("--api-url", "graph.facebook.com", "https://"),
        ("--workspace", "Otra", "no workspace"),
    ],
)
def test_what_cannot_be_is_refused(relevo: Relevo, shop: str, option: str, value: str, words: str) -> None:
    options = {
        "--workspace": shop, "--provider": "meta", "--phone-number-id": "1", "--phone": "+573001112233",
        "--access-token": "EAAtoken", "--app-secret": "s3cret", option: value,
    }  # fmt: skip
    result = relevo("channel", "add", *(part for pair in options.items() for part in pair), exits=1)
    assert words in result.stderr
    assert relevo.rows("select count(*) from channels") == [(0,)]


def test_a_number_is_connected_once(add_meta: Callable[..., Any], relevo: Relevo, shop: str) -> None:
    add_meta("1000001")
    result = relevo(
        "channel", "add", "-w", shop, "--provider", "meta", "--phone-number-id", "1000001", "--phone", "+573001112233",
        "--access-token", "t", "--app-secret", "s", exits=1,
    )  # fmt: skip
    assert "connected already" in result.stderr


def test_a_stopped_number_may_speak_again(relevo: Relevo, add_meta: Callable[..., Any]) -> None:
    channel = add_meta()["id"]
    relevo.rows("update channels set status = 'stopped', status_reason = 'token expired'")
    assert relevo.json("channel", "list")[0]["status_reason"] == "token expired"
    assert relevo.json("channel", "enable", "+573002242922")["id"] == channel
    assert relevo.rows("select status, status_reason from channels") == [("active", None)]
    assert relevo.rows("select count(*) from events where type = 'channel.enabled'") == [(1,)]
    assert "no channel" in relevo("channel", "enable", "nobody", exits=1).stderr


def test_lists_show_no_secret(relevo: Relevo, add_meta: Callable[..., Any]) -> None:
    add_meta()
    listed = json.dumps(relevo.json("channel", "list")) + relevo("channel", "list").stdout
    assert "EAAtoken" not in listed
    assert "gAAAA" not in listed


def test_a_token_is_shown_once_and_only_its_hash_is_kept(relevo: Relevo, shop: str) -> None:
    token = relevo("token", "create", "--workspace", shop, "--name", "till").stdout.strip()
    assert token.startswith("relevo_")
    assert relevo.rows("select name, token_hash from api_tokens") == [("till", hashlib.sha256(token.encode()).digest())]


def test_a_wrong_setting_is_named_without_its_value(relevo: Relevo) -> None:
    relevo.environment["RELEVO_PORT"] = "hunter2"
    result = relevo("workspace", "list", exits=1)
    assert "RELEVO_PORT" in result.stderr
    assert "hunter2" not in result.stderr


def test_an_unreachable_database_is_said_without_a_traceback(relevo: Relevo) -> None:
    relevo.environment["RELEVO_DATABASE_URL"] = "postgresql://nobody:hunter2@127.0.0.1:1/none"
    result = relevo("workspace", "list", exits=1)
    assert "database cannot be used" in result.stderr
    assert "hunter2" not in result.stderr
    assert "Traceback" not in result.stderr


def test_an_outdated_schema_is_refused_with_what_to_do(relevo: Relevo) -> None:
    relevo.rows("update alembic_version set version_num = '0001'")
    assert "relevo migrate" in relevo("workspace", "list", exits=1).stderr
