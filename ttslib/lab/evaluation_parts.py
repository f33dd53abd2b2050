"""The checks of notebook 08: an error rate, a voiceprint, and resampled raters and sentences.

Each `check_` function tests a part by its results and returns the part to use from then on: the
learner's if it passes, else the library's, so that the notebook runs to its end.

Shapes: M mel bands, T frames, D length of a voiceprint, R raters, S sentences.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

import ttslib.lab
from ttslib.audio.mel import extract_mel_spectrogram
from ttslib.corpora.corpus import Corpus
from ttslib.evaluation.measures.intelligibility import count_errors

__all__ = ["check_error_rate", "check_resampled_mean", "check_voiceprint", "speaker_clips"]

Mels = Mapping[str, Sequence[Tensor]]  # speaker -> log-mels (M, T)

PAIRS = {
    "one pair": [("glue the sheet", "glue a sheet")],
    "a short and a long sentence": [("stop", "shop"), ("a canoe slid on it", "a canoe slid on it")],
    "words too many": [("go on", "go on and on and on"), ("she said that so", "she said that so")],
    "words too few": [("the doctor said so", "the said"), ("yes", "yes")],
    "three pairs": [("a", "b"), ("the old mill by the river", "the mill by river"), ("no", "no")],
    "all wrong": [("one", "two"), ("three four", "five six")],
    "a word that moves on to the next text": [("a b", "a"), ("c", "b c")],
    "more errors than words": [("no", "know it all")],
}  # fmt: skip

KIND = np.array([1.0, 2.0, 3.0, 4.0, 5.0])[:, None]  # raters
LUCK = np.array([0.0, 0.5, -1.0, 2.0, 0.0, 0.5, -1.5, 1.0])[None]  # sentences
HEARD = np.array([[(r + s) % 8 > 2 for s in range(8)] for r in range(5)])
# a table (R, S), and the standard deviation of its resampled means, by 100,000 draws
TABLES = {
    "raters who disagree": (KIND + 0 * LUCK, 0.632),
    "sentences that differ": (3 + 0 * KIND + LUCK, 0.364),
    "raters and sentences that differ": (KIND + LUCK, 0.729),
    "some clips not heard": (np.where(HEARD, KIND + LUCK, np.nan), 0.838),
}
DRAWS = 3000


def check_error_rate(name: str, rate: Callable) -> Callable:
    """Check `rate(pairs)`: the word error rate over all pairs (expected, heard)."""
    want = {title: _error_rate(pairs) for title, pairs in PAIRS.items()}
    hint = "one wrong word of twelve is 1/12, in whichever of the texts it is"
    tried = lambda: {title: rate(list(pairs)) for title, pairs in PAIRS.items()}  # noqa: E731
    return rate if ttslib.lab.check(name, tried, want, hint=hint) else _error_rate


def check_resampled_mean(name: str, resampled_mean: Callable) -> Callable:
    """Check `resampled_mean(table, rng)`: the mean score of a test that could have happened.

    Over many draws, its mean must be the table's, and its standard deviation the known one.
    """

    def problem(_: object) -> str | bool:
        for title, (table, spread) in TABLES.items():
            rng = np.random.default_rng(0)
            drawn = [float(resampled_mean(table.copy(), rng)) for _ in range(DRAWS)]
            if lost := int(np.isnan(drawn).sum()):
                return f"{title}: {lost} of {DRAWS} draws are NaN"
            if abs(np.std(drawn) / spread - 1) > 0.06:
                return (
                    f"{title}: the means of {DRAWS} draws scatter by {np.std(drawn):.2f} "
                    f"(standard deviation), expected {spread:.2f}"
                )
            if abs(np.mean(drawn) - np.nanmean(table)) > 0.15 * spread:
                return (
                    f"{title}: {DRAWS} draws have the mean {np.mean(drawn):.2f}, "
                    f"expected about {np.nanmean(table):.2f}, the table's"
                )
        return True

    hint = "who else could have listened, and what else could have been said?"
    some = lambda: resampled_mean(KIND + LUCK, np.random.default_rng(0))  # noqa: E731
    solved = ttslib.lab.check_that(name, some, problem, hint=hint)
    return resampled_mean if solved else _resampled_mean


def speaker_clips(corpus: Corpus, *, clips: int = 12) -> dict[str, list[Tensor]]:
    """Return the log-mels (M, T) of the first clips of each speaker."""
    found: dict[str, list[Tensor]] = {}
    for index, utterance in enumerate(corpus.utterances):
        mels = found.setdefault(utterance.speaker, [])
        if len(mels) < clips:
            waveform, rate, _ = corpus[index]
            assert waveform is not None  # the corpus is generated, so every file can be read
            mels.append(torch.from_numpy(extract_mel_spectrogram(waveform[0].numpy(), rate)[0]))
    return dict(sorted(found.items()))


def check_voiceprint(name: str, voiceprint: Callable, clips: Mels) -> Callable:
    """Check `voiceprint(mel)`: a vector (D,) that recognizes speakers in half of their clips.

    A clip is assigned to the speaker whose average over the other half is closest in cosine
    distance, after the mean over all speakers is subtracted.
    """

    def problem(_: object) -> str | bool:
        half = {who: len(mels) // 2 for who, mels in clips.items()}
        known = {who: [voiceprint(mel) for mel in mels[: half[who]]] for who, mels in clips.items()}
        shapes = {tuple(vector.shape) for vectors in known.values() for vector in vectors}
        if len(shapes) > 1:
            return f"the vector's length must not depend on the clip's; got {sorted(shapes)[:3]}"
        if len(shape := shapes.pop()) != 1 or shape[0] < 2:
            return f"a vector (D,) of several numbers is wanted, got shape {shape}"
        averages = torch.stack([torch.stack(vectors).mean(dim=0) for vectors in known.values()])
        if not averages.isfinite().all():
            return "the vectors contain NaN or infinity"
        common, names = averages.mean(dim=0), list(clips)
        right = tried = 0
        for place, who in enumerate(names):
            for mel in clips[who][half[who] :]:
                vector = voiceprint(mel)
                if not torch.allclose(voiceprint(mel - 2), vector, atol=1e-3):
                    return "a clip at another volume (log-mel - 2) gets another vector"
                twice = voiceprint(torch.cat([mel, mel], dim=1))
                if (twice - vector).norm() > 0.05 * vector.norm().clamp(min=1e-3):
                    return "a clip played twice over gets another vector: its length counts"
                close = F.cosine_similarity(vector - common, averages - common)
                right, tried = right + int(close.argmax() == place), tried + 1
        if right < 0.9 * tried:
            return (
                f"only {right} of {tried} clips are given to their speaker; guessing: {tried // 4}"
            )
        return True

    hint = "average over time; then subtract what the volume adds, the same number in all bands"
    some = lambda: voiceprint(next(iter(clips.values()))[0])  # noqa: E731
    return voiceprint if ttslib.lab.check_that(name, some, problem, hint=hint) else _voiceprint


# The parts that the notebook uses while an exercise is open


def _error_rate(pairs: Sequence[tuple[str, str]]) -> float:
    found = [count_errors(*pair) for pair in pairs]
    return sum(one.wrong for one in found) / sum(one.spoken for one in found)


def _resampled_mean(table: np.ndarray, rng: np.random.Generator) -> float:
    raters, sentences = (rng.integers(n, size=n) for n in table.shape)
    return float(np.nanmean(table[raters][:, sentences]))


def _voiceprint(mel: Tensor) -> Tensor:
    return (mel - mel.mean()).mean(dim=1)
