"""Small recordings for the tests, as a person might leave them on a disk."""

from pathlib import Path

import numpy as np
import soundfile


def record(path: Path, *, seconds=0.3, rate=24_000, channels=1, subtype=None, level=0.1) -> Path:
    """Write a sound file of noise, and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    shape = (int(rate * seconds), channels)
    noise = np.random.default_rng(0).uniform(-level, level, shape)
    opus = {"format": "OGG", "subtype": "OPUS"} if path.suffix == ".opus" else {"subtype": subtype}
    soundfile.write(path, noise, rate, **opus)
    return path


def write(path: Path, text: str, *, encoding="utf-8") -> Path:
    """Write a text file just as it is given."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode(encoding))
    return path
