from dataclasses import replace

import numpy as np
import pytest
from listening_fakes import a_plan, acr

from ttslib.evaluation.listening.screening import screen_raters
from ttslib.evaluation.listening.simulated_listeners import simulate_ratings

QUALITY = {"reference": 4.4, "anchor": 1.5, "a": 3.8, "b": 2.9}
PLAN = a_plan()


def test_careless_raters_are_found_and_nobody_else():
    ratings = simulate_ratings(PLAN, QUALITY, n_raters=16, n_careless=3)
    checks = screen_raters(ratings, reference="reference", anchor="anchor")
    assert len(checks) == 16
    assert [c.rater for c in checks if not c.kept] == [f"simulated {n}" for n in (14, 15, 16)]


def test_the_correlation_is_with_the_mean_of_the_others():
    scores = {"ann": [5, 4, 2, 1], "bob": [4, 4, 3, 1], "cat": [5, 3, 3, 2]}
    checks = {check.rater: check for check in screen_raters(acr({"s": scores}))}
    others = np.mean([scores["bob"], scores["cat"]], axis=0)
    assert checks["ann"].correlation == pytest.approx(np.corrcoef(scores["ann"], others)[0, 1])


def test_who_prefers_the_ruined_recording_is_named():
    scores = {
        "reference": {"ann": [5, 5], "odd": [2, 3]},
        "anchor": {"ann": [1, 2], "odd": [3, 2]},
    }
    ann, odd = screen_raters(acr(scores), reference="reference", anchor="anchor")
    assert ann.kept
    assert ann.reference_over_anchor == pytest.approx(3.5)
    assert odd.reasons == ("rates the ruined recordings as high as the recordings",)
    assert all(check.kept for check in screen_raters(acr(scores)))  # the rule isn't asked for


def test_two_raters_cannot_outvote_each_other():
    scores = {"ann": [5, 4, 2, 1], "bob": [1, 2, 4, 5]}
    assert [c.correlation for c in screen_raters(acr({"s": scores}))] == [None, None]


def test_always_the_same_answer_agrees_with_nobody():
    scores = {"ann": [5, 4, 2, 1], "bob": [4, 4, 3, 1], "flat": [3, 3, 3, 3]}
    flat = screen_raters(acr({"s": scores}))[2]
    assert flat.correlation == 0
    assert flat.reasons == ("agrees too little with the others: r = 0.00 < 0.5",)


def test_the_threshold_can_be_chosen_beforehand():
    ratings = simulate_ratings(PLAN, QUALITY, n_raters=6)
    assert all(not c.kept for c in screen_raters(ratings, least_correlation=0.999))


@pytest.mark.parametrize(
    ("ratings", "message"),
    [([], "no ratings yet"), ([replace(acr({"s": {"a": [3]}})[0], score=0)], "score 0")],
)
def test_bad_ratings_are_errors(ratings, message):
    with pytest.raises(ValueError, match=message):
        screen_raters(ratings)
