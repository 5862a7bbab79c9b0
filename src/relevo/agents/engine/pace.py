"""How fast and in how many bubbles: delays like a person's, budgets kept by merging. Changes no words."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from relevo.agents.decision import Bubble
    from relevo.agents.engine.work import Spoken, Work

CHARS_PER_SECOND = 28.0
"""A quick typist with a phone, thinking included."""
FIRST, LEAST, MOST = 0.8, 1.2, 9.0
"""Seconds at preset `real`: before the first bubble, and the bounds of the others."""
QUICK = 0.3
QUICK_MOST = 2.5
TEXT_LIMIT = 4096


def paced(work: Work) -> tuple[Bubble, ...]:
    """Apply the bubble budget, then the delays."""
    kept = _budget(list(work.spoken), work.book.playbook.pace.max_bubbles)
    if len(kept) != len(work.spoken):
        work.rule(f"bubble budget: {len(work.spoken)} → {len(kept)}")
    return tuple(replace(s.bubble, delay=_delay(work, s, first=index == 0)) for index, s in enumerate(kept))


def _plain(bubble: Bubble) -> bool:
    return not (bubble.buttons or bubble.rows or bubble.media or bubble.template or bubble.asks)


def _budget(spoken: list[Spoken], most: int) -> list[Spoken]:
    while len(spoken) > most and _merge_once(spoken):
        pass
    for index in range(len(spoken) - 1, -1, -1):
        if len(spoken) <= most:
            break
        if spoken[index].complementary and not spoken[index].bubble.asks:
            del spoken[index]
    return spoken


def _merge_once(spoken: list[Spoken]) -> bool:
    """Join the shortest two neighbours that are text only; a question may close the text before it."""
    best: tuple[int, int] | None = None
    for index in range(len(spoken) - 1):
        first, second = spoken[index].bubble, spoken[index + 1].bubble
        length = len(first.text) + len(second.text) + 2
        joinable = _plain(first) and not (second.media or second.template or second.rows or second.buttons)
        if joinable and length <= TEXT_LIMIT and (best is None or length < best[0]):
            best = (length, index)
    if best is None:
        return False
    index = best[1]
    first, second = spoken[index], spoken[index + 1]
    bubble = replace(
        first.bubble,
        key=f"{first.bubble.key}+{second.bubble.key}",
        text=f"{first.bubble.text}\n\n{second.bubble.text}",
        asks=second.bubble.asks,
        essential=first.bubble.essential or second.bubble.essential,
    )
    merged = replace(first, bubble=bubble, complementary=first.complementary and second.complementary)
    spoken[index : index + 2] = [merged]
    return True


def _delay(work: Work, spoken: Spoken, *, first: bool) -> float:
    preset, speed = work.turn.timer_preset, work.turn.response_speed
    if preset == "instantaneo":
        return 0.0
    natural = min(max(LEAST + len(spoken.bubble.text) / CHARS_PER_SECOND, LEAST), MOST)
    seconds = FIRST if first else spoken.delay if spoken.delay is not None else natural
    if preset == "rapido":
        seconds = min(seconds * QUICK, QUICK_MOST)
    return round(seconds / speed, 2) if speed > 0 else round(seconds, 2)
