"""Measure whether a clip's sound fits its text, and its voice its speaker, without a trained model.

Least squares over the speakers' clips gives each phoneme's length and spectrum: a clip's length
is the sum of its phonemes' lengths, and a part of its sound is a blend of the phonemes in it. The
prediction from a clip's own text is then compared with those from other texts of similar length. If
these fit as well, the clip has a wrong text.

Shapes: N clips, V speakers, P phonemes, K = PARTS parts of a clip, D = CEPSTRA.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from ttslib.corpora.health.measures import CEPSTRA, PARTS, ClipMeasures

__all__ = ["TextFit", "fit_texts", "like_other_speaker"]

FEWEST_CLIPS = 12  # fewer aren't enough to learn how phonemes sound
MOST_LEARNT_FROM = 3000  # clips of all speakers; more hardly change the averages
N_OTHERS = 60  # texts that a clip's own is compared with
PRIOR = 10.0  # weight, in phonemes, of the prior that a speaker sounds like everybody
SHORTEST = 0.2  # of a phoneme's mean length
MOST_SHIFTED = 1  # parts of a clip by which its sound may be early or late
WRONG_TEXT = -2.2  # strangeness above which a text counts as wrong,
RARELY_BETTER = 0.03  # if more than this share of other texts fits better
FEWEST_OF_SPEAKER = 5  # clips, to recognize a voice
FAR, NEARER = 1.8, 0.75  # times the usual distance to the own voice; times the own distance


@dataclass(frozen=True, kw_only=True, slots=True)
class TextFit:
    """How well one clip's sound fits its text."""

    usual_seconds: float  # of speech that the speaker takes for such a text
    strangeness: float  # distance to the own text, in deviations from the mean of those to others
    n_better: int  # other texts of similar length that fit better
    n_others: int
    closest: str  # the speaker's clip whose text fits best, searched for if `is_wrong`

    @property
    def is_wrong(self) -> bool:
        """Return True for a wrong text; right ones have a strangeness of about -5."""
        return self.strangeness > WRONG_TEXT and self.n_better > RARELY_BETTER * self.n_others


