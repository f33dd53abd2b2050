from dataclasses import replace

import numpy as np
import pytest
from listening_fakes import a_plan, acr
from scipy import stats

from ttslib.evaluation.listening.opinion import mean_opinions, opinion_differences, ratings_needed
from ttslib.evaluation.listening.simulated_listeners import simulate_ratings

SCORES = {
    "good": {"ann": [5, 4, 5, 4, 4, 5], "bob": [4, 4, 5, 3, 5, 4]},
    "poor": {"ann": [2, 3, 3, 4, 1, 2], "bob": [1, 2, 2, 2, 3, 2]},
    "fair": {"ann": [4, 3, 4, 3, 3, 3], "bob": [3, 4, 3, 3, 4, 3]},
}
RATINGS = acr(SCORES)


def column(system):
    return [score for of_rater in SCORES[system].values() for score in of_rater]


def item_means(system):
    return np.mean(list(SCORES[system].values()), axis=0)


def test_means_and_t_intervals_are_scipys_best_first():
    opinions = mean_opinions(RATINGS)
    assert [opinion.system for opinion in opinions] == ["good", "fair", "poor"]
    for opinion in opinions:
        scores = column(opinion.system)
        theirs = stats.t.interval(0.95, 11, loc=np.mean(scores), scale=stats.sem(scores))
        assert opinion.mean == pytest.approx(np.mean(scores))
        assert opinion.t_interval == pytest.approx(theirs)
        assert opinion.n_ratings == 12
        assert opinion.interval[0] < opinion.mean < opinion.interval[1]


def test_raters_who_differ_widen_the_resampled_interval_and_not_the_other():
    harsh = {"ann": [5, 5, 5, 5], "bob": [2, 2, 2, 2], "cat": [5, 5, 5, 5], "dan": [2, 2, 2, 2]}
    mixed = {"ann": [5, 2, 5, 2], "bob": [2, 5, 2, 5], "cat": [5, 2, 5, 2], "dan": [2, 5, 2, 5]}
    (by_rater,), (by_chance,) = mean_opinions(acr({"s": harsh})), mean_opinions(acr({"s": mixed}))
    assert by_rater.t_interval == pytest.approx(by_chance.t_interval)
    assert np.diff(by_rater.interval) > 1.5 * np.diff(by_chance.interval)


def test_differences_are_tested_by_scipys_wilcoxon_on_the_items():
    found = {(d.first, d.second): d for d in opinion_differences(RATINGS)}
    assert list(found) == [("good", "fair"), ("good", "poor"), ("fair", "poor")]
    for (first, second), difference in found.items():
        gaps = item_means(first) - item_means(second)
        assert difference.p == pytest.approx(stats.wilcoxon(gaps).pvalue)
        assert difference.difference == pytest.approx(gaps.mean())
        assert difference.n_items == 6
        assert difference.interval[0] < gaps.mean() < difference.interval[1]
    p = sorted(d.p for d in found.values())
    assert min(d.p_holm for d in found.values()) == pytest.approx(3 * p[0])


def test_systems_that_are_rated_alike_do_not_differ():
    same = acr({"a": SCORES["good"], "b": SCORES["good"]})
    (difference,) = opinion_differences(same)
    assert (difference.difference, difference.p, difference.p_holm) == (0, 1, 1)
    assert difference.interval == (0, 0)


def test_only_shared_items_are_compared():
    some = [r for r in RATINGS if not (r.systems == ("poor",) and r.item in ("i0", "i1"))]
    found = {(d.first, d.second): d for d in opinion_differences(some)}
    assert found["good", "poor"].n_items == 4
    gaps = (item_means("good") - item_means("poor"))[2:]
    assert found["good", "poor"].difference == pytest.approx(gaps.mean())


def test_the_resampled_interval_holds_the_truth_about_as_often_as_it_says():
    """The t interval, over ratings that hang together, does so less often."""
    plan = a_plan(systems=("a",), reference=None, anchor=None, practice_item=None)
    hits = {"t": 0, "resampled": 0}
    for seed in range(60):
        (opinion,) = mean_opinions(simulate_ratings(plan, {"a": 3.0}, n_raters=12, seed=seed))
        hits["t"] += opinion.t_interval[0] <= 3 <= opinion.t_interval[1]
        hits["resampled"] += opinion.interval[0] <= 3 <= opinion.interval[1]
    assert hits["resampled"] >= 52
    assert hits["t"] < hits["resampled"] - 5


def test_so_many_more_ratings_bring_the_interval_down():
    needed = ratings_needed(RATINGS, half_width=0.2)
    for system, more in needed.items():
        spread, n = np.std(column(system), ddof=1), 12 + more

        def half(n, spread=spread):
            return stats.t.ppf(0.975, n - 1) * spread / np.sqrt(n)

        assert half(n) <= 0.2 < half(n - 1)
    assert set(ratings_needed(RATINGS, half_width=2).values()) == {0}


def test_practice_is_left_out():
    practice = [replace(r, score=1, trial=r.trial + 50, practice=True) for r in RATINGS]
    assert mean_opinions([*RATINGS, *practice]) == mean_opinions(RATINGS)


@pytest.mark.parametrize("analyze", [mean_opinions, opinion_differences, ratings_needed])
@pytest.mark.parametrize(
    ("ratings", "message"),
    [
        ([], "no ratings yet"),
        ([replace(r, practice=True) for r in RATINGS], "practice isn't counted"),
        ([r for r in RATINGS if r.rater == "ann"], "by one rater .'ann'."),
        ([replace(r, score=4) for r in RATINGS], "all 36 ratings are 4"),
        ([*RATINGS, replace(RATINGS[0], trial=99, score=6)], "trial 99 of rater 'ann': score 6"),
        ([*RATINGS, replace(RATINGS[0], score=4.5)], "score 4.5 is not on the scale from 1 to 5"),
        ([*RATINGS, replace(RATINGS[0], systems=("a", "b"))], "another test's"),
    ],
)
def test_ratings_that_say_nothing_are_errors(analyze, ratings, message):
    with pytest.raises(ValueError, match=message):
        analyze(ratings)


def test_a_lone_rating_of_a_system_is_an_error():
    lone = [*RATINGS, replace(RATINGS[0], systems=("rare",))]
    for analyze in (mean_opinions, ratings_needed):
        with pytest.raises(ValueError, match="'rare' has one rating"):
            analyze(lone)
    with pytest.raises(ValueError, match="fewer than two rated items in common"):
        opinion_differences(lone)


def test_one_system_has_no_difference():
    with pytest.raises(ValueError, match="got only 'good'"):
        opinion_differences(acr({"good": SCORES["good"]}))


def test_a_width_must_be_positive():
    with pytest.raises(ValueError, match="half_width must be positive, got 0"):
        ratings_needed(RATINGS, half_width=0)
