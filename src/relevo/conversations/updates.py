"""Turns WhatsApp's updates into what the store is told: rows, statuses, events, and who is concerned. Pure."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from uuid_utils.compat import uuid7

from relevo.crm.identities import Correspondent
from relevo.errors import InvalidRequestError
from relevo.whatsapp.updates import (
    AccountEvent,
    Echo,
    HistoryChunk,
    IdentityChange,
    InboundMessage,
    ProviderError,
    StatusUpdate,
    Unknown,
    UserPreference,
)
from relevo.whatsapp.window import window

if TYPE_CHECKING:
    from datetime import datetime

    from relevo.crm.identities import Identity
    from relevo.whatsapp.updates import HistoryMessage, Person, Spoken, Update


@dataclass(frozen=True, slots=True)
class Place:
    """The channel an update came in through."""

    channel_id: uuid.UUID
    workspace_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class PendingRow:
    """A message to store once its correspondent's conversation is known."""

    correspondent: Correspondent
    values: dict[str, Any]


@dataclass(slots=True)
class Changes:
    """Everything a set of updates asks the store for."""

    rows: list[PendingRow] = field(default_factory=list[PendingRow])
    statuses: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    events: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    preferences: list[tuple[Correspondent, bool]] = field(default_factory=list[tuple[Correspondent, bool]])
    identity_changes: list[tuple[Correspondent, Correspondent]] = field(
        default_factory=list[tuple[Correspondent, Correspondent]]
    )

    def add(self, update: Update, place: Place, now: datetime, trace: str | None = None) -> None:  # noqa: C901 - one case per kind of update
        """Add what one update asks for. `trace`: the traceparent its messages carry on.

        Raises:
            InvalidRequestError: it cannot be stored (nobody wrote it, an unreadable delivery); it is to be set aside.

        """
        known = len(self.rows)
        match update:
            case StatusUpdate():
                self.statuses.append(_status(update, place))
            case InboundMessage():
                self.rows.append(_inbound(update, place, now))
            case Echo():
                row = _spoken(update, _correspondent(update.recipient, place), now)
                row.values.update(direction="out", author="phone", state="sent", takes_over=_is_talk(update))
                self.rows.append(row)
            case HistoryChunk():
                self.rows.extend(_past(message, place, now) for message in update.messages)
            case IdentityChange():
                self.events.append(_event(place, "contact.identity_changed", {"change": update.change}))
                if not update.keys_only and update.previous.known and update.current.known:
                    self.identity_changes.append(
                        (_correspondent(update.previous, place), _correspondent(update.current, place))
                    )
            case UserPreference():
                person = _correspondent(update.person, place)
                self.preferences.append((person, update.preference == "stop"))
            case AccountEvent():
                self.events.append(_event(place, f"account.{update.field}", update.value))
            case ProviderError():
                self.events.append(_event(place, "channel.provider_error", update.raw))
            case Unknown():
                self.events.append(
                    _event(place, "channel.unknown_update", {"reason": update.reason, "raw": update.raw})
                )
        for row in self.rows[known:]:
            row.values["trace"] = trace


def told_at(update: Update) -> datetime | None:
    """Return the provider's time of what a live update tells."""
    match update:
        case StatusUpdate():
            return update.at
        case InboundMessage() | Echo():
            return update.provider_at
        case _:
            return None


def _event(place: Place, name: str, data: dict[str, Any]) -> dict[str, Any]:
    return {"workspace_id": place.workspace_id, "conversation_id": None, "type": name, "data": data}


def _correspondent(person: Person, place: Place) -> Correspondent:
    known: tuple[Identity | None, ...] = (
        ("bsuid", person.bsuid) if person.bsuid else None,
        ("phone", person.phone) if person.phone else None,
        ("bsuid", person.parent_bsuid) if person.parent_bsuid else None,
        ("other", person.other_id) if person.other_id else None,
        ("username", person.username) if person.username else None,
    )
    identities = tuple(identity for identity in known if identity is not None)
    if not identities:
        raise InvalidRequestError("Nobody to be told from: the update names no phone, user id or username.")
    return Correspondent(place.workspace_id, place.channel_id, identities, person.name)


def _spoken(update: Spoken, correspondent: Correspondent, now: datetime) -> PendingRow:
    content = {"type": update.type, **update.content}
    if update.context.forwarded or update.context.frequently_forwarded:
        content["forwarded"] = True
    if update.context.referred_product:
        content["referred_product"] = update.context.referred_product
    return PendingRow(
        correspondent,
        {
            "id": uuid7(),
            "wamid": update.wamid,
            "kind": update.kind,
            "text": update.text,
            "content": content,
            "reply_to": update.context.reply_to or update.reaction_to or update.edit_of or update.revoke_of,
            # A clock ahead of ours must not hold the window open longer than the platform does.
            "provider_at": min(update.provider_at, now) if update.provider_at else now,
            "takes_over": False,
        },
    )


def _inbound(update: InboundMessage, place: Place, now: datetime) -> PendingRow:
    row = _spoken(update, _correspondent(update.sender, place), now)
    ignored = _why_ignored(update)
    row.values.update(
        direction="in",
        author="customer",
        state="received",
        outcome="ignored" if ignored else None,
        outcome_reason=ignored,
        window_until=window(row.values["provider_at"]).free_form_until if update.opens_window else None,
    )
    if update.choice_id:
        row.values["content"]["choice_id"] = update.choice_id
    if update.referral:
        row.values["content"]["referral"] = update.referral
    return row


def _why_ignored(update: InboundMessage) -> str | None:
    """Return why the agent need not look at a message at all."""
    reasons = (
        (update.reaction_to is not None or update.kind == "reaction", "reaction"),
        (update.edit_of is not None, "edit of an earlier message"),
        (update.revoke_of is not None, "took an earlier message back"),
        (update.group_id is not None, "said in a group"),
        (update.standby, "Meta's own agent holds the chat"),
        (update.type == "request_welcome", "opened the chat"),
        (update.type == "system", "system notice"),
    )
    return next((reason for applies, reason in reasons if applies), None)


def _is_talk(echo: Echo) -> bool:
    """Whether the owner really said something, rather than reacted or corrected."""
    return echo.kind != "reaction" and echo.edit_of is None and echo.revoke_of is None and echo.group_id is None


def _past(message: HistoryMessage, place: Place, now: datetime) -> PendingRow:
    values: dict[str, Any] = {
        "id": uuid7(),
        "wamid": message.wamid,
        "kind": message.kind,
        "text": message.text,
        "content": {"type": message.type, **message.content, "history": True},
        "provider_at": min(message.provider_at, now) if message.provider_at else now,
        "takes_over": False,
    }
    if message.from_business:
        values.update(direction="out", author="phone", state="sent")
    else:
        values.update(
            direction="in", author="customer", state="received", outcome="ignored", outcome_reason="past chat"
        )
    return PendingRow(_correspondent(message.person, place), values)


def _status(update: StatusUpdate, place: Place) -> dict[str, Any]:
    error = update.errors[0] if update.errors else None
    return {
        "channel_id": place.channel_id,
        "opaque": _message_id(update.opaque),
        "wamid": update.wamid,
        "status": update.status,
        "at": update.at,
        "error": {"code": error.code, "title": error.title, "details": error.details or error.message}
        if error
        else {"code": None},
    }


def _message_id(opaque: str | None) -> uuid.UUID | None:
    """Return our message's id, if that is what came back."""
    if opaque is None:
        return None
    try:
        return uuid.UUID(opaque)
    except ValueError:
        return None
