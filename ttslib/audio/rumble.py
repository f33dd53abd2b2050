"""Remove what is below every voice: a recording's offset, and mains hum.

Shapes: S samples.
"""

import numpy as np

__all__ = ["remove_rumble"]

LOWEST = 80.0  # Hz; 60 Hz loses 30 dB, 100 Hz half a decibel
ORDER = 6


def remove_rumble(samples: np.ndarray, *, sample_rate: int) -> np.ndarray:
    """Filter out everything below 80 Hz, without a delay; for measuring, not for listening.

    Parameters
    ----------
    samples : (S,) float32
    sample_rate : int
        Hz.

    Returns
    -------
    (S,) float32
    """
    if len(samples) == 0:
        return samples
    from scipy.signal import butter, sosfiltfilt  # it takes a second to import

    high_pass = butter(ORDER, LOWEST, "highpass", fs=sample_rate, output="sos")
    beyond = min(len(samples) - 1, round(sample_rate / LOWEST) * ORDER)  # so that its edges settle
    return sosfiltfilt(high_pass, samples, padlen=beyond).astype(np.float32)
