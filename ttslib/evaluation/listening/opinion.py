"""Raters' opinions of each system: mean opinion scores, their intervals and their differences."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from scipy import stats

from ttslib.evaluation.listening.ratings import Rating, counted
from ttslib.evaluation.statistics.confidence import (
    CONFIDENCE,
    TAILS,
    holm,
    resampled_means,
    t_interval,
)

__all__ = ["mean_opinions", "opinion_differences", "ratings_needed"]


@dataclass(frozen=True, kw_only=True)
class MeanOpinion:
    """A system's mean opinion score (MOS), 1 to 5."""

    system: str
    mean: float
    n_ratings: int
    t_interval: tuple[float, float]  # 95 %, by Student's t over the ratings: rather narrow
    interval: tuple[float, float]  # 95 %, by resampling raters and items


@dataclass(frozen=True, kw_only=True)
class OpinionDifference:
    """How much better `first` is rated than `second`."""

    first: str
    second: str
    difference: float  # of the means over the items that both have
    interval: tuple[float, float]  # 95 %, by resampling raters and items
    n_items: int
    p: float  # Wilcoxon's signed-rank test on the items' means, two-sided
    p_holm: float = 1.0  # corrected for all the pairs


def mean_opinions(ratings: Sequence[Rating], *, seed: int = 0) -> list[MeanOpinion]:
    """Compute each system's MOS with two 95 % intervals, the best first.

    Parameters
    ----------
    ratings
        Of an ACR test; practice is left out.
    seed
        Of the resampling.

    Raises
    ------
    ValueError
        There is no rating, only one rater, a score off the scale, or a system with one rating; or
        all ratings are equal.

    References
    ----------
    ITU-T P.800, annex B (the scale); Owen 2007, The pigeonhole bootstrap (the resampling).

    Taught in: notebooks/08_evaluation
    """
    table = _Table(ratings)
    low, high = np.nanpercentile(table.resampled(seed), TAILS, axis=0)
    opinions = []
    for place, system in enumerate(table.systems):
        scores = table.scores[table.system == system]
        if len(scores) < 2:
            raise ValueError(f"system {system!r} has one rating; an interval needs two or more")
        opinions.append(
            MeanOpinion(
                system=system,
                mean=float(scores.mean()),
                n_ratings=len(scores),
                t_interval=t_interval(scores),
                interval=(float(low[place]), float(high[place])),
            )
        )
    return sorted(opinions, key=lambda opinion: -opinion.mean)


def opinion_differences(ratings: Sequence[Rating], *, seed: int = 0) -> list[OpinionDifference]:
    """Test, for every pair of systems, whether one is rated better than the other.

    The test is Wilcoxon's signed-rank test, on one number for each item: the mean rating of one
    system's clip minus that of the other's. Items are used because the ratings of one clip aren't
    independent, and a difference must hold beyond the sentences that happened to be chosen. Signed
    ranks are used because means of a five-step scale are bounded and few, hardly normal. With fewer
    than six items, no difference, however large, can reach p < 0.05. The interval also grows with
    the disagreement of the raters.

    Parameters
    ----------
    ratings
        Of an ACR test; practice is left out.
    seed
        Of the resampling.

    Returns
    -------
    list of OpinionDifference
        The better system of a pair, on the items rated for both, comes first; its interval is
        over all their ratings; p-values are corrected by Holm's method.

    Raises
    ------
    ValueError
        As for `mean_opinions`; or there is one system, or two have fewer than two items in common.

    References
    ----------
    Wilcoxon 1945, Individual comparisons by ranking methods; Holm 1979.

    Taught in: notebooks/08_evaluation
    """
    table = _Table(ratings)
    if len(table.systems) < 2:
        raise ValueError(f"a difference needs two systems, got only {table.systems[0]!r}")
    resampled = dict(zip(table.systems, table.resampled(seed).T, strict=True))
    means = {system: table.item_means(system) for system in table.systems}
    best_first = sorted(means, key=lambda system: -np.mean(list(means[system].values())))
    found = []
    for first, second in combinations(best_first, 2):
        shared = sorted(set(means[first]) & set(means[second]))
        if len(shared) < 2:
            raise ValueError(f"{first!r} and {second!r} have fewer than two rated items in common")
        gaps = np.array([means[first][item] - means[second][item] for item in shared])
        if gaps.mean() < 0:  # the better one on the items rated for both
            first, second, gaps = second, first, -gaps
        low, high = np.nanpercentile(resampled[first] - resampled[second], TAILS)
        found.append(
            OpinionDifference(
                first=first,
                second=second,
                difference=float(gaps.mean()),
                interval=(float(low), float(high)),
                n_items=len(gaps),
                p=_signed_rank_p(gaps),
            )
        )
    corrected = holm([of_pair.p for of_pair in found])
    return [replace(of_pair, p_holm=p) for of_pair, p in zip(found, corrected, strict=True)]


