"""Regularised least squares over sparse rows, with the predictions each row would get had it not been there.

The only module that touches scipy. Least squares rather than a support vector machine because leaving out one row, or
all rows of an intent, then has a closed form: calibration costs one matrix inverse instead of many fits.
"""

from __future__ import annotations

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
_ROUNDS = 25
"""Conjugate-gradient rounds for sets too large to invert."""


class SparseRows:
    """Many rows in compressed form, by row and by feature."""

    def __init__(self, rows: Sequence[Row], features: int) -> None:
        from scipy.sparse import csr_matrix  # noqa: PLC0415  # a third of a second that commands without an agent need not pay

        starts = np.cumsum([0] + [len(row.index) for row in rows])
        index = np.fromiter((i for row in rows for i in row.index), dtype=np.int32, count=starts[-1])
        value = np.fromiter((v for row in rows for v in row.value), dtype=np.float32, count=starts[-1])
        self.count = len(rows)
        self._rows: Any = csr_matrix((value, index, starts), shape=(len(rows), features))
        by_feature: Any = self._rows.T.tocsr()
        self._starts = cast("list[int]", by_feature.indptr.tolist())
        self._holders = cast("NDArray[np.int32]", by_feature.indices)
        self._values = cast("Matrix", by_feature.data)

    def gram(self) -> Matrix:
        """Similarity of each row with each."""
        return cast("Matrix", (self._rows @ self._rows.T).toarray())

    def product(self, columns: Matrix) -> Matrix:
        """Return the Gram matrix times `columns`, without building it."""
        return self._rows @ (self._rows.T @ columns)

    def weights(self, columns: Matrix) -> Matrix:
        """Feature weights from row weights."""
        return np.ascontiguousarray(self._rows.T @ columns, dtype=np.float32)

    def similarities(self, row: Row) -> Matrix:
        """Similarity of a new row with each row here."""
        if not row.index:
            return np.zeros(self.count, dtype=np.float32)
        spans = [slice(self._starts[i], self._starts[i + 1]) for i in row.index]
        holders = np.concatenate([self._holders[span] for span in spans])
        parts = np.concatenate([self._values[span] * value for span, value in zip(spans, row.value, strict=True)])
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


def iterate(rows: SparseRows, targets: Matrix, row_weight: Matrix, start: Matrix) -> Matrix:
    """Row weights for sets too large to invert: conjugate gradients, a bounded number of rounds from `start`."""
    ridge = (RIDGE / row_weight)[:, None]

    def apply(columns: Matrix) -> Matrix:
        return (rows.product(columns) + OFFSET * columns.sum(axis=0) + ridge * columns).astype(np.float32)

    duals = start.copy()
    rest = targets - apply(duals)
    direction = rest.copy()
    size = (rest * rest).sum(axis=0)
    for _ in range(_ROUNDS):
        moved = apply(direction)
        step = size / np.maximum((direction * moved).sum(axis=0), 1e-12)
        duals += step * direction
        rest -= step * moved
        grown = (rest * rest).sum(axis=0)
        direction = rest + grown / np.maximum(size, 1e-12) * direction
        size = grown
    return duals.astype(np.float32)
