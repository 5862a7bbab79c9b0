"""The agent of a playbook: reads through a `Reader`, decides, explains itself. Sends, stores and keeps nothing."""

from __future__ import annotations

from dataclasses import asdict, is_dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

from relevo.agents.commands import (
    Affirm,
    AnswerIntent,
    Command,
    Deny,
    OptIn,
    Reading,
    ReadingContext,
    SetSlot,
    SmallTalk,
)
from relevo.agents.decision import Decision, MessageOutcome, ModelBudget
from relevo.agents.engine import decide as turn_rules
from relevo.agents.engine import followups, guard
from relevo.agents.engine.book import OPT_IN, Book, folded
from relevo.agents.engine.handoff import hand_over
from relevo.agents.engine.pace import paced
from relevo.agents.engine.quiet import quiet_seconds
from relevo.agents.engine.render import persona
from relevo.agents.engine.speak import arrange, avoid_repetition, words
from relevo.agents.engine.state import SessionState
from relevo.agents.engine.work import DIGEST_IN_KEY, Work

if TYPE_CHECKING:
    from relevo.agents.commands import Reader
    from relevo.agents.decision import Bubble, Crm, InboundMessage, ModelUsage, TurnInput

READABLE = frozenset({"text", "choice", "image", "video", "document"})
"""Kinds whose text (or caption) is read."""


class Phraser(Protocol):
    """Rewords what is to be said, where the playbook allows a model to; each result is checked before it counts."""

    async def phrase(
        self, texts: tuple[str, ...], *, persona: str, language: str
    ) -> tuple[tuple[str, ...], ModelUsage]:
        """Return as many texts as given. May raise nothing; an unusable result equals its source."""
        ...


class PlaybookAgent:
    """A loaded playbook ready to decide."""

    def __init__(
        self, name: str, book: Book, reader: Reader, *, offline: Reader | None = None, phraser: Phraser | None = None
    ) -> None:
        """`reader` may use a model; `offline` stands in for it when `TurnInput.model_allowed` is false."""
        self.name = name
        self.book = book
        self._reader = reader
        self._offline = offline or reader
        self._phraser = phraser
        self.crm: Crm | None = None
        """Set by whoever loads the playbook."""

    @property
    def budget(self) -> ModelBudget:
        """What models may cost, by the playbook."""
        limits = self.book.playbook.guardrails.budget
        return ModelBudget(limits.usd_per_chat_day, limits.usd_per_day)

    def quiet_seconds(self, text: str) -> float | None:
        """Return how long to wait for more after `text`."""
        return quiet_seconds(text)

    async def decide(self, turn: TurnInput) -> Decision:
        """Decide one turn; the same input gives the same decision."""
        state = SessionState.load(turn.state, [m.id for m in turn.messages])
        work = Work(self.book, turn, state)
        reading: Reading | None = None
        if turn.follow_up is not None:
            followups.due(work)
        elif not turn.messages:
            if not turn.contact.opted_out:
                turn_rules.resume(work)
        elif not _settled_before_reading(work):
            reading = await self._read(work)
            if reading.language in self._languages():
                state.language = reading.language
            turn_rules.decide(work, _commands(work, reading))
        bubbles, usage = await self._words(work)
        return _decision(work, bubbles, reading, usage)

    def _languages(self) -> tuple[str, ...]:
        business = self.book.playbook.business
        return (business.language, *business.also)

    async def _read(self, work: Work) -> Reading:
        messages = tuple(_shortened(work, m) for m in work.turn.messages if _to_read(work, m) and not _is_tap(m))
        if not messages:
            return Reading((), "none", 1.0)
        reader = self._reader if work.turn.model_allowed else self._offline
        return await reader.read(messages, context_of(work))

    async def _words(self, work: Work) -> tuple[tuple[Bubble, ...], tuple[ModelUsage, ...]]:
        arrange(work)
        avoid_repetition(work)
        guard.refuse_inventions(work)
        bubbles = paced(work)
        phrasing = self.book.playbook.understanding.model.phrasing
        if self._phraser is None or not phrasing or not work.turn.model_allowed or not bubbles:
            return bubbles, ()
        sources = tuple(b.text for b in bubbles)
        phrased, usage = await self._phraser.phrase(sources, persona=persona(work), language=work.language)
        if usage.error is not None:
            work.rule(f"said as the playbook has it, no rewording: {usage.model}: {usage.error}")
        result: list[Bubble] = []
        for bubble, text in zip(bubbles, phrased, strict=True):
            fault = guard.phrasing_fault(self.book, bubble.text, text)
            if fault is not None:
                work.rule(f"guardrail refused a phrasing of {bubble.key}: {fault}")
            result.append(bubble if fault is not None else replace(bubble, text=text))
        return tuple(result), (usage,)


