"""Measure free-running speech by four figures that teacher forcing can't fake.

A low loss means that the model predicts the next frame from the true ones; a diagonal alignment
means that it moves on. Neither is speech. So let it run freely on sentences that it wasn't trained
on, and measure: Does it stop? Is its mel closest to the recording of that sentence? Does its
attention stay longer on longer phonemes? Is it as long as the recording?

Shapes: N tokens, M mel bands, T frames.
"""

from collections.abc import Sequence
from typing import NamedTuple

import librosa
import numpy as np
import torch
from torch import Tensor, nn

from ttslib.audio.compiled import compile_librosa
from ttslib.audio.mel import MelNormalizer
from ttslib.audio.sharpness import Sharpness, sharpness
from ttslib.config import AudioConfig
from ttslib.corpora.phoneme_times import phoneme_times
from ttslib.models.fastspeech2 import FastSpeech2
from ttslib.models.matcha import Matcha
from ttslib.models.tacotron2 import Tacotron2
from ttslib.nn.alignment import AlignmentQuality, alignment_durations, alignment_quality
from ttslib.nn.randomness import generator_argument, seeded
from ttslib.records import GeneratedMel
from ttslib.text.tokenizers import Tokenizer
from ttslib.training.data.durations import matching_phonemes
from ttslib.training.data.features import Features

__all__ = ["Spoken", "SpokenFigures", "dtw_distance", "speak_features", "spoken_figures"]


class Spoken(NamedTuple):
    """Freely generated sentences; the mels are normalized."""

    mels: list[Tensor]  # (M, T) each
    alignments: list[Tensor]  # (T, N) each
    stopped: list[bool]


class SpokenFigures(NamedTuple):
    """The four figures over held-out sentences, with alignment quality and sharpness."""

    sentences: int
    stopped: int  # ended by themselves
    found: int  # closest to a recording of their own text among all
    distance_ratio: float  # to the right recording, over the median to the others; mean. Below 0.5
    length_ratio: float  # to the recording's length, on average: 1 is right
    duration_correlation: float  # Pearson's, with the corpus's phoneme times; nan without them
    alignment: AlignmentQuality  # on average
    sharpness: Sharpness

    def to_dict(self) -> dict[str, float]:
        """Return all figures in one flat row, for a log."""
        figures = self._asdict() | self.alignment._asdict()
        figures |= {f"sharpness_{name}": value for name, value in self.sharpness._asdict().items()}
        return {n: value for n, value in figures.items() if n not in ("alignment", "sharpness")}

    def __str__(self) -> str:
        return (
            f"stops {self.stopped}/{self.sentences}, closest recording is the right one: "
            f"{self.found}/{self.sentences} (at {self.distance_ratio:.2f} of the others' distance)"
            f", length {self.length_ratio:.2f}, durations r = {self.duration_correlation:.2f}, "
            f"{self.sharpness}"
        )


@torch.no_grad()
def speak_features(
    model: Tacotron2 | FastSpeech2 | Matcha,
    features: Features,
    *,
    speakers: Sequence[str],
    seed: int = 0,
) -> Spoken:
    """Speak the texts of all `features` freely, in one batch, for at most twice the longest clip.

    The prenet's dropout is drawn with `seed`, and the caller's random state isn't changed.
    """
    device = next(model.parameters()).device
    tokens = [features[i][0] for i in range(len(features))]
    voices = [speakers.index(u.speaker) for u in features.utterances]
    longest = int(features.n_frames.max())
    training = model.training
    model.eval()
    output: GeneratedMel = model.generate(
        nn.utils.rnn.pad_sequence(tokens, batch_first=True).to(device),
        torch.tensor([len(t) for t in tokens], device=device),
        speakers=torch.tensor(voices, device=device),
        max_frames=2 * longest,
        **generator_argument(model, seeded(seed, device=device)),
    )
    model.train(training)
    lengths = output.lengths.tolist()
    return Spoken(
        [mel[:, :length].float().cpu() for mel, length in zip(output.mel, lengths, strict=True)],
        [
            alignment[:length, : len(t)].float().cpu()
            for alignment, length, t in zip(output.alignment, lengths, tokens, strict=True)
        ],
        output.stopped.tolist(),
    )


def spoken_figures(
    spoken: Spoken,
    features: Features,
    *,
    tokenizer: Tokenizer,
    normalizer: MelNormalizer,
    audio: AudioConfig,
) -> SpokenFigures:
    """Compare generated mels with the recordings of the same sentences.

    Parameters
    ----------
    spoken : Spoken
        From `speak_features` on the same `features`.
    features : Features
        At least two clips, ideally of a single speaker.
    tokenizer, normalizer, audio
        Those of the training.

    Taught in: notebooks/05_training
    """
    recordings = [normalizer.normalize(features[i][1]) for i in range(len(features))]
    distances = np.array([[dtw_distance(s, r) for r in recordings] for s in spoken.mels])
    texts = np.array([utterance.text for utterance in features.utterances])
    same = texts[:, None] == texts  # another take of the same sentence is right, too
    own = distances.diagonal()
    others = [np.median(row[~takes]) for row, takes in zip(distances, same, strict=True)]
    lengths = [s.shape[1] / r.shape[1] for s, r in zip(spoken.mels, recordings, strict=True)]
    qualities = np.mean([alignment_quality(alignment) for alignment in spoken.alignments], axis=0)
    return SpokenFigures(
        sentences=len(own),
        stopped=sum(spoken.stopped),
        found=int(same[np.arange(len(own)), distances.argmin(axis=1)].sum()),
        distance_ratio=float((own / np.array(others)).mean()),
        length_ratio=float(np.mean(lengths)),
        duration_correlation=_duration_correlation(spoken, features, tokenizer, audio),
        alignment=AlignmentQuality(*qualities.tolist()),
        sharpness=sharpness(spoken.mels, recordings),
    )


def dtw_distance(first: Tensor, second: Tensor, *, stride: int = 2) -> float:
    """Return the mean Euclidean distance of two mels (M, T) along their best warping path.

    Every `stride`-th frame is compared: neighbors hardly differ, and the cost falls with the square
    of the stride.
    """
    cost = torch.cdist(first[:, ::stride].T, second[:, ::stride].T).numpy()
    compile_librosa()
    accumulated, path = librosa.sequence.dtw(C=cost)
    return float(accumulated[-1, -1] / len(path))


def _duration_correlation(
    spoken: Spoken, features: Features, tokenizer: Tokenizer, audio: AudioConfig
) -> float:
    """Correlate the seconds of attention on each phoneme with those of the corpus."""
    pairs = []
    for index, alignment in enumerate(spoken.alignments):
        try:
            times = phoneme_times(features.utterance(index))
        except FileNotFoundError:  # a corpus without phoneme times
            return float("nan")
        tokens = [tokenizer.symbols[i] for i in features[index][0].tolist()]
        seconds = alignment_durations(alignment) / audio.frames_per_second
        for token, row in matching_phonemes(tokens, times):
            pairs.append((float(seconds[token]), times[row].end - times[row].start))
    return float(np.corrcoef(np.array(pairs).T)[0, 1]) if len(pairs) > 1 else float("nan")
