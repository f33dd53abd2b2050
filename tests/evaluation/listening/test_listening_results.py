import csv

import pytest
from listening_fakes import a_plan, acr
from PIL import Image

from ttslib.evaluation.listening.opinion import mean_opinions, opinion_differences
from ttslib.evaluation.listening.preference import discriminations, preferences
from ttslib.evaluation.listening.results import listening_results
from ttslib.evaluation.listening.simulated_listeners import simulate_ratings

QUALITY = {"reference": 4.4, "anchor": 1.6, "a": 3.7, "b": 2.8}
PAIRS = {"systems": ("a", "b"), "reference": None, "anchor": None}
PLANS = {"acr": a_plan(), "cmos": a_plan(kind="cmos", **PAIRS), "abx": a_plan(kind="abx", **PAIRS)}


def simulated(kind, **how):
    return simulate_ratings(PLANS[kind], QUALITY, n_raters=8, **how)


def read_csv(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_rows_are_the_statistics():
    ratings = simulated("acr")
    results = listening_results(PLANS["acr"], ratings)
    assert [row["MOS"] for row in results.systems] == [o.mean for o in mean_opinions(ratings)]
    assert [row["p (Holm)"] for row in results.pairs] == [
        d.p_holm for d in opinion_differences(ratings)
    ]
    cmos = simulated("cmos")
    assert listening_results(PLANS["cmos"], cmos).systems[0]["CMOS"] == preferences(cmos)[0].mean
    abx = simulated("abx")
    assert listening_results(PLANS["abx"], abx).systems[0]["right"] == discriminations(abx)[0].share


def test_the_table_says_what_is_simulated_and_who_was_left_out():
    shown = str(listening_results(PLANS["acr"], simulated("acr", n_careless=1)))
    assert "256 ratings of 8 sentences by 8 raters (8 of them SIMULATED, not people)" in shown
    assert "left out: simulated 08 (" in shown
    assert shown.count("reference  ") == 4  # its own row, and three comparisons
    people = acr({"a": {"ann": [3, 4], "bob": [4, 5]}, "b": {"ann": [2, 2], "bob": [1, 2]}})
    assert "SIMULATED" not in str(listening_results(a_plan(), people))


def test_who_was_left_out_counts_only_without_screening():
    ratings = simulated("acr", n_careless=1)
    screened = listening_results(PLANS["acr"], ratings)
    everybody = listening_results(PLANS["acr"], ratings, screen=False)
    assert sum(row["ratings"] for row in screened.systems) == 7 * 32
    assert sum(row["ratings"] for row in everybody.systems) == 8 * 32
    assert list(screened.left_out) == ["simulated 08"]
    assert everybody.left_out == {}


@pytest.mark.parametrize("kind", PLANS)
def test_files_hold_all_of_it(tmp_path, kind):
    results = listening_results(PLANS[kind], simulated(kind))
    files = {path.name: path for path in results.save(tmp_path / "out")}
    assert set(files) - {"pairs.csv"} == {"systems.csv", "ratings.csv", "results.png"}
    assert ("pairs.csv" in files) == (kind == "acr")
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == sorted(files)
    rows = read_csv(files["systems.csv"])
    assert len(rows) == len(results.systems)
    assert float(rows[0]["interval low"]) == results.systems[0]["interval"][0]
    ratings = read_csv(files["ratings.csv"])
    assert len(ratings) == len(results.ratings)
    assert {row["simulated"] for row in ratings} == {"1"}
    assert Image.open(files["results.png"]).width == 800


def test_the_picture_turns_preferences_the_way_the_row_does():
    results = listening_results(PLANS["cmos"], simulated("cmos"))
    (row,) = results.systems
    axes = results.picture().axes[0]
    heights = {round(bar.get_x() + 0.4): abs(bar.get_height()) for bar in axes.patches}
    assert (row["first"], row["second"]) == ("a", "b")
    assert sum(heights[score] for score in (1, 2, 3)) > sum(heights[-score] for score in (1, 2, 3))
    assert axes.get_title() == "simulated raters"


def test_a_test_that_nobody_took_is_an_error():
    for kind, plan in PLANS.items():
        with pytest.raises(ValueError, match="no ratings yet"):
            listening_results(plan, [])
        with pytest.raises(ValueError, match="no ratings yet"):
            listening_results(plan, [r for r in simulated(kind) if r.practice])


def test_raters_who_all_fail_are_an_error():
    backwards = acr(
        {
            "reference": {"ann": [1, 2], "bob": [2, 2]},
            "anchor": {"ann": [4, 5], "bob": [3, 4]},
        }
    )
    with pytest.raises(ValueError, match="all 2 raters were screened out"):
        listening_results(a_plan(), backwards)
