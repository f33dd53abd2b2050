"""The level of speech while somebody speaks.

Shapes: S samples.

References
----------
ITU-T P.56 (2011), Objective measurement of active speech level, method B.
"""

import numpy as np
from scipy.signal import lfilter
from torch import Tensor

__all__ = ["active_speech_level"]

SMOOTHING = 0.03  # seconds, the time constant of the envelope
HANGOVER = 0.2  # seconds: up to this long, a gap between two sounds still counts as speaking
MARGIN = 15.9  # dB by which the level is above the threshold at which it is measured
THRESHOLDS = 2.0 ** -np.arange(15, 0, -1)  # of full scale, rising


def active_speech_level(waveform: Tensor | np.ndarray, *, sample_rate: int) -> float:
    """Measure the level of the speech itself, without pauses or silence around it.

    What counts as speaking depends on the level, and the level depends on what counts. P.56 solves
    that by trying thresholds until the level is 15.9 dB above one.

    Parameters
    ----------
    waveform : (S,) or (1, S)
        In [-1, 1].
    sample_rate
        Hz.

    Returns
    -------
    float
        dB of full scale (a square wave that fills it has 0, a sine -3.01).

    Raises
    ------
    ValueError
        The waveform is silent, or too quiet for 16 bits.

    Taught in: notebooks/08_evaluation
    """
    x = np.asarray(waveform, dtype=np.float64).reshape(-1)
    decay = np.exp(-1 / (sample_rate * SMOOTHING))
    envelope = np.abs(x)
    for _ in range(2):
        envelope = lfilter([1 - decay], [1, -decay], envelope)
    energy = np.square(x).sum()
    above = None  # level and margin at the previous threshold
    for threshold in THRESHOLDS:
        active = _active_samples(envelope >= threshold, round(HANGOVER * sample_rate))
        if active == 0:
            if above is not None:  # only clicks
                return float(above[0])
            break
        level = 10 * np.log10(energy / active)
        margin = level - 20 * np.log10(threshold)
        if margin <= MARGIN:
            if above is None:
                break
            part = (above[1] - MARGIN) / (above[1] - margin)
            return float(above[0] + part * (level - above[0]))
        above = (level, margin)
    raise ValueError(
        f"the waveform of {x.size} samples is silent or nearly so (its peak is "
        f"{np.abs(x).max(initial=0):.1g} of full scale); leave the clip out"
    )


def _active_samples(loud: np.ndarray, hangover: int) -> int:
    """Count samples that are loud, or within the hangover after a loud one."""
    at = np.arange(loud.size)
    last = np.maximum.accumulate(np.where(loud, at, -loud.size - hangover))
    return int((at - last <= hangover).sum())
