"""Turns a text into one sparse row: words, letter sequences and shop concepts, each weighted by how telling it is.

Knows nothing of intents. Fitted once on the examples; reading a row afterwards needs no library but the standard one.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from relevo.agents.understanding.concepts import concepts
from relevo.agents.understanding.fold import sounds

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

SHARES = {"w": 0.25, "b": 0.08, "g": 0.35, "c": 0.32}
"""How much of a row's squared length words, word pairs, letter sequences and concepts take."""
GRAM = (3, 5)
"""Shortest and longest letter sequence, counted with the blanks around a word."""


@dataclass(frozen=True, slots=True)
class Row:
    """A text as feature numbers and weights, unit length."""

    index: list[int]
    value: list[float]
    words: int
    unknown: float
    """Share of its words' weight that the shop's own examples do not hold."""
    word_numbers: tuple[int, ...] = ()
    """Which of the features are its known words."""


@dataclass(slots=True)
class Features:
    """The vocabulary with its weights."""

    number: dict[str, int] = field(default_factory=dict[str, int])
    weight: list[float] = field(default_factory=list[float])
    known: frozenset[str] = frozenset()
    unseen: float = 1.0
    """What a feature weighs that fitting never met."""

    def __len__(self) -> int:
        """How many features there are."""
        return len(self.weight)

    def fit(self, texts: Sequence[str], *, own: int) -> list[Row]:
        """Learn the vocabulary from `texts`, of which the first `own` are the shop's; return their rows."""
        counted = [_count(text) for text in texts]
        spread: Counter[str] = Counter()
        for names in counted:
            spread.update(names.keys())
        total = len(texts)
        self.unseen = math.log(1 + total) + 1
        for name, documents in spread.items():
            self.number[name] = len(self.weight)
            self.weight.append(math.log((1 + total) / (1 + documents)) + 1)
        self.known = frozenset(name for names in counted[:own] for name in names if name[0] == "w")
        return [self._row(names) for names in counted]

    def row(self, text: str) -> Row:
        """Return the row of a text met later; what was never seen in fitting is left out but counted as unknown."""
        return self._row(_count(text))

    def _row(self, names: Counter[str]) -> Row:
        index: list[int] = []
        value: list[float] = []
        blocks: dict[str, list[int]] = {kind: [] for kind in SHARES}
        squares = dict.fromkeys(SHARES, 0.0)
        words = 0
        strange = familiar = 0.0
        word_numbers: list[int] = []
        for name, count in names.items():
            number = self.number.get(name)
            if name[0] == "w":
                words += 1
                if name in self.known and number is not None:
                    familiar += self.weight[number]
                else:
                    strange += self.unseen
            if name[0] == "w" and number is not None:
                word_numbers.append(number)
            # An unseen feature still takes its part of the length: a strange message must not look sure.
            weight = (1 + math.log(count)) * (self.weight[number] if number is not None else self.unseen)
            squares[name[0]] += weight * weight
            if number is not None:
                blocks[name[0]].append(len(index))
                index.append(number)
                value.append(weight)
        present = sum(SHARES[kind] for kind in SHARES if squares[kind])
        for kind, places in blocks.items():
            if places:
                factor = math.sqrt(SHARES[kind] / present / squares[kind])
                for place in places:
                    value[place] *= factor
        return Row(index, value, words, strange / (strange + familiar) if words else 1.0, tuple(word_numbers))


def _count(text: str) -> Counter[str]:
    heard = sounds(text)
    names: Counter[str] = Counter()
    names.update("w" + word for word in heard)
    names.update(f"b{first} {second}" for first, second in zip(["^", *heard], [*heard, "$"], strict=True))
    names.update("g" + gram for word in heard for gram in _grams(word))
    names.update("c" + concept for concept in concepts(heard))
    return names


def _grams(word: str) -> Iterable[str]:
    padded = f" {word} "
    for size in range(GRAM[0], GRAM[1] + 1):
        for start in range(len(padded) - size + 1):
            yield padded[start : start + size]
        if len(padded) <= size:
            break
