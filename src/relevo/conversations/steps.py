"""Chooses what a run does next, from a look at the conversation and nothing else. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from relevo.conversations.reasons import SHOP_OFF, SOMEBODY_ELSE
from relevo.conversations.view import is_agent_enabled_for_conversation
from relevo.whatsapp.pacing import PairRate

if TYPE_CHECKING:
    from relevo.conversations.view import Pending, View

MAX_RESTARTS = 3
"""Turns thrown away in a row because the customer kept writing; then the agent speaks all the same."""
STALE = timedelta(seconds=0.5)
"""Words held up for so long after their time (a worker died, WhatsApp asked for slower sending) and overtaken meanwhile
are thrown away whatever the count: they lost no race against a customer who keeps writing."""
PAIR_RATE = PairRate()


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing is due before `until`."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Rest:
    """Nothing is due until something happens."""


@dataclass(frozen=True, slots=True)
class MarkUnknown:
    """A run before this one died while sending: nobody saw how it ended."""

    message: Pending


@dataclass(frozen=True, slots=True)
class Settle:
    """No status told what became of a message in time: decide by policy."""

    message: Pending


@dataclass(frozen=True, slots=True)
class Drop:
    """A planned message that must not be said any more; `whole_turn`: nor the rest of its turn, but the essential."""

    message: Pending
    reason: str
    whole_turn: bool = False


@dataclass(frozen=True, slots=True)
class Discard:
    """Something came before the turn's first word (the customer wrote, a person took over): forget the turn."""

    message: Pending
    reason: str


@dataclass(frozen=True, slots=True)
class Send:
    """Say the next planned message. `speaks_over`: although the customer wrote again."""

    message: Pending
    speaks_over: bool
    pair_tat: datetime | None


@dataclass(frozen=True, slots=True)
class TakeTurn:
    """Let the agent answer what is unaccounted for."""


@dataclass(frozen=True, slots=True)
class FollowUpDue:
    """A timer's moment has come."""


@dataclass(frozen=True, slots=True)
class Release:
    """People have done nothing for so long that the agent takes the conversation back."""


Step = Release | Wait | Rest | MarkUnknown | Settle | Drop | Discard | Send | TakeTurn | FollowUpDue


def next_step(view: View, quiet_seconds: float | None) -> Step:
    """Choose. `quiet_seconds`: how long the agent wants to wait after the customer's last words; None: the shop's."""
    if view.pending is not None:
        step = _outbox(view, view.pending)
        if step is not None:
            return step
    if view.unaccounted:
        return _inbox(view, quiet_seconds)
    if view.follow_up is not None:
        due = view.follow_up.due_at
        return FollowUpDue() if view.now >= due else Wait(due)
    if view.release_at is not None:
        return Release() if view.now >= view.release_at else Wait(view.release_at)
    return Rest()


def _outbox(view: View, message: Pending) -> Step | None:
    if message.state == "sending":
        return MarkUnknown(message)
    if message.state == "unknown":
        due = message.settle_at or view.now
        return Settle(message) if view.now >= due else Wait(due)
    if view.channel_status != "active":
        return Rest()
    return _interrupted(view, message) or _may_not_be_said(view, message) or _when(view, message)


def _may_not_be_said(view: View, message: Pending) -> Step | None:
    if message.kind != "template" and (view.window_until is None or view.now >= view.window_until):
        return Drop(message, "outside the 24-hour window")
    if message.author != "agent":
        return None
    silenced = SOMEBODY_ELSE if message.epoch != view.epoch else None if view.agent_enabled else SHOP_OFF
    if silenced is not None:
        # Nothing of it was said: what it answered is not answered.
        unsaid = message.turn_id is not None and message.discardable and not message.turn_said
        return Discard(message, silenced) if unsaid else Drop(message, silenced)
    if view.opted_out_at is not None and view.opted_out_at != message.created_at:
        return Drop(message, "the customer opted out")
    return None


def _interrupted(view: View, message: Pending) -> Step | None:
    """Decide what newer words of the customer mean for what is still to be said."""
    if not view.unaccounted or message.author != "agent" or message.turn_id is None:
        return None
    if message.epoch != view.epoch:
        return None
    if message.turn_said or not message.discardable:
        return None if message.essential else Drop(message, "the customer wrote again", whole_turn=True)
    held_up = view.now - message.created_at > timedelta(seconds=message.delay) + STALE
    return Discard(message, "the customer wrote again") if view.restarts < MAX_RESTARTS or held_up else None


def _when(view: View, message: Pending) -> Step:
    start = message.created_at
    if message.turn_said and view.last_outbound_at is not None:
        start = max(start, view.last_outbound_at)
    due = start + timedelta(seconds=message.delay)
    for other in (message.not_before, view.paused_until):
        if other is not None:
            due = max(due, other)
    if view.now < due:
        return Wait(due)
    pair_tat, wait = PAIR_RATE.reserve(view.pair_tat, view.now)
    if wait > 0:
        return Wait(view.now + timedelta(seconds=wait))
    return Send(message, speaks_over=view.unaccounted > 0, pair_tat=pair_tat)


def _inbox(view: View, quiet_seconds: float | None) -> Step:
    """Answer a burst once: after a while of quiet, and after a longest wait however much keeps coming."""
    if view.channel_status != "active":
        return Rest()
    if not is_agent_enabled_for_conversation(view):
        return TakeTurn()
    quiet = view.burst_quiet_seconds if quiet_seconds is None else min(quiet_seconds, view.burst_quiet_seconds)
    if view.first_unaccounted_at is None or view.last_unaccounted_at is None:
        return TakeTurn()
    over = min(
        view.last_unaccounted_at + timedelta(seconds=quiet),
        view.first_unaccounted_at + timedelta(seconds=view.burst_max_seconds),
    )
    return TakeTurn() if view.now >= over else Wait(over)
