"""The uncertainty of a figure over some sentences, by resampling them.

Shapes: K sentences.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["Estimate", "difference", "estimate"]

RESAMPLES = 2000
LEVEL = 0.95


class Estimate(NamedTuple):
    """A figure, and the interval that contains it in 95 % of the resamplings."""

    value: float
    low: float  # nan with fewer than two sentences
    high: float
    sentences: int


def estimate(parts: ArrayLike, *, seed: int = 0) -> Estimate:
    """Estimate a ratio of sums, with an interval by resampling the sentences.

    An error rate is all errors divided by all words, not the mean of the sentences' rates, in which
    short sentences would count too much. So each sentence supplies both parts; a measure that is a
    plain mean supplies (value, 1).

    Parameters
    ----------
    parts : (K, 2)
        Of each sentence: numerator and denominator.
    seed
        For the resampling. Figures over equally many sentences are resampled alike.

    Raises
    ------
    ValueError
        When `parts` isn't (K, 2) with at least one sentence, or isn't finite.

    References
    ----------
    Efron and Tibshirani 1993, An Introduction to the Bootstrap (percentile intervals).
    Bisani and Ney 2004, Bootstrap estimates for confidence intervals in ASR performance
    evaluation, ICASSP (sentences as the unit).

    Taught in: notebooks/08_evaluation
    """
    values = _require_parts(parts, "parts")
    numerator, denominator = values.sum(axis=0)
    low, high = _interval(_resampled(values, seed), len(values))
    return Estimate(_ratio(numerator, denominator), low, high, len(values))


def difference(
    first: ArrayLike,
    second: ArrayLike,
    *,
    of: Callable[[np.ndarray], np.ndarray] | None = None,
    seed: int = 0,
) -> Estimate:
    """Estimate how much larger a figure is for `first` than for `second`, over the same sentences.

    A hard sentence is hard for both, so their difference is more certain than either figure: two
    overlapping intervals mean little, but if this one contains 0, the difference may be chance.

    Parameters
    ----------
    first, second : (K, 2)
        As for `estimate`, with the same sentence in each row.
    of : callable, optional
        The quantity to compare, computed from each figure, such as its distance from 1.

    Raises
    ------
    ValueError
        As `estimate`; and when the two have different numbers of sentences.

    Taught in: notebooks/08_evaluation
    """
    one, other = _require_parts(first, "first"), _require_parts(second, "second")
    if len(one) != len(other):
        raise ValueError(
            f"first has {len(one)} sentences and second {len(other)}; give both on the same ones"
        )
    of = of or (lambda figure: figure)
    value = of(_ratio(*one.sum(axis=0))) - of(_ratio(*other.sum(axis=0)))
    low, high = _interval(of(_resampled(one, seed)) - of(_resampled(other, seed)), len(one))
    return Estimate(value, low, high, len(one))


def _require_parts(parts: ArrayLike, name: str) -> np.ndarray:
    values = np.asarray(parts, dtype=np.float64)
    if values.ndim != 2 or values.shape[1] != 2 or len(values) == 0:
        raise ValueError(
            f"{name} must be (sentences, 2): numerator and denominator of at least one sentence, "
            f"got shape {values.shape}"
        )
    if not np.isfinite(values).all():
        raise ValueError(f"{name} holds NaN or infinity; leave such sentences out")
    return values


def _resampled(values: np.ndarray, seed: int) -> np.ndarray:
    """Return the figure (RESAMPLES,) of equally many sentences, drawn with replacement."""
    drawn = np.random.default_rng(seed).integers(len(values), size=(RESAMPLES, len(values)))
    numerators, denominators = values[drawn].sum(axis=1).T
    with np.errstate(invalid="ignore", divide="ignore"):
        return numerators / denominators


def _interval(figures: np.ndarray, sentences: int) -> tuple[float, float]:
    figures = figures[np.isfinite(figures)]  # without draws that have no word at all
    if sentences < 2 or len(figures) == 0:
        return math.nan, math.nan
    low, high = np.quantile(figures, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def _ratio(numerator: float, denominator: float) -> float:
    return float(numerator / denominator) if denominator else math.nan
