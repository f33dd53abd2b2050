"""Sound that measures can be tried on, made on the spot."""

import numpy as np
import torch

RATE = 24_000


def speech(seconds: float = 1.0, *, seed: int = 0, pitch: float = 120.0) -> torch.Tensor:
    """A voice of sorts: harmonics whose two formants wander, with a pause in its middle."""
    rng = np.random.default_rng(seed)
    time = np.arange(int(seconds * RATE)) / RATE
    first = 500 + 250 * np.sin(2 * np.pi * (2 * time + rng.random()))
    second = 1500 + 600 * np.sin(2 * np.pi * (3 * time + rng.random()))
    sound = np.zeros_like(time)
    for k in range(1, int(RATE / 2 / pitch)):
        level = 1 / (1 + ((k * pitch - first) / 120) ** 2) + 0.4 / (
            1 + ((k * pitch - second) / 150) ** 2
        )
        sound += (level + 0.003) * np.sin(2 * np.pi * k * pitch * time + k * k)
    sound[int(0.45 * len(time)) : int(0.6 * len(time))] = 0
    return torch.from_numpy(0.1 * sound + 1e-5 * rng.standard_normal(len(time))).float()
