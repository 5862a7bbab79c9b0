"""Turning replies into bubbles: variants that do not repeat, buttons, one question a turn. Decides no content."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

from relevo.agents.decision import Bubble, Button, Media
from relevo.agents.engine.render import render
from relevo.agents.engine.work import Spoken, Work
from relevo.agents.playbook.replies import BubbleForm, CatalogButtons
from relevo.agents.playbook.templates import asked_slot

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from relevo.agents.playbook.replies import Buttons, Say

MAX_BUTTONS, MAX_ROWS = 3, 10
BUTTON_TITLE, ROW_TITLE, ROW_DESCRIPTION = 20, 24, 72
INTERACTIVE_BODY, CAPTION = 1024, 1024
RECENT = 8
"""Agent messages within which the same words count as a repetition."""


def choose(work: Work, prefix: str, count: int) -> int:
    """Pick a variant by the turn's seed, never the one used last."""
    if count <= 1:
        return 0
    last = work.last_key(prefix)
    used = last.removeprefix(prefix) if last else ""
    left = [i for i in range(count) if str(i) != used]
    number = int.from_bytes(hashlib.blake2s(f"{work.turn.seed}/{prefix}".encode(), digest_size=4).digest())
    return left[number % len(left)]


def say(work: Work, what: Say, key: str, *, essential: bool = False, only_first: bool = False) -> bool:
    """Plan a reply; returns whether anything of it is said in this turn."""
    name, reply = work.book.reply(what, key)
    if name in work.said_now:
        return True
    work.said_now.add(name)
    said = False
    for index, form in enumerate(reply[:1] if only_first else reply):
        if not work.holds(form.when):
            continue
        prefix = f"{name}.{index}."
        if form.priority == "complementary" and work.said(prefix):
            work.rule(f"left out, said before: {name}.{index}")
            continue
        if spoken := _bubble(work, form, prefix, essential=essential):
            work.spoken.append(spoken)
            said = True
    return said


def _bubble(work: Work, form: BubbleForm, prefix: str, *, essential: bool) -> Spoken | None:
    slot = form.asks
    variants = form.variants
    index = choose(work, prefix, len(variants))
    source = work.book.text(variants[index], work.language) if variants else ""
    slot = slot or asked_slot(source)
    if slot is not None and not _may_ask(work, slot):
        work.rule(f"question left to the order: {slot}")
        return None
    text = render(work, source)
    media = form.media
    options = _buttons(work, form.buttons or (form.list.rows if form.list else None), slot)
    link = render(work, media[1]) if media else ""
    link = link if link.startswith("https://") else ""
    if not link and not text:
        return None
    bubble = Bubble(
        key=f"{prefix}{index}",
        text=text,
        media=Media(media[0], link) if media and link else None,
        asks=slot,
        essential=essential,
    )
    if form.list:
        button = render(work, work.book.text(form.list.button, work.language))
        bubble = replace(bubble, rows=_rows(options), list_button=button[:BUTTON_TITLE])
    elif options:
        bubble = with_options(work, bubble, options)
    return Spoken(
        bubble, form.priority == "complementary", form.delay.total_seconds() if form.delay is not None else None
    )


def _may_ask(work: Work, slot: str) -> bool:
    """Tell whether a reply may put a slot's question: not when it is answered, nor while an order asks its own."""
    if work.state.slots.get(slot) or work.session_order is not None:
        return False
    flow = work.state.flow
    return flow is None or work.book.is_welcome(flow)


def _buttons(work: Work, form: Buttons | None, slot: str | None) -> list[Button]:
    if form is None:
        return []
    if isinstance(form, CatalogButtons):
        target = slot or next((n for n, s in work.book.playbook.slots.items() if s.type == "offer"), "")
        return option_buttons(work, target)
    result: list[Button] = []
    for button in form:
        title = work.book.text(button.title, work.language)
        identity = f"intent:{button.intent}" if button.intent else f"say:{title}"
        if button.option and slot:
            identity = f"option:{slot}:{button.option}"
        result.append(Button(identity, title))
    return result


def option_buttons(work: Work, slot: str) -> list[Button]:
    """Make a button of each option of a slot, with prices as descriptions of offers."""
    result: list[Button] = []
    for option, title in work.book.options(slot, work.language).items():
        item = work.book.playbook.item(option)
        price = work.book.currency.format(item.price) if item else None
        result.append(Button(f"option:{slot}:{option}", title, price))
    return result


