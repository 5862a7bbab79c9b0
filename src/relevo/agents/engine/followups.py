"""Follow-ups: planned with every decision, checked again when due. One place plans them; planning replaces."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from relevo.agents.decision import Bubble, FollowUpPlan, Template
from relevo.agents.engine import flow
from relevo.agents.engine.book import condition
from relevo.agents.engine.hours import span
from relevo.agents.engine.render import render
from relevo.agents.engine.speak import ask, say
from relevo.agents.engine.work import Spoken

if TYPE_CHECKING:
    from relevo.agents.engine.work import Work
    from relevo.agents.playbook.model import FollowUpItem

LEAST = timedelta(seconds=1)


def plan(work: Work) -> tuple[FollowUpPlan, ...]:
    """List the nudges that may become due after this turn, replacing all planned before."""
    state, form = work.state, work.book.playbook.followups
    state.planned = {}
    gone = work.opt_out is True or work.turn.contact.opted_out
    if work.handoff is not None or gone or len(state.fired) >= form.max_per_session:
        return ()
    plans: list[FollowUpPlan] = []
    for item in form.items:
        if item.id in state.fired or not _may_hold(work, item):
            continue
        plans.append(FollowUpPlan(item.id, item.after))
        state.planned[item.id] = (work.turn.now + item.after).isoformat()
    return tuple(plans)


def _may_hold(work: Work, item: FollowUpItem) -> bool:
    """Tell whether the condition holds now, or may come to hold without a word of the customer (an order's status)."""
    if work.holds(item.when):
        return True
    has_order = work.order is not None or bool(work.turn.orders)
    return item.when is not None and ".status" in item.when and has_order and condition(item.when).mentions("order")


def due(work: Work) -> None:
    """Say what is due, or find out why not."""
    follow_up = work.turn.follow_up
    item = next((i for i in work.book.playbook.followups.items if follow_up and i.id == follow_up.id), None)
    if follow_up is None or item is None:
        work.rule("follow-up unknown to the playbook")
        return
    work.state.planned.pop(item.id, None)
    work.follow_ups = remaining(work)
    reason = _why_not(work, item, follow_up.planned_at)
    if reason is not None:
        work.rule(f"follow-up {item.id} not said: {reason}")
        return
    wait = quiet_until(work)
    if wait is not None:
        work.state.planned[item.id] = (work.turn.now + wait).isoformat()
        work.follow_ups = remaining(work)
        work.rule(f"follow-up {item.id} waits for the end of the quiet hours")
        return
    _speak(work, item)


def remaining(work: Work) -> tuple[FollowUpPlan, ...]:
    """List what stays planned, with the time left."""
    return tuple(
        FollowUpPlan(name, max(datetime.fromisoformat(at) - work.turn.now, LEAST))
        for name, at in work.state.planned.items()
    )


def _why_not(work: Work, item: FollowUpItem, planned_at: datetime) -> str | None:
    if work.turn.contact.opted_out:
        return "opted out"
    if any(h.author != "agent" and h.at > planned_at for h in work.past):
        return "somebody wrote since"
    if item.id in work.state.fired:
        return "said already"
    return None if work.holds(item.when) else "its condition no longer holds"


def quiet_until(work: Work) -> timedelta | None:
    """Return how long the quiet hours still last; None outside them."""
    hours = work.book.playbook.followups.quiet_hours
    if hours is None:
        return None
    start, end = span(hours)
    local = work.turn.now.astimezone(work.book.zone)
    now = local.time()
    inside = start <= now < end if start < end else now >= start or now < end
    if not inside:
        return None
    opening = local.replace(hour=end.hour, minute=end.minute, second=0, microsecond=0)
    if opening <= local:
        opening += timedelta(days=1)
    return opening - local


def _speak(work: Work, item: FollowUpItem) -> None:
    open_until = work.turn.window_open_until
    if open_until is None or open_until <= work.turn.now:
        if item.template is None:
            work.rule(f"follow-up {item.id} not said: window closed and no template")
            return
        parameters = tuple(render(work, p) for p in item.parameters)
        language = item.template_language or work.language
        template = Template(item.template, language, parameters)
        bubble = Bubble(f"followup:{item.id}.template", template=template, asks=f"followup:{item.id}")
        work.spoken.append(Spoken(bubble))
        work.rule(f"follow-up {item.id} by template")
    else:
        if item.say is not None:
            say(work, item.say, f"followup:{item.id}")
        if item.resume:
            flow.advance(work)
        if item.ask is not None and not work.state.slots.get(item.ask):
            ask(work, item.ask)
        if work.spoken and not any(s.bubble.asks for s in work.spoken):
            last = work.spoken[-1]
            work.spoken[-1] = replace(last, bubble=replace(last.bubble, asks=f"followup:{item.id}"))
        work.rule(f"follow-up {item.id}")
    work.state.fired.append(item.id)
