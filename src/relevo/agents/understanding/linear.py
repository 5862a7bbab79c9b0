"""Regularised least squares over sparse rows, with the predictions each row would get had it not been there.

The only module that touches scipy. Few rows are solved by least squares rather than a support vector machine because
leaving out one row, or all rows of an intent, then has a closed form: calibration costs one matrix inverse instead of
many fits. Where there are many, `separate` draws the lines.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Sequence

    from relevo.agents.understanding.features import Row

Matrix = NDArray[np.float32]
Numbers = NDArray[np.intp]

RIDGE = 0.1
"""Regularisation, relative to a row of length one."""
OFFSET = 0.1
"""Added to every similarity: a constant feature."""
_ROUNDS = 6
"""Conjugate-gradient rounds within one of Newton's."""
_SETTLING_ROUNDS = 12
_NEWTON_ROUNDS = 8
_HALVINGS = 5
_ENOUGH = 0.01
"""A round that lowers no column's loss by more than this share is the last."""


class SparseRows:
    """Many rows in compressed form, by row and by feature."""

    def __init__(self, rows: Sequence[Row], features: int) -> None:
        from scipy.sparse import csr_matrix  # noqa: PLC0415  # a third of a second that commands without an agent need not pay

        starts = np.cumsum([0] + [len(row.index) for row in rows])
        index = np.concatenate([row.index for row in rows])
        value = np.concatenate([row.value for row in rows])
        self.count = len(rows)
        self._rows: Any = csr_matrix((value, index, starts), shape=(len(rows), features))
        self._by_feature: tuple[list[int], NDArray[np.int32], Matrix] | None = None

    def gram(self) -> Matrix:
        """Similarity of each row with each."""
        return cast("Matrix", (self._rows @ self._rows.T).toarray())

    def scores(self, weights: Matrix) -> Matrix:
        """Return each row's score for each column of feature weights."""
        return cast("Matrix", self._rows @ weights)

    def weights(self, columns: Matrix) -> Matrix:
        """Feature weights from row weights."""
        return np.ascontiguousarray(self._rows.T @ columns, dtype=np.float32)

    def similarities(self, row: Row) -> Matrix:
        """Similarity of a new row with each row here."""
        if not len(row.index):
            return np.zeros(self.count, dtype=np.float32)
        if self._by_feature is None:
            turned: Any = self._rows.T.tocsr()
            holders, values = cast("NDArray[np.int32]", turned.indices), cast("Matrix", turned.data)
            self._by_feature = (cast("list[int]", turned.indptr.tolist()), holders, values)
        starts, holding, values = self._by_feature
        spans = [slice(starts[i], starts[i + 1]) for i in cast("list[int]", row.index.tolist())]
        holders = np.concatenate([holding[span] for span in spans])
        parts = np.concatenate([values[span] * value for span, value in zip(spans, row.value, strict=True)])
        return np.bincount(holders, weights=parts, minlength=self.count).astype(np.float32)


class LeaveOut:
    """The exact solution for up to a few thousand rows, and what it would have said of rows it had not seen."""

    def __init__(self, gram: Matrix, targets: Matrix, row_weight: Matrix) -> None:
        system = gram.astype(np.float64) + OFFSET
        system[np.diag_indices_from(system)] += RIDGE / row_weight
        self._inverse = np.linalg.inv(system)
        self._targets = targets
        self.duals: Matrix = (self._inverse @ targets).astype(np.float32)

    def without_each(self) -> Matrix:
        """For each row, the scores of the model fitted without that row."""
        return (self._targets - self.duals / np.diag(self._inverse)[:, None]).astype(np.float32)

    def without(self, rows: Numbers) -> Matrix:
        """For these rows, the scores of the model fitted without all of them."""
        block = self._inverse[np.ix_(rows, rows)]
        return (self._targets[rows] - np.linalg.solve(block, self.duals[rows])).astype(np.float32)


