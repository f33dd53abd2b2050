import re
import sqlite3
from dataclasses import replace

import numpy as np
import pytest

from ttslib.audio.files import write_audio
from ttslib.evaluation.listening.folder import make_listening_test
from ttslib.evaluation.listening.ratings import RatingStore
from ttslib.lab import ListeningTest

RATE = 8_000


def make(tmp_path, kind="acr", **how):
    for name, hz in (("recordings", 200), ("one", 300), ("two", 400)):
        for n in range(3):
            sound = 0.3 * np.sin(2 * np.pi * (hz + 10 * n) * np.arange(RATE // 2) / RATE)
            write_audio(tmp_path / name / f"s{n}.wav", sound, RATE)
    return make_listening_test(
        tmp_path / "test",
        systems={"one": tmp_path / "one", "two": tmp_path / "two"},
        reference=tmp_path / "recordings" if kind == "acr" else None,
        kind=kind,
        **how,
    )


@pytest.fixture
def plan(tmp_path):
    return make(tmp_path)


def tell(test, **content):
    """What the browser would send."""
    test._stage._handle_custom_msg(content, [])


def screen(test):
    return test._stage.screen


def hear_all(test):
    for clip in range(len(screen(test)["clips"])):
        tell(test, heard=screen(test)["trial"], clip=clip)


def answer(test, score):
    hear_all(test)
    tell(test, score=score, trial=screen(test)["trial"])


def begun(plan, rater="ann"):
    test = ListeningTest(plan, rater=rater)
    tell(test, go=True)
    return test


def rated(plan):
    return [(r.rater, r.trial, r.score) for r in plan.ratings()]


def test_a_rater_goes_from_the_name_over_the_volume_to_the_first_question(plan):
    test = ListeningTest(plan.folder)
    assert (screen(test)["name"], screen(test)["questions"], screen(test)["minutes"]) == (
        "welcome", 12, 1,
    )  # fmt: skip
    tell(test, join=" ann ")
    assert screen(test)["name"] == "volume"
    assert screen(test)["clips"] == [plan.clip("reference", plan.practice_item).read_bytes()]
    tell(test, go=True)
    shown = screen(test)
    assert shown["name"] == "trial"
    assert (shown["trial"], shown["practice"], shown["place"], shown["of"]) == (0, True, 1, 4)
    assert shown["clips"] == [plan.clip("reference", plan.practice_item).read_bytes()]
    assert shown["question"] == "How good does this speech sound?"
    assert shown["answers"][0] == [5, "Excellent", "5"]


def test_a_rating_is_on_the_disk_before_the_next_clip_is_shown(plan):
    test = begun(plan)
    seen = []
    test._stage.observe(lambda change: seen.append(rated(plan)), names="screen")
    answer(test, 4)
    assert seen == [[("ann", 0, 4)]]
    assert screen(test)["trial"] == 1


def test_the_whole_test_can_be_taken(plan):
    test = begun(plan)
    heard = []
    while screen(test)["name"] == "trial":
        heard.append(screen(test)["clips"])
        answer(test, 3)
    assert screen(test) == {"name": "done", "rated": 12}
    wanted = [[plan.clip(t.systems[0], t.item).read_bytes()] for t in plan.trials(0)]
    assert heard == wanted
    assert [(r.item, r.systems) for r in plan.ratings()] == [
        (t.item, t.systems) for t in plan.trials(0)
    ]
    again = ListeningTest(plan, rater="ann")
    assert screen(again)["name"] == "done"


def test_an_answer_before_the_clip_was_heard_is_refused(plan):
    test = begun(plan)
    tell(test, score=5, trial=0)
    assert screen(test)["name"] == "trouble"
    assert rated(plan) == []
    tell(test, go=True)
    assert screen(test)["trial"] == 0
    tell(test, heard=1, clip=0)  # another trial's
    tell(test, score=5, trial=0)
    assert rated(plan) == []


def test_every_clip_of_a_pair_must_be_heard(tmp_path):
    plan = make(tmp_path, kind="cmos")
    test = begun(plan)
    assert (screen(test)["names"], len(screen(test)["clips"])) == (["A", "B"], 2)
    assert [key for _, _, key in screen(test)["answers"]] == list("1234567")
    tell(test, heard=0, clip=0)
    tell(test, heard=0, clip=0)
    tell(test, score=1, trial=0)
    assert rated(plan) == []
    tell(test, go=True)
    answer(test, -2)
    assert rated(plan) == [("ann", 0, -2)]


def test_x_is_the_very_sound_of_the_one_or_the_other(tmp_path):
    plan = make(tmp_path, kind="abx")
    test = begun(plan)
    while screen(test)["name"] == "trial":
        a, b, x = screen(test)["clips"]
        assert a != b
        assert x in (a, b)
        answer(test, 1 + (x == b))
    assert {r.systems[r.score - 1] == r.systems[2] for r in plan.ratings()} == {True}


@pytest.mark.parametrize("score", [0, 6, 2.5, None, "4"])
def test_a_score_off_the_scale_is_refused(plan, score):
    test = begun(plan)
    answer(test, score)
    assert screen(test)["name"] == "trouble"
    assert "not on the scale" in (plan.folder / "trouble.txt").read_text(encoding="utf-8")
    assert rated(plan) == []


def test_a_pause_and_another_window_go_on_where_it_was(plan):
    test = begun(plan)
    answer(test, 4)
    tell(test, pause=True)
    assert screen(test) == {"name": "paused", "rater": "ann", "rated": 1}
    tell(test, go=True)
    assert screen(test)["trial"] == 1
    other = ListeningTest(plan.folder, rater="ann")
    assert (screen(other)["name"], screen(other)["rated"]) == ("volume", 1)
    tell(other, go=True)
    assert screen(other)["trial"] == 1


def test_two_windows_of_one_rater_never_rate_twice(plan):
    one, two = begun(plan), begun(plan)
    answer(one, 5)
    answer(two, 1)  # the same trial, still on the screen
    assert rated(plan) == [("ann", 0, 5)]
    assert screen(two)["trial"] == 1
    tell(one, score=2, trial=0)  # a late second click
    assert rated(plan) == [("ann", 0, 5)]


def test_raters_have_orders_of_their_own(plan):
    ann, bob = begun(plan, "ann"), begun(plan, "bob")
    for test in (ann, bob):
        for _ in range(4):
            answer(test, 3)
    assert not screen(ann)["practice"]
    assert [t.systems for t in ann._trials] != [t.systems for t in bob._trials]


def test_a_name_that_can_not_be_used_is_told(plan):
    with plan.store() as store:
        store.join("simulated 01", simulated=True)
    test = ListeningTest(plan)
    tell(test, join="simulated 01")
    assert screen(test)["name"] == "welcome"
    assert "take another" in screen(test)["alert"]
    tell(test, join="  ")
    assert "needs a name" in screen(test)["alert"]


@pytest.mark.parametrize(
    "message",
    [
        7, None, [], "join", {"join": 7}, {"join": None}, {"join": {}}, {"join": "a\tb"},
        {"join": "a" * 101}, {"join": "\0"}, {"join": "\ud800"}, {"join": "a\nb"}, {"score": 3},
        {"score": [], "trial": 0}, {"score": {}, "trial": {}}, {"heard": 0},
        {"heard": 0, "clip": []},
        {"heard": [], "clip": 0}, {"trial": 0, "score": 10**400},
    ],
)  # fmt: skip
def test_no_message_brings_more_than_a_sentence_to_a_rater(plan, message):
    test = begun(plan)
    test._on_message(test._stage, message, [])
    shown = screen(test)
    assert shown["name"] in ("trial", "trouble", "welcome")
    assert "Traceback" not in str(shown)
    assert str(plan.folder) not in str(shown)
    assert rated(plan) == []


def test_clips_that_were_never_there_cannot_be_heard(tmp_path):
    plan = make(tmp_path, kind="cmos")
    test = begun(plan)
    for place in (0, 5, -1):
        tell(test, heard=0, clip=place)
    tell(test, score=1, trial=0)
    assert rated(plan) == []


@pytest.mark.parametrize(
    "error", [OSError(28, "No space left on device", "/home/me"), sqlite3.OperationalError("full")]
)
def test_a_full_disk_shows_no_path_and_loses_nothing(plan, monkeypatch, error):
    test = begun(plan)
    answer(test, 4)
    before = rated(plan)

    def full(self, *ratings):
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(RatingStore, "add", full)
        answer(test, 3)
    assert screen(test)["message"].startswith("Something went wrong on the computer")
    assert rated(plan) == before
    tell(test, go=True)
    answer(test, 3)
    assert len(rated(plan)) == len(before) + 1


def test_a_clip_that_is_gone_is_told_and_nothing_is_lost(plan):
    test = begun(plan)
    answer(test, 4)
    hear_all(test)
    third = plan.trials(0)[2]
    path = plan.clip(third.systems[0], third.item)
    sound = path.read_bytes()
    path.unlink()
    tell(test, score=2, trial=1)
    assert screen(test)["name"] == "trouble"
    assert "is gone" in (plan.folder / "trouble.txt").read_text(encoding="utf-8")
    assert len(rated(plan)) == 2
    path.write_bytes(sound)
    tell(test, go=True)
    assert screen(test)["trial"] == 2


def test_nothing_on_the_screen_tells_whose_clip_it_is(plan):
    test = begun(plan)
    secrets = {*plan.systems, *plan.items, plan.practice_item}
    secrets |= {file for of_one in plan.clips.values() for file in of_one.values()}
    while screen(test)["name"] == "trial":
        words = re.findall(r"[\w.]+", str({k: v for k, v in screen(test).items() if k != "clips"}))
        assert not secrets & set(words)
        answer(test, 3)


def test_a_question_of_ones_own_is_asked(tmp_path):
    plan = make(tmp_path, question="How natural is it?")
    assert screen(begun(plan))["question"] == "How natural is it?"
    assert "How natural is it?" in ListeningTest(plan).static_html()


def test_readers_without_a_kernel_see_the_question_and_hear_a_clip(plan):
    bundle = ListeningTest(plan)._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert bundle["text/html"].count("<li>") == 5
    assert (
        '<audio controls aria-label="a clip of the test" src="data:audio/flac'
        in bundle["text/html"]
    )


def test_a_test_that_is_not_there_is_an_error(tmp_path, plan):
    with pytest.raises(FileNotFoundError, match="holds no listening test"):
        ListeningTest(tmp_path)
    with pytest.raises(ValueError, match="has no clips"):
        ListeningTest(replace(plan, folder=None))
