"""Screen raters for reliability."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ttslib.evaluation.listening.ratings import Rating, counted

__all__ = ["screen_raters"]

FEWEST_RATERS = 3  # with two, neither can be called the outlier


@dataclass(frozen=True, kw_only=True)
class RaterCheck:
    """One rater, and the reasons to leave them out."""

    rater: str
    n_ratings: int
    correlation: float | None  # with the others; None if it can't be computed
    reference_over_anchor: float | None  # in points; None if one of them wasn't rated
    reasons: tuple[str, ...]  # empty: keep

    @property
    def kept(self) -> bool:
        """Return True if there is no reason to leave them out."""
        return not self.reasons


def screen_raters(
    ratings: Sequence[Rating],
    *,
    reference: str | None = None,
    anchor: str | None = None,
    least_correlation: float = 0.5,
) -> list[RaterCheck]:
    """Find raters who didn't listen; choose the rule before looking at the results.

    There are two rules. Raters who rate the hidden recordings no higher, on average, than the
    degraded ones weren't listening. And a rater's scores should rise and fall with those of the
    others: Pearson's correlation with the mean of all other raters, clip by clip, must reach
    `least_correlation`. (ITU-T P.913 asks for 0.75 if each clip was rated by two dozen people; a
    speech test of a few systems seldom has such contrasts.) The second rule needs at least three
    raters.

    Parameters
    ----------
    ratings
        Of an ACR test; practice is left out.
    reference, anchor
        The systems that should be rated highest and lowest; None skips that rule.
    least_correlation
        -1 to 1.

    Raises
    ------
    ValueError
        There is no rating, or a score is off the scale.

    References
    ----------
    ITU-T P.913, clause 11.4 and ITU-R BT.500, annex 2 (correlation); ITU-R BS.1534-3, clause 4.1
    (the hidden reference).

    Taught in: notebooks/08_evaluation
    """
    kept = counted(ratings, "acr")
    by_rater: dict[str, dict[tuple[str, str], float]] = {}
    for rating in kept:
        by_rater.setdefault(rating.rater, {})[rating.systems[0], rating.item] = rating.score
    checks = []
    for rater, own in by_rater.items():
        others = [scores for name, scores in by_rater.items() if name != rater]
        correlation = _correlation(own, others) if len(by_rater) >= FEWEST_RATERS else None
        above = _above(own, reference, anchor)
        reasons = []
        if above is not None and above <= 0:
            reasons.append("rates the ruined recordings as high as the recordings")
        if correlation is not None and correlation < least_correlation:
            reasons.append(
                f"agrees too little with the others: r = {correlation:.2f} < {least_correlation:g}"
            )
        checks.append(
            RaterCheck(
                rater=rater,
                n_ratings=len(own),
                correlation=correlation,
                reference_over_anchor=above,
                reasons=tuple(reasons),
            )
        )
    return checks


def _correlation(own: dict, others: list[dict]) -> float | None:
    """Compute Pearson's r with the others' mean, over the clips that others rated, too."""
    pairs = []
    for clip, score in own.items():
        theirs = [scores[clip] for scores in others if clip in scores]
        if theirs:
            pairs.append((score, sum(theirs) / len(theirs)))
    if len(pairs) < 3:
        return None
    mine, mean = np.array(pairs, dtype=np.float64).T
    if np.ptp(mean) == 0:
        return None
    return float(np.corrcoef(mine, mean)[0, 1]) if np.ptp(mine) else 0.0  # always the same answer


def _above(own: dict, reference: str | None, anchor: str | None) -> float | None:
    means = []
    for system in (reference, anchor):
        scores = [score for (of, _), score in own.items() if of == system]
        if not scores:
            return None
        means.append(sum(scores) / len(scores))
    return means[0] - means[1]
