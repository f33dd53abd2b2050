import math

import numpy as np
import pytest

from ttslib.evaluation.statistics.resampling import difference, estimate


def plain(values):
    """A mean's parts."""
    return np.stack([values, np.ones(len(values))], axis=1)


def test_a_rate_is_all_errors_over_all_words_not_the_mean_of_rates():
    assert estimate([(1, 1), (0, 9)]).value == pytest.approx(0.1)


def test_the_interval_of_a_mean_is_as_wide_as_the_normal_distribution_says():
    values = np.random.default_rng(3).normal(5, 2, size=400)
    found = estimate(plain(values))
    half = 1.96 * values.std() / math.sqrt(400)
    assert found.value == pytest.approx(values.mean())
    assert found.low == pytest.approx(values.mean() - half, abs=0.03)
    assert found.high == pytest.approx(values.mean() + half, abs=0.03)
    assert found.sentences == 400


def test_intervals_hold_the_truth_about_as_often_as_they_promise():
    rng = np.random.default_rng(5)
    held = 0
    for _ in range(200):
        found = estimate(plain(rng.exponential(3, size=60)))
        held += found.low <= 3 <= found.high
    assert 0.88 <= held / 200 <= 0.98


def test_one_sentence_has_a_value_and_no_interval():
    found = estimate([(3, 4)])
    assert found.value == 0.75
    assert math.isnan(found.low)
    assert math.isnan(found.high)


def test_the_same_seed_gives_the_same_interval_and_another_nearly_so():
    parts = plain(np.random.default_rng(1).normal(size=50))
    assert estimate(parts, seed=4) == estimate(parts, seed=4) != estimate(parts, seed=5)
    assert estimate(parts, seed=4).low == pytest.approx(estimate(parts, seed=5).low, abs=0.05)


def test_a_paired_difference_is_known_better_than_either_figure():
    rng = np.random.default_rng(2)
    hard = rng.normal(10, 4, size=50)  # how hard each sentence is, for both
    one, other = plain(hard + 1 + rng.normal(0, 0.2, 50)), plain(hard)
    apart = difference(one, other)
    assert apart.value == pytest.approx(1, abs=0.1)
    assert 0.8 < apart.low < apart.high < 1.2
    assert estimate(one).low < estimate(other).high  # the two intervals overlap all the same


def test_the_difference_turns_its_sign_with_its_sides():
    one, other = plain(np.arange(9.0)), plain(np.arange(9.0)[::-1] ** 2)
    there, back = difference(one, other), difference(other, one)
    assert (there.value, there.low, there.high) == (-back.value, -back.high, -back.low)


def test_sentences_without_a_word_leave_a_rate_as_it_is():
    assert estimate([(0, 0), (1, 4), (1, 4)]).value == 0.25
    assert math.isnan(estimate([(0, 0), (0, 0)]).value)


@pytest.mark.parametrize(
    ("parts", "problem"),
    [
        ([], r"got shape \(0,\)"),
        ([1.0, 2.0], r"got shape \(2,\)"),
        ([(1, 2, 3)], r"got shape \(1, 3\)"),
        ([(math.nan, 1)], "NaN"),
        ([(1, math.inf)], "infinity"),
    ],
)
def test_parts_of_no_use_are_refused(parts, problem):
    with pytest.raises(ValueError, match=problem):
        estimate(parts)


def test_differences_need_the_same_sentences():
    with pytest.raises(ValueError, match="first has 1 sentences and second 2"):
        difference([(1, 1)], [(1, 1), (2, 1)])
