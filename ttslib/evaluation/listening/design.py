"""The design of a blind listening test: which rater hears which clip when.

A test asks one kind of question (see `scales`) about a set of *conditions*. In an ACR test these
are the systems, including the recording (the hidden reference, which should be rated highest) and a
degraded recording (the low anchor, which should be rated lowest). In CMOS and ABX tests they are
the pairs of systems.

The order is a balanced Latin square (Williams 1949). In one *round* a rater rates every sentence
once. The rater's sentences are shuffled and assigned to the conditions by the square's rows, so
that no condition comes more often, earlier, or more often after a certain other one. The next rater
starts one row later, with the same shuffle until all rows are used. So a full set of raters rates
every clip equally often, even if each does only one round.

References
----------
ITU-T P.800, annex B; ITU-R BS.1534-3 (hidden reference and anchor); Williams 1949, Experimental
designs balanced for the estimation of residual effects of treatments.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path

import numpy as np

from ttslib.evaluation.listening.ratings import LONGEST_NAME, Rating, RatingStore
from ttslib.evaluation.listening.scales import SCALES, Scale

__all__ = ["ListeningPlan", "Trial", "open_listening_test"]

MANIFEST = "listening.json"
CLIPS = "clips"
STORE = "ratings.sqlite"
LONGEST_ITEM = 255  # characters of a file's name
CLIP_NAME = r"[\w-]+\.(flac|wav|ogg|mp3)"  # without any folder


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One question to one rater."""

    number: int  # its position in the rater's own order, from 0
    item: str  # the sentence
    systems: tuple[str, ...]  # of the clips, in the order in which they are played
    practice: bool


