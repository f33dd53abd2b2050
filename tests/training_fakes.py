"""What the tests of training share: generated tones."""

from pathlib import Path

import numpy as np
import soundfile

RATE = 8000  # Hz


def write_tone(path: Path, *, hertz: float, seconds: float) -> None:
    """Write a tone with a little noise under it."""
    time = np.arange(int(seconds * RATE)) / RATE
    noise = np.random.default_rng(int(hertz)).normal(scale=0.01, size=len(time))
    soundfile.write(path, 0.3 * np.sin(2 * np.pi * hertz * time) + noise, RATE)
