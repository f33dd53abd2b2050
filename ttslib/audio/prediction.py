"""Linear prediction: each sample from those before it, with coefficients computed from the mel.

A voice is a source (the pulses of the vocal folds, the hiss of breath) and a filter (the throat and
the mouth). The filter can be computed from the mel; with it, the source can be computed from the
sound, and the sound from the source.

Shapes: B batch, M mel bands, T frames, S = T * hop_length samples, F = n_fft // 2 + 1 frequencies,
N coefficients of a frame's filter.
"""

import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ttslib.audio.mel import MelSpectrogram
from ttslib.config import AudioConfig

__all__ = ["LinearPrediction"]

EMPHASIS = 0.9  # share of each sample subtracted from the next, which flattens the spectrum
FLOOR = 1e-4  # share of white noise that is added, so that no filter rings forever
LEAST_GAIN = 1e-4  # of a frame: a few steps of 16-bit sound


class LinearPrediction(nn.Module):
    """The filter of each frame of a mel, to take off a waveform or put on a source.

    Parameters
    ----------
    config
        The definition of the mels.
    order : int
        How many samples back the filter reaches.

    References
    ----------
    Levinson 1947, The Wiener RMS error criterion in filter design and prediction; Durbin 1960.
    Valin and Skoglund 2019, LPCNet, arXiv 1810.11846 (the filter computed from the features).

    Taught in: notebooks/10_wavenet
    """

    spread: Tensor
    tilt: Tensor

    def __init__(self, config: AudioConfig, *, order: int):
        super().__init__()
        self.config, self.order = config, order
        transform = MelSpectrogram(config)
        bands = transform.filters.double()  # (M, F)
        heights = bands.sum(dim=0)
        spread = bands.T / heights.clamp(min=1e-12)[:, None]  # from bands to frequencies
        spread[heights == 0, -1] = 1.0  # extend the last band upward,
        spread[0] = spread[1]  # and the first one downward
        turn = torch.linspace(0, math.pi, len(spread), dtype=torch.float64)
        tilt = 1 + EMPHASIS**2 - 2 * EMPHASIS * turn.cos()  # |1 - EMPHASIS * exp(-i * turn)| ** 2
        power = transform.window.double().square().sum()
        self.register_buffer("spread", spread / bands.sum(dim=1), persistent=False)  # (F, M)
        self.register_buffer("tilt", tilt / power, persistent=False)  # (F,)

    @torch.no_grad()
    def filters(self, mel: Tensor) -> tuple[Tensor, Tensor]:
        """Return whitening filters (B, T, N), each beginning with 1, and the sources' loudness.

        Returns
        -------
        filters : Tensor (B, T, N), float64
        gains : Tensor (B, T), float64
            The root mean square of what the filter leaves.
        """
        magnitude = self.spread @ mel.double().exp()  # (B, F, T)
        power = (magnitude.square() * self.tilt[:, None]).transpose(1, 2)
        correlation = torch.fft.irfft(power)[..., : self.order + 1]
        correlation[..., 0] *= 1 + FLOOR
        correlation[..., 0] += 1e-12
        predictor, error = _levinson_durbin(correlation)
        longer = F.pad(predictor, (0, 1)) - EMPHASIS * F.pad(predictor, (1, 0))
        return longer, error.sqrt().clamp(min=LEAST_GAIN)

    @torch.no_grad()
    def take_off(self, waveform: Tensor, mel: Tensor) -> Tensor:
        """Return the source (B, S) of a waveform (B, S): white, and equally loud in every frame."""
        filters, gains = self.filters(mel)
        reach = filters.shape[2]
        past = F.pad(waveform.double(), (reach - 1, 0)).unfold(1, reach, 1)  # (B, S, N)
        past = past.unflatten(1, (mel.shape[2], -1))  # (B, T, hop_length, N)
        source = torch.einsum("bthn,btn->bth", past, filters.flip(2)) / gains[..., None]
        return source.flatten(1).to(waveform.dtype)

    @torch.no_grad()
    def put_on(self, source: Tensor, mel: Tensor) -> Tensor:
        """Return the waveform (B, S) of a source (B, S): the inverse of `take_off`."""
        from scipy.signal import lfilter, lfiltic

        filters, gains = (part.cpu().numpy() for part in self.filters(mel))
        frames = source.double().cpu().unflatten(1, (mel.shape[2], -1)).numpy()
        waveforms = []
        for own, gain, filter_ in zip(frames, gains, filters, strict=True):
            said = np.zeros(filter_.shape[1] - 1)  # before the first frame
            for frame, loudness, a in zip(own, gain, filter_, strict=True):
                state = lfiltic([1.0], a, said[: -len(a) : -1])
                said = np.append(said, lfilter([1.0], a, frame * loudness, zi=state)[0])
            waveforms.append(said[filter_.shape[1] - 1 :])
        return torch.from_numpy(np.stack(waveforms)).to(source)


def _levinson_durbin(correlation: Tensor) -> tuple[Tensor, Tensor]:
    """Return whitening filters (..., N), each beginning with 1, and the power that they leave.

    `correlation` (..., N) is the signals' autocorrelation at lags 0 to N - 1.
    """
    error = correlation[..., 0]
    filters = torch.ones_like(correlation[..., :1])
    for k in range(1, correlation.shape[-1]):
        reflection = -(filters * correlation[..., 1 : k + 1].flip(-1)).sum(-1) / error
        longer = F.pad(filters, (0, 1))
        filters = longer + reflection[..., None] * longer.flip(-1)
        error = error * (1 - reflection.square())
    return filters, error
