"""Listeners that a computer draws: to try out a design, never to judge a system."""

from collections.abc import Mapping

import numpy as np

from ttslib.evaluation.listening.design import ListeningPlan
from ttslib.evaluation.listening.ratings import Rating

__all__ = ["simulate_ratings"]

RATER_SPREAD = 0.4  # standard deviations, in points of the five-step scale: how kind a rater is,
ITEM_SPREAD = 0.25  # how well a system happens to say a sentence,
NOISE = 0.7  # and what is left over from one answer to the next


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
    answer is the quality, plus the rater's kindness, the sentence's luck and noise, rounded onto
    the scale. A CMOS answer is the difference of two such impressions without the kindness. An ABX
    answer is right more often the further apart the two systems are; where they are equal it is a
    guess.

    Parameters
    ----------
    plan
        The test.
    quality
        System -> its true quality, 1 to 5.
    n_raters
        How many listen, the careless ones among them.
    n_careless
        How many of them answer anything at all: `screen_raters` should find them.
    seed
        Of all that is drawn.

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
    if plan.kind == "abx":  # X is like what it sounds more like
        a, b, x = heard
        return 1 if abs(x - a) < abs(x - b) else 2
    value = heard[0] + kindness if plan.kind == "acr" else heard[1] - heard[0]
    return int(np.clip(round(value), min(plan.scale.labels), max(plan.scale.labels)))
