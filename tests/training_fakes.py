"""What the tests of training share: generated tones."""

from pathlib import Path

import numpy as np
import soundfile

from ttslib.training.state import Run

RATE = 8000  # Hz


def write_tone(path: Path, *, hertz: float, seconds: float) -> None:
    """Write a tone with a little noise under it."""
    time = np.arange(int(seconds * RATE)) / RATE
    noise = np.random.default_rng(int(hertz)).normal(scale=0.01, size=len(time))
    soundfile.write(path, 0.3 * np.sin(2 * np.pi * hertz * time) + noise, RATE)


def taken_run(folder, changes: dict) -> Run:
    """Take what belongs to a run out of `changes`."""
    own = ("resume", "provenance", "monitor")
    return Run(folder, **{name: changes.pop(name) for name in own if name in changes})


class StopAfter:
    """A monitor that ends a training after some steps."""

    def __init__(self, steps: int):
        self.step, self.steps = 0, steps

    def on_step(self, step, losses):
        self.step = step

    def on_validation(self, step, validation):
        pass

    def should_stop(self):
        return self.step >= self.steps
