"""The checks that every measure applies to its sound.

Shapes: S samples.
"""

import numpy as np
import torch
from torch import Tensor

from ttslib.config import AudioConfig

__all__ = ["analysis_frames", "require_sound"]


def require_sound(waveform: Tensor | np.ndarray | None, *, name: str) -> Tensor:
    """Return one channel of sound as (S,) float32, or raise a ValueError that names it.

    Parameters
    ----------
    waveform : (S,) or (1, S)
    name : str
        The sound's name, e.g. "the reference".

    Raises
    ------
    ValueError
        When there is none, or it has another shape, isn't finite, or is completely silent.
    """
    if waveform is None:
        raise ValueError(f"{name} is missing; leave the sentence out or give its recording")
    samples = torch.as_tensor(waveform).detach().to("cpu", torch.float32)
    if samples.dim() == 2 and len(samples) == 1:
        samples = samples[0]
    if samples.dim() != 1 or len(samples) == 0:
        raise ValueError(
            f"{name} has shape {tuple(samples.shape)}; give one channel, (samples,) or (1, samples)"
        )
    if not samples.isfinite().all():
        raise ValueError(f"{name} has NaN or infinite samples; check the model or file")
    if not samples.any():
        raise ValueError(f"{name} is silent, so it can't be measured; check the model or file")
    return samples


def analysis_frames(sample_rate: int) -> AudioConfig:
    """Return the frames for measuring: the course's at 24 kHz, equally long at other rates.

    Raises
    ------
    ValueError
        When the rate is below 8 kHz.
    """
    usual = AudioConfig()
    if sample_rate == usual.sample_rate:
        return usual
    if sample_rate < 8000:
        raise ValueError(f"sample_rate is {sample_rate} Hz; speech is measured from 8000 Hz up")
    scale = sample_rate / usual.sample_rate
    length = 2 ** round(np.log2(usual.n_fft * scale))
    return AudioConfig(
        sample_rate=sample_rate,
        n_fft=length,
        win_length=length,
        hop_length=round(usual.hop_length * scale),
        f_max=min(usual.f_max, sample_rate / 2),
    )