def with_options(work: Work, bubble: Bubble, options: Sequence[Button]) -> Bubble:
    """Hang options on a bubble as buttons, as a list where they are many or long, or not at all."""
    if not options or len(bubble.text) > INTERACTIVE_BODY or not bubble.text or bubble.media:
        return bubble
    if len(options) <= MAX_BUTTONS and all(len(o.title) <= BUTTON_TITLE for o in options):
        return replace(bubble, buttons=tuple(Button(o.id, o.title) for o in options))
    if len(options) <= MAX_ROWS:
        opener = work.book.words("choose", work.language)
        return replace(bubble, rows=_rows(options), list_button=opener[:BUTTON_TITLE])
    return bubble


def _rows(options: Sequence[Button]) -> tuple[Button, ...]:
    return tuple(
        Button(o.id, o.title[:ROW_TITLE], o.description[:ROW_DESCRIPTION] if o.description else None)
        for o in options[:MAX_ROWS]
    )


def words(  # each is a property of the bubble
    work: Work,
    name: str,
    extra: Mapping[str, str] | None = None,
    *,
    asks: str | None = None,
    essential: bool = False,
) -> None:
    """Plan one of the engine's own sentences."""
    if f"words.{name}" in work.said_now:
        return
    work.said_now.add(f"words.{name}")
    text = render(work, work.book.words(name, work.language), extra)
    if text:
        work.spoken.append(Spoken(Bubble(f"words.{name}.0", text, asks=asks, essential=essential)))


def ask(work: Work, slot: str, *, retry: bool = False) -> None:
    """Plan a slot's question, as the turn's last word; only one question is put in a turn."""
    spec = work.book.slot(slot)
    if spec is None:
        return
    work.spoken = [s for s in work.spoken if s.bubble.asks is None or s.bubble.essential]
    question = render(work, work.book.text(spec.ask, work.language))
    text, variant = question, 0
    if retry and spec.retry is not None and work.last_key(f"ask:{slot}.") != f"ask:{slot}.2":
        text, variant = render(work, work.book.text(spec.retry, work.language)), 2
    elif retry:
        text, variant = render(work, work.book.words("retry", work.language), {"question": question}), 3
    elif work.answered and _asked_before(work, slot):
        text, variant = render(work, work.book.words("back_to", work.language), {"question": question}), 1
    elif work.filled and _asked_before(work, slot):
        text, variant = render(work, work.book.words("noted_next", work.language), {"question": question}), 4
    bubble = Bubble(f"ask:{slot}.{variant}", text, asks=slot)
    work.spoken.append(Spoken(with_options(work, bubble, option_buttons(work, slot))))


def _asked_before(work: Work, slot: str) -> bool:
    recent = [h for h in work.session if h.author == "agent"][-RECENT:]
    return any(h.asks == slot for h in recent)


def arrange(work: Work) -> None:
    """Say each thing once, and the question last: several answers in one turn may share a fact."""
    kept: list[Spoken] = []
    for spoken in work.spoken:
        text = spoken.bubble.text.strip()
        others = [s.bubble.text for s in work.spoken if s is not spoken and (not s.complementary or s in kept)]
        if spoken.complementary and not spoken.bubble.asks and text and any(text in other for other in others):
            work.rule(f"left out, said by another answer: {spoken.bubble.key}")
            continue
        kept.append(spoken)
    asking = [s for s in kept if s.bubble.asks]
    if len(asking) == 1 and kept[-1] is not asking[0]:
        kept = [s for s in kept if s is not asking[0]] + asking
    work.spoken = kept


def avoid_repetition(work: Work) -> None:
    """Introduce an explanation given before as a repetition, instead of saying the very same words again."""
    recent = {h.text.strip() for h in [h for h in work.session if h.author == "agent"][-RECENT:]}
    for index, spoken in enumerate(work.spoken):
        bubble = spoken.bubble
        if bubble.text.strip() not in recent or bubble.essential or bubble.asks or not bubble.text:
            continue
        if bubble.key.startswith(("words.", "ask:", "no_entendi.")):
            continue
        text = render(work, work.book.words("again", work.language), {"answer": bubble.text})
        work.spoken[index] = replace(spoken, bubble=replace(bubble, text=text))
        work.rule(f"said before, introduced as a repetition: {bubble.key}")
        return
