import json
from collections import Counter
from itertools import pairwise

import pytest
from listening_fakes import a_plan

from ttslib.evaluation.listening.design import open_listening_test, williams_square


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 6])
def test_the_square_is_balanced_in_columns_and_successions(n):
    rows = williams_square(n)
    assert all(sorted(row) == list(range(n)) for row in rows)
    for column in zip(*rows, strict=True):
        assert set(Counter(column).values()) == {len(rows) // n}
    after = Counter(pair for row in rows for pair in pairwise(row))
    assert len(after) == n * (n - 1)
    assert len(set(after.values())) <= 1


def counting(plan, rater):
    return [trial for trial in plan.trials(rater) if not trial.practice]


def test_the_same_rater_always_hears_the_same_and_another_one_something_else():
    assert a_plan().trials(5) == a_plan().trials(5)
    orders = {tuple((t.item, t.systems) for t in a_plan().trials(rater)) for rater in range(20)}
    assert len(orders) == 20
    assert a_plan(seed=1).trials(0) != a_plan(seed=2).trials(0)


def test_every_rater_rates_every_clip_once():
    plan = a_plan()
    for rater in range(9):
        heard = Counter((t.item, t.systems) for t in counting(plan, rater))
        assert len(heard) == 8 * 4
        assert set(heard.values()) == {1}


def test_no_sentence_is_heard_twice_in_a_row():
    for rater in range(9):
        items = [t.item for t in counting(a_plan(), rater)]
        assert all(a != b for a, b in pairwise(items))


@pytest.mark.parametrize(
    "systems", [("reference", "anchor", "a"), ("reference", "anchor", "a", "b")]
)
def test_in_one_round_so_many_raters_as_rows_rate_every_clip_equally_often(systems):
    plan = a_plan(systems=systems, rounds=1)
    raters = len(williams_square(len(systems)))
    heard = Counter((t.item, t.systems) for r in range(raters) for t in counting(plan, r))
    assert len(heard) == 8 * len(systems)
    assert set(heard.values()) == {raters // len(systems)}
    for rater in range(raters):
        assert sorted(t.item for t in counting(plan, rater)) == sorted(plan.items)


def test_practice_comes_first_with_the_best_and_the_worst():
    trials = a_plan().trials(4)
    practice = [t for t in trials if t.practice]
    assert practice == trials[:4]
    assert {t.item for t in practice} == {"p"}
    assert [t.systems for t in practice[:2]] == [("reference",), ("anchor",)]
    assert [t.number for t in trials] == list(range(36))
    assert not [t for t in a_plan(practice_item=None).trials(0) if t.practice]


def test_either_of_a_pair_comes_first_half_of_the_time():
    plan = a_plan(kind="cmos", systems=("a", "b", "c"), reference=None, anchor=None)
    for rater in range(4):
        trials = counting(plan, rater)
        assert len(trials) == 3 * 8
        assert sum(t.systems[0] < t.systems[1] for t in trials) == 12


def test_x_is_either_of_the_two_half_of_the_time():
    plan = a_plan(kind="abx", systems=("a", "b"), reference=None, anchor=None)
    for rater in range(4):
        trials = counting(plan, rater)
        assert all(set(t.systems) == {"a", "b"} and len(t.systems) == 3 for t in trials)
        assert sum(t.systems[2] == "a" for t in trials) == 4
        assert sum(t.systems[0] == "a" for t in trials) == 4


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"kind": "mushra"}, "kind must be one of acr, cmos, abx, got 'mushra'"),
        ({"systems": ()}, "needs 1 system"),
        ({"systems": ("a", "a")}, "a name of its own"),
        ({"kind": "abx", "systems": ("a",)}, "ABX needs 2 system"),
        ({"items": ()}, "needs items"),
        ({"items": ("i", "i")}, "each once"),
        ({"practice_item": "i0"}, "can't be rated, too"),
        ({"reference": "studio"}, "the reference 'studio' isn't among the systems"),
        ({"rounds": 0}, "rounds must be 1 to 4"),
        ({"rounds": 5}, "rounds must be 1 to 4"),
    ],
)
def test_an_impossible_plan_is_an_error(changes, message):
    with pytest.raises(ValueError, match=message):
        a_plan(**changes)


def test_a_plan_without_a_folder_has_neither_clips_nor_ratings():
    with pytest.raises(ValueError, match="has no clips"):
        a_plan().clip("a", "i0")
    with pytest.raises(ValueError, match="no folder"):
        a_plan().ratings()


def test_a_folder_without_a_test_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError, match="holds no listening test"):
        open_listening_test(tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        "{}",
        "null",
        "[" * 100_000,
        "\0",
        json.dumps({"systems": [], "items": [], "x": 1}),
    ],
)
def test_a_damaged_manifest_is_an_error(tmp_path, text):
    (tmp_path / "listening.json").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match="is damaged"):
        open_listening_test(tmp_path)