class _Learned:
    """Lengths and spectra of the phonemes, from a sample of all speakers, in each one's units."""

    def __init__(self, clips: Sequence[ClipMeasures]):
        self.phonemes = sorted({_bare(p) for clip in clips for p in clip.phonemes})
        self.index = {phoneme: i for i, phoneme in enumerate(self.phonemes)}
        self.voices = {name: _Voice(group) for name, group in _by_speaker(clips).items()}
        self.sample = clips[:: -(-len(clips) // MOST_LEARNT_FROM)]
        self.lengths = self._learn_lengths()
        self.sample_lengths = np.array([self.length(clip) for clip in self.sample])
        self.blends = np.stack([self.blend(clip) for clip in self.sample])  # (N, K, P)
        self.spectra, self.whitening = self._learn_spectra()

    def _learn_lengths(self) -> np.ndarray:
        """Fit the lengths of phonemes and of a phrase's end (P + 1,), in mean phonemes."""
        counts = np.stack([self._counts(clip) for clip in self.sample])  # (N, P + 1)
        paces = [self.voices[clip.utterance.speaker].pace for clip in self.sample]
        seconds = np.array([clip.sound.speech_seconds for clip in self.sample])
        spoken = seconds / paces
        fine = np.ones(len(self.sample), bool)
        for _ in range(5):
            lengths = _least_squares(counts[fine], spoken[fine], towards=1)
            errors = np.abs(spoken - counts @ lengths)
            fine = errors <= 4.5 * np.median(errors)
        return lengths.clip(min=SHORTEST)

    def _learn_spectra(self) -> tuple[np.ndarray, np.ndarray]:
        """Fit each phoneme's spectrum (P, D), and the whitening of the errors (D, D)."""
        sketches = np.stack([self.voices[c.utterance.speaker].centered(c) for c in self.sample])
        fine = np.ones(len(sketches), bool)
        for _ in range(3):  # the worst clips are left out: they may have wrong texts
            spectra = _least_squares(self.blends[fine], sketches[fine], towards=0)
            errors = sketches - self.blends @ spectra  # (N, K, D)
            whitening = _whitening(errors[fine].reshape(-1, CEPSTRA))
            distances = np.square(errors @ whitening).sum(axis=(1, 2))
            fine = distances <= np.percentile(distances, 95)
        return spectra, whitening

    def _indices(self, clip: ClipMeasures) -> list[int]:
        return [self.index[_bare(phoneme)] for phoneme in clip.phonemes]

    def _counts(self, clip: ClipMeasures) -> np.ndarray:
        """Count each phoneme (P,), and the phrases, each of which ends slowly."""
        phonemes = np.bincount(self._indices(clip), minlength=len(self.phonemes))
        return np.append(phonemes, _n_phrases(clip.spoken)).astype(float)

    def length(self, clip: ClipMeasures) -> float:
        """Return the text's length, in mean phonemes."""
        return float(self._counts(clip) @ self.lengths)

    def texts_of_length(self, length: float, *, but: ClipMeasures) -> list[int]:
        """Return the sample's texts closest to `length`, except that of the clip `but`."""
        nearest = np.abs(self.sample_lengths - length).argsort()
        others = (i for i in nearest if self.sample[i].phonemes != but.phonemes)
        return list(islice(others, N_OTHERS))

    def blend(self, clip: ClipMeasures) -> np.ndarray:
        """Return the share (K, P) of each phoneme in each part of a clip, at an even pace."""
        indices = self._indices(clip)
        ends = self.lengths[indices].cumsum()
        ends *= PARTS / ends[-1]
        starts = np.concatenate([[0], ends[:-1]])
        part = np.arange(PARTS)[:, None]
        overlap = (np.minimum(ends, part + 1) - np.maximum(starts, part)).clip(min=0)  # (K, n)
        return overlap @ np.eye(len(self.phonemes))[indices]


class _Voice:
    """One speaker's pace and mean spectrum."""

    def __init__(self, clips: Sequence[ClipMeasures]):
        self.pace = np.median([c.sound.speech_seconds / len(c.phonemes) for c in clips])
        self.mean = np.median([_level_free(c).mean(axis=0) for c in clips], axis=0)  # (D,)

    def centered(self, clip: ClipMeasures) -> np.ndarray:
        """Return the clip's sketch (K, D) without its loudness and its speaker's mean."""
        return _level_free(clip) - self.mean


def _bare(phoneme: str) -> str:
    return phoneme.rstrip("012")


def _n_phrases(spoken: str) -> int:
    return len(re.findall(r"\w(?: -|[?!.;:,]|$)", spoken))


def _by_speaker(clips: Sequence[ClipMeasures]) -> dict[str, list[ClipMeasures]]:
    groups = defaultdict(list)
    for clip in clips:
        groups[clip.utterance.speaker].append(clip)
    return groups


def _level_free(clip: ClipMeasures) -> np.ndarray:
    sketch = clip.sound.sketch.astype(float)
    sketch[:, 0] -= sketch[:, 0].mean()
    return sketch


def _least_squares(inputs: np.ndarray, outputs: np.ndarray, *, towards) -> np.ndarray:
    """Fit (P, D), or (P,), that maps `inputs` (..., P) to `outputs`, with a prior `towards`."""
    flat = inputs.reshape(-1, inputs.shape[-1])
    answers = outputs.reshape(len(flat), *outputs.shape[inputs.ndim - 1 :])
    moments = flat.T @ flat + PRIOR * np.eye(flat.shape[1])
    return np.linalg.solve(moments, flat.T @ answers + PRIOR * towards)


def _whitening(errors: np.ndarray) -> np.ndarray:
    """Return the (D, D) that makes errors (N, D) uncorrelated with deviation 1."""
    covariance = np.cov(errors.T) + 1e-6 * np.eye(errors.shape[1])
    return np.linalg.cholesky(np.linalg.inv(covariance))


def fit_texts(clips: Sequence[ClipMeasures]) -> dict[str, TextFit]:
    """Measure how well each clip's sound fits its text, by its ID.

    Clips without sound or phonemes aren't measured, nor are corpora of only a few texts.
    """
    usable = [clip for clip in clips if clip.sound is not None and clip.phonemes]
    if len(usable) < FEWEST_CLIPS:
        return {}
    learned = _Learned(usable)
    fits = {}
    for name, group in _by_speaker(usable).items():
        fits |= _fit_speaker(group, learned.voices[name], learned)
    return fits


def _fit_speaker(
    clips: Sequence[ClipMeasures], voice: _Voice, learned: _Learned
) -> dict[str, TextFit]:
    blends = np.stack([learned.blend(clip) for clip in clips])
    sketches = np.stack([voice.centered(clip) for clip in clips])
    spectra = _least_squares(blends, sketches, towards=learned.spectra)
    heard = sketches @ learned.whitening  # (N, K, D)
    foretold = blends @ spectra @ learned.whitening
    others = learned.blends @ spectra @ learned.whitening
    fits = {}
    for number, (clip, sound, own) in enumerate(zip(clips, heard, foretold, strict=True)):
        near = learned.texts_of_length(clip.sound.speech_seconds / voice.pace, but=clip)
        if len(near) < FEWEST_CLIPS // 2:
            continue
        distances = _warped_distances(sound, np.stack([own, *others[near]]))
        to_own, to_others = distances[0], distances[1:]
        strangeness = float((to_own - to_others.mean()) / (to_others.std() + 1e-9))
        closest = number  # not used if the text is right
        if strangeness > WRONG_TEXT:
            closest = _warped_distances(sound, foretold).argmin()
        fits[clip.utterance.id] = TextFit(
            usual_seconds=learned.length(clip) * voice.pace,
            strangeness=strangeness,
            n_better=int((to_others < to_own).sum()),
            n_others=len(near),
            closest=clips[closest].utterance.id,
        )
    return fits


def _warped_distances(sound: np.ndarray, foretold: np.ndarray) -> np.ndarray:
    """Return the distances of (K, D) to each of several (n, K, D), whose parts may shift a little.

    References
    ----------
    Sakoe and Chiba 1978, Dynamic programming algorithm optimization for spoken word recognition
    (the symmetric form: a step along the diagonal counts twice).
    """
    total = np.full((len(foretold), PARTS + 1, PARTS + 1), np.inf)
    total[:, 0, 0] = 0
    for i in range(PARTS):
        for j in range(max(0, i - MOST_SHIFTED), min(PARTS, i + MOST_SHIFTED + 1)):
            here = np.square(sound[i] - foretold[:, j]).sum(axis=1)  # (n,)
            total[:, i + 1, j + 1] = np.minimum(
                total[:, i, j] + 2 * here,
                np.minimum(total[:, i, j + 1], total[:, i + 1, j]) + here,
            )
    return total[:, -1, -1]


def like_other_speaker(clips: Sequence[ClipMeasures]) -> dict[str, str]:
    """Find the clips that sound far more like another speaker than their own: ID -> speaker."""
    groups = _by_speaker([clip for clip in clips if clip.sound is not None])
    groups = {name: group for name, group in groups.items() if len(group) >= FEWEST_OF_SPEAKER}
    if len(groups) < 2:
        return {}
    timbres = {name: np.stack([c.sound.timbre for c in group]) for name, group in groups.items()}
    centers = {name: np.median(timbre, axis=0) for name, timbre in timbres.items()}
    errors = np.concatenate([timbres[name] - centers[name] for name in groups])
    sizes = np.abs(errors).sum(axis=1)
    whitening = _whitening(errors[sizes <= np.percentile(sizes, 95)])
    usual = np.median(np.linalg.norm(errors @ whitening, axis=1))
    names, places = list(groups), np.stack(list(centers.values()))  # (V, D - 1)
    found = {}
    for number, name in enumerate(names):
        distances = np.linalg.norm((timbres[name][:, None] - places) @ whitening, axis=2)  # (N, V)
        for clip, to_all in zip(groups[name], distances, strict=True):
            nearest = to_all.argmin()
            if to_all[number] > FAR * usual and to_all[nearest] < NEARER * to_all[number]:
                found[clip.utterance.id] = names[nearest]
    return found