def ratings_needed(ratings: Sequence[Rating], *, half_width: float = 0.1) -> dict[str, int]:
    """Estimate how many more ratings each system needs for a MOS within `half_width`.

    It assumes that the spread so far stays the same, and finds the smallest n for which
    t(n - 1) * s / sqrt(n) is at most `half_width`, minus the existing ratings. Like every t
    interval over ratings, it assumes independence, so spread the new ones over new raters and new
    sentences.

    Parameters
    ----------
    ratings
        Of an ACR test, at least two for each system; practice is left out.
    half_width
        Half the width of a 95 % interval, in points of the scale.

    Raises
    ------
    ValueError
        As `mean_opinions` does, or `half_width` isn't positive.

    Taught in: notebooks/08_evaluation
    """
    if not half_width > 0:
        raise ValueError(f"half_width must be positive, got {half_width}; 0.1 is usual")
    table = _Table(ratings)
    needed = {}
    for system in table.systems:
        scores = table.scores[table.system == system]
        if len(scores) < 2:
            raise ValueError(f"system {system!r} has one rating; a spread needs two or more")
        needed[system] = max(0, _enough(float(scores.std(ddof=1)), half_width) - len(scores))
    return needed


class _Table:
    """The ratings as columns."""

    def __init__(self, ratings: Sequence[Rating]):
        kept = counted(ratings, "acr")
        self.scores = np.array([rating.score for rating in kept], dtype=np.float64)
        self.system = np.array([rating.systems[0] for rating in kept])
        self.rater = np.array([rating.rater for rating in kept])
        self.item = np.array([rating.item for rating in kept])
        self.systems = [str(name) for name in np.unique(self.system)]
        if len(raters := np.unique(self.rater)) < 2:
            raise ValueError(
                f"all ratings are by one rater ({str(raters[0])!r}), which isn't enough for an "
                "interval; ask two or more"
            )
        if np.ptp(self.scores) == 0:
            raise ValueError(
                f"all {len(kept)} ratings are {kept[0].score}, so there is no spread for an "
                "interval; check that the raters heard the clips"
            )

    def resampled(self, seed: int) -> np.ndarray:
        """Return resampled means (B, systems), in the order of `systems`."""
        return resampled_means(
            self.scores, groups=self.system, raters=self.rater, items=self.item, seed=seed
        )

    def item_means(self, system: str) -> dict[str, float]:
        own = self.system == system
        return {
            str(item): float(self.scores[own & (self.item == item)].mean())
            for item in np.unique(self.item[own])
        }


def _signed_rank_p(gaps: np.ndarray) -> float:
    rounded = gaps.round(9)  # means that differ only by rounding are tied
    return float(stats.wilcoxon(rounded).pvalue) if rounded.any() else 1.0


def _enough(spread: float, half_width: float) -> int:
    """Return the fewest values with that standard deviation and an interval as narrow."""
    n = 2
    while stats.t.ppf((1 + CONFIDENCE) / 2, n - 1) * spread / np.sqrt(n) > half_width:
        n = max(n + 1, int((1.95 * spread / half_width) ** 2))  # 1.95: just below t for any n
    return n
