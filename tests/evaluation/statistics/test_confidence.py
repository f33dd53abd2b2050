import numpy as np
import pytest
from scipy import stats

from ttslib.evaluation.statistics.confidence import holm, resampled_means, t_interval


def test_the_t_interval_is_scipys():
    scores = [4, 5, 3, 4, 4, 2, 5]
    theirs = stats.t.interval(0.95, 6, loc=np.mean(scores), scale=stats.sem(scores))
    assert t_interval(scores) == pytest.approx(theirs)


def test_an_interval_needs_two_values():
    with pytest.raises(ValueError, match="two values or more, got 1"):
        t_interval([3])


def crossed(n_raters, n_items, rater_spread, item_spread, seed=0):
    """One group, every rater on every item: (scores, raters, items)."""
    rng = np.random.default_rng(seed)
    of_rater, of_item = rng.normal(0, rater_spread, n_raters), rng.normal(0, item_spread, n_items)
    raters, items = np.divmod(np.arange(n_raters * n_items), n_items)
    noise = rng.normal(0, 0.1, raters.size)
    return 3 + of_rater[raters] + of_item[items] + noise, raters, items


@pytest.mark.parametrize(("rater_spread", "item_spread"), [(1.0, 0.0), (0.0, 1.0)])
def test_resampling_spreads_as_raters_and_items_do(rater_spread, item_spread):
    scores, raters, items = crossed(40, 30, rater_spread, item_spread)
    means = resampled_means(scores, groups=np.zeros(1200), raters=raters, items=items)[:, 0]
    n = 40 if rater_spread else 30
    by_one = [scores[(raters if rater_spread else items) == k].mean() for k in range(n)]
    expected = np.std(by_one) / np.sqrt(n)  # the spread of a mean of so many independent ones
    assert means.std() == pytest.approx(expected, rel=0.1)
    assert means.mean() == pytest.approx(scores.mean(), abs=0.02)


def test_a_resample_counts_a_rating_as_often_as_its_rater_times_its_item():
    """Two raters, one item: the mean of (a, b), (a, a) or (b, b)."""
    means = resampled_means([1, 5], groups=[0, 0], raters=["a", "b"], items=["x", "x"])
    values, counts = np.unique(means, return_counts=True)
    assert values.tolist() == [1, 3, 5]
    assert counts / counts.sum() == pytest.approx([0.25, 0.5, 0.25], abs=0.04)


def test_all_groups_live_through_the_same_draws():
    scores, raters, items = crossed(10, 10, 1.0, 1.0)
    both = resampled_means(
        np.concatenate([scores, scores + 0.5]),
        groups=np.repeat(["b", "c"], 100),
        raters=np.tile(raters, 2),
        items=np.tile(items, 2),
    )
    np.testing.assert_allclose(both[:, 1] - both[:, 0], 0.5)


def test_a_group_that_was_not_drawn_has_no_mean():
    means = resampled_means([1, 2, 3], groups=[0, 0, 1], raters=[0, 1, 1], items=[0, 0, 0])
    assert np.isnan(means[:, 1]).mean() == pytest.approx(0.25, abs=0.04)
    assert not np.isnan(means[:, 0]).any()


def test_the_seed_decides_the_draws():
    def means(seed):
        return resampled_means(
            [1, 2, 3, 5], groups=[0] * 4, raters=[0, 0, 1, 1], items=[0, 1, 0, 1], seed=seed
        )

    np.testing.assert_array_equal(means(1), means(1))
    assert (means(1) != means(2)).any()


def test_holms_correction_worked_by_hand():
    # 0.01 * 4; then 0.02 * 3 = 0.06; then 0.03 * 2 = 0.06; then 0.5 * 1
    assert holm([0.5, 0.01, 0.03, 0.02]) == pytest.approx([0.5, 0.04, 0.06, 0.06])
    assert holm([0.01, 0.011]) == pytest.approx([0.02, 0.02])  # never below the one before
    assert holm([0.9, 0.8]) == [1, 1]
    assert holm([]) == []
