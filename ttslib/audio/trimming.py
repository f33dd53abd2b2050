"""Cut the quiet from both ends of a clip.

Shapes: S samples.
"""

import torch
from torch import Tensor

from ttslib.audio.rumble import remove_rumble

__all__ = ["trim_silence"]

SILENT = 1e-5  # of full scale: a third of what 16 bits can hold


def trim_silence(
    waveform: Tensor,
    *,
    sample_rate: int,
    threshold_db: float = 40.0,
    margin_seconds: float = 0.05,
) -> Tensor:
    """Cut the quiet from both ends; pauses inside stay.

    Neither an offset nor hum counts as sound (`remove_rumble`).

    Parameters
    ----------
    waveform : Tensor (S,) or (1, S)
        One channel.
    sample_rate
        Hz.
    threshold_db
        A 10 ms stretch counts as quiet when it is this many decibels below the loudest one.
    margin_seconds
        Kept on each side of the sound.

    Raises
    ------
    ValueError
        If the whole waveform is silent.
    """
    flat = waveform.reshape(-1)
    without_rumble = torch.from_numpy(remove_rumble(flat.numpy(), sample_rate=sample_rate))
    if without_rumble.abs().max() < SILENT:
        raise ValueError(
            f"the waveform of {waveform.shape[-1]} samples is silent; leave the clip out"
        )
    window = max(1, sample_rate // 100)
    # The filter rings a little before a sudden sound: what was quiet before filtering stays quiet.
    padded = torch.nn.functional.pad(torch.stack([flat, without_rumble]), (0, -len(flat) % window))
    energy = padded.reshape(2, -1, window).square().mean(dim=2).amin(dim=0)
    loud = (energy > energy.max() * 10 ** (-threshold_db / 10)).nonzero()
    margin = round(margin_seconds * sample_rate)
    start = max(0, int(loud[0]) * window - margin)
    end = (int(loud[-1]) + 1) * window + margin
    return waveform[..., start:end]
