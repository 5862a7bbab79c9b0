"""Turns raw evidence about a message into probabilities: is it in scope, is the best intent right.

Fitted per playbook on messages the classifier has not seen; holds no text.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]

_PULL = 1.0
"""Strength of the pull of each coefficient towards zero, in observations."""
_ROUNDS = 30
_KNOTS = 64


@dataclass(frozen=True, slots=True)
class Logistic:
    """A small logistic regression on standardised evidence."""

    mean: Vector
    scale: Vector
    coefficients: Vector

    @classmethod
    def fit(cls, evidence: Vector, truth: Vector, weight: Vector) -> Logistic:
        """Newton's method; `weight` says how often each observation counts."""
        mean = np.average(evidence, axis=0, weights=weight)
        scale = np.sqrt(np.average((evidence - mean) ** 2, axis=0, weights=weight)) + 1e-6
        design = _design(evidence, mean, scale)
        pull = np.full(design.shape[1], _PULL)
        pull[0] = 1e-3
        coefficients = np.zeros(design.shape[1])
        for _ in range(_ROUNDS):
            chance = _squash(design @ coefficients)
            slope = design.T @ (weight * (truth - chance)) - pull * coefficients
            curve = (design * (weight * chance * (1 - chance))[:, None]).T @ design + np.diag(pull)
            step = np.linalg.solve(curve, slope)
            coefficients = coefficients + np.clip(step, -2, 2)
            if float(np.abs(step).max()) < 1e-6:  # noqa: PLR2004  # converged
                break
        return cls(mean, scale, coefficients)

    def chance(self, evidence: Vector) -> Vector:
        """Return the probability for each row of evidence."""
        return _squash(_design(evidence, self.mean, self.scale) @ self.coefficients)


@dataclass(frozen=True, slots=True)
class PrecisionCurve:
    """From a message's own probability to the precision of answering everything at least that sure."""

    chance: Vector
    precision: Vector

    @classmethod
    def fit(cls, chances: Vector, weight: Vector) -> PrecisionCurve:
        """From the probabilities of a sample weighted as traffic is expected to be."""
        order = np.argsort(-chances)
        sure, counted = chances[order], weight[order]
        precision = np.cumsum(sure * counted) / np.cumsum(counted)
        places = np.unique(np.linspace(0, len(sure) - 1, _KNOTS).astype(int))[::-1]
        return cls(sure[places], precision[places])

    def at(self, chance: float) -> float:
        """Return expected precision, never above 0.995: a sample of this size cannot promise more."""
        if chance >= self.chance[-1]:
            return min(0.995, float(chance))
        return min(0.995, float(np.interp(chance, self.chance, self.precision)))


def _design(evidence: Vector, mean: Vector, scale: Vector) -> Vector:
    standard = np.clip((evidence - mean) / scale, -4, 4)
    return np.concatenate([np.ones((len(evidence), 1)), standard], axis=1)


def _squash(value: Vector) -> Vector:
    return 1 / (1 + np.exp(-np.clip(value, -30, 30)))