def context_of(work: Work) -> ReadingContext:
    """Tell a reader what it may look at."""
    asking = work.asking
    options = work.book.options(asking or "", work.language)
    if asking == "clarify":
        options = dict(work.state.offered)
    return ReadingContext(
        asking=asking,
        flow=work.state.flow,
        slots=dict(work.state.slots),
        options=options,
        now=work.turn.now,
        history=work.past,
        locale=work.language,
    )


def _settled_before_reading(work: Work) -> bool:
    """Handle what no understanding is needed for: opt-outs, silence after them, machines, echoes, media."""
    turn, book = work.turn, work.book
    if any(book.is_opt_out(m.text) for m in turn.messages if m.kind in {"text", "choice"}):
        if turn.contact.opted_out:
            work.outcome, work.outcome_reason = "ignored", "opted out already"
        else:
            turn_rules.opt_out(work)
        return True
    if turn.contact.opted_out and not any(folded(m.text) in OPT_IN for m in turn.messages):
        work.outcome, work.outcome_reason = "ignored", "the customer opted out"
        work.rule("opted out: nothing is said")
        return True
    if (machine := guard.machine(work)) is not None:
        hand_over(work, "agent_loop", machine)
        return True
    if guard.echo(work):
        work.state.echoes += 1
        work.outcome, work.outcome_reason = "ignored", "an echo of our own words"
        if work.state.echoes > 1:
            hand_over(work, "agent_loop", "our own words came back twice")
        return True
    return _media(work)


def _media(work: Work) -> bool:
    """Hand over for media a person must see; ask for words where only media came."""
    calls = work.book.playbook.handoff.when.media
    for message in work.turn.messages:
        if message.kind in calls:
            hand_over(work, "media", f"{message.kind} received")
            return True
    unread = [m for m in work.turn.messages if not _to_read(work, m)]
    if not unread or len(unread) < len(work.turn.messages):
        for message in unread:
            work.ignored[message.id] = f"{message.kind}: nothing to read"
        return False
    wordless = {"sticker", "reaction", "other"}
    if all(m.kind in wordless for m in unread):
        work.outcome, work.outcome_reason = "ignored", f"{unread[-1].kind}: needs no answer"
        work.state.acknowledged = True
    else:
        words(work, "cannot_read")
        work.outcome_reason = f"{unread[-1].kind}: asked for words"
    return True


def _to_read(work: Work, message: InboundMessage) -> bool:
    """Tell whether a message has words for us: also a thumb put on the very question that is open."""
    if message.kind == "reaction":
        item = work.last_question()
        return work.asking is not None and item is not None and message.reply_to == item.key and bool(message.text)
    return message.kind in READABLE and bool(message.text.strip())


def _shortened(work: Work, message: InboundMessage) -> InboundMessage:
    """Cut what is too long, and take a choice that is not ours for its words."""
    if message.kind == "choice":
        message = replace(message, kind="text", choice_id=None)
    most = work.book.playbook.guardrails.max_input_chars
    if len(message.text) > most:
        work.rule(f"only the first {most} characters were read")
        return replace(message, text=message.text[:most])
    return message


