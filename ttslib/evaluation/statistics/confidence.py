"""The uncertainty of mean ratings: Student's t, resampled raters and items, Holm's correction.

Shapes: N ratings, G groups (systems, or pairs of them), R raters, I items, B resamples.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

__all__ = ["holm", "resampled_means", "t_interval"]

CONFIDENCE = 0.95
TAILS = (50 * (1 - CONFIDENCE), 50 * (1 + CONFIDENCE))  # the interval's ends, as percentiles
N_RESAMPLES = 2000


def t_interval(values: ArrayLike) -> tuple[float, float]:
    """Return a mean's 95 % confidence interval by Student's t, as if all values were independent.

    Ratings aren't: those of one rater go up and down together, and so do those of one sentence. So
    this interval, the one that papers print, is narrower than the truth; that of `resampled_means`
    isn't.

    Parameters
    ----------
    values : (N,)
        At least two.

    Returns
    -------
    low, high : float
        Both are the mean where all values are equal.

    Raises
    ------
    ValueError
        There are fewer than two values.

    Taught in: notebooks/08_evaluation
    """
    x = np.asarray(values, dtype=np.float64)
    if x.size < 2:
        raise ValueError(f"an interval needs two values or more, got {x.size}")
    half = stats.t.ppf((1 + CONFIDENCE) / 2, x.size - 1) * x.std(ddof=1) / np.sqrt(x.size)
    return float(x.mean() - half), float(x.mean() + half)


def resampled_means(
    scores: ArrayLike,
    *,
    groups: ArrayLike,
    raters: ArrayLike,
    items: ArrayLike,
    seed: int = 0,
) -> np.ndarray:
    """Return the groups' means in many imagined tests, each with resampled raters and items.

    Raters and items are drawn with replacement, each on their own, and a rating counts as often as
    its rater was drawn times as often as its item was: so the spread of the means holds both who
    happened to listen and what happened to be said. All groups live through the same draws, so a
    difference of two columns is a fair sample of the difference. The percentiles of a column are an
    interval, `np.nanpercentile(means, [2.5, 97.5], axis=0)`; it is on the wide side.

    Parameters
    ----------
    scores, groups, raters, items : (N,)
        Of each rating; the last three are any names or numbers. Not every rater need have rated
        every item.
    seed
        Of the draws.

    Returns
    -------
    (B, G), float64
        B = 2,000; the groups in sorted order. NaN where a draw left a group without a rating.

    References
    ----------
    Owen 2007, The pigeonhole bootstrap, Annals of Applied Statistics 1(2).

    Taught in: notebooks/08_evaluation
    """
    numbered = [np.unique(np.asarray(v), return_inverse=True)[1] for v in (groups, raters, items)]
    shape = tuple(int(numbers.max()) + 1 for numbers in numbered)
    sums, counts = np.zeros(shape), np.zeros(shape)  # (G, R, I)
    np.add.at(sums, tuple(numbered), np.asarray(scores, dtype=np.float64))
    np.add.at(counts, tuple(numbered), 1.0)
    rng = np.random.default_rng(seed)
    _, n_raters, n_items = shape
    drawn_raters = rng.multinomial(n_raters, np.full(n_raters, 1 / n_raters), N_RESAMPLES)  # (B, R)
    drawn_items = rng.multinomial(n_items, np.full(n_items, 1 / n_items), N_RESAMPLES)  # (B, I)
    total, count = (
        np.stack([((drawn_raters @ of_group) * drawn_items).sum(1) for of_group in table], axis=1)
        for table in (sums, counts)
    )
    with np.errstate(invalid="ignore"):  # 0 / 0: a group that was not drawn
        return total / count


def holm(p_values: Sequence[float]) -> list[float]:
    """Correct the p-values of several tests at once, so that one false alarm in all is as rare.

    Holm's step-down: the smallest of m is multiplied by m, the next by m - 1, and so on; none may
    fall below the one before it, nor rise above 1.

    References
    ----------
    Holm 1979, A simple sequentially rejective multiple test procedure, Scandinavian Journal of
    Statistics 6(2).

    Taught in: notebooks/08_evaluation
    """
    p = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    corrected = np.empty_like(p)
    corrected[order] = np.minimum(stepped, 1)
    return corrected.tolist()
