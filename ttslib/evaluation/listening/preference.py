"""Which of two systems raters prefer (CMOS), and whether they can tell them apart at all (ABX)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

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

__all__ = ["discriminations", "preferences"]


@dataclass(frozen=True, kw_only=True)
class Preference:
    """How much better `first` sounds than `second`, -3 (much worse) to 3 (much better)."""

    first: str
    second: str
    mean: float  # the comparison mean opinion score (CMOS)
    n_ratings: int
    t_interval: tuple[float, float]  # 95 %, by Student's t over the ratings: rather narrow
    interval: tuple[float, float]  # 95 %, by resampling raters and items
    n_first: int  # ratings that prefer the first
    n_same: int
    n_second: int
    p: float  # the sign test of equally many preferences for both, two-sided
    p_holm: float = 1.0  # corrected for all the pairs


@dataclass(frozen=True, kw_only=True)
class Discrimination:
    """How often X was identified correctly."""

    first: str
    second: str
    n_ratings: int
    n_right: int
    interval: tuple[float, float]  # 95 %, of the share of correct answers (Clopper and Pearson)
    p: float  # the binomial test against guessing, one-sided
    p_holm: float = 1.0  # corrected for all the pairs

    @property
    def share(self) -> float:
        """Return the share of correct answers; guessing gives 0.5."""
        return self.n_right / self.n_ratings


def preferences(ratings: Sequence[Rating], *, seed: int = 0) -> list[Preference]:
    """Compute each pair's CMOS with intervals and a sign test, the better system first.

    The sign test counts preferences and leaves out "about the same"; it makes no assumption on the
    size of the steps from -3 to 3. Like the t interval, it assumes independent ratings, so rely on
    it only if the resampled interval doesn't contain 0, either.

    Parameters
    ----------
    ratings
        Of a CMOS test, with the two in either order; practice is left out.
    seed
        Of the resampling.

    Raises
    ------
    ValueError
        There is no rating, only one rater, a score off the scale, or a pair with one rating; or
        all ratings are equal.

    References
    ----------
    ITU-T P.800, annex E (the scale).

    Taught in: notebooks/08_evaluation
    """
    kept = counted(ratings, "cmos")
    if len(raters := {rating.rater for rating in kept}) < 2:
        raise ValueError(
            f"all ratings are by one rater ({raters.pop()!r}), which isn't enough for an "
            "interval; ask two or more"
        )
    if len(kept) > 1 and len({rating.score for rating in kept}) == 1:
        raise ValueError(
            f"all {len(kept)} ratings are {kept[0].score}, so there is no spread for an interval; "
            "check that the raters heard the clips"
        )
    found = []
    for (first, second), of_pair in _pairs(kept).items():
        if len(of_pair) < 2:
            raise ValueError(f"{first!r} against {second!r} has one rating; two or more are needed")
        # The second clip was rated against the first.
        scores = np.array([r.score if r.systems[1] == first else -r.score for r in of_pair])
        if scores.mean() < 0:
            first, second, scores = second, first, -scores
        found.append(_preference(first, second, scores, of_pair, seed))
    return _corrected(found)


def discriminations(ratings: Sequence[Rating]) -> list[Discrimination]:
    """Test whether raters can tell the two systems of each pair apart; one rater is enough.

    Parameters
    ----------
    ratings
        Of an ABX test; practice is left out.

    Raises
    ------
    ValueError
        There is no rating, or a score is off the scale.

    Taught in: notebooks/08_evaluation
    """
    found = []
    for (first, second), of_pair in _pairs(counted(ratings, "abx")).items():
        right = sum(r.systems[r.score - 1] == r.systems[2] for r in of_pair)
        test = stats.binomtest(right, len(of_pair), alternative="greater")
        around = stats.binomtest(right, len(of_pair)).proportion_ci(CONFIDENCE)
        found.append(
            Discrimination(
                first=first,
                second=second,
                n_ratings=len(of_pair),
                n_right=right,
                interval=(float(around.low), float(around.high)),
                p=float(test.pvalue),
            )
        )
    return _corrected(found)


def _pairs(ratings: Iterable[Rating]) -> dict[tuple[str, str], list[Rating]]:
    """Return the ratings of each pair of systems, in either order."""
    pairs: dict[tuple[str, str], list[Rating]] = {}
    for rating in ratings:
        first, second = sorted(rating.systems[:2])
        pairs.setdefault((first, second), []).append(rating)
    return dict(sorted(pairs.items()))


def _preference(
    first: str, second: str, scores: np.ndarray, ratings: Sequence[Rating], seed: int
) -> Preference:
    draws = resampled_means(
        scores,
        groups=np.zeros(len(scores)),
        raters=[rating.rater for rating in ratings],
        items=[rating.item for rating in ratings],
        seed=seed,
    )
    low, high = np.nanpercentile(draws[:, 0], TAILS)
    n_first, n_second = int((scores > 0).sum()), int((scores < 0).sum())
    decided = n_first + n_second
    return Preference(
        first=first,
        second=second,
        mean=float(scores.mean()),
        n_ratings=len(scores),
        t_interval=t_interval(scores),
        interval=(float(low), float(high)),
        n_first=n_first,
        n_same=len(scores) - decided,
        n_second=n_second,
        p=float(stats.binomtest(n_first, decided).pvalue) if decided else 1.0,
    )


def _corrected(found: list) -> list:
    corrected = holm([of_pair.p for of_pair in found])
    return [replace(of_pair, p_holm=p) for of_pair, p in zip(found, corrected, strict=True)]
