"""Ratings made by hand."""

from ttslib.evaluation.listening.design import ListeningPlan
from ttslib.evaluation.listening.ratings import Rating


def acr(scores: dict[str, dict[str, list[int]]]) -> list[Rating]:
    """System -> rater -> the score of item 0, 1, ..."""
    return [
        Rating(rater=rater, trial=n, item=f"i{n}", systems=(system,), score=score)
        for system, by_rater in scores.items()
        for rater, of_rater in by_rater.items()
        for n, score in enumerate(of_rater)
    ]


def pairs(
    rater: str, answers: list[tuple[tuple[str, ...], int]], item: str | None = None
) -> list[Rating]:
    """(systems as heard, score), one item after the other."""
    return [
        Rating(rater=rater, trial=n, item=item or f"i{n}", systems=systems, score=score)
        for n, (systems, score) in enumerate(answers)
    ]


def a_plan(**changes) -> ListeningPlan:
    wanted = {
        "kind": "acr",
        "systems": ("reference", "anchor", "a", "b"),
        "items": tuple(f"i{n}" for n in range(8)),
        "practice_item": "p",
        "reference": "reference",
        "anchor": "anchor",
    }
    return ListeningPlan(**{**wanted, **changes})
