"""`process_message_with_agent`: one run of the agent over what the customer said, written in one transaction."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

import structlog
from uuid_utils.compat import uuid7

from relevo.conversations.decisions import write_crm_update, write_decision
from relevo.conversations.reasons import CHAT_OFF, PERSON, SHOP_OFF
from relevo.conversations.steps import MAX_RESTARTS
from relevo.conversations.turn_input import load_turn
from relevo.conversations.view import is_agent_enabled_for_conversation, is_crm_agent_enabled_for_conversation
from relevo.conversations.write import holding
from relevo.errors import PlaybookError
from relevo.store.database import execute
from relevo.store.sql_files import sql_file
from relevo.telemetry.metrics import TURN_SECONDS, TURNS
from relevo.telemetry.tracing import span

if TYPE_CHECKING:
    import uuid
    from collections.abc import Awaitable

    from relevo.agents.decision import Agent, CrmUpdate, Decision
    from relevo.conversations.sender import Sender
    from relevo.conversations.turn_input import Loaded
    from relevo.conversations.view import PlannedFollowUp, View
    from relevo.conversations.write import Held
    from relevo.durable.lease import Lease
    from relevo.store.database import Database

TYPING_AFTER_SECONDS = 0.5

_END_FOLLOW_UP = """
with ended as (
    update follow_ups set state = %(state)s, reason = %(reason)s where id = %(id)s and state = 'planned'
    returning id, workspace_id, conversation_id, name, state, reason
)
insert into events (workspace_id, conversation_id, type, data)
select workspace_id, conversation_id, 'follow_up.ended',
       jsonb_build_object('followUpId', id, 'name', name, 'state', state, 'reason', reason)
