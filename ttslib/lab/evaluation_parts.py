"""The checks of notebook 08: an error rate, a voiceprint, and the number of ratings.

Each `check_` function tests a part by its results and returns the part to use from then on: the
learner's if it passes, else the library's, so that the notebook runs to its end.

Shapes: M mel bands, T frames, D length of a voiceprint.
"""

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

import ttslib.lab
from ttslib.audio.mel import extract_mel_spectrogram
from ttslib.corpora.corpus import Corpus
from ttslib.evaluation.measures.intelligibility import count_errors

__all__ = ["check_error_rate", "check_ratings_in_all", "check_voiceprint", "speaker_clips"]

Mels = Mapping[str, Sequence[Tensor]]  # speaker -> log-mels (M, T)

PAIRS = {
    "one pair": [("glue the sheet", "glue a sheet")],
    "a short and a long sentence": [("stop", "shop"), ("a canoe slid on it", "a canoe slid on it")],
    "words too many": [("go on", "go on and on and on"), ("she said that so", "she said that so")],
    "words too few": [("the doctor said so", "the said"), ("yes", "yes")],
    "three pairs": [("a", "b"), ("the old mill by the river", "the mill by river"), ("no", "no")],
    "all wrong": [("one", "two"), ("three four", "five six")],
    "more errors than words": [("no", "know it all")],
}  # fmt: skip

SCORES = {
    "ten scores": [4, 3, 5, 4, 2, 4, 3, 5, 3, 4],
    "an array": np.array([1, 5, 1, 5, 3], dtype=np.int64),
    "scores that agree more": [3, 4, 3, 4, 3, 4],
    "two scores": [2, 4],
}
WIDTHS = (1, 0.5, 0.2, 0.05)


def check_error_rate(name: str, rate: Callable) -> Callable:
    """Check `rate(pairs)`: the word error rate over all pairs (expected, heard)."""
    want = {title: _error_rate(pairs) for title, pairs in PAIRS.items()}
    hint = "all errors over all words that should have been said: add up first, divide once"
    tried = lambda: {title: rate(list(pairs)) for title, pairs in PAIRS.items()}  # noqa: E731
    return rate if ttslib.lab.check(name, tried, want, hint=hint) else _error_rate


def check_ratings_in_all(name: str, ratings: Callable) -> Callable:
    """Check `ratings(scores, half_width)`: the smallest sufficient whole number of ratings."""

    def tried() -> list[tuple]:
        return [
            (title, scores, width, ratings(scores, width))
            for title, scores in SCORES.items()
            for width in WIDTHS
        ]

    def problem(answers: list[tuple]) -> str | bool:
        for title, scores, width, got in answers:
            want = _ratings_in_all(scores, width)
            case = f"{title}, half_width {width}"
            if isinstance(got, (bool, np.bool_)) or np.ndim(got) or got != int(got):
                return f"{case}: a whole number is wanted, got {got!r}"
            if int(got) != want:
                return f"{case}: expected {want}, got {int(got)}"
        return True

    hint = "solve 1.96 s / sqrt(n) <= half_width for n, and round up"
    return ratings if ttslib.lab.check_that(name, tried, problem, hint=hint) else _ratings_in_all


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


def _ratings_in_all(scores: Sequence[float], half_width: float) -> int:
    return math.ceil((1.96 * float(np.std(scores, ddof=1)) / half_width) ** 2)


def _voiceprint(mel: Tensor) -> Tensor:
    return (mel - mel.mean()).mean(dim=1)
