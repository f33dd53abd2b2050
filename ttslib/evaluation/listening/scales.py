"""The questions of a listening test, and their answers.

References
----------
ITU-T P.800 (1996), Methods for subjective determination of transmission quality: annex B (absolute
category rating), annex E (comparison category rating).
"""

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["SCALES", "Scale"]


@dataclass(frozen=True, kw_only=True)
class Scale:
    """One kind of question.

    Taught in: notebooks/08_evaluation
    """

    title: str
    question: str
    advice: str  # shown before the test
    clips: tuple[str, ...]  # the names of a trial's clips for the rater
    labels: Mapping[int, str]  # score -> words, in the order in which they are shown

    def check(self, score: int) -> int:
        """Return the score unchanged.

        Raises
        ------
        ValueError
            The scale has no such score.
        """
        if isinstance(score, bool) or score not in self.labels:
            low, high = min(self.labels), max(self.labels)
            raise ValueError(f"score {score!r} is not on the scale from {low} to {high}")
        return int(score)


SCALES: Mapping[str, Scale] = {
    "acr": Scale(
        title="absolute category rating",
        question="How good does this speech sound?",
        advice="There are no wrong answers; your own impression is what counts.",
        clips=("clip",),
        labels={5: "Excellent", 4: "Good", 3: "Fair", 2: "Poor", 1: "Bad"},
    ),
    "cmos": Scale(
        title="comparison category rating",
        question="How does B sound, compared with A?",
        advice="There are no wrong answers; your own impression is what counts.",
        clips=("A", "B"),
        labels={
            3: "Much better",
            2: "Better",
            1: "Slightly better",
            0: "About the same",
            -1: "Slightly worse",
            -2: "Worse",
            -3: "Much worse",
        },
    ),
    "abx": Scale(
        title="ABX",
        question="X is either A or B. Which one is it?",
        advice="Where you hear no difference, guess.",
        clips=("A", "B", "X"),
        labels={1: "X is A", 2: "X is B"},
    ),
}
