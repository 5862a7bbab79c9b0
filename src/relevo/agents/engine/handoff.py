"""Calling a person: why, with what summary, with which words. The handing over itself is the conversation's work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relevo.agents.decision import HandoffRequest
from relevo.agents.engine import orders
from relevo.agents.engine.render import render
from relevo.agents.engine.speak import choose

if TYPE_CHECKING:
    from relevo.agents.engine.work import Work

LAST_MESSAGES = 3
_WORDS = {
    "es": ("Escribió", "Temas", "Datos", "Pedido"),
    "pt": ("Escreveu", "Assuntos", "Dados", "Pedido"),
    "en": ("Wrote", "Topics", "Data", "Order"),
}


def hand_over(work: Work, reason: str, because: str) -> None:
    """Ask for a person, once a turn. What else was to be said gives way, except an order's announcement."""
    if work.handoff is not None:
        return
    work.handoff = HandoffRequest(reason=reason, summary=summary(work), say=_say(work, reason))
    work.spoken = [s for s in work.spoken if s.bubble.essential]
    work.outcome, work.outcome_reason = "handed_off", f"{reason}: {because}"
    work.state.failed_turns = 0
    work.state.same_intent = 0
    work.rule(f"handoff {reason}: {because}")


def _say(work: Work, reason: str) -> str | None:
    """Return the playbook's words for this; None leaves them to the shop's configuration."""
    form = work.book.playbook.handoff
    what = form.reasons.get(reason, form.say)
    if what is None:
        return None
    name, reply = work.book.reply(what, f"handoff:{reason}")
    texts: list[str] = []
    for index, bubble in enumerate(reply):
        if bubble.variants and work.holds(bubble.when):
            chosen = bubble.variants[choose(work, f"{name}.{index}.", len(bubble.variants))]
            texts.append(render(work, work.book.text(chosen, work.language)))
    return "\n\n".join(texts)


def summary(work: Work) -> str:
    """Tell the person who takes over what the customer wants and what is already known."""
    rows: list[str] = []
    wrote, topics, data, ordered = _WORDS.get(work.book.language[:2], _WORDS["es"])
    written = [m.text for m in work.turn.messages if m.text]
    earlier = [h.text for h in work.past if h.author == "customer" and h.in_session]
    last = (earlier + written)[-LAST_MESSAGES:]
    if last:
        rows.append(f"{wrote}: " + " / ".join(text[:200] for text in last))
    if work.state.intents:
        rows.append(f"{topics}: " + ", ".join(_topic(work, name) for name in work.state.intents))
    known = [
        f"{work.book.label(name, work.book.language)}: {orders.shown(work.book, name, value, work.book.language)}"
        for name, value in work.state.slots.items()
    ]
    if known:
        rows.append(f"{data}: " + "; ".join(known))
    if order := work.session_order:
        rows.append(f"{ordered} {order.id} ({order.status}), {work.book.currency.format(order.total)}")
    return "\n".join(rows)


def _topic(work: Work, intent: str) -> str:
    form = work.book.playbook.intents.get(intent)
    if form is not None and form.title is not None:
        return work.book.text(form.title, work.book.language)
    return intent.replace("_", " ")