@dataclass(frozen=True, kw_only=True)
class ListeningPlan:
    """A test's design, which never changes.

    Raises
    ------
    ValueError
        An unknown kind; too few systems or items; an anchor or reference that isn't a system.

    Taught in: notebooks/08_evaluation
    """

    kind: str  # "acr", "cmos" or "abx"
    systems: tuple[str, ...]  # including the reference and the anchor
    items: tuple[str, ...]  # the sentences that are rated
    practice_item: str | None = None  # played first, by every condition, and not counted
    reference: str | None = None  # the system that is the recording
    anchor: str | None = None  # the system that is the degraded recording
    rounds: int | None = None  # how often a rater hears each sentence; None: by every condition
    question: str | None = None  # replaces the scale's own
    seed: int = 0
    folder: Path | None = None  # of the clips and ratings; None: not on disk
    clips: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # system -> item -> file

    def __post_init__(self):
        if self.kind not in SCALES:
            raise ValueError(f"kind must be one of {', '.join(SCALES)}, got {self.kind!r}")
        for name in self.systems:
            require_name(name, of="a system", longest=LONGEST_NAME)
        for name in self.items:
            require_name(name, of="a sentence", longest=LONGEST_ITEM)
        for name in (name for of_one in self.clips.values() for name in of_one.values()):
            if not re.fullmatch(CLIP_NAME, name, re.ASCII):
                raise ValueError(f"{name!r} isn't the name of a clip in the test's folder")
        fewest = 1 if self.kind == "acr" else 2
        if len(set(self.systems)) < max(fewest, len(self.systems)):
            raise ValueError(
                f"{self.scale.title} needs {fewest} system(s) or more, each under a name of its "
                f"own, got {list(self.systems)}"
            )
        if not self.items or len(set(self.items)) < len(self.items):
            raise ValueError(f"a test needs items, each once, got {list(self.items)}")
        if self.practice_item in self.items:
            raise ValueError(f"the practice item {self.practice_item!r} can't be rated, too")
        for role in ("reference", "anchor"):
            name = getattr(self, role)
            if name is not None and name not in self.systems:
                raise ValueError(
                    f"the {role} {name!r} isn't among the systems {list(self.systems)}"
                )
        most = len(self.conditions)
        if self.rounds is not None and not 1 <= self.rounds <= most:
            raise ValueError(
                f"rounds must be 1 to {most}, the number of conditions, got {self.rounds}"
            )

    @property
    def scale(self) -> Scale:
        """Return the question and its answers."""
        return SCALES[self.kind]

    @property
    def conditions(self) -> list[tuple[str, ...]]:
        """Return what is rated: each system, or each pair of them."""
        return list(combinations(self.systems, 1 if self.kind == "acr" else 2))

    def trials(self, rater_number: int) -> list[Trial]:
        """Return a rater's trials in order: practice, then those that count.

        The same number always gives the same trials.

        Parameters
        ----------
        rater_number
            0 for the first rater to join, and so on: see `RatingStore.join`.
        """
        square = williams_square(len(self.conditions))
        group, row = divmod(rater_number, len(square))
        items = [str(i) for i in np.random.default_rng([self.seed, group]).permutation(self.items)]
        n = len(self.conditions)
        half = row // n * n  # an odd number of conditions has two squares; stay in this rater's
        heard = []
        for turn in range(self.rounds or n):
            for place, item in enumerate(items):
                line = square[half + (row + turn + place // n) % n]
                heard.append((item, self.conditions[line[place % n]]))
        practice = [(self.practice_item, c) for c in self._practice_order()]
        rng = np.random.default_rng([self.seed, group, row, 1])
        return [
            Trial(number=number, item=item, systems=systems, practice=number < len(practice))
            for number, (item, systems) in enumerate(
                [*self._in_order(practice, rng), *self._in_order(heard, rng)]
            )
        ]

    def _practice_order(self) -> list[tuple[str, ...]]:
        """Put the best and the worst first, to show the rater the range of the scale."""
        if self.practice_item is None:
            return []
        known = {(self.reference,): 0, (self.anchor,): 1}
        return sorted(self.conditions, key=lambda condition: known.get(condition, 2))

    def _in_order(
        self, heard: list[tuple[str, tuple[str, ...]]], rng: np.random.Generator
    ) -> list[tuple[str, tuple[str, ...]]]:
        """Balance which of two systems comes first, and which one is X."""
        if self.kind == "acr":
            return heard
        ordered = []
        for (item, pair), quarter in zip(heard, rng.permutation(len(heard)) % 4, strict=True):
            a, b = pair[::-1] if quarter % 2 else pair
            x = (pair[quarter // 2],) if self.kind == "abx" else ()
            ordered.append((item, (a, b, *x)))
        return ordered

    def clip(self, system: str, item: str) -> Path:
        """Return the sound file of one item by one system.

        Raises
        ------
        ValueError
            The test has no such system or item, or the file is outside the test's folder.
        FileNotFoundError
            The file is missing.
        """
        if self.folder is None:
            raise ValueError("this plan has no clips; make a test with make_listening_test")
        if system not in self.clips:
            raise ValueError(f"the test has no system {system!r}; it has {', '.join(self.systems)}")
        if item not in self.clips[system]:
            raise ValueError(f"the test has no clip of {item!r} by {system!r}")
        path = self.folder / CLIPS / self.clips[system][item]
        if not path.is_file():
            raise FileNotFoundError(f"{path} is gone; make the test again")
        if path.resolve().parent != (self.folder / CLIPS).resolve():
            raise ValueError(f"{path} leads out of the test's folder; make the test again")
        return path

    def rate(self, rater: str, trial: Trial, score: int, *, simulated: bool = False) -> Rating:
        """Create a rating of one of this test's trials.

        Raises
        ------
        ValueError
            The score isn't on the scale.
        """
        return Rating(
            rater=rater,
            trial=trial.number,
            item=trial.item,
            systems=trial.systems,
            score=self.scale.check(score),
            practice=trial.practice,
            simulated=simulated,
        )

    def store(self) -> RatingStore:
        """Open the test's ratings; close them when done.

        Raises
        ------
        ValueError
            The plan isn't on disk.
        """
        if self.folder is None:
            raise ValueError("this plan has no folder to keep ratings in")
        return RatingStore(self.folder / STORE)

    def ratings(self) -> list[Rating]:
        """Return all ratings so far, including practice.

        Raises
        ------
        ValueError
            Some are for systems or items that this test doesn't have.
        """
        with self.store() as store:
            found = store.ratings()
        items = {*self.items, self.practice_item}
        for rating in found:
            if not set(rating.systems) <= set(self.systems) or rating.item not in items:
                raise ValueError(
                    f"{self.folder / STORE} has a rating of {rating.item!r} by "
                    f"{', '.join(rating.systems)}, which this test doesn't have"
                )
        return found


def open_listening_test(folder: Path | str) -> ListeningPlan:
    """Open a test that `make_listening_test` made.

    Raises
    ------
    FileNotFoundError
        The folder has no test.
    ValueError
        Its manifest is damaged.

    Taught in: notebooks/08_evaluation
    """
    folder = Path(folder)
    path = folder / MANIFEST
    if not path.is_file():
        raise FileNotFoundError(f"{folder} holds no listening test; `ttslib listen make` makes one")
    try:
        plan = json.loads(path.read_text(encoding="utf-8"))
        plan |= {name: tuple(plan[name]) for name in ("systems", "items")}
        opened = ListeningPlan(folder=folder, **plan)
        for system in opened.systems:
            for item in (*opened.items, opened.practice_item):
                if item is not None and item not in opened.clips[system]:
                    raise ValueError(f"there is no clip of {item!r} by {system!r}")
        opened.trials(0)
    except Exception as error:  # whatever is wrong with it
        reason = f"{error} is missing" if isinstance(error, KeyError) else str(error)[:200]
        raise ValueError(f"{path} is damaged ({reason!r}); make the test again") from error
    return opened


def require_name(name: object, *, of: str, longest: int) -> None:
    """Raise a ValueError unless a name is short and printable: tabs separate columns."""
    if not isinstance(name, str) or not name.strip():
        raise ValueError(f"{of} needs a name, got {name!r}")
    if len(name) > longest:
        raise ValueError(f"the name of {of} may have {longest} characters, got {len(name)}")
    if not name.isprintable():
        raise ValueError(f"the name of {of} may have no tabs or other such marks, got {name!r}")


def williams_square(n: int) -> list[list[int]]:
    """Return rows of 0..n-1: each number once per row, equally often per column and successor.

    There are n rows for even n, and 2 n for odd n, the second half mirrored (smaller squares don't
    exist for every odd n).
    """
    first = [(place + 1) // 2 if place % 2 else (n - place // 2) % n for place in range(n)]
    rows = [[(number + shift) % n for number in first] for shift in range(n)]
    return rows if n % 2 == 0 else rows + [row[::-1] for row in rows]
