"""What travels between the parts: an utterance, a batch, a generated mel.

Shapes: B batch, N tokens, T frames, M mel bands, S = T * hop_length samples.
"""

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import torch
from torch import Tensor

__all__ = ["GeneratedMel", "SpeakerInfo", "TextMelBatch", "Utterance", "WaveBatch"]


@dataclass(frozen=True, kw_only=True)
class Utterance:
    """One clip's metadata; its audio stays closed."""

    id: str  # unique within the corpus, e.g. "1272_128104_000003_000001"
    speaker: str
    text: str
    audio_path: Path
    original: str | None = None  # as printed, where the corpus has that and `text` is normalized


class SpeakerInfo(NamedTuple):
    """What a corpus tells of a speaker; empty where it doesn't."""

    sex: str  # "F" or "M"
    name: str


@dataclass(frozen=True, kw_only=True)
class TextMelBatch:
    """Token IDs beside the mels they are spoken as, padded to the longest of each."""

    ids: tuple[str, ...]  # the utterances' own, to name them when something breaks
    tokens: Tensor  # (B, N) int64, 0 where padded
    token_lengths: Tensor  # (B,) int64
    mels: Tensor  # (B, M, T) float32, 0 where padded
    mel_lengths: Tensor  # (B,) int64, in frames
    speakers: Tensor  # (B,) int64, index into the training run's speakers
    pitch: Tensor | None = None  # (B, T) in the speaker's deviations, nan where unvoiced
    energy: Tensor | None = None  # (B, T) in the speaker's deviations

    @property
    def n_frames(self) -> int:
        """How many frames are real."""
        return int(self.mel_lengths.sum())

    def to(self, device: torch.device | str) -> "TextMelBatch":
        """The same batch with its tensors on `device`."""
        return _moved(self, device)


@dataclass(frozen=True, kw_only=True)
class WaveBatch:
    """Pieces of mels beside the sound that they are of, sample for frame, all of one length."""

    ids: tuple[str, ...]  # the utterances' own, to name them when something breaks
    mels: Tensor  # (B, M, T) float32 log-mels
    waveforms: Tensor  # (B, S) float32 in [-1, 1]
    pitch: Tensor | None = None  # (B, T) Hz at each frame's first sample, bridged where unvoiced
    voiced: Tensor | None = None  # (B, T) 1 where the pitch was measured

    @property
    def n_frames(self) -> int:
        """How many frames there are, all of them real."""
        return self.mels.shape[0] * self.mels.shape[2]

    def to(self, device: torch.device | str) -> "WaveBatch":
        """The same batch with its tensors on `device`."""
        return _moved(self, device)


Batch = TypeVar("Batch", TextMelBatch, WaveBatch)


def _moved(batch: Batch, device: torch.device | str) -> Batch:
    moved: dict[str, Any] = {}
    for field in dataclasses.fields(batch):
        if isinstance(value := getattr(batch, field.name), Tensor):
            moved[field.name] = value.to(device)
    return dataclasses.replace(batch, **moved)


class GeneratedMel(NamedTuple):
    """What an acoustic model says when it runs freely."""

    mel: Tensor  # (B, M, T), 0 beyond each length
    lengths: Tensor  # (B,) int64, in frames
    alignment: Tensor  # (B, T, N): how much of each token each frame attended to
    stopped: Tensor  # (B,) bool: it ended by itself rather than at the frame limit
    pitch: Tensor | None = None  # (B, N) meant for each token, in the speaker's deviations
    energy: Tensor | None = None  # (B, N)
