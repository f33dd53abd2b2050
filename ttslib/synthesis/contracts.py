"""The interfaces that a synthesizer needs of its parts.

A part that draws random numbers has the attribute `needs_generator = True`, and is then called with
`generator=`, so that torch's global random state is neither read nor changed.

Shapes: B batch, N tokens, T frames, M mel bands.
"""

from collections.abc import Iterator
from typing import Protocol

from torch import Tensor, nn

from ttslib.config import AudioConfig
from ttslib.records import GeneratedMel

__all__ = ["AcousticModel", "Vocoder"]


class _Module(Protocol):
    """The part of `torch.nn.Module` that a synthesizer uses."""

    training: bool

    def train(self, mode: bool = True) -> object: ...
    def eval(self) -> object: ...
    def parameters(self) -> Iterator[nn.Parameter]: ...


class AcousticModel(_Module, Protocol):
    """A torch module that predicts the mel of tokens, e.g. `Tacotron2`."""

    def generate(
        self, tokens: Tensor, token_lengths: Tensor, *, speakers: Tensor, max_frames: int
    ) -> GeneratedMel:
        """Generate the mels of tokens (B, N)."""


class Vocoder(_Module, Protocol):
    """A torch module that turns a log-mel into sound, e.g. `GriffinLim`.

    One with `stream(mels)` yields its sound in pieces; one with `context` reads that many frames
    beyond each end of its own.
    """

    audio: AudioConfig  # of the mels that it takes

    def __call__(self, mel: Tensor) -> Tensor:
        """Turn log-mels (B, M, T) into waveforms (B, T * hop_length)."""
