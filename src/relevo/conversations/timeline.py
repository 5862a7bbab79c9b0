"""The timeline: for each thing the customer wrote what was decided, by which rule, what was said, what became of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from relevo.conversations.reasons import CHAT_OFF, PERSON, SHOP_OFF
from relevo.conversations.timeline_words import came_of, handoff_reason, reason, since, what_became, who, words
from relevo.errors import NotFoundError
from relevo.store.database import fetch_all, fetch_one
from relevo.store.sql_files import sql_file

if TYPE_CHECKING:
    import uuid
    from collections.abc import Mapping
    from datetime import datetime

    from relevo.store.database import Connection, Row


@dataclass(frozen=True, slots=True)
class Said:
    """One message a turn led to."""

    id: str
    text: str
    state: str
    words: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened."""

    id: str
    kind: str
    """inbound, outbound or the event's type."""
    at: datetime
    words: str
    """What was decided or what happened, and why; for a silence its reason."""
    text: str | None = None
    author: str | None = None
    outcome: str | None = None
    rules: list[str] = field(default_factory=list[str])
    """The rules that led there, as the agent noted them; `conversations.remarks` reads them for people."""
    understood: dict[str, Any] | None = None
    agent: str | None = None
    """Whose turn it was: the playbook that names slots and intents."""
    language: str = ""
    """Which the words are in."""
    said: list[Said] = field(default_factory=list[Said])


async def timeline(
    connection: Connection,
    workspace_id: uuid.UUID,
    conversation_id: uuid.UUID,
    *,
    limit: int,
    language: str | None = None,
    after: Mapping[str, Any] | None = None,
) -> list[Entry]:
    """Tell what happened in a conversation, newest first; `language` is es, en or pt, by default the shop's.

    Raises:
        NotFoundError: no such conversation in this workspace.

    """
    scope = {"workspace": workspace_id, "conversation": conversation_id}
    now = await fetch_one(connection, sql_file("relevo.conversations", "why_waiting"), scope)
    if now is None:
        raise NotFoundError(f"There is no conversation {conversation_id}.")
    place = after or {"after_at": None, "after_id": None}
    rows = await fetch_all(connection, sql_file("relevo.conversations", "timeline"), {**scope, **place, "limit": limit})
    spoken: str = language or now["language"]
    zone = _zone(now["zone"])
    return [_entry(row, now, spoken, zone) for row in rows]


def _entry(row: Row, now: Row, language: str, zone: ZoneInfo) -> Entry:
    if row["kind"] == "event":
        data = row["event_data"]
        named = {
            name: handoff_reason(str(value), language) if name == "reason" else reason(str(value), language)
            for name, value in data.items()
            if not isinstance(value, (dict, list))
        }
        told = words(row["event_type"], language, who=who(row, language, prefix="event"), **named)
        return Entry(row["id"], row["event_type"], row["at"], told)
    if row["kind"] == "outbound":
        became = what_became(row["state"], row["drop_reason"], row["error"], language)
        return Entry(row["id"], "outbound", row["at"], became, row["text"], row["member_name"] or row["author"])
    explanation: dict[str, Any] = row["explanation"] or {}
    return Entry(
        row["id"],
        "inbound",
        row["at"],
        _decided(row, now, language, zone),
        row["text"] or f"[{row['message_kind']}]",
        "customer",
        row["outcome"],
        [str(rule) for rule in explanation.get("rules", ())],
        explanation.get("reading"),
        row["agent"],
        language,
        [
            Said(
                one["id"],
                one["text"],
                one["state"],
                what_became(one["state"], one["drop_reason"], one["error"], language),
            )
            for one in row["said"] or ()
        ],
    )


def _decided(row: Row, now: Row, language: str, zone: ZoneInfo) -> str:
    """Say what became of an inbound message; without an outcome, what it waits for."""
    outcome, why = row["outcome"], row["outcome_reason"] or ""
    if outcome is None:
        return _waiting(now, language)
    held = row["owner_type"] in {"conversation.taken_over", "conversation.handed_off"}
    if outcome == "ignored" and why == PERSON and held:
        time = since(row["owner_since"], zone)
        return words("owned", language, who=who(row, language, prefix="owner"), time=time)
    return came_of(outcome, why, language)


def _waiting(now: Row, language: str) -> str:
    told = (
        (not now["agent_enabled"], lambda: reason(SHOP_OFF, language)),
        (not now["agent_on"], lambda: reason(PERSON if now["owner"] == "person" else CHAT_OFF, language)),
        (
            now["channel_status"] != "active",
            lambda: words("stopped", language, error=reason(now["status_reason"] or "", language)),
        ),
        (now["attempts"], lambda: words("retry", language, error=now["last_error"] or "")),
        (now["working"], lambda: words("working", language)),
        (now["paused"], lambda: words("paused", language)),
        (now["due_later"], lambda: words("burst", language)),
    )
    return next((say() for applies, say in told if applies), words("queued", language))


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")
