import pytest
from listening_fakes import a_plan

from ttslib.evaluation.listening.opinion import mean_opinions
from ttslib.evaluation.listening.preference import discriminations, preferences
from ttslib.evaluation.listening.simulated_listeners import simulate_ratings

QUALITY = {"reference": 4.2, "anchor": 1.8, "a": 3.5, "b": 2.7}


def test_every_rating_says_that_it_is_simulated():
    ratings = simulate_ratings(a_plan(), QUALITY, n_raters=3)
    assert all(rating.simulated and rating.rater.startswith("simulated ") for rating in ratings)
    assert len({rating.rater for rating in ratings}) == 3


def test_the_means_come_near_the_qualities():
    for opinion in mean_opinions(simulate_ratings(a_plan(), QUALITY, n_raters=40)):
        assert opinion.mean == pytest.approx(QUALITY[opinion.system], abs=0.35)


def test_they_rate_what_the_plan_asks_in_its_order():
    plan = a_plan()
    ratings = simulate_ratings(plan, QUALITY, n_raters=2)
    second = [r for r in ratings if r.rater == "simulated 02"]
    assert [(r.item, r.systems, r.practice) for r in second] == [
        (t.item, t.systems, t.practice) for t in plan.trials(1)
    ]


def test_pairs_are_preferred_and_told_apart_by_their_distance():
    wanted = {"systems": ("a", "b", "reference"), "reference": None, "anchor": None}
    cmos = preferences(simulate_ratings(a_plan(kind="cmos", **wanted), QUALITY))
    found = {(p.first, p.second): p.mean for p in cmos}
    assert 0 < found["a", "b"] < found["reference", "b"]
    abx = discriminations(simulate_ratings(a_plan(kind="abx", **wanted), QUALITY))
    shares = {(d.first, d.second): d.share for d in abx}
    assert 0.5 < shares["a", "b"] < shares["b", "reference"]


def test_the_seed_decides():
    one, same, other = (simulate_ratings(a_plan(), QUALITY, seed=seed) for seed in (1, 1, 2))
    assert one == same
    assert one != other


@pytest.mark.parametrize(
    ("quality", "n_careless", "message"),
    [({"a": 3.0}, 0, "lacks anchor, b, reference"), (QUALITY, 5, "n_careless must be 0 to")],
)
def test_what_can_not_be_simulated(quality, n_careless, message):
    with pytest.raises(ValueError, match=message):
        simulate_ratings(a_plan(), quality, n_raters=4, n_careless=n_careless)
