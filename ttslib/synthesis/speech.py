"""What a voice said, and how it came about.

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
    """What was said, and how it came about."""

    waveform: Tensor  # (S,) in [-1, 1], S = T * hop_length
    sample_rate: int  # Hz
    text: str  # as it was given
    mel: Tensor  # (M, T) log-mel, the pauses between sentences included
    alignments: tuple[Tensor, ...]  # each sentence's own, its pause included
    tokens: tuple[str, ...]  # the N symbols
    stopped: bool  # every sentence ended by itself
    pitch: Tensor | None = None  # (N,) Hz meant for each token, where the model plans it
    energy: Tensor | None = None  # (N,) likewise, the natural logarithm of the magnitude

    @property
    def alignment(self) -> Tensor:
        """All alignments as one (T, N), block-diagonal; made when asked for: it can be vast."""
        return torch.block_diag(*self.alignments)

    @property
    def durations(self) -> Tensor:
        """How many frames each of the N tokens lasts (by the attention, if that is soft)."""
        return torch.cat([alignment.sum(dim=0) for alignment in self.alignments])

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return len(self.waveform) / self.sample_rate

    def save(self, path: Path | str) -> Path:
        """Write it as a 16-bit WAV file; the volume is left as it is."""
        return write_audio(path, self.waveform, self.sample_rate)
