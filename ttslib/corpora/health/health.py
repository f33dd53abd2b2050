"""Check whether a corpus is fit for training: measure every clip, and report faults in plain words.

Clips are read one at a time and in parallel; only their measures are kept, about four kilobytes per
clip, so memory use stays small for any number of hours.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path

import joblib
import numpy as np
from tqdm.auto import tqdm

from ttslib.corpora.corpus import Corpus
from ttslib.corpora.health.faults import Fault, find_faults
from ttslib.corpora.health.measures import ClipMeasures, measure_clip
from ttslib.corpora.health.page import write_page
from ttslib.corpora.health.pictures import plot_clip_lengths, plot_distributions, plot_phonemes
from ttslib.plots import Picture
from ttslib.records import Utterance
from ttslib.text.arpabet import PHONEMES
from ttslib.text.normalize import MARKS
from ttslib.text.phonemes import Phonemizer

__all__ = ["CorpusHealth", "corpus_health"]

CHUNK = 32  # clips that one process measures in a row
MOST_SPEAKERS = 20  # in the table
_SYMBOLS = (*"abcdefghijklmnopqrstuvwxyz", "'", *MARKS)
_HEADER = (
    "speaker", "clips", "minutes", "seconds", "char/s", "phon/s", "level", "noise", "ends", "faulty"
)  # fmt: skip


@dataclass(frozen=True)
class CorpusHealth:
    """The result of `corpus_health`.

    Attributes
    ----------
    clips : list of ClipMeasures
        One row per clip, in the corpus's order: `clip.sound.noise_db`, `clip.phonemes`, ...
    faults : list of Fault
        `(utterance, kind, sentence)`; a clip may have several.
    """

    clips: list[ClipMeasures]
    faults: list[Fault]

    @property
    def faulty(self) -> set[str]:
        """Return the IDs of the clips with a fault."""
        return {fault.utterance for fault in self.faults}

    @cached_property
    def phonemes(self) -> Counter[str]:
        """Count each phoneme, whatever its stress."""
        return Counter(p.rstrip("012") for clip in self.clips for p in clip.phonemes)

    @cached_property
    def diphones(self) -> Counter[tuple[str, str]]:
        """Count each pair of successive phonemes, also across words."""
        pairs: Counter[tuple[str, str]] = Counter()
        for clip in self.clips:
            pairs.update(pairwise(p.rstrip("012") for p in clip.phonemes))
        return pairs

    @cached_property
    def never_seen(self) -> list[str]:
        """Return the letters, marks and phonemes that no text has, so no model can learn them."""
        spoken = Counter(character for clip in self.clips for character in clip.spoken.lower())
        bare = sorted({phoneme.rstrip("012") for phoneme in PHONEMES})
        return [s for s in _SYMBOLS if not spoken[s]] + [p for p in bare if not self.phonemes[p]]

    def rows(self) -> list[tuple[str, ...]]:
        """Return the table's header, a row for each speaker and one for all, as text."""
        groups = defaultdict(list)
        for clip in self.clips:
            groups[clip.utterance.speaker].append(clip)
        shown = sorted(groups, key=lambda name: -len(groups[name]))[:MOST_SPEAKERS]
        rows = [_HEADER, *(self._row(name, groups[name]) for name in sorted(shown))]
        if len(groups) > len(shown):
            rows.append((f"... {len(groups) - len(shown)} more", *[""] * (len(_HEADER) - 1)))
        return [*rows, self._row("all", self.clips)]

    def _row(self, name: str, clips: Sequence[ClipMeasures]) -> tuple[str, ...]:
        sounds = [clip.sound for clip in clips if clip.sound is not None]
        speech = sum(sound.speech_seconds for sound in sounds) or np.nan
        heard = [clip for clip in clips if clip.sound is not None]
        middle = {
            field: np.median([getattr(sound, field) for sound in sounds]) if sounds else np.nan
            for field in ("seconds", "speech_db", "noise_db", "quiet_start", "quiet_end")
        }
        return (
            name,
            f"{len(clips):,}",
            f"{sum(sound.seconds for sound in sounds) / 60:,.1f}",
            f"{middle['seconds']:.1f}",
            f"{sum(len(clip.utterance.text) for clip in heard) / speech:.1f}",
            f"{sum(len(clip.phonemes) for clip in heard) / speech:.1f}",
            f"{middle['speech_db']:.0f} dB",
            f"{middle['noise_db']:.0f} dB",
            f"{middle['quiet_start']:.2f} + {middle['quiet_end']:.2f} s",
            f"{len(self.faulty & {clip.utterance.id for clip in clips}):,}",
        )

    def coverage(self) -> str:
        """Summarize the symbols, phonemes and diphones of the texts in one sentence."""
        n_phonemes = len({phoneme.rstrip("012") for phoneme in PHONEMES})
        never = f"never seen: {' '.join(self.never_seen)}" if self.never_seen else "none is missing"
        return (
            f"{len(self.phonemes)} of {n_phonemes} phonemes and {len(self.diphones):,} of the "
            f"{n_phonemes**2:,} pairs of them; letters, marks, phonemes: {never}"
        )

    def table(self) -> str:
        """Return the table of the speakers as text, and the coverage below it.

        Seconds, level, noise and silence at the two ends are medians. Noise is relative to the
        clip's own level, the level to full scale; characters and phonemes are counted per second of
        speech, without pauses.
        """
        rows = self.rows()
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = [
            "  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]).rstrip()
            for row in rows
        ]
        return "\n".join([*lines, self.coverage()])

    def figures(self) -> dict[str, Picture]:
        """Return the pictures by title; none if no clip can be read."""
        heard = [clip for clip in self.clips if clip.sound is not None]
        if not heard:
            return {}
        return {
            "Length of sound and text (rings: clips with a fault)": plot_clip_lengths(
                heard, self.faulty
            ),
            "How the clips are distributed": plot_distributions(heard),
            "Phonemes, and which follows which": plot_phonemes(self.phonemes, self.diphones),
        }

    def save_html(self, path: Path | str, *, title: str = "Corpus health") -> Path:
        """Write the whole report as one HTML page that needs no other file, and return its path."""
        texts = {clip.utterance.id: clip.utterance.text for clip in self.clips}
        return write_page(
            Path(path),
            title=title,
            rows=self.rows(),
            faults=[(*fault, texts[fault.utterance]) for fault in self.faults],
            coverage=self.coverage(),
            figures=self.figures(),
        )


