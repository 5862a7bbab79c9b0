"""Turns a text into one sparse row: words, letter sequences and shop concepts, each weighted by how telling it is.

Knows nothing of intents. Fitted once on the examples; reading a row afterwards needs no library but the standard one.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from relevo.agents.understanding.concepts import concepts
from relevo.agents.understanding.fold import sounds

if TYPE_CHECKING:
    from collections.abc import Sequence

Index = NDArray[np.int32]
Value = NDArray[np.float32]

KINDS = "wbgc"
"""Words, word pairs, letter sequences, concepts: the first letter of a feature's name."""
FEW = (0.25, 0.08, 0.35, 0.32)
"""How much of a row's squared length each kind takes where an intent has a handful of examples."""
MANY = (0.30, 0.22, 0.38, 0.10)
"""The same where it has dozens: the examples themselves then show what belongs together, and concepts blur it."""
FEW_EXAMPLES, MANY_EXAMPLES = 8.0, 50.0
"""Examples an intent between which the shares pass from one to the other."""
GRAM = (3, 5)
"""Shortest and longest letter sequence, counted with the blanks around a word."""
_ONCE_COUNTS_UNTIL = 3000
"""With more texts than that, a pair or letter sequence of a single example is left out: it is mostly a slip."""


@dataclass(frozen=True, slots=True)
class Row:
    """A text as feature numbers and weights, unit length."""

    index: Index
    value: Value
    words: int
    unknown: float
    """Share of its words' weight that the shop's own examples do not hold."""
    word_numbers: tuple[int, ...] = ()
    """Which of the features are its known words."""


@dataclass(slots=True)
class Features:
    """The vocabulary with its weights."""

    shares: tuple[float, ...] = FEW
    number: dict[str, int] = field(default_factory=dict[str, int])
    weight: Value = field(default_factory=lambda: np.zeros(0, dtype=np.float32))
    known: frozenset[int] = frozenset()
    """Which features are words of the shop's own examples."""
    unseen: float = 1.0
    """What a feature weighs that fitting never met."""

    def __len__(self) -> int:
        """How many features there are."""
        return len(self.weight)

    def fit(self, texts: Sequence[str], *, own: int, per_intent: float = FEW_EXAMPLES) -> list[Row]:
        """Learn the vocabulary from `texts`, of which the first `own` are the shop's; return their rows."""
        self.shares = _shares(per_intent)
        met: dict[str, int] = {}
        counted: list[tuple[Index, Value]] = []
        for text in texts:
            names = _count(text)
            numbers = np.fromiter((met.setdefault(name, len(met)) for name in names), np.int32, len(names))
            counted.append((numbers, np.fromiter(names.values(), np.float32, len(names))))
        documents = np.zeros(len(met), dtype=np.int64)
        for numbers, _ in counted:
            documents[numbers] += 1
        total = len(texts)
        self.unseen = math.log(1 + total) + 1
        weight = (np.log((1 + total) / (1 + documents)) + 1).astype(np.float32)
        kind = np.fromiter((KINDS.index(name[0]) for name in met), np.int8, len(met))
        elsewhere = np.zeros(len(met), dtype=bool)
        for numbers, _ in counted[own:]:
            elsewhere[numbers] = True
        kept = (documents > (1 if total > _ONCE_COUNTS_UNTIL else 0)) | (kind == 0) | elsewhere
        place = (np.cumsum(kept) - 1).astype(np.int32)
        self.number = {name: int(place[old]) for name, old in met.items() if kept[old]}
        self.weight = weight[kept]
        held = np.zeros(len(met), dtype=bool)
        for numbers, _ in counted[:own]:
            held[numbers] = True
        self.known = frozenset(place[held & kept & (kind == 0)].tolist())
        return [
            self._row(place[numbers], kept[numbers], kind[numbers], weight[numbers], counts)
            for numbers, counts in counted
        ]

    def row(self, text: str) -> Row:
        """Return the row of a text met later; what was never seen in fitting is left out but counted as unknown."""
        names = _count(text)
        numbers = np.fromiter((self.number.get(name, -1) for name in names), np.int32, len(names))
        kept = numbers >= 0
        kind = np.fromiter((KINDS.index(name[0]) for name in names), np.int8, len(names))
        weight = np.where(kept, self.weight[np.where(kept, numbers, 0)], np.float32(self.unseen))
        return self._row(numbers, kept, kind, weight, np.fromiter(names.values(), np.float32, len(names)))

    def _row(
        self, numbers: Index, kept: NDArray[np.bool_], kind: NDArray[np.int8], weight: Value, counts: Value
    ) -> Row:
        # An unseen feature still takes its part of the length: a strange message must not look sure.
        value = (1 + np.log(counts)) * weight
        squares = np.bincount(kind, weights=value * value, minlength=len(KINDS))
        present = sum(share for share, square in zip(self.shares, squares, strict=True) if square)
        factor = np.array(
            [
                math.sqrt(share / present / square) if square else 0.0
                for share, square in zip(self.shares, squares, strict=True)
            ]
        )
        word = kind == 0
        words = tuple(numbers[word & kept].tolist())
        familiar = sum(float(self.weight[number]) for number in words if number in self.known)
        total = int(word.sum())
        strange = self.unseen * (total - sum(number in self.known for number in words))
        unknown = strange / (strange + familiar) if total else 1.0
        return Row(numbers[kept], (value * factor[kind])[kept].astype(np.float32), total, unknown, words)


def _shares(per_intent: float) -> tuple[float, ...]:
    """Between few and many by the logarithm of the examples an intent has."""
    part = math.log(max(per_intent, 1.0) / FEW_EXAMPLES) / math.log(MANY_EXAMPLES / FEW_EXAMPLES)
    part = min(1.0, max(0.0, part))
    return tuple(few + part * (many - few) for few, many in zip(FEW, MANY, strict=True))


def _count(text: str) -> Counter[str]:
    heard = sounds(text)
    names: Counter[str] = Counter()
    for word in heard:
        names.update(_of_word(word))
    names.update(f"b{first} {second}" for first, second in zip(["^", *heard], [*heard, "$"], strict=True))
    names.update("c" + concept for concept in concepts(heard))
    return names


@lru_cache(maxsize=8192)
def _of_word(word: str) -> tuple[str, ...]:
    """Name the word and its letter sequences."""
    padded = f" {word} "
    names = ["w" + word]
    for size in range(GRAM[0], GRAM[1] + 1):
        names.extend("g" + padded[start : start + size] for start in range(len(padded) - size + 1))
        if len(padded) <= size:
            break
    return tuple(names)
