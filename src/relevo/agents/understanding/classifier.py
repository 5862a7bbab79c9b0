"""Names the intent of a message from a shop's examples, says how sure it is, and notices what is none of them.

Fitted when a playbook loads; then read-only and safe to share. It labels and never acts.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np

from relevo.agents.understanding.calibrate import Logistic, PrecisionCurve, Vector
from relevo.agents.understanding.features import Features, Row
from relevo.agents.understanding.fold import sounds
from relevo.agents.understanding.linear import OFFSET, LeaveOut, Matrix, Numbers, SparseRows, separate, settle

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_EXACT_ROWS = 1300
"""Up to this many rows are solved exactly; beyond, an even sample of this size calibrates."""
_MOST_ROWS = 8_000
"""Examples beyond that are left out, evenly over the intents: they change next to nothing and cost memory."""
_LINES_FROM = 400
"""With this many examples a support vector machine names the intent; with fewer, least squares is as good."""
_TOO_CLOSE = 0.6
"""A bundled background sentence at least this similar to an example is what this shop does talk about."""
_FOREIGN_SHARE = 0.2
"""Assumed share of messages outside the playbook: half far from the shop (chatter), half near (intents it lacks)."""
_VERBATIM = 0.99


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the classifier thinks of one message."""

    ranked: tuple[tuple[str, float], ...]
    """The best intents with their scores (about −1 to 1), best first."""
    in_scope: float
    """Probability that it is about any of the playbook's intents."""
    chance: float
    """Probability that the best intent is right."""
    confidence: float
    """Expected precision when everything at least this sure is answered."""
    verbatim: bool = False
    """It is one of the examples."""


@cache
def background_sentences() -> tuple[str, ...]:
    """Chatter and other people's business in Spanish, Portuguese and English."""
    folder = files("relevo.agents.understanding") / "data"
    return tuple(
        line
        for language in ("es", "pt", "en")
        for line in (folder / f"background_{language}.txt").read_text(encoding="utf-8").splitlines()
        if line
    )


