"""What no SQL, however wrong, can do to messages and events."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import pytest

from relevo.store.database import IntegrityError
from support.rows import Rows

if TYPE_CHECKING:
    from relevo.store.database import Database

STATES = ("planned", "sending", "unknown", "accepted", "sent", "delivered", "read", "played", "failed", "dropped")
EXTRA: dict[str, str] = {
    "unknown": ", settle_at = now() + interval '1 hour'",
    "accepted": ", wamid = 'w', accepted_at = now()",
    "sent": ", wamid = 'w'",
    "delivered": ", wamid = 'w'",
    "read": ", wamid = 'w'",
    "played": ", wamid = 'w'",
    "dropped": ", drop_reason = 'because'",
}
PATH: dict[str, tuple[str, ...]] = {
    "planned": (),
    "sending": ("sending",),
    "unknown": ("sending", "unknown"),
    "accepted": ("sending", "accepted"),
    "sent": ("sending", "sent"),
    "delivered": ("sending", "delivered"),
    "read": ("sending", "read"),
    "played": ("sending", "played"),
    "failed": ("sending", "failed"),
    "dropped": ("dropped",),
}
FORWARD = ("accepted", "sent", "delivered", "read", "played")
LEGAL = {
    *itertools.combinations(("sending", *FORWARD), 2),
    *itertools.combinations(("unknown", *FORWARD), 2),
    *(("planned", state) for state in ("sending", "sent", "delivered", "read", "played", "failed", "dropped")),
    ("sending", "unknown"),
    *((state, "failed") for state in ("sending", "unknown", "accepted", "sent")),
}


async def set_state(rows: Rows, message: Any, state: str) -> None:
    await rows.write(f"update messages set state = '{state}'{EXTRA.get(state, '')} where id = %(id)s", id=message)


@pytest.mark.parametrize("before", STATES)
async def test_a_message_moves_along_legal_transitions_only(database: Database, before: str) -> None:
    rows = await Rows.create(database)
    for after in STATES:
        if after == before:
            continue
        message = await rows.plan()
        for step in PATH[before]:
            await set_state(rows, message, step)
        if (before, after) in LEGAL:
            await set_state(rows, message, after)
        else:
            with pytest.raises(IntegrityError, match="cannot go from"):
                await set_state(rows, message, after)
        await rows.write("delete from messages")


async def test_an_agents_message_cannot_begin_as_sent(database: Database) -> None:
    rows = await Rows.create(database)
    with pytest.raises(IntegrityError, match="must be planned"):
        await rows.plan(state="accepted", wamid="w")


async def test_an_unknown_message_is_not_planned_again_before_its_deadline(database: Database) -> None:
    rows = await Rows.create(database)
    message = await rows.plan()
    await set_state(rows, message, "sending")
    await set_state(rows, message, "unknown")
    with pytest.raises(IntegrityError):
        await rows.write("update messages set state = 'planned' where id = %(id)s", id=message)
    await rows.write("update messages set settle_at = now() - interval '1 second' where id = %(id)s", id=message)
    await rows.write("update messages set state = 'planned' where id = %(id)s", id=message)


async def test_a_message_being_sent_is_not_planned_again_without_a_refusal(database: Database) -> None:
    rows = await Rows.create(database)
    message = await rows.plan()
    await set_state(rows, message, "sending")
    with pytest.raises(IntegrityError):
        await rows.write("update messages set state = 'planned' where id = %(id)s", id=message)
    await rows.write("update messages set state = 'planned', error = '{}' where id = %(id)s", id=message)


async def test_a_wamid_is_stored_once_for_each_channel(database: Database) -> None:
    rows = await Rows.create(database)
    await rows.hear(wamid="same")
    with pytest.raises(IntegrityError, match="uq_messages_channel_id_wamid"):
        await rows.hear(wamid="same")


async def test_a_wamid_never_changes(database: Database) -> None:
    rows = await Rows.create(database)
    message = await rows.hear(wamid="one")
    with pytest.raises(IntegrityError, match="already has its wamid"):
        await rows.write("update messages set wamid = 'two' where id = %(id)s", id=message)


async def test_authorship_is_set_when_planned_and_stays(database: Database) -> None:
    rows = await Rows.create(database)
    message = await rows.plan()
    for change in ("author = 'person', sent_by_agent = false", "sent_by_agent = false"):
        with pytest.raises(IntegrityError):
            await rows.write(f"update messages set {change} where id = %(id)s", id=message)


async def test_every_inbound_message_comes_with_its_event(database: Database) -> None:
    rows = await Rows.create(database)
    message = await rows.hear(text="hola")
    (event,) = await rows.events()
    assert event["type"] == "agent/whatsapp.message_received"
    assert event["data"] == {
        "messageId": str(message),
        "conversationId": str(rows.conversation),
        "workspaceId": str(rows.workspace),
        "contactId": str(rows.contact),
        "messageContent": "hola",
        "phone": "+573001234567",
    }


async def test_an_attachment_is_told_apart(database: Database) -> None:
    rows = await Rows.create(database)
    await rows.hear(kind="audio")
    assert [event["type"] for event in await rows.events()] == ["agent/whatsapp.attachment_received"]


async def test_every_change_of_state_leaves_an_event(database: Database) -> None:
    rows = await Rows.create(database)
    message = await rows.plan()
    for state in ("sending", "accepted", "delivered", "read"):
        await set_state(rows, message, state)
    types = [event["type"] for event in await rows.events()]
    assert types == ["message.planned", "message.accepted", "message.delivered", "message.read"]


async def test_events_cannot_be_changed(database: Database) -> None:
    rows = await Rows.create(database)
    await rows.hear()
    with pytest.raises(IntegrityError, match="appended, never changed"):
        await rows.write("update events set type = 'other'")


async def test_a_message_belongs_to_the_workspace_of_its_conversation(database: Database) -> None:
    rows = await Rows.create(database)
    other = await Rows.create(database, phone="+573009999999", number="other")
    with pytest.raises(IntegrityError):
        await rows.hear(workspace=other.workspace)
