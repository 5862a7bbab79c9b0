"""The functions Inngest calls. Each names one actor of the mailbox and runs it; none of them decides anything."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import inngest

from relevo.durable.actor import CONVERSATION
from relevo.durable.relay_events import ACTOR_DUE, ATTACHMENT_RECEIVED, CONVERSATION_DUE, MESSAGE_RECEIVED
from relevo.durable.runner import RETRIES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from relevo.durable.inngest.engine import InngestEngine

PROCESSOR: Final = "whatsapp-agent-processor"
DELIVERY: Final = "whatsapp-conversation-wake-up"
HOUSEKEEPING: Final = "actor-wake-up"
BUSY_SECONDS = 2.0


def create_functions(client: inngest.Inngest, engine: InngestEngine) -> list[inngest.Function[Any]]:
    """Make all functions."""

    @client.create_function(
        fn_id=PROCESSOR,
        name="WhatsApp Agent Processor",
        trigger=[inngest.TriggerEvent(event=MESSAGE_RECEIVED), inngest.TriggerEvent(event=ATTACHMENT_RECEIVED)],
        concurrency=[inngest.Concurrency(key="event.data.conversationId", limit=1)],
        retries=RETRIES,
    )
    async def process_message(ctx: inngest.Context) -> dict[str, object]:
        return await _bring(engine, CONVERSATION, ctx.event.data.get("conversationId"))

    @client.create_function(
        fn_id=DELIVERY,
        name="WhatsApp conversation wake-up: delivery, follow-ups, deadlines",
        trigger=inngest.TriggerEvent(event=CONVERSATION_DUE),
        concurrency=[inngest.Concurrency(key="event.data.conversationId", limit=1)],
        retries=RETRIES,
    )
    async def wake_conversation(ctx: inngest.Context) -> dict[str, object]:
        return await _bring(engine, CONVERSATION, ctx.event.data.get("conversationId"))

    @client.create_function(
        fn_id=HOUSEKEEPING,
        name="Relevo wake-up: sweep, assignment, outgoing webhooks",
        trigger=inngest.TriggerEvent(event=ACTOR_DUE),
        concurrency=[inngest.Concurrency(key="event.data.actor", limit=1)],
        retries=RETRIES,
    )
    async def wake_actor(ctx: inngest.Context) -> dict[str, object]:
        return await _bring(engine, _text(ctx.event.data, "kind"), ctx.event.data.get("key"))

    return [process_message, wake_conversation, wake_actor]


async def _bring(engine: InngestEngine, kind: str, key: object) -> dict[str, object]:
    """Run the actor; tell Inngest in its own terms what became of it.

    A retry of Inngest's finds the attempt counted in the mailbox, whoever makes it; so does the wake-up the relay sends
    when the backoff is over. The last one gives up for good, in the mailbox, with an event and a task for a person.
    """
    try:
        actor = uuid.UUID(str(key))
    except ValueError:
        raise inngest.NonRetriableError(f"no such {kind}: its key is not an id", quiet=True) from None
    brought = await engine.bring(kind, actor)
    if brought.because == "busy":
        raise inngest.RetryAfterError("this process takes no more", timedelta(seconds=BUSY_SECONDS), quiet=True)
    if brought.error is not None:
        if brought.retry_in is None:
            raise inngest.NonRetriableError(brought.error, quiet=True)
        raise inngest.RetryAfterError(brought.error, timedelta(seconds=brought.retry_in), quiet=True)
    return {"runs": brought.runs, "because": brought.because}


def _text(data: Mapping[str, object], name: str) -> str:
    value = data.get(name)
    return value if isinstance(value, str) else ""