def settle(rows: SparseRows, targets: Matrix, row_weight: Matrix, start: Matrix) -> Matrix:
    """Row weights of least squares for sets too large to invert: conjugate gradients, a few rounds from `start`."""
    ridge = (RIDGE / row_weight)[:, None]

    def apply(columns: Matrix) -> Matrix:
        return (rows.scores(rows.weights(columns)) + OFFSET * columns.sum(axis=0) + ridge * columns).astype(np.float32)

    duals = start.copy()
    rest = targets - apply(duals)
    direction = rest.copy()
    size = _dot(rest, rest)
    for _ in range(_SETTLING_ROUNDS):
        moved = apply(direction)
        step = size / np.maximum(_dot(direction, moved), 1e-12)
        duals += step * direction
        rest -= step * moved
        grown = _dot(rest, rest)
        direction = rest + grown / np.maximum(size, 1e-12) * direction
        size = grown
    return duals.astype(np.float32)


def separate(rows: SparseRows, targets: Matrix, row_weight: Matrix, start: Matrix) -> Matrix:
    """Feature weights (and, as a last row, offsets) of a linear support vector machine with squared hinge loss.

    Newton's method from `start`, all columns at once: rows beyond the margin drop out, the rest are a least-squares
    problem solved by conjugate gradients. A bounded number of rounds.
    """
    cost = (1 / RIDGE * row_weight)[:, None].astype(np.float32)
    weights = start.astype(np.float32)
    scores = _scored(rows, weights)
    loss = _loss(weights, scores, targets, cost)
    for _ in range(_NEWTON_ROUNDS):
        short = np.where(targets * scores < 1, cost, np.float32(0))
        slope = weights - _back(rows, short * (targets - scores))
        step = _solve(rows, short, -slope)
        moved = _scored(rows, step)
        length: Matrix = np.ones_like(targets[0])
        new = _loss(_along(weights, step, length), _along(scores, moved, length), targets, cost)
        for _ in range(_HALVINGS):
            worse = new > loss
            if not worse.any():
                break
            length[worse] /= 2
            new = _loss(_along(weights, step, length), _along(scores, moved, length), targets, cost)
        length[new > loss] = 0
        weights = _along(weights, step, length)
        scores = _along(scores, moved, length)
        gained = loss - np.minimum(new, loss)
        loss = np.minimum(new, loss)
        if float((gained / loss).max()) < _ENOUGH:
            break
    return weights


def _solve(rows: SparseRows, short: Matrix, wanted: Matrix) -> Matrix:
    """Conjugate gradients on the rows that fall short of the margin."""
    step = np.zeros_like(wanted)
    rest = wanted.copy()
    direction = rest.copy()
    size = _dot(rest, rest)
    for _ in range(_ROUNDS):
        moved = direction + _back(rows, short * _scored(rows, direction))
        pace = size / np.maximum(_dot(direction, moved), 1e-12)
        step += pace * direction
        rest -= pace * moved
        grown = _dot(rest, rest)
        direction = (rest + grown / np.maximum(size, 1e-12) * direction).astype(np.float32, copy=False)
        size = grown
    return step


def _scored(rows: SparseRows, weights: Matrix) -> Matrix:
    return rows.scores(weights[:-1]) + np.float32(math.sqrt(OFFSET)) * weights[-1]


def _back(rows: SparseRows, columns: Matrix) -> Matrix:
    return np.vstack([rows.weights(columns), np.float32(math.sqrt(OFFSET)) * columns.sum(axis=0)])


def _loss(weights: Matrix, scores: Matrix, targets: Matrix, cost: Matrix) -> Matrix:
    short = np.maximum(0, 1 - targets * scores)
    return cast("Matrix", _dot(weights, weights) + _dot(cost * short, short))


def _dot(left: Matrix, right: Matrix) -> Matrix:
    """Column by column."""
    return cast("Matrix", np.einsum("ij,ij->j", left, right))


def _along(start: Matrix, step: Matrix, length: Matrix) -> Matrix:
    return cast("Matrix", start + step * length)
