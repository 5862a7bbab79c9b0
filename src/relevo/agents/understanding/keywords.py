"""Matches the keywords of intents: words, phrases, `word*`, `^…$` for a pattern over the whole message. No scores."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from relevo.agents.understanding.slots.base import level

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


class Keywords:
    """Compiled keywords by intent. A pattern that does not compile is left out; checking playbooks is not done here."""

    def __init__(self, intents: Mapping[str, Sequence[str]]) -> None:
        self._anywhere: list[tuple[str, re.Pattern[str]]] = []
        self._whole: list[tuple[str, re.Pattern[str]]] = []
        for intent, keywords in intents.items():
            for keyword in keywords:
                compiled = _compile(keyword)
                if compiled is not None:
                    (self._whole if keyword.startswith("^") else self._anywhere).append((intent, compiled))

    def in_message(self, text: str) -> list[str]:
        """Intents whose `^…$` pattern fits the whole message."""
        bare = " ".join(level(text).strip(" .,;:!¡?¿\n").split())
        return _distinct(intent for intent, pattern in self._whole if pattern.search(bare))

    def in_clause(self, text: str) -> list[str]:
        """Intents one of whose words or phrases stands in the text, in the order of their places."""
        flat = level(text)
        hits = [(hit.start(), intent) for intent, pattern in self._anywhere if (hit := pattern.search(flat))]
        return _distinct(intent for _, intent in sorted(hits))


def _compile(keyword: str) -> re.Pattern[str] | None:
    try:
        if keyword.startswith("^"):
            return re.compile(level(keyword) if "\\" not in keyword else keyword)
        words = level(keyword.strip().strip('"')).split()
        parts = [re.escape(word.rstrip("*")) + (r"\w*" if word.endswith("*") else "") for word in words]
        return re.compile(r"(?<!\w)" + r"\W{1,3}".join(parts) + r"(?!\w)") if parts else None
    except re.error:
        return None


def _distinct(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))
