"""Flows as data: where a conversation stands follows from what is known and what was said. Never counts steps."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Literal

import phonenumbers

from relevo.agents.decision import Bubble, Button
from relevo.agents.engine import orders
from relevo.agents.engine.handoff import hand_over
from relevo.agents.engine.render import render
from relevo.agents.engine.speak import ask, say, with_options, words
from relevo.agents.engine.work import Spoken, Work
from relevo.agents.playbook.actions import (
    BranchStep,
    CollectStep,
    ConfirmStep,
    CreateOrderStep,
    HandoffStep,
    OfferStep,
    SayStep,
    Step,
    TagStep,
)
from relevo.agents.playbook.slots import PhoneSlot

if TYPE_CHECKING:
    from relevo.agents.decision import OrderDraft

STALE = timedelta(minutes=5)
"""After so long a summary is shown again rather than referred to."""

Progress = Literal["done", "waiting", "ended"]


def start(work: Work, flow: str) -> None:
    """Begin a flow, with what is known of a returning customer filled in."""
    state, book = work.state, work.book
    form = book.flow(flow)
    if book.is_welcome(flow):
        _welcome(work, flow)
        return
    order = work.session_order
    if flow in book.order_flows and order is not None and state.flow != flow:
        if work.changeable_order is not None:
            if not work.changed:
                words(work, "already_ordered")
                work.rule(f"order {order.id} exists already")
            return
        work.end_session = "new_order"
        work.new_session = True
        for name in [n for n, v in order.fields.items() if state.slots.get(n) == v and not _kept(work, n)]:
            del state.slots[name]
        work.rule(f"order {order.id} is under way; a new session takes the next one")
    if state.flow != flow:
        state.flow, state.flow_started = flow, work.turn.now.isoformat()
        state.confirmed = None
        if flow in state.finished:
            state.finished.remove(flow)
        work.rule(f"flow {flow} begins" + ("" if form.once_per is None else " (once)"))
        prefill(work, flow)


def _kept(work: Work, name: str) -> bool:
    spec = work.book.slot(name)
    return spec is not None and spec.keep


def prefill(work: Work, flow: str) -> None:
    """Take over what earlier orders and the channel know, for the slots that keep their values."""
    for name in work.book.flow_slots[flow]:
        spec = work.book.slot(name)
        if spec is None or not spec.keep or work.state.slots.get(name):
            continue
        known = work.turn.contact.fields.get(name)
        if not known and isinstance(spec, PhoneSlot) and spec.default == "wa_phone":
            known = _own_number(work, spec)
        if known:
            work.state.slots[name] = known
            work.rule(f"{name} known beforehand")


def _own_number(work: Work, spec: PhoneSlot) -> str | None:
    if not work.turn.contact.phone:
        return None
    try:
        number = phonenumbers.parse(work.turn.contact.phone, None)
    except phonenumbers.NumberParseException:
        return None
    regions = spec.regions or (work.book.playbook.business.country,)
    kinds = (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE)
    fits = phonenumbers.region_code_for_number(number) in regions and phonenumbers.is_valid_number(number)
    if not fits or (spec.mobile and phonenumbers.number_type(number) not in kinds):
        return None
    return work.turn.contact.phone


def _welcome(work: Work, flow: str) -> None:
    """Greet: in full, or with the first bubble only where something else is to be said too."""
    form = work.book.flow(flow)
    prefix = f"{flow}/"
    every = form.once_per
    last = next((h for h in reversed(work.past) if h.author == "agent" and h.key and h.key.startswith(prefix)), None)
    recent = last is not None and (every is None or work.turn.now - last.at < every)
    if recent or work.turn.handed_back_at is not None or _people_spoke(work):
        work.rule(f"no second welcome: {flow}")
        if not work.answered and not work.state.flow:
            words(work, "welcome_back")
        return
    work.rule(f"welcome: {flow}")
    short = work.answered or work.state.flow is not None
    before, work.spoken = work.spoken, []
    for index, step in enumerate(form.steps):
        if isinstance(step, SayStep) and work.holds(step.when):
            say(work, step.say, f"{prefix}{index}", only_first=short)
            if step.stage is not None and work.state.flow is None:
                work.state.stage = step.stage
            if short:
                break
    work.spoken += before
    if flow not in work.state.finished:
        work.state.finished.append(flow)


def _people_spoke(work: Work) -> bool:
    return any(h.author == "person" for h in work.session)


def advance(work: Work) -> None:
    """Run the flow under way until it waits for the customer, ends, or hands over."""
    flow = work.state.flow
    if flow is None or work.handoff is not None:
        return
    steps = work.book.flow(flow).steps
    if (pressing := _pressing(work, flow)) is not None:
        _stage_of(work, steps, pressing)
        ask(work, pressing, retry=True)
        work.rule(f"{pressing} first: it was just tried")
        return
    progress = _run(work, flow, steps, f"{flow}/")
    if progress == "done" and work.state.flow == flow:
        work.state.flow = None
        work.state.flow_started = ""
        if flow not in work.state.finished:
            work.state.finished.append(flow)
        work.rule(f"flow {flow} is finished")


def _pressing(work: Work, flow: str) -> str | None:
    """Name the slot the customer just tried to give without success: it comes before the flow's own order."""
    return next((n for n in work.invalid if n in work.book.flow_slots[flow] and not work.state.slots.get(n)), None)


