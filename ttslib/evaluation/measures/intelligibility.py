"""Intelligibility for a speech recognizer: word, character and phoneme error rates.

A recognizer isn't a person: it fails where people don't, and favors a system that is trained on
speech that it recognizes well. So results always include its rate on recordings of the same
sentences: a perfect copy would get that rate, and only the difference from it is due to the system.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, get_args

import numpy as np
from torch import Tensor

__all__ = [
    "ErrorCounts",
    "Intelligibility",
    "Recognizer",
    "Unit",
    "count_errors",
    "intelligibility",
]

Unit = Literal["word", "character", "phoneme"]


class Recognizer(Protocol):
    """Transcribes speech."""

    name: str
    unit: Unit  # "word" or "phoneme"

    def expected(self, text: str) -> str:
        """Return the expected transcript of `text`: words or phonemes, separated by spaces."""

    def hear(self, waveform: Tensor | np.ndarray, *, sample_rate: int) -> str:
        """Transcribe a waveform in the same form; raise ValueError if there is no sound."""


@dataclass(frozen=True, kw_only=True)
class ErrorCounts:
    """The fewest edits from what was spoken to what was recognized; counts can be added."""

    unit: Unit
    substitutions: int
    deletions: int
    insertions: int
    spoken: int  # units that were spoken

    @property
    def wrong(self) -> int:
        """Return the number of edits."""
        return self.substitutions + self.deletions + self.insertions

    @property
    def rate(self) -> float:
        """Return the edits per spoken unit: 0 is perfect, and it can be above 1."""
        return self.wrong / self.spoken

    def __add__(self, other: "ErrorCounts") -> "ErrorCounts":
        if self.unit != other.unit:
            raise ValueError(f"{self.unit} errors and {other.unit} errors can't be added")
        return ErrorCounts(
            unit=self.unit,
            substitutions=self.substitutions + other.substitutions,
            deletions=self.deletions + other.deletions,
            insertions=self.insertions + other.insertions,
            spoken=self.spoken + other.spoken,
        )

    def __str__(self) -> str:
        return (
            f"{self.unit} error rate {100 * self.rate:.1f} % ({self.substitutions} substituted, "
            f"{self.deletions} left out, {self.insertions} added, of {self.spoken})"
        )


@dataclass(frozen=True, kw_only=True)
class Intelligibility:
    """A system's errors, and those in the recordings of the same sentences."""

    recognizer: str
    system: ErrorCounts
    recordings: ErrorCounts
    sentences: int

    def __str__(self) -> str:
        return (
            f"{self.system.unit} error rate {100 * self.system.rate:.1f} %, of the recordings "
            f"{100 * self.recordings.rate:.1f} % ({self.sentences} sentences, by {self.recognizer})"
        )


def count_errors(expected: str, heard: str, *, unit: Unit = "word") -> ErrorCounts:
    """Count the edits between two transcripts.

    Parameters
    ----------
    expected, heard : str
        Words or phonemes, separated by spaces, as `Recognizer.expected` and `hear` return them.
    unit
        "word", "phoneme", or "character" for the letters of words, including spaces.

    Raises
    ------
    ValueError
        If `expected` is empty, or there is no such unit.
    ModuleNotFoundError
        When the package jiwer isn't installed.

    References
    ----------
    Levenshtein 1966, Binary codes capable of correcting deletions, insertions, and reversals.

    Examples
    --------
    >>> print(count_errors("the cat sat", "the cat that sat"))
    word error rate 33.3 % (0 substituted, 0 left out, 1 added, of 3)

    Taught in: notebooks/08_evaluation
    """
    if unit not in get_args(Unit):
        raise ValueError(f"unit must be one of {', '.join(get_args(Unit))}, got {unit!r}")
    if not expected.split():
        raise ValueError("the expected text is empty, so there is no error rate; give a text")
    try:
        import jiwer
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            'error rates need the package jiwer: pip install "ttslib-course[eval]"', name="jiwer"
        ) from error
    process = jiwer.process_characters if unit == "character" else jiwer.process_words
    found = process(expected, heard)
    return ErrorCounts(
        unit=unit,
        substitutions=found.substitutions,
        deletions=found.deletions,
        insertions=found.insertions,
        spoken=found.hits + found.substitutions + found.deletions,
    )


def intelligibility(
    recognizer: Recognizer,
    texts: Sequence[str],
    *,
    system: Iterable[Tensor | np.ndarray],
    recordings: Iterable[Tensor | np.ndarray | None],
    sample_rate: int,
    unit: Unit | None = None,
) -> Intelligibility:
    """Compare a recognizer's errors on a system and on recordings of the same texts.

    Parameters
    ----------
    recognizer
    texts : sequence of str
    system, recordings : iterables of (S,) or (1, S)
        One waveform for each text.
    sample_rate : int
        Hz, of all.
    unit
        The recognizer's own when not given; a recognizer of words also allows "character".

    Raises
    ------
    ValueError
        If texts and waveforms differ in number, a waveform is missing, silent or not finite, or
        there are no texts.

    Taught in: notebooks/08_evaluation
    """
    unit = unit or recognizer.unit
    if not texts:
        raise ValueError("there are no sentences; give some texts with their waveforms")
    system, recordings = list(system), list(recordings)
    if not len(texts) == len(system) == len(recordings):
        raise ValueError(
            f"{len(texts)} texts, {len(system)} waveforms of the system and {len(recordings)} "
            "recordings don't match; give one of each for every sentence"
        )

    def heard(waveforms: Sequence) -> ErrorCounts:
        counts = [
            count_errors(
                recognizer.expected(text),
                recognizer.hear(waveform, sample_rate=sample_rate),
                unit=unit,
            )
            for text, waveform in zip(texts, waveforms, strict=True)
        ]
        return sum(counts[1:], counts[0])

    return Intelligibility(
        recognizer=recognizer.name,
        system=heard(system),
        recordings=heard(recordings),
        sentences=len(texts),
    )
