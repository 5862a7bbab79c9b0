"""Says what was planned: one message at a time, at most once, and only while it is still its turn.

Each message is marked `sending` in a transaction of its own before the POST, so that a crash at any line leaves either
a message nobody posted or one of unknown fate; the latter waits for a status before anything else is tried.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import structlog

from relevo.conversations.channel_state import pause_channel, stop_channel
from relevo.conversations.sender import addressed
from relevo.conversations.unsaid import discard_turn
from relevo.conversations.write import holding
from relevo.crm.tasks import open_task
from relevo.errors import LeaseLostError
from relevo.store.database import execute, fetch_one, to_json
from relevo.store.sql_files import sql_file
from relevo.telemetry.metrics import SEND_SECONDS, SENDS, TURNS
from relevo.telemetry.tracing import span
from relevo.whatsapp.answers import Accepted
from relevo.whatsapp.explanations import explain
from relevo.whatsapp.provider_errors import PAIR_RATE_LIMIT, Action, ProviderFailure, pair_rate_backoff

if TYPE_CHECKING:
    from relevo.conversations.sender import Sender
    from relevo.conversations.steps import Discard, Drop, MarkUnknown, Send, Settle, Wait
    from relevo.conversations.view import Pending, View
    from relevo.durable.lease import Lease
    from relevo.store.database import Connection, Database

MAX_ATTEMPTS = {Action.ONCE_MORE: 2, Action.TRANSIENT: 5, Action.RETRY_LATER: 8, Action.THROTTLE_HARD: 8}
UNKNOWN_ATTEMPTS = 4
SILENT_DEADLINES = 3
"""Deadlines to wait for a status while the channel tells nothing newer, before a resend after all."""
HARD_PAUSE_SECONDS = 600.0
"""After 131048 (customers blocked or reported the number)."""

TYPING_SECONDS = 1.0
TYPING_LASTS_SECONDS = 25.0
"""WhatsApp shows "typing…" no longer than that."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a sending ended, as it is written down."""

    state: str
    wamid: str | None = None
    settle_at: datetime | None = None
    not_before: datetime | None = None
    failure: ProviderFailure | None = None


