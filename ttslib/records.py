"""The data that parts of the library pass to each other: an utterance, a batch, a generated mel.

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
    """One clip's metadata; its audio isn't read."""

    id: str  # unique within the corpus, e.g. "1272_128104_000003_000001"
    speaker: str
    text: str
    audio_path: Path
    original: str | None = None  # as printed, where the corpus has that and `text` is normalized


class SpeakerInfo(NamedTuple):
    """A corpus's facts about a speaker; empty where it has none."""

    sex: str  # "F" or "M"
    name: str


@dataclass(frozen=True, kw_only=True)
class TextMelBatch:
    """Token IDs and the mels of the same clips, padded to the longest of each."""

    ids: tuple[str, ...]  # of the utterances, for error messages
    tokens: Tensor  # (B, N) int64, 0 where padded
    token_lengths: Tensor  # (B,) int64
    mels: Tensor  # (B, M, T) float32, 0 where padded
    mel_lengths: Tensor  # (B,) int64, in frames
    speakers: Tensor  # (B,) int64, index into the training run's speakers
    pitch: Tensor | None = None  # (B, T) in the speaker's deviations, nan where unvoiced
    energy: Tensor | None = None  # (B, T) in the speaker's deviations

    @property
    def n_frames(self) -> int:
        """Return the number of real frames."""
        return int(self.mel_lengths.sum())

    def to(self, device: torch.device | str) -> "TextMelBatch":
        """Return the same batch with its tensors on `device`."""
        return _moved(self, device)


@dataclass(frozen=True, kw_only=True)
class WaveBatch:
    """Segments of mels and their sound, aligned sample for frame, all of one length."""

    ids: tuple[str, ...]  # of the utterances, for error messages
    mels: Tensor  # (B, M, T) float32 log-mels
    waveforms: Tensor  # (B, S) float32 in [-1, 1]
    pitch: Tensor | None = None  # (B, T) Hz at each frame's first sample, bridged where unvoiced
    voiced: Tensor | None = None  # (B, T) 1 where the pitch was measured

    @property
    def n_frames(self) -> int:
        """Return the number of frames, all of them real."""
        return self.mels.shape[0] * self.mels.shape[2]

    def to(self, device: torch.device | str) -> "WaveBatch":
        """Return the same batch with its tensors on `device`."""
        return _moved(self, device)


Batch = TypeVar("Batch", TextMelBatch, WaveBatch)


def _moved(batch: Batch, device: torch.device | str) -> Batch:
    moved: dict[str, Any] = {}
    for field in dataclasses.fields(batch):
        if isinstance(value := getattr(batch, field.name), Tensor):
            moved[field.name] = value.to(device)
    return dataclasses.replace(batch, **moved)


class GeneratedMel(NamedTuple):
    """The output of an acoustic model at inference."""

    mel: Tensor  # (B, M, T), 0 beyond each length
    lengths: Tensor  # (B,) int64, in frames
    alignment: Tensor  # (B, T, N): how much each frame attended to each token
    stopped: Tensor  # (B,) bool: it ended by itself, not at the frame limit
    pitch: Tensor | None = None  # (B, N) predicted per token, in the speaker's deviations
    energy: Tensor | None = None  # (B, N)
