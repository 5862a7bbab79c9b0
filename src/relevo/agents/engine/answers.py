"""What intents lead to: their actions, in a sensible order, each answer once. Understands nothing itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relevo.agents.commands import AnswerIntent, ClearSlot, SetSlot
from relevo.agents.engine import flow, slots
from relevo.agents.engine.handoff import hand_over
from relevo.agents.engine.speak import say, words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from relevo.agents.engine.work import Work
    from relevo.agents.playbook.actions import Action

RISK = {"high": 0, "normal": 1, "low": 2}


def in_order(work: Work, intents: Sequence[AnswerIntent]) -> list[str]:
    """Order a message's intents: risky ones first, then as they were written, greetings last (they go in front)."""
    known = work.book.playbook.intents
    names = list(dict.fromkeys(i.intent for i in intents if i.intent in known))
    return sorted(names, key=lambda name: (_greets(work, name), RISK[known[name].risk]))


def _greets(work: Work, name: str) -> bool:
    action = work.book.playbook.intents[name].do
    return action is not None and action.flow is not None and work.book.is_welcome(action.flow)


def greeting(work: Work) -> str | None:
    """Name the playbook's greeting intent."""
    return next((name for name in work.book.playbook.intents if _greets(work, name)), None)


def answer_all(work: Work, intents: Sequence[AnswerIntent]) -> None:
    """Act on every intent of the message, as many as the pace allows."""
    names = in_order(work, intents)
    _count(work, names)
    most = work.book.playbook.pace.max_answers
    answered = 0
    for name in names:
        action = work.book.playbook.intents[name].do
        if action is None or work.handoff is not None or _explained_away(work, name):
            continue
        if action.say is not None and answered >= most:
            work.rule(f"left for later: {name}")
            continue
        answered += action.say is not None
        act(work, name, action)


def _explained_away(work: Work, name: str) -> bool:
    """Tell whether the message answers what the intent would explain, without asking anything."""
    about = work.book.playbook.intents[name].about
    if about is None or about not in work.filled or any("?" in m.text for m in work.turn.messages):
        return False
    work.rule(f"{name} needs no explanation: {about} was given")
    return True


def act(work: Work, name: str, action: Action) -> None:
    """Do what one intent stands for."""
    work.rule(f"intent {name}")
    for slot, value in action.set.items():
        slots.take(work, SetSlot(slot, value, correction=True))
    work.tags += [tag for tag in action.tag if tag not in work.turn.contact.tags]
    if action.optout:
        words(work, "opt_out_how")
        work.answered = True
        return
    if action.cancel and not work.changed:
        cancel(work)
    if action.say is not None:
        say(work, action.say, f"intent:{name}")
        work.answered = True
    if action.change is not None:
        slots.clear(work, ClearSlot(action.change))
    if action.flow is not None:
        flow.start(work, action.flow)
    if action.handoff is not None:
        hand_over(work, action.handoff, f"intent {name}")
    if action.nothing:
        work.rule(f"{name} is not answered on purpose")


def cancel(work: Work) -> None:
    """Give up the order under way, or ask whether to cancel the one that exists."""
    work.answered = True
    state = work.state
    existing = work.session_order
    if state.flow is not None and existing is None:
        state.flow, state.flow_started, state.confirmed, state.stage = None, "", None, None
        if (question := work.last_question()) is not None:
            state.declined = question.at.isoformat()
        for name in [n for n in state.slots if (spec := work.book.slot(n)) is not None and not spec.keep]:
            del state.slots[name]
        words(work, "flow_cancelled")
        work.rule("the order under way is given up")
    elif existing is not None and work.changeable_order is not None:
        words(work, "confirm_cancel", asks="cancel:order")
        state.flow = None
    elif existing is not None or any(o.status in work.book.open_statuses for o in work.turn.orders):
        hand_over(work, "cancel_order", "the order is under way already")
    else:
        words(work, "nothing_to_cancel")


def _count(work: Work, names: Sequence[str]) -> None:
    state = work.state
    for name in names:
        state.intents[name] = state.intents.get(name, 0) + 1
    asked = [n for n in names if (a := work.book.playbook.intents[n].do) is not None and a.say is not None]
    if len(asked) == 1 and asked[0] == state.last_intent:
        state.same_intent += 1
    else:
        state.same_intent = len(asked)
    state.last_intent = asked[0] if len(asked) == 1 else None
    limit = work.book.playbook.handoff.when.same_intent_repeated
    if limit is not None and state.same_intent >= limit:
        hand_over(work, "same_intent_repeated", f"{state.last_intent} {state.same_intent} times")
