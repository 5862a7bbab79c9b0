"""Yes, no, thanks, hello and the unclear: read in the light of the question that is open. Never starts a topic."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from relevo.agents.commands import AnswerIntent, CannotTell, SmallTalk
from relevo.agents.decision import Button
from relevo.agents.engine import answers, flow, orders, slots
from relevo.agents.engine.handoff import hand_over
from relevo.agents.engine.quiet import FRAGMENT, quiet_seconds
from relevo.agents.engine.speak import ask, say, with_options, words
from relevo.agents.engine.work import DIGEST_IN_KEY
from relevo.agents.playbook.actions import ConfirmStep, IfNo
from relevo.agents.playbook.texts import steps

if TYPE_CHECKING:
    from relevo.agents.engine.work import Work

CLARIFY_WITH = 3
GO_ON = "words.tell_me."
SLOT_RETRIES = 3
"""Failed attempts at one question before a person is called."""


def yes(work: Work) -> None:
    """Take a yes to the open question."""
    asking = work.asking
    if asking is None:
        _yes_to_nothing(work)
        return
    kind, _, rest = asking.partition(":")
    match kind:
        case "confirm":
            _confirmed(work, rest)
        case "cancel":
            work.cancel_order = True
            work.state.confirmed = None
            words(work, "order_cancelled")
            work.rule("the order is cancelled")
        case "change":
            words(work, "ask_change", asks=asking)
        case "followup" | "resume":
            if not work.state.flow:
                words(work, "tell_me")
        case "clarify":
            offered = list(work.state.offered)
            if len(offered) == 1:
                answers.answer_all(work, [AnswerIntent(offered[0])])
            else:
                unclear(work, CannotTell())
        case _:
            options = list(work.book.options(asking, work.language))
            if len(options) == 1:
                work.state.slots[asking] = options[0]
            _want(work, asking)
    work.rule(f"yes to {asking}")


def _yes_to_nothing(work: Work) -> None:
    """Take a yes that answers no question as "go on": after a no, or out of the blue; not after an order."""
    last = next((h for h in reversed(work.session) if h.author == "agent"), None)
    if work.session_order is not None or work.state.flow is not None or (last and (last.key or "").startswith(GO_ON)):
        work.state.acknowledged = True
        return
    words(work, "tell_me")
    work.rule("yes, and nothing was asked")


def _want(work: Work, slot: str) -> None:
    """Take a yes to a slot's question as interest: begin its flow, ask more precisely."""
    name = work.book.flow_of_slot(slot)
    if name is not None and work.state.flow is None:
        flow.start(work, name)
    if slot not in work.state.slots:
        work.invalid.setdefault(slot, "a yes does not say which")


def _confirmed(work: Work, name: str) -> None:
    item = work.last_question()
    match = DIGEST_IN_KEY.search(item.key or "") if item else None
    order = work.draft(name)
    if match is None or order is None or orders.digest(order) != match.group(1):
        work.rule("the order changed since it was shown: shown again")
        return
    work.state.confirmed = match.group(1)


def no(work: Work) -> None:
    """Take a no to the open question."""
    asking = work.asking
    work.rule(f"no to {asking or 'nothing open'}")
    kind, _, rest = (asking or "").partition(":")
    match kind:
        case "confirm":
            _refused(work, rest)
        case "cancel":
            words(work, "unchanged")
        case "clarify":
            unclear(work, CannotTell())
        case _:
            item = work.last_question()
            work.state.declined = item.at.isoformat() if item is not None and kind != "change" else ""
            given_up = work.state.flow is not None and kind != "change"
            if given_up and work.session_order is None:
                work.state.flow, work.state.confirmed, work.state.stage = None, None, None
                words(work, "flow_cancelled")
            elif work.state.flow is None:
                words(work, "fine_later")


def _refused(work: Work, name: str) -> None:
    if work.session_order is not None:
        slots.revert(work)
        work.state.flow = None
        words(work, "unchanged")
        return
    what = next(
        (step.if_no for path, step in steps(work.book.playbook) if path[1] == name and isinstance(step, ConfirmStep)),
        IfNo(ask_change=True),
    )
    if what.say is not None:
        say(work, what.say, f"{name}/if_no")
    if what.cancel:
        work.state.flow = None
    if what.handoff is not None:
        hand_over(work, what.handoff, "the order was not confirmed")
    if what.ask_change:
        words(work, "ask_change", asks=f"change:{name}")


