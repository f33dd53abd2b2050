"""Simulated listeners, for testing a design, never for judging a system."""

from collections.abc import Mapping

import numpy as np

from ttslib.evaluation.listening.design import ListeningPlan
from ttslib.evaluation.listening.ratings import Rating

__all__ = ["simulate_ratings"]

RATER_SPREAD = 0.4  # standard deviations, in points of the five-step scale: of raters' leniency,
ITEM_SPREAD = 0.25  # of how well a system speaks a sentence,
NOISE = 0.7  # and of the remaining noise in each answer


def simulate_ratings(
    plan: ListeningPlan,
    quality: Mapping[str, float],
    *,
    n_raters: int = 20,
    n_careless: int = 0,
    seed: int = 0,
) -> list[Rating]:
    """Simulate listeners' answers from given true qualities of the systems.

    Every rating is marked as simulated, and every rater's name begins with "simulated". An ACR
    answer is the sum of the quality, the rater's leniency, a deviation of the sentence, and noise,
    rounded to the scale. A CMOS answer is the difference of two such impressions without the
    leniency. An ABX answer is right more often the farther apart the two systems are; if they are
    equal, it is a guess.

    Parameters
    ----------
    plan
        The test.
    quality
        System -> its true quality, 1 to 5.
    n_raters
        The number of listeners, including the careless ones.
    n_careless
        How many of them answer at random: `screen_raters` should find them.
    seed
        For all random numbers.

    Raises
    ------
    ValueError
        A system has no quality, or there are more careless raters than raters.

    Taught in: notebooks/08_evaluation
    """
    if missing := sorted(set(plan.systems) - set(quality)):
        raise ValueError(f"quality lacks {', '.join(missing)}; name every system of the plan")
    if not 0 <= n_careless <= n_raters:
        raise ValueError(f"n_careless must be 0 to n_raters={n_raters}, got {n_careless}")
    rng = np.random.default_rng(seed)
    items = [*plan.items, *([plan.practice_item] if plan.practice_item is not None else [])]
    true = {
        (system, item): quality[system] + rng.normal(0, ITEM_SPREAD)
        for system in plan.systems
        for item in items
    }
    ratings = []
    for number in range(n_raters):
        name = f"simulated {number + 1:02d}"
        kindness = rng.normal(0, RATER_SPREAD)
        for trial in plan.trials(number):
            if number >= n_raters - n_careless:
                score = int(rng.choice(list(plan.scale.labels)))
            else:
                heard = [
                    true[system, trial.item] + rng.normal(0, NOISE) for system in trial.systems
                ]
                score = _answer(plan, heard, kindness)
            ratings.append(plan.rate(name, trial, score, simulated=True))
    return ratings


def _answer(plan: ListeningPlan, heard: list[float], kindness: float) -> int:
    if plan.kind == "abx":  # X is taken for the clip that sounds more like it
        a, b, x = heard
        return 1 if abs(x - a) < abs(x - b) else 2
    value = heard[0] + kindness if plan.kind == "acr" else heard[1] - heard[0]
    return int(np.clip(round(value), min(plan.scale.labels), max(plan.scale.labels)))
