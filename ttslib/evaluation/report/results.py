"""Results of an evaluation: every measure of every system, each with its interval.

Beside the systems stands the recording itself, which shows what each measure says of the best that
there is; and copy synthesis, which shows what a vocoder costs before any model has spoken.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from ttslib.evaluation.report.keeping import KeptClip
from ttslib.evaluation.report.measures import MEASURES, Measure
from ttslib.evaluation.report.systems import COPY, RECORDING
from ttslib.evaluation.statistics.resampling import Estimate, difference, estimate
from ttslib.records import Utterance

__all__ = ["Results"]


@dataclass(frozen=True, kw_only=True)
class Results:
    """What `evaluate` found.

    Attributes
    ----------
    corpus : str
        Its name, for the headings.
    utterances : list of Utterance
        The sentences.
    clips : dict
        System -> sentence's ID -> what was measured; a system may have been given fewer
        sentences, and a measure leaves out what it can't judge.
    seed : int
        Of the resampling.

    Taught in: notebooks/08_evaluation
    """

    corpus: str
    utterances: list[Utterance]
    clips: dict[str, dict[str, KeptClip]]
    seed: int = 0

    @property
    def systems(self) -> list[str]:
        """The recording, then the others as they were given."""
        return list(self.clips)

    @property
    def failures(self) -> list[tuple[str, str, str]]:
        """`(system, sentence's ID, why)` of what could not be said or measured."""
        return [
            (system, name, clip.failure)
            for system, clips in self.clips.items()
            for name, clip in clips.items()
            if clip.failure
        ]

    @cached_property
    def estimates(self) -> dict[str, dict[str, Estimate]]:
        """Measure -> system -> its value, interval, and over how many sentences."""
        found = {}
        for measure in MEASURES:
            values = {
                system: estimate(list(parts.values()), seed=self.seed)
                for system in self.systems
                if (parts := self._parts(measure, system))
            }
            if values:
                found[measure.key] = values
        return found

    def _parts(self, measure: Measure, system: str) -> dict[str, tuple[float, float]]:
        clips = self.clips[system].items()
        return {name: clip.parts[measure.key] for name, clip in clips if measure.key in clip.parts}

    @cached_property
    def leaders(self) -> dict[str, set[str]]:
        """Measure -> the best copy, the best voice, and whose difference from it may be chance.

        The recording doesn't take part. Differences are taken over the sentences that both have;
        where all may be equal nobody leads.
        """
        copies = [system for system in self.systems if system.startswith(COPY)]
        voices = [system for system in self.systems if system not in (RECORDING, *copies)]
        return {
            measure.key: self._leaders(measure, copies) | self._leaders(measure, voices)
            for measure in MEASURES
            if measure.key in self.estimates
        }

    def _leaders(self, measure: Measure, systems: Sequence[str]) -> set[str]:
        found = self.estimates[measure.key]
        badness = {
            system: measure.badness(found[system].value)
            for system in systems
            if measure.better and system in found and found[system].value == found[system].value
        }
        if not badness:
            return set()
        best = min(badness, key=badness.__getitem__)
        equal = {s for s in badness if s == best or self._may_equal(measure, s, best)}
        return equal if len(equal) < len(badness) else set()

    def _may_equal(self, measure: Measure, system: str, best: str) -> bool:
        mine, its = self._parts(measure, system), self._parts(measure, best)
        shared = [name for name in mine if name in its]
        if len(shared) < 2:
            return False
        apart = difference(
            [mine[name] for name in shared],
            [its[name] for name in shared],
            of=measure.badness,
            seed=self.seed,
        )
        return apart.low <= 0 <= apart.high

    def groups(self) -> dict[str, list[Measure]]:
        """The measures that there are, by what they hold against what."""
        groups: dict[str, list[Measure]] = {}
        for measure in MEASURES:
            if measure.key in self.estimates:
                groups.setdefault(measure.group, []).append(measure)
        return groups

    def rows(self, group: str) -> list[list[str]]:
        """A group's table as text: its header, then a row for each system that has any of it."""
        measures = self.groups()[group]
        rows = [["system", *(measure.title for measure in measures), "sentences"]]
        for system in self.systems:
            found = [self.estimates[measure.key].get(system) for measure in measures]
            if any(found):
                cells = [
                    m.shown(one) if one else "" for m, one in zip(measures, found, strict=True)
                ]
                rows.append([system, *cells, str(max(one.sentences for one in found if one))])
        return rows

    def table(self) -> str:
        """All groups of measures as plain text."""
        return "\n\n".join(
            "\n".join([group, *_aligned(self.rows(group))]) for group in self.groups()
        )

    def to_dict(self) -> dict:
        """Everything but the sounds, fit for JSON."""
        measures = [measure for group in self.groups().values() for measure in group]
        return {
            "corpus": self.corpus,
            "seed": self.seed,
            "sentences": {utterance.id: utterance.text for utterance in self.utterances},
            "measures": {m.key: {"title": m.title, "about": m.about} for m in measures},
            "estimates": {
                key: {system: _finite(one._asdict()) for system, one in values.items()}
                for key, values in self.estimates.items()
            },
            "leaders": {key: sorted(systems) for key, systems in self.leaders.items()},
            "clips": {
                system: {
                    name: {"parts": clip.parts, "heard": clip.heard, "failure": clip.failure}
                    for name, clip in clips.items()
                }
                for system, clips in self.clips.items()
            },
        }


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]).rstrip()
        for row in rows
    ]


def _finite(values: dict) -> dict:
    """JSON has no nan."""
    return {name: value if value == value else None for name, value in values.items()}
