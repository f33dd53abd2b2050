"""Results of an evaluation: every measure of every system, each with its interval.

The recording itself is one of the systems: it shows the best value of each measure. Copy synthesis
shows a vocoder's errors, without those of an acoustic model.
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
    """The results of `evaluate`.

    Attributes
    ----------
    corpus : str
        Its name, for the headings.
    utterances : list of Utterance
        The sentences.
    clips : dict
        System -> sentence's ID -> measures. A system may have fewer sentences, and measures that
        don't apply are missing.
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
        """Return the recording, then the others in their order."""
        return list(self.clips)

    @property
    def failures(self) -> list[tuple[str, str, str]]:
        """Return `(system, sentence's ID, reason)` for each clip that failed."""
        return [
            (system, name, clip.failure)
            for system, clips in self.clips.items()
            for name, clip in clips.items()
            if clip.failure
        ]

    @cached_property
    def estimates(self) -> dict[str, dict[str, Estimate]]:
        """Return measure -> system -> its value, interval, and number of sentences."""
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
        """Return measure -> the best copy, the best voice, and all whose difference may be chance.

        The recording is excluded. Differences are computed over the sentences that both systems
        have; if all may be equal, there is no leader.
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
        """Return the measures that have results, by their tables."""
        groups: dict[str, list[Measure]] = {}
        for measure in MEASURES:
            if measure.key in self.estimates:
                groups.setdefault(measure.group, []).append(measure)
        return groups

    def rows(self, group: str) -> list[list[str]]:
        """Return a group's table as text: the header, then a row for each system with results."""
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
        """Return all groups of measures as plain text."""
        return "\n\n".join(
            "\n".join([group, *_aligned(self.rows(group))]) for group in self.groups()
        )

    def to_dict(self) -> dict:
        """Return everything except the sounds, for JSON."""
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
    """Replace nan, which JSON doesn't have, with None."""
    return {name: value if value == value else None for name, value in values.items()}
