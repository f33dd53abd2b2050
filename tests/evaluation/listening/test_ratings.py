import os
import signal
import sqlite3
import subprocess
import sys
from dataclasses import replace

import pytest
from listening_fakes import a_plan

from ttslib.evaluation.listening.ratings import Rating, RatingStore

RATING = Rating(rater="ann", trial=0, item="i0", systems=("a",), score=4)

# Rates without end, and says of each rating that it was acknowledged.
RATER = """
import sys
from ttslib.evaluation.listening.ratings import Rating, RatingStore
path, name, n = sys.argv[1:]
with RatingStore(path) as store:
    store.join(name)
    for trial in range(int(n)):
        store.add(Rating(rater=name, trial=trial, item="i", systems=("a",), score=3))
        print(trial, flush=True)
"""


@pytest.fixture
def store(tmp_path):
    with RatingStore(tmp_path / "ratings.sqlite") as store:
        yield store


def rater(path, name, n):
    command = [sys.executable, "-c", RATER, str(path), name, str(n)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows has no kill -9")
def test_kill_9_takes_no_rating_that_was_acknowledged(tmp_path):
    path = tmp_path / "ratings.sqlite"
    process = rater(path, "ann", 1_000_000)
    seen = [int(process.stdout.readline()) for _ in range(40)]
    os.kill(process.pid, signal.SIGKILL)
    seen += [int(line) for line in process.stdout.read().split()]
    assert process.wait() == -signal.SIGKILL
    with RatingStore(path) as store:
        kept = [rating.trial for rating in store.ratings()]
        assert kept[: len(seen)] == seen
        assert len(kept) - len(seen) in (0, 1)  # one may be written and not yet told
        store.add(replace(RATING, trial=2_000_000))  # and on it goes
        assert 2_000_000 in store.rated("ann")


def test_two_raters_at_once_get_in_nobodys_way(tmp_path):
    path = tmp_path / "ratings.sqlite"
    both = [rater(path, name, 100) for name in ("ann", "bob")]
    for process in both:
        process.communicate()
        assert process.returncode == 0
    with RatingStore(path) as store:
        assert len(store.rated("ann")) == len(store.rated("bob")) == 100
        assert {store.join("ann"), store.join("bob")} == {0, 1}


def test_a_rating_is_on_the_disk_when_it_is_acknowledged(store):
    store.join("ann")
    store.add(RATING)
    with RatingStore(store.path) as other:  # sees what is committed, and nothing else
        assert [replace(r, rated_at="") for r in other.ratings()] == [RATING]


def test_the_file_is_journalled_and_synced(store):
    def pragma(name):
        return store._database.execute(f"PRAGMA {name}").fetchone()[0]

    assert pragma("journal_mode") == "wal"
    assert pragma("synchronous") == 2  # FULL: every commit is synced to the disk


def test_ratings_come_back_as_they_went_in(store):
    store.join("bob", simulated=True)
    given = [
        Rating(rater="bob", trial=7, item="ä b", systems=("x y", "z", "z"), score=-3,
               practice=True, simulated=True, rated_at="2026-01-01T00:00:00+00:00"),
    ]  # fmt: skip
    store.add(*given)
    assert store.ratings() == given


def test_raters_are_numbered_as_they_come_and_keep_their_number(store):
    assert [store.join(name) for name in ("ann", "bob", " ann ", "cat")] == [0, 1, 0, 2]


def test_a_second_score_for_a_trial_changes_nothing(store):
    store.join("ann")
    store.add(RATING)
    store.add(replace(RATING, score=1))
    assert [rating.score for rating in store.ratings()] == [4]


def test_all_or_none_are_written(store):
    store.join("ann")
    with pytest.raises(ValueError, match="join first"):
        store.add(RATING, replace(RATING, rater="nobody"))
    assert store.ratings() == []


def test_a_nameless_rater_can_not_join(store):
    with pytest.raises(ValueError, match="needs a name"):
        store.join("  ")


def test_people_and_simulated_raters_are_kept_apart(store):
    store.join("ann")
    store.join("simulated 01", simulated=True)
    with pytest.raises(ValueError, match="'simulated 01' belongs to a simulated rater"):
        store.join("simulated 01")
    with pytest.raises(ValueError, match="'ann' belongs to a person"):
        store.join("ann", simulated=True)
    assert store.join("bob") == 2


def test_a_file_that_is_no_store_is_an_error(tmp_path):
    path = tmp_path / "ratings.sqlite"
    path.write_text("score\n5\n" * 500, encoding="utf-8")
    with pytest.raises(ValueError, match="can't be used for ratings"):
        RatingStore(path)


def test_a_folder_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError, match="no folder"):
        RatingStore(tmp_path / "gone" / "ratings.sqlite")


def test_a_locked_file_is_waited_for(store, monkeypatch):
    """A writer that never ends: the wait is real, and its end is an error, not a lost rating."""
    monkeypatch.setattr("ttslib.evaluation.listening.ratings.PATIENCE", 0.05)
    other = sqlite3.connect(store.path, isolation_level=None)
    store.join("ann")
    with RatingStore(store.path) as impatient:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            impatient.add(RATING)
        other.execute("COMMIT")
        impatient.add(RATING)
    other.close()
    assert store.rated("ann") == {0}


def test_a_plan_makes_ratings_of_its_own_trials():
    plan = a_plan()
    trial = plan.trials(3)[10]
    rating = plan.rate("ann", trial, 5)
    assert (rating.item, rating.systems, rating.trial) == (trial.item, trial.systems, 10)
    with pytest.raises(ValueError, match="score 0 is not on the scale from 1 to 5"):
        plan.rate("ann", trial, 0)
