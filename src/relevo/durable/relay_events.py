"""What leaves for an engine outside, and in what form: ids and the little the plan names, within the size it takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson

from relevo.durable.actor import CONVERSATION

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from relevo.store.database import Row

MESSAGE_RECEIVED: Final = "agent/whatsapp.message_received"
ATTACHMENT_RECEIVED: Final = "agent/whatsapp.attachment_received"
CONVERSATION_DUE: Final = "relevo/conversation.due"
ACTOR_DUE: Final = "relevo/actor.due"
HANDED_OVER: Final = (MESSAGE_RECEIVED, ATTACHMENT_RECEIVED)

MAX_REQUEST_BYTES = 200_000
"""Inngest takes 256 KiB in one request on its smallest plan (https://www.inngest.com/docs/usage-limits/inngest)."""
MAX_REQUEST_EVENTS = 1_000
"""Of 5,000 (same page)."""
MAX_CONTENT = 4_096
"""Characters of a customer's words that leave; WhatsApp's own limit for a text. What a run reads, it reads here."""


def event_of(row: Row) -> bytes:
    """Write one event of the log. Its id, made unique among installations by the workspace's, is the dedup id."""
    data: dict[str, Any] = dict(row["data"])
    content = data.get("messageContent")
    if isinstance(content, str) and len(content) > MAX_CONTENT:
        data["messageContent"] = content[:MAX_CONTENT]
    return orjson.dumps(
        {
            "id": f"{row['workspace_id']}-{row['id']}",
            "name": row["type"],
            "data": data,
            "ts": int(row["created_at"].timestamp() * 1000),
        }
    )


def wake_up_of(row: Row) -> bytes:
    """Write one wake-up. It has no id: what is told again must not be taken for a duplicate."""
    data = {
        "kind": row["kind"],
        "key": str(row["key"]),
        "actor": f"{row['kind']}/{row['key']}",
        "workspaceId": str(row["workspace_id"]),
        "dueAt": row["due_at"].isoformat(),
    }
    if row["kind"] == CONVERSATION:
        return orjson.dumps({"name": CONVERSATION_DUE, "data": {"conversationId": str(row["key"]), **data}})
    return orjson.dumps({"name": ACTOR_DUE, "data": data})


def requests(events: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    """Cut into what one request may hold, in order."""
    start = size = 0
    for end, event in enumerate(events):
        if end > start and (size + len(event) > MAX_REQUEST_BYTES or end - start >= MAX_REQUEST_EVENTS):
            yield events[start:end]
            start, size = end, 0
        size += len(event) + 1
    if start < len(events):
        yield events[start:]