def _commands(work: Work, reading: Reading) -> list[Command]:
    """Combine taps, which need no understanding, with what was read."""
    if work.turn.contact.opted_out:
        return [OptIn()]
    tapped = [c for m in work.turn.messages if m.choice_id and _is_tap(m) for c in _tap(work, m.choice_id)]
    return [*tapped, *reading.commands]


def _is_tap(message: InboundMessage) -> bool:
    """Tell whether a message is a tap on a button of ours; other choices are read as the words of their title."""
    return message.kind == "choice" and (message.choice_id or "").startswith(("intent:", "option:", "confirm:"))


def _tap(work: Work, choice_id: str) -> list[Command]:
    kind, _, rest = choice_id.partition(":")
    if kind == "intent" and rest in work.book.playbook.intents:
        return [AnswerIntent(rest)]
    if kind == "option":
        slot, _, option = rest.partition(":")
        return [SetSlot(slot, option, correction=True)]
    if kind == "confirm":
        flow, answer, fingerprint = [*rest.split(":"), "", ""][:3]
        item = work.last_question()
        match = DIGEST_IN_KEY.search(item.key or "") if item else None
        if work.asking == f"confirm:{flow}" and match is not None and match.group(1) == fingerprint:
            return [Affirm() if answer == "yes" else Deny()]
        work.rule("a tap on an older summary: shown again")
        return [SmallTalk("greeting")] if work.state.flow is None else []
    return []


def _plain(value: object) -> Any:  # noqa: ANN401 # JSON
    if is_dataclass(value) and not isinstance(value, type):
        return {"is": type(value).__name__, **asdict(value)}
    return value


def _decision(
    work: Work, bubbles: tuple[Bubble, ...], reading: Reading | None, usage: tuple[ModelUsage, ...]
) -> Decision:
    turn, state = work.turn, work.state
    follow_ups = work.follow_ups if turn.follow_up is not None else followups.plan(work)
    explanation: dict[str, Any] = {
        "asking": work.asking,
        "rules": list(work.rules),
        "flow": state.flow,
        "stage": state.stage,
        "asks": next((b.asks for b in reversed(bubbles) if b.asks), None),
        "slots": dict(state.slots),
        "language": work.language,
    }
    if reading is not None:
        explanation["reading"] = {
            "source": reading.source,
            "confidence": round(reading.confidence, 4),
            "commands": [_plain(c) for c in reading.commands],
            "scores": {k: round(v, 4) for k, v in sorted(reading.scores.items(), key=lambda i: -i[1])[:5]},
            "notes": list(reading.notes),
        }
    kept = {
        name: value
        for name, value in state.slots.items()
        if work.order is not None and (spec := work.book.slot(name)) is not None and spec.keep
    }
    outcomes: tuple[MessageOutcome, ...] = work.outcomes()
    return Decision(
        outcomes=outcomes,
        state=state.dump(),
        bubbles=bubbles,
        order=work.order,
        cancel_order=work.cancel_order,
        follow_ups=follow_ups,
        handoff=work.handoff,
        opt_out=work.opt_out,
        tags_add=tuple(dict.fromkeys(work.tags)),
        contact_fields=kept,
        contact_name=person_name(work) if work.order is not None else None,
        notify=tuple(dict.fromkeys(work.notify)),
        end_session=work.end_session,
        usage=(*(reading.usage if reading is not None else ()), *usage),
        explanation=explanation,
    )


def person_name(work: Work) -> str | None:
    """Put the customer's name together from its slots."""
    parts: dict[str, str] = {}
    for name, spec in work.book.playbook.slots.items():
        if spec.type == "person" and (value := work.state.slots.get(name)):
            parts[spec.part] = value
    if "full" in parts:
        return parts["full"]
    return " ".join(parts[p] for p in ("first", "last") if p in parts) or None