from ended
"""

log = structlog.get_logger(__name__)


class Agents(Protocol):
    """Where playbooks come from, loaded and ready."""

    async def get(self, agent_id: str, workspace_id: uuid.UUID) -> Agent:
        """Return the agent a shop chose.

        Raises:
            PlaybookError: there is none by that name, or it does not load.

        """
        ...


class Turns:
    """Takes turns. Holds nothing between them, and no connection while the agent thinks."""

    def __init__(self, database: Database, agents: Agents, sender: Sender) -> None:
        self._database = database
        self._agents = agents
        self._sender = sender

    async def quiet_seconds(self, view: View) -> float | None:
        """How long the agent wants to wait for more after the customer's last words."""
        if not view.unaccounted or not view.last_text or not is_agent_enabled_for_conversation(view):
            return None
        agent = await self._agents.get(view.conversational_agent_id, view.workspace_id)
        return agent.quiet_seconds(view.last_text)

    async def process_message_with_agent(self, lease: Lease, view: View) -> None:
        """Answer all open messages together, or account for them where the agent has no say."""
        reason = _why_silent(view)
        if reason is not None:
            await self._stay_silent(lease, view, reason)
            return
        with span("turn", view.last_trace):
            await self._decide(lease, view, None)

    async def follow_up(self, lease: Lease, view: View, due: PlannedFollowUp) -> None:
        """Say a follow-up whose time has come, unless something speaks against it by now."""
        reason = _why_silent(view) or _why_no_nudge(view)
        if reason is not None:
            async with holding(self._database, lease) as held:
                await _end_follow_up(held, due, "skipped", reason)
            return
        with span("follow_up"):
            await self._decide(lease, view, due)

    async def _decide(self, lease: Lease, view: View, due: PlannedFollowUp | None) -> None:
        started_at = datetime.now(UTC)
        turn_id = uuid7()
        agent = await self._agents.get(view.conversational_agent_id, view.workspace_id)
        loaded = await load_turn(self._database, view, turn_id, agent, due)
        with span("decide", agent=agent.name):
            decision = await self._think(view, agent.decide(loaded.turn))
        async with holding(self._database, lease, loaded.message_ids) as held:
            if not _still_wanted(held, view, loaded):
                if held.newer:
                    await execute(
                        held.connection,
                        "update conversations set restarts = restarts + 1 where id = %(id)s",
                        {"id": view.id},
                    )
                TURNS.labels("overtaken").inc()
                return
            if due is not None:
                await _end_follow_up(held, due, *_follow_up_result(decision))
            await write_decision(held, view, loaded, agent.name, turn_id, decision, started_at=started_at)
        TURNS.labels("decided").inc()
        TURN_SECONDS.observe((datetime.now(UTC) - started_at).total_seconds())
        log.info("turn decided", turn=str(turn_id), messages=len(loaded.message_ids), bubbles=len(decision.bubbles))

    async def _observe(self, view: View) -> tuple[Loaded, CrmUpdate] | None:
        """Let the CRM agent read along, where it may. A playbook that does not load is no reason to fail here."""
        if not is_crm_agent_enabled_for_conversation(view):
            return None
        try:
            agent = await self._agents.get(view.conversational_agent_id, view.workspace_id)
        except PlaybookError as error:
            log.warning("no CRM agent", playbook=view.conversational_agent_id, error=str(error))
            return None
        if agent.crm is None:
            return None
        loaded = await load_turn(self._database, view, uuid7(), agent, paused=True)
        return loaded, await agent.crm.observe(loaded.turn)

    async def _think(self, view: View, deciding: Awaitable[Decision]) -> Decision:
        """Let the agent decide; where that takes a while, show the customer that an answer is coming."""
        thinking = asyncio.ensure_future(deciding)
        try:
            await asyncio.wait({thinking}, timeout=TYPING_AFTER_SECONDS)
            if not thinking.done() and view.timer_preset != "instantaneo":
                await self._sender.show_typing(view)
            return await thinking
        finally:
            thinking.cancel()

    async def _stay_silent(self, lease: Lease, view: View, reason: str) -> None:
        """Account for what is open without a word; the CRM agent may still write down what it says."""
        observed = await self._observe(view)
        async with holding(self._database, lease) as held:
            if held.epoch != view.epoch or held.agent_enabled != view.agent_enabled:
                return  # Handed back or switched on since the look: it is to be answered after all.
            await execute(
                held.connection,
                sql_file("relevo.conversations", "account"),
                {
                    "conversation": view.id,
                    "outcome": "ignored",
                    "reason": reason,
                    "ids": None if observed is None else list(observed[0].message_ids),
                },
            )
            if observed is not None and not observed[1].empty:
                await write_crm_update(held.connection, view, *observed)
        TURNS.labels("silent").inc()


def _why_silent(view: View) -> str | None:
    """Return why the conversational agent has no say here."""
    if not view.agent_enabled:
        return SHOP_OFF
    if not is_agent_enabled_for_conversation(view):
        return PERSON if view.owner == "person" else CHAT_OFF
    return None


def _why_no_nudge(view: View) -> str | None:
    if view.opted_out_at is not None:
        return "the customer opted out"
    if view.marketing_opted_out_at is not None:
        return "the customer wants no marketing"
    return None


def _still_wanted(held: Held, view: View, loaded: Loaded) -> bool:
    """Whether what was decided may be written: nobody took over meanwhile, and the customer added nothing."""
    if held.epoch != view.epoch or not held.agent_enabled:
        return False
    if not loaded.message_ids:
        return held.newer == 0
    return held.newer == 0 or held.restarts >= MAX_RESTARTS


def _follow_up_result(decision: Decision) -> tuple[str, str | None]:
    if decision.bubbles:
        return "said", None
    return "skipped", str(decision.explanation.get("reason", "nothing to say any more"))


async def _end_follow_up(held: Held, due: PlannedFollowUp, state: str, reason: str | None) -> None:
    await execute(held.connection, _END_FOLLOW_UP, {"id": due.id, "state": state, "reason": reason})
