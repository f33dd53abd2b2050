"""Synthesized speech, with the mel and the alignments from which it was generated.

Shapes: N tokens, T frames, M mel bands, S samples.
"""

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from ttslib.audio.files import write_audio

__all__ = ["Speech"]


@dataclass(frozen=True, kw_only=True)
class Speech:
    """Synthesized speech, with the mel and the alignments from which it was generated."""

    waveform: Tensor  # (S,) in [-1, 1], S = T * hop_length
    sample_rate: int  # Hz
    text: str  # as given
    mel: Tensor  # (M, T) log-mel, the pauses between sentences included
    alignments: tuple[Tensor, ...]  # (T, N) of each sentence, with the pause after it
    tokens: tuple[str, ...]  # N symbols
    stopped: bool  # every sentence ended by itself
    pitch: Tensor | None = None  # (N,) Hz, as predicted for each token, if the model does so
    energy: Tensor | None = None  # (N,) likewise, natural logarithm of the magnitude

    @property
    def alignment(self) -> Tensor:
        """Return all alignments as one block-diagonal (T, N), which can be large."""
        return torch.block_diag(*self.alignments)

    @property
    def durations(self) -> Tensor:
        """Return how many frames each of N tokens lasts; for soft attention, sums of weights."""
        return torch.cat([alignment.sum(dim=0) for alignment in self.alignments])

    @property
    def seconds(self) -> float:
        """Return the length of the waveform in seconds."""
        return len(self.waveform) / self.sample_rate

    def save(self, path: Path | str) -> Path:
        """Write a 16-bit WAV file, at the waveform's own volume."""
        return write_audio(path, self.waveform, self.sample_rate)