def corpus_health(corpus: Corpus, *, jobs: int = -1) -> CorpusHealth:
    """Measure every clip of a corpus and report faults.

    It finds clips that are unreadable, silent, faint, over full scale, clipped, noisy, humming,
    shifted, cut off, interrupted or minutes long; dead or canceling channels and rare formats;
    long silences; the same sound twice; texts that are empty, have unknown symbols, are too long or
    too short for the sound, or don't fit it; and clips that sound like another of the speakers.

    Parameters
    ----------
    corpus : Corpus
        Its `utterances` are read. A speaker's own clips determine what is usual, so at least a
        dozen of each are best.
    jobs : int
        Processes; -1 is one per core.

    Raises
    ------
    ValueError
        If the corpus has no utterance.

    References
    ----------
    Rousseeuw and Croux 1993, Alternatives to the median absolute deviation, JASA 88 (why outliers
    are judged by medians).

    Taught in: notebooks/01_dataset_exploration
    """
    utterances = corpus.utterances
    if not utterances:
        raise ValueError("the corpus has no utterances; open one with clips")
    chunks = [utterances[i : i + CHUNK] for i in range(0, len(utterances), CHUNK)]
    with tqdm(chunks, desc="health", unit="chunk") as bar:
        measured = joblib.Parallel(n_jobs=min(jobs, len(chunks)))(
            joblib.delayed(_measure_clips)(chunk) for chunk in bar
        )
    clips = [clip for chunk in measured for clip in chunk]
    return CorpusHealth(clips, find_faults(clips))


def _measure_clips(utterances: Sequence[Utterance]) -> list[ClipMeasures]:
    phonemize = Phonemizer()
    return [measure_clip(utterance, phonemize) for utterance in utterances]
