from dataclasses import replace

import numpy as np
import pytest
from listening_fakes import pairs
from scipy import stats

from ttslib.evaluation.listening.preference import discriminations, preferences

# New is preferred by 2, 1, 0, 3, -1 and by 1, 1, 0, 2, 2, in whichever order the two were heard.
HEARD = [
    *pairs("ann", [(("old", "new"), 2), (("new", "old"), -1), (("old", "new"), 0),
                   (("new", "old"), -3), (("old", "new"), -1)]),
    *pairs("bob", [(("new", "old"), -1), (("old", "new"), 1), (("new", "old"), 0),
                   (("old", "new"), 2), (("new", "old"), -2)]),
]  # fmt: skip
NEW_BETTER = [2, 1, 0, 3, -1, 1, 1, 0, 2, 2]


def test_a_preference_is_the_same_in_whichever_order_it_was_heard():
    (found,) = preferences(HEARD)
    assert (found.first, found.second) == ("new", "old")
    assert found.mean == pytest.approx(np.mean(NEW_BETTER))
    theirs = stats.t.interval(0.95, 9, loc=np.mean(NEW_BETTER), scale=stats.sem(NEW_BETTER))
    assert found.t_interval == pytest.approx(theirs)
    assert found.interval[0] < found.mean < found.interval[1]
    assert (found.n_first, found.n_same, found.n_second, found.n_ratings) == (7, 2, 1, 10)


def test_the_sign_test_is_scipys_binomial_test_without_ties():
    (found,) = preferences(HEARD)
    assert found.p == pytest.approx(stats.binomtest(7, 8).pvalue)
    assert found.p_holm == found.p


def test_several_pairs_are_corrected_together():
    third = [replace(r, systems=tuple(s.replace("old", "older") for s in r.systems)) for r in HEARD]
    found = preferences([*HEARD, *third])
    assert [(p.first, p.second) for p in found] == [("new", "old"), ("new", "older")]
    assert [p.p_holm for p in found] == pytest.approx([2 * p.p for p in found])


def test_nobody_preferring_anything_is_a_p_of_one():
    indifferent = [replace(r, score=0) for r in HEARD]
    decided = [
        replace(r, systems=tuple(s.replace("old", "older") for s in r.systems)) for r in HEARD
    ]
    found = {p.second: p for p in preferences([*indifferent, *decided])}
    assert (found["old"].p, found["old"].n_same) == (1, 10)


@pytest.mark.parametrize(
    ("ratings", "message"),
    [
        ([], "no ratings yet"),
        (HEARD[:5], "by one rater .'ann'."),
        ([replace(r, score=1) for r in HEARD], "all 10 ratings are 1"),
        ([*HEARD[:-1], replace(HEARD[-1], score=4)], "score 4 is not on the scale from -3 to 3"),
        ([*HEARD[:-1], replace(HEARD[-1], systems=("new",))], "another test's"),
        ([*HEARD[:-1], replace(HEARD[-1], systems=("a", "b"))], "'a' against 'b' has one rating"),
    ],
)
def test_ratings_that_say_nothing_are_errors(ratings, message):
    with pytest.raises(ValueError, match=message):
        preferences(ratings)


def abx(n_right, n_wrong, rater="ann"):
    """Every second time the pair is turned round, and X is now the one, now the other."""
    answers = []
    for n in range(n_right + n_wrong):
        heard = ("old", "new") if n % 2 else ("new", "old")
        x = n // 2 % 2
        answers.append(((*heard, heard[x]), 1 + (x if n < n_right else 1 - x)))
    return pairs(rater, answers)


def test_abx_counts_who_is_right_and_tests_it_against_guessing():
    (found,) = discriminations(abx(16, 4))
    assert (found.first, found.second) == ("new", "old")
    assert (found.n_right, found.n_ratings, found.share) == (16, 20, 0.8)
    assert found.p == pytest.approx(stats.binomtest(16, 20, alternative="greater").pvalue)
    theirs = stats.binomtest(16, 20).proportion_ci(0.95, method="exact")
    assert found.interval == pytest.approx((theirs.low, theirs.high))


def test_guessing_is_not_hearing():
    (found,) = discriminations(abx(10, 10))
    assert found.p > 0.5
    assert found.interval[0] < 0.5 < found.interval[1]


@pytest.mark.parametrize(
    ("ratings", "message"),
    [
        ([], "no ratings yet"),
        ([replace(abx(1, 0)[0], score=3)], "score 3 is not on the scale from 1 to 2"),
        (HEARD, "another test's"),
    ],
)
def test_abx_answers_that_say_nothing_are_errors(ratings, message):
    with pytest.raises(ValueError, match=message):
        discriminations(ratings)