class Delivery:
    """Delivers planned messages of one conversation at a time."""

    def __init__(self, database: Database, sender: Sender, *, settle_seconds: float) -> None:
        self._database = database
        self._sender = sender
        self._settle = timedelta(seconds=settle_seconds)

    async def send(self, lease: Lease, view: View, step: Send) -> datetime | None:
        """Say the next message. Returns until when to wait where the number's pace asks for it."""
        wait = await self._sender.wait_for_slot(view)
        if wait > 0:
            return view.now + timedelta(seconds=wait)
        with span("send", step.message.trace, kind=step.message.kind):
            await self._post(lease, view, step)
        return None

    async def _post(self, lease: Lease, view: View, step: Send) -> None:
        if not await self._begin(lease, step):
            return
        lease.check_clock()
        began = time.perf_counter()
        result = await self._sender.send(view, addressed(dict(step.message.content), view.recipient))
        SEND_SECONDS.observe(time.perf_counter() - began)
        if isinstance(result, Accepted):
            outcome = Outcome("accepted", wamid=result.wamid)
        else:
            outcome = self._after_failure(step.message, result.failure)
        SENDS.labels("retried" if outcome.state == "planned" else outcome.state).inc()
        await self._end(lease, view, step.message, outcome)

    async def _begin(self, lease: Lease, step: Send) -> bool:
        async with self._database.transaction() as connection:
            row = await fetch_one(
                connection,
                sql_file("relevo.conversations", "begin_sending"),
                {
                    "conversation": lease.actor.key,
                    "token": lease.token,
                    "message": step.message.id,
                    "speaks_over": step.speaks_over,
                    "pair_tat": step.pair_tat,
                },
            )
        if row is None or not row["held"]:
            lease.lost()
            raise LeaseLostError(f"{lease!r} is held by another run")
        return bool(row["begun"])

    async def _end(self, lease: Lease, view: View, message: Pending, outcome: Outcome) -> None:
        async with self._database.transaction() as connection:
            row = await fetch_one(
                connection,
                sql_file("relevo.conversations", "end_sending"),
                {
                    "conversation": lease.actor.key,
                    "token": lease.token,
                    "message": message.id,
                    "state": outcome.state,
                    "wamid": outcome.wamid,
                    "settle_at": outcome.settle_at,
                    "not_before": outcome.not_before,
                    "error": to_json(_error(outcome.failure)) if outcome.failure else None,
                },
            )
            if row is None or not row["held"]:
                lease.lost()
                raise LeaseLostError(f"{lease!r} is held by another run")
            failure = outcome.failure
            if failure is None:
                return
            log.warning("message not accepted", message=str(message.id), state=outcome.state, **_error(failure))
            if failure.action is Action.STOP_CHANNEL:
                await stop_channel(connection, view.channel_id, explain(failure))
            elif failure.action is Action.THROTTLE_HARD:
                await pause_channel(connection, view.channel_id, seconds=HARD_PAUSE_SECONDS)
            elif failure.action is Action.RETRY_LATER and failure.code != PAIR_RATE_LIMIT and outcome.not_before:
                await pause_channel(connection, view.channel_id, seconds=_backoff(failure, message.attempts + 1))
            if outcome.state == "failed":
                await open_task(
                    connection,
                    workspace_id=view.workspace_id,
                    conversation_id=view.id,
                    kind="undelivered",
                    reason=explain(failure),
                    summary=str(message.content.get("text", {}).get("body", "")),
                )

    def _after_failure(self, message: Pending, failure: ProviderFailure) -> Outcome:
        """Decide what a failed attempt means for the message."""
        now = datetime.now(UTC)
        if failure.ambiguous:
            return Outcome("unknown", settle_at=now + self._settle, failure=failure)
        if failure.action is Action.STOP_CHANNEL:
            return Outcome("planned", failure=failure)
        attempt = message.attempts + 1
        if failure.retryable and attempt < MAX_ATTEMPTS[failure.action]:
            seconds = _backoff(failure, attempt)
            return Outcome("planned", not_before=now + timedelta(seconds=seconds), failure=failure)
        return Outcome("failed", failure=failure)

    async def show_typing(self, view: View, step: Wait) -> None:
        """Show that more is coming where the agent pauses before its next words."""
        message = view.pending
        if message is None or message.state != "planned" or message.author != "agent":
            return
        if TYPING_SECONDS < (step.until - view.now).total_seconds() < TYPING_LASTS_SECONDS:
            await self._sender.show_typing(view)

    async def mark_unknown(self, lease: Lease, step: MarkUnknown) -> None:
        """Note that a run died while sending."""
        async with self._database.transaction() as connection:
            await fetch_one(
                connection,
                sql_file("relevo.conversations", "end_sending"),
                {
                    "conversation": lease.actor.key,
                    "token": lease.token,
                    "message": step.message.id,
                    "state": "unknown",
                    "wamid": None,
                    # From now on, not from when it was sent: while we were away, statuses could not reach us.
                    "settle_at": datetime.now(UTC) + self._settle,
                    "not_before": None,
                    "error": to_json({"title": "interrupted while sending"}),
                },
            )

    async def settle(self, lease: Lease, view: View, step: Settle) -> None:
        """No status came in time. If WhatsApp told us of later things, it would have told us of this: send again.

        While it has not, nothing can be concluded, so more time is given, up to a bound. A message that stays unknown
        through several attempts is given up, and a person is told.
        """
        message = step.message
        since = message.sending_at or message.created_at
        async with holding(self._database, lease) as held:
            row = await fetch_one(
                held.connection,
                sql_file("relevo.conversations", "settle"),
                {"channel": view.channel_id, "since": since},
            )
            if message.attempts >= UNKNOWN_ATTEMPTS:
                await _set_state(held.connection, message, "failed")
                await open_task(
                    held.connection,
                    workspace_id=view.workspace_id,
                    conversation_id=view.id,
                    kind="undelivered",
                    reason="WhatsApp never confirmed this message.",
                    summary=str(message.content.get("text", {}).get("body", "")),
                )
            elif (row and row["caught_up"]) or view.now >= since + self._settle * SILENT_DEADLINES:
                await _set_state(held.connection, message, "planned")
            else:
                await execute(
                    held.connection,
                    "update messages set settle_at = %(at)s where id = %(id)s and state = 'unknown'",
                    {"id": message.id, "at": view.now + self._settle},
                )

    async def drop(self, lease: Lease, step: Drop) -> None:
        """Note what will not be said, and why."""
        async with holding(self._database, lease) as held:
            await execute(
                held.connection,
                sql_file("relevo.conversations", "drop_messages"),
                {
                    "message": step.message.id,
                    "turn": step.message.turn_id,
                    "whole_turn": step.whole_turn,
                    "reason": step.reason,
                },
            )

    async def discard(self, lease: Lease, step: Discard) -> None:
        """Forget a turn of which nothing was said yet."""
        async with holding(self._database, lease) as held:
            await discard_turn(held.connection, step.message.turn_id, step.reason)
        TURNS.labels("discarded").inc()


async def _set_state(connection: Connection, message: Pending, state: str) -> None:
    await execute(
        connection,
        "update messages set state = %(state)s, failed_at = case when %(state)s = 'failed' then now() end,"
        " settle_at = case when %(state)s = 'failed' then settle_at end"
        " where id = %(id)s and state = 'unknown'",
        {"id": message.id, "state": state},
    )


def _backoff(failure: ProviderFailure, attempt: int) -> float:
    """Seconds to wait before the next attempt."""
    if failure.retry_after is not None:
        return failure.retry_after
    if failure.code == PAIR_RATE_LIMIT:
        return pair_rate_backoff(attempt - 1)
    return min(0.5 * 2.0**attempt, 60.0)


def _error(failure: ProviderFailure) -> dict[str, Any]:
    return {
        "code": failure.code,
        "title": failure.title,
        "details": failure.details,
        "action": failure.action.value,
        "http_status": failure.http_status,
    }
