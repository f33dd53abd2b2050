"""From a spectrum back to the waveform, framed as `MelSpectrogram` frames it.

Shapes: B batch, F = n_fft // 2 + 1 frequencies, T frames, S = T * hop_length samples.
"""

import torch
from torch import Tensor, nn

__all__ = ["STFT", "InverseSTFT"]


class STFT(nn.Module):
    """The complex spectra of a waveform, framed as `InverseSTFT` expects them.

    Beyond both ends is silence. White noise of variance 1 has spectra of variance 1.

    Parameters
    ----------
    n_fft, hop_length
        As in `InverseSTFT`.
    """

    window: Tensor

    def __init__(self, *, n_fft: int, hop_length: int):
        super().__init__()
        self.n_fft, self.hop_length = n_fft, hop_length
        self.register_buffer("window", torch.hann_window(n_fft), persistent=False)

    def forward(self, waveform: Tensor) -> Tensor:
        """Turn waveforms (B, S) into complex spectra (B, F, T), T = S / hop_length."""
        beside = self.n_fft - self.hop_length
        padded = nn.functional.pad(waveform, (beside // 2, beside - beside // 2))
        pieces = padded.unfold(1, self.n_fft, self.hop_length)  # (B, T, n_fft)
        window = self.window / self.window.square().sum().sqrt()
        return torch.fft.rfft(pieces * window).transpose(1, 2)


class InverseSTFT(nn.Module):
    """The last layer of a vocoder that predicts spectra: overlap and add, with gradients.

    Frame t is centered on sample (t + 1/2) * hop_length, so T frames give T * hop_length samples:
    the framing of `MelSpectrogram`, whose inverse this is.

    Parameters
    ----------
    n_fft
        Samples under the Hann window.
    hop_length
        Samples from one frame to the next; at most half of n_fft, and a divisor of it.

    References
    ----------
    Kaneko et al. 2022, iSTFTNet, arXiv 2203.02395 (a vocoder that ends this way).

    Taught in: notebooks/06_vocoder
    """

    window: Tensor

    def __init__(self, *, n_fft: int, hop_length: int):
        super().__init__()
        if n_fft % hop_length or n_fft < 2 * hop_length or n_fft % 2:
            raise ValueError(
                f"InverseSTFT needs an even n_fft that is a multiple of hop_length, twice at "
                f"least, got n_fft={n_fft}, hop_length={hop_length}"
            )
        self.n_fft, self.hop_length = n_fft, hop_length
        self.register_buffer("window", torch.hann_window(n_fft), persistent=False)

    def forward(self, spectrum: Tensor) -> Tensor:
        """Turn complex spectra (B, F, T) into waveforms (B, S)."""
        hop, frames = self.hop_length, spectrum.shape[2]
        pieces = torch.fft.irfft(spectrum.transpose(1, 2), n=self.n_fft) * self.window
        weight = self.window.square().expand(1, frames, self.n_fft)
        waveform = self._overlap(pieces) / self._overlap(weight).clamp(min=1e-3)
        start = (self.n_fft - hop) // 2
        return waveform[:, start : start + frames * hop]

    def _overlap(self, pieces: Tensor) -> Tensor:
        """Add up pieces (B, T, n_fft) placed a hop apart."""
        batch, frames, _ = pieces.shape
        overlap = self.n_fft // self.hop_length
        pieces = pieces.reshape(batch, frames, overlap, self.hop_length)
        total = pieces.new_zeros(batch, frames + overlap - 1, self.hop_length)
        for part in range(overlap):
            total[:, part : part + frames] += pieces[:, :, part]
        return total.flatten(1)