def small_talk(work: Work, talk: SmallTalk) -> None:
    """Answer what wants an answer; laughter and acknowledgements want none."""
    replies = {"thanks": "you_are_welcome", "goodbye": "goodbye", "compliment": "kind_words"}
    if talk.kind == "greeting":
        name = answers.greeting(work)
        action = work.book.playbook.intents[name].do if name else None
        if name is not None and action is not None:
            answers.act(work, name, action)
        elif not work.answered:
            words(work, "hello")
        return
    word = replies.get(talk.kind)
    if word is None:
        work.state.acknowledged = True
        work.rule(f"{talk.kind}: needs no answer")
        return
    last = next((h.key for h in reversed(work.past) if h.author == "agent"), None)
    if last is not None and last.startswith(f"words.{word}."):
        work.rule(f"{talk.kind}: answered already")
        return
    words(work, word)
    work.rule(talk.kind)
    work.answered = True


def unclear(work: Work, cannot: CannotTell) -> None:
    """Ask back: with the question that is open, with buttons of what it may have been, or in general."""
    state = work.state
    last = work.turn.messages[-1].text if work.turn.messages else ""
    if quiet_seconds(last) == FRAGMENT:
        words(work, "tell_me")
        work.answered = True
        work.rule("a fragment: the rest is to come")
        return
    in_order = state.flow is not None and not work.book.is_welcome(state.flow)
    if in_order and work.asking is not None and work.asking in work.book.playbook.slots:
        work.invalid.setdefault(work.asking, "not understood")
        _explain(work, work.asking)
        return
    if in_order and work.asking is not None and work.asking.startswith("confirm:"):
        words(work, "not_understood")
        return
    titled = {
        name: work.book.text(title, work.language)
        for name, _ in cannot.candidates
        if name in work.book.playbook.intents and (title := work.book.playbook.intents[name].title) is not None
    }
    offered = dict(list(titled.items())[:CLARIFY_WITH])
    state.offered = offered
    if offered and state.failed_turns == 0:
        words(work, "clarify", asks="clarify")
        last = work.spoken[-1]
        buttons = [Button(f"intent:{name}", title) for name, title in offered.items()]
        work.spoken[-1] = replace(last, bubble=with_options(work, last.bubble, buttons))
    elif "no_entendi" in work.book.playbook.replies:
        say(work, "no_entendi", "no_entendi")
    else:
        words(work, "not_understood")


def help_with_unknown(work: Work) -> None:
    """Help a customer who does not know what was asked: explain the choice, or give them time to look it up."""
    for slot in [name for name, reason in work.invalid.items() if reason == "not_known"]:
        if _explain(work, slot):
            continue
        if work.state.retries.get(slot, 0) == 0 and not work.answered:
            work.state.retries[slot] = 1
            del work.invalid[slot]
            words(work, "no_hurry")
            work.waits = work.answered = True
            work.rule(f"{slot} is to be looked up")


def _explain(work: Work, slot: str) -> bool:
    """Say once what the playbook has to say about a question (`about`), instead of only putting it again."""
    for name, intent in work.book.playbook.intents.items():
        what = intent.do.say if intent.about == slot and intent.do is not None else None
        if what is None or work.said(
            f"{what if isinstance(what, str) else f'intent:{name}'}.", work.state.flow_started
        ):
            continue
        work.invalid.pop(slot, None)
        say(work, what, f"intent:{name}")
        work.answered = True
        work.rule(f"{slot} explained by {name}")
        return True
    return False


def failed(work: Work, *, understood: bool) -> None:
    """Count turns without progress, and call a person when there are too many."""
    state = work.state
    if understood:
        state.failed_turns = 0
        state.retries.clear()
        return
    state.failed_turns += 1
    limit = work.book.playbook.handoff.when.failed_turns
    for slot in work.invalid:
        state.retries[slot] = state.retries.get(slot, 0) + 1
        if state.retries[slot] >= max(SLOT_RETRIES, limit):
            hand_over(work, "failed_turns", f"{slot} did not validate {state.retries[slot]} times")
    if not work.invalid and state.failed_turns >= limit:
        hand_over(work, "failed_turns", f"{state.failed_turns} turns without understanding")


def ask_again(work: Work) -> None:
    """Put the open question once more where no flow does it (a reply's own question)."""
    asking = work.asking
    if asking in work.invalid and work.state.flow is None and not work.spoken:
        ask(work, str(asking), retry=True)