def _stage_of(work: Work, steps: tuple[Step, ...], slot: str) -> None:
    for step in steps:
        asks = step.collect if isinstance(step, CollectStep) else (step.offer,) if isinstance(step, OfferStep) else ()
        if slot in asks and step.stage is not None:
            work.state.stage = step.stage


def _run(work: Work, flow: str, steps: tuple[Step, ...], prefix: str) -> Progress:
    for index, step in enumerate(steps):
        if not work.holds(step.when):
            continue
        progress = _step(work, flow, step, f"{prefix}{index}")
        if step.stage is not None and (progress == "waiting" or not isinstance(step, BranchStep)):
            work.state.stage = step.stage
        if progress != "done":
            return progress
    return "done"


def _step(  # noqa: C901, PLR0911 # one case for each kind of step
    work: Work, flow: str, step: Step, key: str
) -> Progress:
    match step:
        case SayStep():
            name, _ = work.book.reply(step.say, key)
            if not work.said(f"{name}.", work.state.flow_started):
                announcing = flow in work.book.order_flows and (work.order or work.session_order) is not None
                say(work, step.say, key, essential=announcing)
            return "done"
        case CollectStep():
            return _collect(work, step.collect)
        case OfferStep():
            return _offer(work, step, key)
        case ConfirmStep():
            return _confirm(work, flow, step, key)
        case CreateOrderStep():
            return _create(work, flow, step)
        case BranchStep():
            return _branch(work, flow, step, key)
        case TagStep():
            work.tags += [tag for tag in step.tag if tag not in work.turn.contact.tags]
            if step.notify is not None:
                work.notify.append(step.notify)
            return "done"
        case HandoffStep():
            hand_over(work, step.handoff, f"flow {flow}")
            return "ended"


def _collect(work: Work, names: tuple[str, ...]) -> Progress:
    for name in names:
        spec = work.book.slot(name)
        if spec is None or spec.optional or work.state.slots.get(name):
            continue
        work.rule(f"{name} is missing")
        ask(work, name, retry=name in work.invalid)
        return "waiting"
    return "done"


def _offer(work: Work, step: OfferStep, key: str) -> Progress:
    if work.state.slots.get(step.offer):
        return "done"
    if step.say is not None:
        name, _ = work.book.reply(step.say, key)
        if not work.said(f"{name}.", work.state.flow_started):
            say(work, step.say, key)
    ask(work, step.offer, retry=step.offer in work.invalid)
    work.rule(f"{step.offer} is to be chosen")
    return "waiting"


def _branch(work: Work, flow: str, step: BranchStep, key: str) -> Progress:
    for index, case in enumerate(step.branch):
        if work.holds(case.when):
            return _run(work, flow, case.steps, f"{key}.{index}.")
    return "done"


def _confirm(work: Work, flow: str, step: ConfirmStep, key: str) -> Progress:
    order = work.draft(flow)
    if order is None:
        return "done"
    limit = work.book.playbook.handoff.when.order_total_over
    if limit is not None and order.total > limit:
        hand_over(work, "order_over_limit", f"total over {work.book.currency.format(limit)}")
        return "ended"
    fingerprint = orders.digest(order)
    existing = work.session_order
    if work.state.confirmed == fingerprint or (existing is not None and existing.lines == order.lines):
        return "done"
    work.spoken = [s for s in work.spoken if s.bubble.asks is None or s.bubble.essential]
    if existing is not None:
        template = work.book.words("confirm_change", work.language)
    elif _shown_just_now(work, fingerprint):
        template = work.book.words("confirm_again", work.language)
    else:
        template = work.book.text(step.confirm, work.language)
    own = step.buttons if existing is None else ()
    titles = [work.book.text(t, work.language) for t in own] or [
        work.book.words("yes", work.language),
        work.book.words("no", work.language),
    ]
    answers = ("yes", "no")
    buttons = [Button(f"confirm:{flow}:{a}:{fingerprint}", t) for a, t in zip(answers, titles, strict=False)]
    bubble = Bubble(f"{key}#{fingerprint}.0", render(work, template), asks=f"confirm:{flow}")
    work.spoken.append(Spoken(with_options(work, bubble, buttons)))
    work.rule("the order waits for a yes")
    return "waiting"


def _shown_just_now(work: Work, fingerprint: str) -> bool:
    """Tell whether this very order is what the last question showed, so that it need not be shown again."""
    item = work.last_question()
    shown = item is not None and f"#{fingerprint}." in (item.key or "")
    return shown and item is not None and work.turn.now - item.at < STALE


def _create(work: Work, flow: str, step: CreateOrderStep) -> Progress:
    order: OrderDraft | None = work.draft(flow)
    if order is None:
        work.rule("no order: nothing is chosen")
        return "done"
    existing = work.session_order
    if existing is not None and not orders.differs(order, existing):
        return "done"
    work.order = orders.draft(work.book, flow, work.state.slots, step.create_order.status)
    if existing is not None:
        words(work, "order_changed", essential=True)
        work.rule(f"order {existing.id} changes")
        work.state.flow = None
        return "ended"
    work.rule(f"order {work.turn.next_order_id} is created")
    return "done"
