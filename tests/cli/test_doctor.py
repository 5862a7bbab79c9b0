"""`relevo doctor` finds what is wrong and says what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from cli.conftest import Relevo


def findings(relevo: Relevo, exits: int) -> dict[str, dict[str, str]]:
    answer = relevo.json("doctor", exits=exits)
    assert answer["ok"] is (exits == 0)
    return {check["name"]: check for check in answer["checks"]}


@pytest.fixture
def worker(relevo: Relevo) -> Generator[None]:
    """Looks like a worker from the database's side."""
    with psycopg.connect(relevo.database_url, application_name="relevo listen", autocommit=True):
        yield


@pytest.mark.usefixtures("worker")
def test_a_working_set_up_is_well(relevo: Relevo, add_meta: Callable[..., Any]) -> None:
    add_meta()
    relevo.rows("insert into deliveries (id, channel_id, body) select gen_random_uuid(), id, '{}' from channels")
    checks = findings(relevo, 0)
    assert {check["level"] for check in checks.values()} == {"ok"}
    assert "All is well." in relevo("doctor").stdout


def test_an_empty_database_is_sent_to_migrate(relevo: Relevo) -> None:
    relevo.rows("drop schema public cascade")
    relevo.rows("create schema public")
    checks = findings(relevo, 1)
    assert checks["schema"]["remedy"] == "relevo migrate"


def test_a_database_out_of_reach_is_told(relevo: Relevo) -> None:
    relevo.environment["RELEVO_DATABASE_URL"] = "postgresql://nobody:hunter2@127.0.0.1:1/none"
    checks = findings(relevo, 1)
    assert "does not answer" in checks["database"]["found"]
    assert "hunter2" not in str(checks)


def test_secrets_sealed_with_another_key_are_told(relevo: Relevo, add_meta: Callable[..., Any]) -> None:
    add_meta()
    relevo.environment["RELEVO_SECRET_KEY"] = "another key, long enough"
    assert "RELEVO_SECRET_KEY differs" in findings(relevo, 1)["number +573002242922"]["found"]


def test_a_missing_key_is_told(relevo: Relevo) -> None:
    relevo.environment["RELEVO_SECRET_KEY"] = None
    assert "openssl rand" in findings(relevo, 1)["secret key"]["found"]


def test_a_stopped_number_comes_with_its_reason_and_remedy(relevo: Relevo, add_meta: Callable[..., Any]) -> None:
    add_meta()
    relevo.rows("update channels set status = 'stopped', status_reason = 'token expired'")
    finding = findings(relevo, 1)["number +573002242922"]
    assert "token expired" in finding["found"]
    assert "relevo channel enable +573002242922" in finding["remedy"]


@pytest.mark.usefixtures("worker")
def test_a_number_that_never_heard_anything_is_a_note(relevo: Relevo, add_meta: Callable[..., Any]) -> None:
    add_meta()
    finding = findings(relevo, 0)["number +573002242922"]
    assert finding["level"] == "note"
    assert "callback URL" in finding["remedy"]


def test_without_a_worker_nobody_answers(relevo: Relevo, add_meta: Callable[..., Any]) -> None:
    add_meta()
    assert findings(relevo, 1)["workers"]["remedy"].startswith("start one: relevo worker")


@pytest.mark.usefixtures("worker")
def test_trouble_in_the_queue_is_told(relevo: Relevo) -> None:
    relevo.rows(
        "insert into mailbox (kind, key, workspace_id, due_at)"
        " values ('conversation', gen_random_uuid(), gen_random_uuid(), now() - interval '1 minute')"
    )
    relevo.rows(
        "insert into mailbox (kind, key, workspace_id, failed_at, last_error)"
        " values ('conversation', gen_random_uuid(), gen_random_uuid(), now(), 'PlaybookError: no such thing')"
    )
    relevo.rows(
        "insert into mailbox (kind, key, workspace_id, lease_token, lease_until, leased_by)"
        " values ('conversation', gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), now(), 'host:42')"
    )
    relevo.rows("insert into deliveries (id, body) values (gen_random_uuid(), '{}')")
    relevo.rows(
        "insert into set_aside_updates (id, delivery_id, position, error)"
        " select gen_random_uuid(), id, 0, 'no channel with this number' from deliveries"
    )
    checks = findings(relevo, 1)
    assert checks["queue"]["level"] == "wrong"
    assert "PlaybookError: no such thing" in checks["failed for good"]["found"]
    assert "host:42 (1)" in checks["workers"]["found"]
    assert "relevo deliveries replay" in checks["set aside"]["remedy"]


@pytest.mark.usefixtures("worker")
def test_a_playbook_nobody_ships_is_told(relevo: Relevo, add_meta: Callable[..., Any]) -> None:
    add_meta()
    relevo.rows("update agent_configs set conversational_agent_id = '../../etc/passwd'")
    assert findings(relevo, 1)["playbook ../../etc/passwd"]["level"] == "wrong"
