"""One turn from commands to words: the order in which things are done. Reads no text and awaits nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relevo.agents.commands import (
    Affirm,
    AnswerIntent,
    AskForPerson,
    CannotTell,
    Choose,
    ClearSlot,
    Command,
    Deny,
    Feeling,
    InvalidSlot,
    OptIn,
    OptOut,
    SetSlot,
    SmallTalk,
    StartFlow,
)
from relevo.agents.engine import answers, flow, replies, slots
from relevo.agents.engine.handoff import hand_over
from relevo.agents.engine.speak import say, words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from relevo.agents.engine.work import Work
    from relevo.agents.playbook.model import Intent


def decide(work: Work, commands: Sequence[Command]) -> None:
    """Act on what was understood: rights first, then data, people, answers, the open question."""
    work.state.acknowledged = False
    if any(isinstance(c, OptOut) for c in commands):
        opt_out(work)
        return
    commands = slots.whole_names(work, _translated(work, commands))
    _take_data(work, commands)
    _call_people(work, commands)
    if work.handoff is None:
        _answer(work, commands)
    if work.handoff is None and work.opt_out is None:
        _conclude(work, commands)


def opt_out(work: Work) -> None:
    """Stop writing to this customer, with one last word."""
    work.opt_out = True
    work.end_session = "opt_out"
    work.outcome_reason = "opted out"
    work.rule("opt-out")
    intents = work.book.playbook.intents.values()
    what = next((i.do.say for i in intents if i.do and i.do.optout and i.do.say), None)
    if what is None:
        words(work, "opt_out", essential=True)
    else:
        say(work, what, "optout", essential=True)


def resume(work: Work) -> None:
    """Take a conversation back from people: no greeting, the order goes on where it stood."""
    work.rule("handed back by people")
    flow.advance(work)


def _translated(work: Work, commands: Sequence[Command]) -> list[Command]:
    """Replace intents that stand for a yes or a no, and choices, by what they mean here."""
    result: list[Command] = []
    for command in commands:
        intent = work.book.playbook.intents.get(command.intent) if isinstance(command, AnswerIntent) else None
        answer = intent.do.answer if intent is not None and intent.do is not None else None
        if answer is not None and work.asking is not None:
            result.append(Affirm() if answer == "yes" else Deny())
            if intent is not None and _only_answers(intent):
                continue
        if isinstance(command, CannotTell) and (item := slots.by_price(work, _written(work))) is not None:
            result.append(item)
            continue
        if isinstance(command, Choose):
            result += _chosen(work, command.option)
            continue
        result.append(command)
    return result


def _written(work: Work) -> str:
    return " ".join(m.text for m in work.turn.messages)


def _only_answers(intent: Intent) -> bool:
    action = intent.do
    return action is None or (action.say is None and action.handoff is None)


def _chosen(work: Work, option: str) -> list[Command]:
    if option in work.book.playbook.intents and option in work.state.offered:
        return [AnswerIntent(option)]
    asking = work.asking or ""
    if option in work.book.options(asking, work.language):
        return [SetSlot(asking, option)]
    for name in work.book.playbook.slots:
        if option in work.book.options(name, work.language):
            return [SetSlot(name, option)]
    return [CannotTell()]


def _take_data(work: Work, commands: Sequence[Command]) -> None:
    for command in commands:
        match command:
            case SetSlot():
                slots.take(work, command)
                slots.complete_address(work, command)
            case InvalidSlot(slot=slot, reason=reason) if slot not in work.state.slots or reason == "not_offered":
                work.invalid[slot] = reason
                work.rule(f"{slot} does not validate: {reason}")
                if reason == "not_offered":
                    slots.ensure_flow(work, (slot,), at_once=True)
            case ClearSlot():
                slots.clear(work, command)
            case OptIn():
                work.opt_out = False if work.turn.contact.opted_out else None
                words(work, "opt_in")
                work.rule("opt-in")
                work.answered = True
            case _:
                pass
    for name in work.filled:
        work.invalid.pop(name, None)
    slots.ensure_flow(work, work.filled)


def _call_people(work: Work, commands: Sequence[Command]) -> None:
    when = work.book.playbook.handoff.when
    for command in commands:
        match command:
            case AskForPerson():
                hand_over(work, "customer_asked", "the customer asked for a person")
            case Feeling(kind="angry") if when.sentiment == "angry":
                hand_over(work, "angry", "the customer is angry")
            case _:
                pass
    intents = [c for c in commands if isinstance(c, AnswerIntent)]
    for name in answers.in_order(work, intents):
        action = work.book.playbook.intents[name].do
        if action is not None and action.handoff is not None:
            answers.answer_all(work, [AnswerIntent(name)])


def _answer(work: Work, commands: Sequence[Command]) -> None:
    intents = [c for c in commands if isinstance(c, AnswerIntent)]
    affirmed = any(isinstance(c, Affirm) for c in commands)
    denied = any(isinstance(c, Deny) for c in commands)
    if affirmed and not denied and not work.changed:
        replies.yes(work)
    elif denied and not affirmed and not work.filled and not work.changed and not intents:
        replies.no(work)
    plain = [i for i in intents if (a := _action_flow(work, i.intent)) is None or not work.book.is_welcome(a)]
    answers.answer_all(work, plain)
    for command in commands:
        if isinstance(command, StartFlow) and command.flow in work.book.playbook.flows:
            flow.start(work, command.flow)
    settled = affirmed or (denied and bool(work.spoken))
    talk = [c for c in commands if isinstance(c, SmallTalk) and c.kind != "greeting" and not settled]
    for polite in talk:
        if not _busy(work, polite):
            replies.small_talk(work, polite)
    _greet(work, commands, [i for i in intents if i not in plain])


def _busy(work: Work, talk: SmallTalk) -> bool:
    """Tell whether small talk drowns in what is answered or recorded anyway."""
    return bool(work.answered or work.filled or work.changed or work.order) and talk.kind != "goodbye"


def _action_flow(work: Work, name: str) -> str | None:
    intent = work.book.playbook.intents.get(name)
    return intent.do.flow if intent is not None and intent.do is not None else None


def _greet(work: Work, commands: Sequence[Command], intents: Sequence[AnswerIntent]) -> None:
    if work.handoff is not None:
        return
    if intents:
        answers.answer_all(work, intents[:1])
    elif any(isinstance(c, SmallTalk) and c.kind == "greeting" for c in commands):
        replies.small_talk(work, SmallTalk("greeting"))


def _conclude(work: Work, commands: Sequence[Command]) -> None:
    """Acknowledge corrections, go on with the flow, ask back what was not understood."""
    cannot = next((c for c in commands if isinstance(c, CannotTell)), None)
    nothing = not (work.spoken or work.filled or work.changed or work.rules_of_substance)
    if (cannot is not None or not commands) and not work.answered and not work.filled and nothing:
        replies.unclear(work, cannot or CannotTell())
        cannot = None if work.answered else cannot or CannotTell()
    replies.help_with_unknown(work)
    understood = bool(work.filled or work.changed or work.answered) or (
        cannot is None and bool(commands) and not work.invalid
    )
    replies.failed(work, understood=understood)
    if work.handoff is not None:
        return
    described = slots.described(work)
    quiet = (_acknowledged_only(commands) and not work.filled) or work.waits
    if described and work.session_order is None:
        words(work, "corrected", {"changes": described})
    if not work.answered:
        slots.ensure_flow(work, [n for n in work.filled if work.book.options(n, work.language)], at_once=True)
    if not quiet and not _asks_already(work):
        flow.advance(work)
        replies.ask_again(work)
    if work.filled and not work.spoken and work.order is None and not work.state.flow:
        words(work, "noted")
    _reason(work, commands)


def _acknowledged_only(commands: Sequence[Command]) -> bool:
    return bool(commands) and all(
        isinstance(c, SmallTalk) and c.kind in {"acknowledgement", "laughter", "thanks", "compliment", "goodbye"}
        for c in commands
    )


def _asks_already(work: Work) -> bool:
    """Tell whether this turn put a question that the flow's own must not follow."""
    kinds = ("change:", "cancel:", "clarify")
    return any((s.bubble.asks or "").startswith(kinds) for s in work.spoken)


def _reason(work: Work, commands: Sequence[Command]) -> None:
    if work.spoken or work.order is not None or work.cancel_order:
        work.outcome_reason = "; ".join(work.rules[:6])
        return
    work.outcome = "ignored"
    kinds = sorted({c.kind for c in commands if isinstance(c, SmallTalk)})
    work.outcome_reason = f"{', '.join(kinds)}: needs no answer" if kinds else "nothing to answer"
