"""Remove the hum that a vocoder adds to everything.

Shapes: B batch, S samples, F = n_fft // 2 + 1 frequencies, T frames.
"""

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn

from ttslib.config import AudioConfig

__all__ = ["BiasDenoiser"]


class BiasDenoiser(nn.Module):
    """Subtract from each spectrum what the vocoder generates for a silent mel.

    A trained vocoder hums a little, whatever the mel; for a silent mel its output is only the hum,
    which gives the hum's level at each frequency. Phases are unchanged.

    Parameters
    ----------
    vocoder
        Log-mels (B, M, T) to waveforms (B, S), without randomness: a WaveGlow with `sigma=0`.
    audio
        The definition of its mels.
    level
        The value of the silent mel, in every band; the vocoder's output for it is the hum. The
        default is silence. (NVIDIA's code uses 0, which is loud.)

    References
    ----------
    NVIDIA/waveglow's Denoiser. Boll 1979, Suppression of acoustic noise in speech using spectral
    subtraction.

    Taught in: notebooks/11_waveglow
    """

    window: Tensor
    bias: Tensor

    def __init__(
        self,
        vocoder: Callable[[Tensor], Tensor],
        audio: AudioConfig,
        *,
        level: float | None = None,
    ):
        super().__init__()
        self.n_fft, self.hop_length = audio.n_fft, audio.hop_length
        self.register_buffer("window", torch.hann_window(audio.n_fft), persistent=False)
        with torch.no_grad():
            level = math.log(audio.log_floor) if level is None else level
            hum = vocoder(torch.full((1, audio.n_mels, 88), level))
            bias = self._spectra(hum).abs().mean(dim=2, keepdim=True)
        self.register_buffer("bias", bias, persistent=False)  # (1, F, 1)

    def forward(self, waveform: Tensor, *, strength: float = 0.1) -> Tensor:
        """Return waveforms (B, S) with less of the hum.

        Parameters
        ----------
        waveform : Tensor (B, S)
            The vocoder's output.
        strength : float >= 0
            Share of the hum to remove. 1 is all of it; more harms the speech.

        Raises
        ------
        ValueError
            When the waveform has another shape, or the strength is negative.
        """
        if waveform.dim() != 2 or waveform.shape[1] == 0 or strength < 0:
            raise ValueError(
                f"BiasDenoiser needs waveforms (batch, samples) and strength >= 0, got shape "
                f"{tuple(waveform.shape)}, strength={strength}"
            )
        spectra = self._spectra(waveform)
        quieter = (spectra.abs() - strength * self.bias).clamp(min=0)
        return torch.istft(
            torch.polar(quieter, spectra.angle()), self.n_fft, self.hop_length,
            window=self.window, length=waveform.shape[1],
        )  # fmt: skip

    def _spectra(self, waveform: Tensor) -> Tensor:
        """Return complex spectra (B, F, T)."""
        return torch.stft(
            waveform, self.n_fft, self.hop_length, window=self.window, pad_mode="constant",
            return_complex=True,
        )  # fmt: skip