class IntentClassifier:
    """Fit on `{intent: examples}`; at least one example must hold a word."""

    def __init__(self, intents: Mapping[str, Sequence[str]], background: Sequence[str] = ()) -> None:
        own = _deduplicate(intents)
        self.intents = tuple(dict.fromkeys(intent for _, intent in own))
        self._verbatim = _verbatim(own)
        elsewhere = [text for text in background if sounds(text)]
        self._features = Features()
        texts = [text for text, _ in own] + elsewhere + list(background_sentences())
        rows = self._features.fit(texts, own=len(own), per_intent=len(own) / len(self.intents))
        number = {intent: place for place, intent in enumerate(self.intents)}
        fixed = len(own) + len(elsewhere)
        label = np.full(len(rows), len(number), dtype=np.intp)
        label[: len(own)] = [number[intent] for _, intent in own]
        near = np.sort(_sample(label[: len(own)], _EXACT_ROWS))
        self._rows = SparseRows([rows[int(i)] for i in near], len(self._features))
        far = [i for i in range(fixed, len(rows)) if float(self._rows.similarities(rows[i]).max()) < _TOO_CLOSE]
        kept = [*range(fixed), *far]
        rows, label = [rows[i] for i in kept], label[kept]
        self._lines: Matrix | None = None
        self._fit(rows, label, _voices(label, len(number), shop=fixed))

    def classify(self, text: str) -> Verdict:
        """Never raises; a text without words gets confidence 0."""
        row = self._features.row(text)
        if not row.words:
            return Verdict((), 0.0, 0.0, 0.0)
        scores = row.value @ self._weights[row.index] + self._offset
        nearest = float(self._rows.similarities(row).max())
        ranks = scores if self._lines is None else row.value @ self._lines[row.index] + self._line_offset
        first = np.array([int(ranks[:-1].argmax())])
        evidence = _evidence(scores[None, :], np.array([nearest]), [row], first)
        in_scope = float(self._in_scope.chance(evidence)[0])
        chance = float(self._correct.chance(evidence)[0])
        order = np.argsort(-ranks[:-1])[:5]
        ranked = [(self.intents[int(place)], float(ranks[place])) for place in order]
        verbatim = self._verbatim.get(tuple(sounds(text)))
        if verbatim is not None:
            ranked.sort(key=lambda scored: scored[0] != verbatim)
            if ranked[0][0] != verbatim:
                ranked.insert(0, (verbatim, 1.0))
            return Verdict(tuple(ranked), max(in_scope, _VERBATIM), max(chance, _VERBATIM), _VERBATIM, verbatim=True)
        return Verdict(tuple(ranked), in_scope, chance, self._curve.at(chance))

    def _fit(self, rows: list[Row], label: Numbers, voice: Matrix) -> None:
        chosen = _sample(label, _EXACT_ROWS)
        some = [rows[int(i)] for i in chosen]
        sample = SparseRows(some, len(self._features))
        targets = _targets(label, len(self.intents) + 1)
        gram = sample.gram()
        solved = LeaveOut(gram, targets[chosen], voice[chosen])
        everything, duals = sample, solved.duals
        if len(chosen) < len(rows):
            everything = SparseRows(rows, len(self._features))
            start = np.zeros_like(targets)
            start[chosen] = solved.duals
            duals = settle(everything, targets, voice, start)
        self._weights = everything.weights(duals)
        self._offset = (OFFSET * duals.sum(axis=0)).astype(np.float32)
        self._calibrate(solved, gram, some, label[chosen])
        if len(self.intents) > 1 and int((label != len(self.intents)).sum()) >= _LINES_FROM:
            start = np.vstack([self._weights, self._offset / np.sqrt(OFFSET)])
            lines = separate(everything, targets, voice, start)
            self._lines, self._line_offset = lines[:-1], lines[-1] * np.float32(np.sqrt(OFFSET))

    def _calibrate(self, solved: LeaveOut, gram: Matrix, rows: list[Row], label: Numbers) -> None:
        """Three kinds of unseen messages: each example alone, each intent as if the shop lacked it, and chatter.

        Least squares stands in for the support vector machine, which is right a little more often.
        """
        background = len(self.intents)
        own = np.flatnonzero(label != background)
        shop = [rows[i] for i in own]
        unseen = _Unseen(self._features, shop, label[own])
        alone = gram.copy()
        np.fill_diagonal(alone, 0.0)
        scores = solved.without_each()
        first = scores[:, :background].argmax(axis=1)
        blocks = [_evidence(scores[own], alone[np.ix_(own, own)].max(axis=1), unseen.each(), first[own])]
        right = [(first[own] == label[own]).astype(np.float64)]
        if len(self.intents) > 1:
            for intent in range(background):
                group = np.flatnonzero(label == intent)
                others = np.flatnonzero((label != intent) & (label != background))
                lacking = solved.without(group)
                # Its own column has no example left to learn from; it must not count as a candidate.
                lacking[:, intent] = -1.0
                nearest = gram[np.ix_(group, others)].max(axis=1)
                blocks.append(_evidence(lacking, nearest, unseen.of(intent), lacking[:, :background].argmax(axis=1)))
        near = sum(len(block) for block in blocks[1:])
        foreign = np.flatnonzero(label == background)
        if len(foreign):
            nearest = gram[np.ix_(foreign, own)].max(axis=1)
            blocks.append(_evidence(scores[foreign], nearest, [rows[i] for i in foreign], first[foreign]))
        evidence = np.concatenate(blocks)
        sizes = (len(own), near, len(foreign))
        weight = _traffic(sizes)
        in_scope = np.concatenate([np.ones(sizes[0]), np.zeros(sizes[1] + sizes[2])])
        correct = np.concatenate([right[0], np.zeros(sizes[1] + sizes[2])])
        self._in_scope = Logistic.fit(evidence, in_scope, weight)
        self._correct = Logistic.fit(evidence, correct, weight)
        self._curve = PrecisionCurve.fit(self._correct.chance(evidence), weight)


