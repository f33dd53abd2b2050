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

    They aren't: the ratings of one rater rise and fall together, and so do those of one sentence.
    So this interval, which papers report, is too narrow; that of `resampled_means` isn't.

    Parameters
    ----------
    values : (N,)
        At least two.

    Returns
    -------
    low, high : float
        Both are the mean if all values are equal.

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
    """Return the groups' means in many simulated tests, each with resampled raters and items.

    Raters and items are drawn with replacement, independently, and the weight of a rating is the
    number of times its rater was drawn times the number of times its item was. So the spread of the
    means includes the choice of raters and the choice of items. All groups share the same draws, so
    the difference of two columns is a valid sample of the difference. The percentiles of a column
    are an interval, `np.nanpercentile(means, [2.5, 97.5], axis=0)`, which is rather wide.

    Parameters
    ----------
    scores, groups, raters, items : (N,)
        Of each rating; the last three are any names or numbers. Raters don't have to rate every
        item.
    seed
        Of the draws.

    Returns
    -------
    (B, G), float64
        B = 2,000; the groups are in sorted order. NaN if a draw left a group without a rating.

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
    with np.errstate(invalid="ignore"):  # 0 / 0: a group that wasn't drawn
        return total / count


def holm(p_values: Sequence[float]) -> list[float]:
    """Correct the p-values of several tests: a false alarm in any is as rare as in a single one.

    Holm's step-down: the smallest of m is multiplied by m, the next by m - 1, and so on; none may
    be less than the one before it, or greater than 1.

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
