"""Measure whether a generated mel is as sharp as a recording's: blur is missing variance.

Shapes: M mel bands, T frames.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

__all__ = ["Sharpness", "sharpness"]

WINDOW = 32  # frames of a modulation spectrum: a third of a second
SLOW = 4  # its first bins, below 12 Hz: syllables and phonemes; above: their edges, and noise


class Sharpness(NamedTuple):
    """The power of generated mels divided by that of recordings: 1 is as sharp, less is blurred."""

    variance: float  # of a band over time, averaged over the bands
    modulation_slow: float  # of a band's changes below about 12 Hz
    modulation_fast: float  # of its changes above
    harmonics: float  # of the differences between neighboring bands

    def __str__(self) -> str:
        return (
            f"sharpness {self.variance:.2f} (slow {self.modulation_slow:.2f}, fast "
            f"{self.modulation_fast:.2f}, between bands {self.harmonics:.2f})"
        )


def sharpness(generated: Sequence[Tensor], recordings: Sequence[Tensor]) -> Sharpness:
    """Compare generated mels (M, T) with recordings of the same sentences, (M, T') each.

    The modulation is nan where no mel is as long as a window.

    References
    ----------
    Takamichi et al. 2016, Postfilters to modify the modulation spectrum for statistical parametric
    speech synthesis, IEEE/ACM TASLP 24(4).
    """
    own, true = _powers(generated), _powers(recordings)
    return Sharpness(*(float((a / b).mean()) for a, b in zip(own, true, strict=True)))


def _powers(mels: Sequence[Tensor]) -> list[Tensor]:
    """Return what `Sharpness` compares, each (M,) or (M - 1,)."""
    every = torch.cat(list(mels), dim=1)
    pieces = [m.unfold(1, WINDOW, WINDOW // 2) for m in mels if m.shape[1] >= WINDOW]
    none = every.new_full((len(every), 1, WINDOW), torch.nan)
    windows = torch.cat(pieces or [none], dim=1)  # (M, windows, WINDOW)
    windows = (windows - windows.mean(dim=2, keepdim=True)) * torch.hann_window(WINDOW)
    spectrum = torch.fft.rfft(windows).abs().square().mean(dim=1)  # (M, WINDOW / 2 + 1)
    return [
        every.var(dim=1),
        spectrum[:, 1 : 1 + SLOW].sum(dim=1),
        spectrum[:, 1 + SLOW :].sum(dim=1),
        every.diff(dim=0).square().mean(dim=1),
    ]