def _deduplicate(intents: Mapping[str, Sequence[str]]) -> list[tuple[str, str]]:
    """Distinct examples, evenly bounded, each with its intent."""
    room = max(1, _MOST_ROWS // max(1, len(intents)))
    own: list[tuple[str, str]] = []
    for intent, examples in intents.items():
        written = list(dict.fromkeys(examples))
        if len(written) > room:
            written = [written[int(place)] for place in np.linspace(0, len(written) - 1, room)]
        distinct = {tuple(heard): text for text in written if (heard := sounds(text))}
        own.extend((text, intent) for text in distinct.values())
    return own


def _verbatim(own: list[tuple[str, str]]) -> dict[tuple[str, ...], str]:
    """Examples by sound, without those that stand under two intents."""
    found: dict[tuple[str, ...], set[str]] = {}
    for text, intent in own:
        found.setdefault(tuple(sounds(text)), set()).add(intent)
    return {heard: next(iter(names)) for heard, names in found.items() if len(names) == 1}


def _sample(label: Numbers, most: int) -> Numbers:
    """Row numbers, at most about `most`, the same number of each class; evenly spaced, so repeatable."""
    if len(label) <= most:
        return np.arange(len(label))
    room = most // len(np.unique(label))
    picked: list[Numbers] = []
    for name in np.unique(label):
        members = np.flatnonzero(label == name)
        step = np.linspace(0, len(members) - 1, min(room, len(members))).astype(np.intp)
        picked.append(members[np.unique(step)])
    return np.sort(np.concatenate(picked))


def _targets(label: Numbers, classes: int) -> Matrix:
    """One column of ±1 for each class."""
    targets = np.full((len(label), classes), -1.0, dtype=np.float32)
    targets[np.arange(len(label)), label] = 1.0
    return targets


def _voices(label: Numbers, background: int, *, shop: int) -> Matrix:
    """How much each row counts: rare intents more; what the shop says is elsewhere as much as its examples."""
    counts = np.bincount(label, minlength=background + 1)
    voice = 1 / np.sqrt(counts[label])
    mean = voice[label != background].mean()
    voice[:shop][label[:shop] == background] = mean
    return (voice / mean).astype(np.float32)


def _evidence(scores: Matrix, nearest: Matrix, rows: list[Row], first: Numbers) -> Vector:
    """Name what the probabilities are computed from, one line per message; `first` is the intent it would get."""
    shop = scores[:, :-1].astype(np.float64)
    lines = np.arange(len(shop))
    best = shop[lines, first]
    shop[lines, first] = -np.inf
    runner_up = shop.max(axis=1) if shop.shape[1] > 1 else np.full(len(shop), -1.0)
    return np.column_stack(
        [
            best,
            best - runner_up,
            best - scores[:, -1],
            nearest,
            [row.unknown for row in rows],
            [math.log1p(row.words) for row in rows],
        ]
    )


def _traffic(sizes: tuple[int, int, int]) -> Vector:
    """Weights that make the three kinds of messages as frequent as expected, the sum staying the number of examples."""
    own, near, far = sizes
    foreign = own * _FOREIGN_SHARE / (1 - _FOREIGN_SHARE)
    shares = (0.5, 0.5) if near and far else (1.0 if near else 0.0, 1.0 if far else 0.0)
    return np.concatenate(
        [
            np.ones(own),
            np.full(near, shares[0] * foreign / max(1, near)),
            np.full(far, shares[1] * foreign / max(1, far)),
        ]
    )


class _Unseen:
    """Rows with the share of unknown words they would have had if they, or their whole intent, were not there."""

    def __init__(self, features: Features, rows: list[Row], label: Numbers) -> None:
        self._features = features
        self._rows = rows
        self._label = [int(name) for name in label]
        self._holders: Counter[int] = Counter()
        self._in_intent: Counter[tuple[int, int]] = Counter()
        for row, name in zip(rows, self._label, strict=True):
            self._holders.update(row.word_numbers)
            self._in_intent.update((word, name) for word in row.word_numbers)

    def each(self) -> list[Row]:
        """Each row as if it alone were missing."""
        return [
            self._without(row, {word for word in row.word_numbers if self._holders[word] <= 1}) for row in self._rows
        ]

    def of(self, intent: int) -> list[Row]:
        """Return the rows of an intent as if the shop lacked it."""
        return [
            self._without(
                row, {word for word in row.word_numbers if self._holders[word] == self._in_intent[word, intent]}
            )
            for row, name in zip(self._rows, self._label, strict=True)
            if name == intent
        ]

    def _without(self, row: Row, lost: set[int]) -> Row:
        strange = len(lost) * self._features.unseen
        familiar = sum(self._features.weight[word] for word in row.word_numbers if word not in lost)
        return replace(row, unknown=strange / (strange + familiar))
