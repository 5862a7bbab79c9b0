"""Finds the shop concepts (price, shipping, returns …) a text touches, across Spanish, Portuguese and English.

Extra evidence for the classifier, which learns from examples what a concept means in a shop; never an intent by itself.
"""

from __future__ import annotations

from functools import cache, lru_cache
from importlib.resources import files

from relevo.agents.understanding.fold import sounds

_LONGEST = 4
_SHORTEST_PREFIX = 3


@cache
def _lexicon() -> tuple[dict[tuple[str, ...], frozenset[str]], dict[str, frozenset[str]]]:
    """Phrases to concepts, and prefixes to concepts, all as they sound."""
    phrases: dict[tuple[str, ...], set[str]] = {}
    prefixes: dict[str, set[str]] = {}
    text = (files("relevo.agents.understanding") / "data" / "concepts.txt").read_text(encoding="utf-8")
    for line in text.splitlines():
        if not line or line.startswith("#"):
            continue
        concept, _, entries = line.partition(": ")
        for entry in entries.split(", "):
            heard = tuple(sounds(entry.rstrip("*").replace("2", "")))
            if entry.endswith("*") and len(heard) == 1:
                prefixes.setdefault(heard[0], set()).add(concept)
            elif heard:
                phrases.setdefault(heard, set()).add(concept)
    return (
        {phrase: frozenset(names) for phrase, names in phrases.items()},
        {prefix: frozenset(names) for prefix, names in prefixes.items()},
    )


@lru_cache(maxsize=20_000)
def _of_word(word: str) -> frozenset[str]:
    phrases, prefixes = _lexicon()
    found = set(phrases.get((word,), ()))
    for end in range(min(_SHORTEST_PREFIX, len(word)), len(word) + 1):
        found |= prefixes.get(word[:end], frozenset())
    return frozenset(found)


def concepts(heard: list[str]) -> list[str]:
    """Concepts of a text given as sounds, one entry for each place that names it."""
    phrases, _ = _lexicon()
    found: list[str] = []
    for start, word in enumerate(heard):
        found.extend(sorted(_of_word(word)))
        for size in range(2, min(_LONGEST, len(heard) - start) + 1):
            found.extend(sorted(phrases.get(tuple(heard[start : start + size]), ())))
    return found
