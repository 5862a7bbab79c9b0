"""Tells Spanish, Portuguese and English apart, and only when sure: a short or mixed message has no language."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

from relevo.agents.understanding.fold import plain

_LETTERS = {"es": re.compile(r"[ñ¿¡]"), "pt": re.compile(r"[ãõç]|lh|nh")}
_SURE = 2
"""Words that belong to one language more than to any other, at least."""


_GREETINGS = {
    "pt": re.compile(r"(?:oi+e?|olá|opa)?\W*(?:bom dia|boa tarde|boa noite|tudo bem|tudo bom)?\W*(?:oi+|olá)?"),
    "en": re.compile(r"(?:hi+|hello|hey)?\W*(?:there|hello|hi|good (?:morning|afternoon|evening))"),
}
"""Hello in one language alone: too short to count words in."""


@cache
def _telling() -> dict[str, frozenset[str]]:
    text = (files("relevo.agents.understanding") / "data" / "language_words.txt").read_text(encoding="utf-8")
    lines = [line.partition(": ") for line in text.splitlines() if not line.startswith("#")]
    return {language: frozenset(words.split()) for language, _, words in lines}


def language_of(text: str) -> str | None:
    """`es`, `pt` or `en`; None when not sure."""
    words = re.findall(r"[a-z]+", plain(text))
    bare = text.strip(" .,!?¡¿👋😊").lower()
    greeting = next((name for name, greets in _GREETINGS.items() if bare and greets.fullmatch(bare)), None)
    if greeting is not None:
        return greeting
    scores = {language: float(sum(word in telling for word in words)) for language, telling in _telling().items()}
    for language, letters in _LETTERS.items():
        scores[language] += len(letters.findall(text[:2000].lower()))
    best, second = sorted(scores, key=lambda language: -scores[language])[:2]
    own = scores[best] - scores[second]
    return best if own >= _SURE and scores[best] >= 1.5 * scores[second] else None
