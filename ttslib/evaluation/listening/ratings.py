"""Ratings, and the SQLite file that stores them.

A rating is on the disk before the next clip is played. Each is a separate transaction, in
write-ahead logging (WAL) with `synchronous=FULL`, so neither a killed process nor a power cut loses
a rating once it is acknowledged. Several raters, each in a separate process, write to one file, and
wait while it is locked. WAL needs a local disk, not a network share.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ttslib.evaluation.listening.scales import SCALES

__all__ = ["Rating", "RatingStore", "counted"]

LONGEST_NAME = 100  # characters
PATIENCE = 30.0  # seconds to wait for another rater's write

_TABLES = """
CREATE TABLE IF NOT EXISTS raters (
    name TEXT PRIMARY KEY,
    number INTEGER NOT NULL UNIQUE,
    simulated INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS ratings (
    rater TEXT NOT NULL REFERENCES raters (name),
    trial INTEGER NOT NULL,
    item TEXT NOT NULL,
    systems TEXT NOT NULL,  -- in the order in which they were heard, a tab between
    score INTEGER NOT NULL,
    practice INTEGER NOT NULL,
    rated_at TEXT NOT NULL,
    PRIMARY KEY (rater, trial)
);
"""


@dataclass(frozen=True, kw_only=True)
class Rating:
    """One answer of one rater.

    Taught in: notebooks/08_evaluation
    """

    rater: str
    trial: int  # its position in the rater's own order
    item: str  # the sentence
    systems: tuple[str, ...]  # in order: one (ACR), two (CMOS), or three (ABX; the third is X)
    score: int
    practice: bool = False  # given while learning the scale; never counted
    simulated: bool = False  # drawn by `simulate_ratings`, not given by a person
    rated_at: str = ""  # ISO 8601, UTC


def counted(ratings: Sequence[Rating], kind: str) -> list[Rating]:
    """Return the ratings that count: all except practice.

    Raises
    ------
    ValueError
        There is none, one belongs to another kind of test, or its score is off the scale.
    """
    scale = SCALES[kind]
    kept = [rating for rating in ratings if not rating.practice]
    if not kept:
        raise ValueError("there are no ratings yet (practice isn't counted); let someone listen")
    for rating in kept:
        if len(rating.systems) != len(scale.clips):
            raise ValueError(
                f"trial {rating.trial} of rater {rating.rater!r} has {len(rating.systems)} "
                f"clip(s), but {scale.title} takes {len(scale.clips)}: this is another test's"
            )
        try:
            scale.check(rating.score)
        except ValueError as error:
            raise ValueError(
                f"trial {rating.trial} of rater {rating.rater!r}: {error}; remove the rating"
            ) from None
    return kept


class RatingStore:
    """The ratings of one test, in one file; close it when done, or use it in a `with`.

    Parameters
    ----------
    path
        The SQLite file; it is created if it doesn't exist.

    Raises
    ------
    FileNotFoundError
        The file's folder doesn't exist.
    ValueError
        The file isn't such a store.

    Taught in: notebooks/08_evaluation
    """

    def __init__(self, path: Path | str):
        self.path = Path(path)
        if not self.path.parent.is_dir():
            raise FileNotFoundError(f"there is no folder {self.path.parent} to keep ratings in")
        # Autocommit: a statement that isn't between BEGIN and COMMIT is a separate transaction.
        self._database = sqlite3.connect(self.path, timeout=PATIENCE, isolation_level=None)
        try:
            self._database.execute("PRAGMA journal_mode = WAL")
            self._database.execute("PRAGMA synchronous = FULL")
            self._database.execute("PRAGMA foreign_keys = ON")
            self._database.executescript(_TABLES)
        except sqlite3.DatabaseError as error:
            self._database.close()
            raise ValueError(f"{self.path} can't be used for ratings ({error})") from error

    def __enter__(self) -> "RatingStore":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def join(self, rater: str, *, simulated: bool = False) -> int:
        """Return a rater's number: 0 for the first, 1 for the next; it never changes.

        Raises
        ------
        ValueError
            The name is empty, too long or not printable; or a person joins under a simulated
            rater's name, or the reverse.
        """
        if not isinstance(rater, str) or not (rater := rater.strip()):
            raise ValueError("a rater needs a name, or any word that only they use; got none")
        if len(rater) > LONGEST_NAME or not rater.isprintable():
            raise ValueError(
                f"a rater's name has at most {LONGEST_NAME} characters, and no tabs or line ends"
            )
        self._database.execute("BEGIN IMMEDIATE")  # no two raters get the same number
        try:
            known = self._find(rater)
            if known is None:
                self._database.execute(
                    "INSERT INTO raters SELECT ?, count(*), ? FROM raters", (rater, simulated)
                )
                known = self._find(rater)
        finally:
            self._database.execute("COMMIT")
        number, was_simulated = known
        if bool(was_simulated) != simulated:
            kind = "a simulated rater" if was_simulated else "a person"
            raise ValueError(f"the name {rater!r} belongs to {kind} already; take another")
        return number

    def _find(self, rater: str) -> tuple[int, int] | None:
        found = self._database.execute(
            "SELECT number, simulated FROM raters WHERE name = ?", (rater,)
        )
        return found.fetchone()

    def rated(self, rater: str) -> set[int]:
        """Return the trials that a rater has rated."""
        rows = self._database.execute("SELECT trial FROM ratings WHERE rater = ?", (rater.strip(),))
        return {trial for (trial,) in rows}

    def add(self, *ratings: Rating) -> None:
        """Write ratings, all or none; when this returns they are on the disk.

        A trial that the rater has rated before (in another window, say) keeps its first score.

        Raises
        ------
        ValueError
            A rater hasn't joined.
        """
        now = datetime.now(UTC).isoformat(timespec="seconds")
        self._database.execute("BEGIN IMMEDIATE")
        try:
            self._database.executemany(
                "INSERT INTO ratings VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                [
                    (
                        rating.rater.strip(), rating.trial, rating.item, "\t".join(rating.systems),
                        rating.score, rating.practice, rating.rated_at or now,
                    )
                    for rating in ratings
                ],
            )  # fmt: skip
        except sqlite3.IntegrityError as error:
            self._database.execute("ROLLBACK")
            names = sorted({rating.rater for rating in ratings})
            raise ValueError(
                f"these ratings can't be stored ({error}); join first: {names}"
            ) from None
        except BaseException:
            self._database.execute("ROLLBACK")
            raise
        self._database.execute("COMMIT")

    def ratings(self) -> list[Rating]:
        """Return all ratings, including practice, rater by rater, in the order of joining."""
        rows = self._database.execute(
            "SELECT rater, trial, item, systems, score, practice, simulated, rated_at"
            " FROM ratings JOIN raters ON name = rater ORDER BY number, trial"
        )
        return [
            Rating(
                rater=rater, trial=trial, item=item, systems=tuple(systems.split("\t")),
                score=score, practice=bool(practice), simulated=bool(simulated), rated_at=rated_at,
            )
            for rater, trial, item, systems, score, practice, simulated, rated_at in rows
        ]  # fmt: skip
