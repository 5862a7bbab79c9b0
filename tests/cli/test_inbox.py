"""People work from the command line: members, takeover, replies, handoff, tasks, hand-back, timeline."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

if TYPE_CHECKING:
    from cli.conftest import Relevo


@pytest.fixture
def conversation(relevo: Relevo, shop: str) -> str:
    """A customer's conversation with an open window and one message in it."""
    relevo(
        "channel", "add", "-w", shop, "--provider", "meta", "--phone-number-id", "7", "--phone", "+573001112233",
        "--access-token", "EAAGtoken", "--app-secret", "0123456789abcdef0123456789abcdef",
    )  # fmt: skip
    relevo.rows(
        "insert into contacts (id, workspace_id, name) select gen_random_uuid(), id, 'Ana' from workspaces;"
        "insert into contact_identities (workspace_id, kind, value, contact_id)"
        " select workspace_id, 'phone', '+573001234567', id from contacts;"
        "insert into conversations (id, workspace_id, channel_id, contact_id, window_until)"
        " select gen_random_uuid(), c.workspace_id, h.id, c.id, now() + interval '1 day' from contacts c, channels h;"
        "insert into messages"
        " (id, workspace_id, channel_id, conversation_id, direction, author, state, wamid, kind, text, provider_at)"
        " select gen_random_uuid(), workspace_id, channel_id, id, 'in', 'customer', 'received', 'w1', 'text',"
        " '¿Hay alguien?', now() from conversations"
    )
    return str(relevo.rows("select id from conversations")[0][0])


def test_a_person_takes_over_replies_and_hands_back(relevo: Relevo, shop: str, conversation: str) -> None:
    relevo("member", "add", "ana@shop.example", "-w", shop, "--name", "Ana")
    relevo("inbox", "take-over", conversation, "-w", shop, "-m", "ana@shop.example")
    assert relevo.rows("select owner, agent_conversational, epoch from conversations") == [("person", False, 1)]
    relevo("inbox", "reply", conversation, "Ya te ayudo", "-w", shop, "-m", "ana@shop.example")
    planned = relevo.rows("select author, text, state, sent_by_agent from messages where direction = 'out'")
    assert planned == [("person", "Ya te ayudo", "planned", False)]
    relevo("inbox", "hand-back", conversation, "-w", shop, "-m", "ana@shop.example")
    assert relevo.rows("select owner, agent_conversational from conversations") == [("agent", None)]


def test_a_handoff_finds_whoever_is_online_and_its_task_is_completed(
    relevo: Relevo, shop: str, conversation: str
) -> None:
    relevo("member", "add", "ana@shop.example", "-w", shop, "--name", "Ana")
    relevo("member", "presence", "ana@shop.example", "online", "-w", shop)
    relevo("inbox", "hand-off", conversation, "-w", shop, "--reason", "wants to pay")
    (task,) = relevo.json("inbox", "tasks", "-w", shop)
    assert "Ana" in relevo("inbox", "tasks", "-w", shop).output
    assert relevo.rows("select count(*) from messages where key = 'handoff' and sent_by_agent")[0][0] == 1
    relevo("inbox", "complete", str(task["id"]), "-w", shop, "-m", "ana@shop.example")
    assert relevo.rows("select status from tasks") == [("done",)]


def test_the_timeline_tells_in_the_language_asked_for(relevo: Relevo, shop: str, conversation: str) -> None:
    relevo("inbox", "take-over", conversation, "-w", shop)
    entries = relevo.json("inbox", "timeline", conversation, "-w", shop, "--lang", "en")
    assert any(entry["text"] == "¿Hay alguien?" for entry in entries)
    assert "¿Hay alguien?" in relevo("inbox", "timeline", conversation, "-w", shop).output


def test_the_agent_is_switched_off_for_the_shop(relevo: Relevo, shop: str) -> None:
    relevo("inbox", "agent", "off", "-w", shop)
    assert relevo.rows("select agent_enabled from agent_configs") == [(False,)]
    relevo("inbox", "agent", "on", "-w", shop)
    assert relevo.rows("select agent_enabled from agent_configs") == [(True,)]


def test_what_does_not_exist_is_told_in_one_line(relevo: Relevo, shop: str) -> None:
    result = relevo("inbox", "take-over", str(uuid4()), "-w", shop, exits=1)
    assert "Traceback" not in result.output + result.stderr
    result = relevo("member", "presence", "nobody@shop.example", "online", "-w", shop, exits=1)
    assert "nobody@shop.example" in result.output + result.stderr
