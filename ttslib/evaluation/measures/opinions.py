"""Listeners' opinions from 1 to 5, predicted by networks from the sound alone.

They need neither a recording nor the text, so they work for any sentence. That is their weakness,
too: a clear voice that speaks the wrong words, or in the wrong person's voice, scores as well as
the right one. They were trained on ratings of certain systems and are least reliable for others,
and they can't evaluate a system that was tuned to them.

Shapes: S samples.
"""

import math
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from ttslib.audio.files import resample
from ttslib.evaluation.measures.waveforms import require_sound

__all__ = ["DNSMOS", "DistillMOS", "OpinionPredictor"]

RATE = 16_000  # Hz, of the training data of both
LEAST_SECONDS = 9.1  # DNSMOS reads windows of 9.01 s; a shorter sound is repeated


class OpinionPredictor(Protocol):
    """Predicts listeners' opinions of a sound."""

    name: str  # with the version

    def predict(self, waveform: Tensor | np.ndarray, *, sample_rate: int) -> dict[str, float]:
        """Return scores by their measures' keys, for a waveform (S,) in [-1, 1]."""


class DistillMOS:
    """A mean opinion score from a small network distilled from a large one.

    Raises
    ------
    ModuleNotFoundError
        When the package distillmos isn't installed.

    References
    ----------
    Stahl & Gamper 2025, Distillation and Pruning for Scalable Self-Supervised Representation-Based
    Speech Quality Assessment, arXiv 2502.05356.

    Taught in: notebooks/08_evaluation
    """

    def __init__(self) -> None:
        try:
            import distillmos
        except ModuleNotFoundError as error:
            raise _missing("distillmos") from error
        self.name = "DistillMOS"
        self._model = distillmos.ConvTransformerSQAModel().eval()

    def predict(self, waveform: Tensor | np.ndarray, *, sample_rate: int) -> dict[str, float]:
        """Return the score `distillmos` of a waveform (S,)."""
        with torch.no_grad():
            score = self._model(_sound(waveform, sample_rate)[None])
        return {"distillmos": float(score)}


class DNSMOS:
    """The scores of a noise suppression challenge: of the overall sound, and by ITU-T P.808.

    Raises
    ------
    ModuleNotFoundError
        When the package speechmos isn't installed.

    References
    ----------
    Reddy et al. 2022, DNSMOS P.835, arXiv 2110.01763; Reddy et al. 2021, DNSMOS, arXiv 2010.15258.

    Taught in: notebooks/08_evaluation
    """

    def __init__(self) -> None:
        try:
            from speechmos import dnsmos
        except ModuleNotFoundError as error:
            raise _missing("speechmos") from error
        self.name = "DNSMOS"
        self._dnsmos = dnsmos

    def predict(self, waveform: Tensor | np.ndarray, *, sample_rate: int) -> dict[str, float]:
        """Return the scores `dnsmos` and `dnsmos_p808` of a waveform (S,)."""
        sound = _sound(waveform, sample_rate).numpy()
        repeated = np.tile(sound, math.ceil(LEAST_SECONDS * RATE / len(sound)))
        scores = self._dnsmos.run(repeated, sr=RATE)
        return {"dnsmos": float(scores["ovrl_mos"]), "dnsmos_p808": float(scores["p808_mos"])}


def _sound(waveform: Tensor | np.ndarray, sample_rate: int) -> Tensor:
    samples = require_sound(waveform, name="the waveform")
    return resample(samples, source_rate=sample_rate, target_rate=RATE).clamp(-1, 1)


def _missing(package: str) -> ModuleNotFoundError:
    return ModuleNotFoundError(
        f'predicted opinions need the package {package}: pip install "ttslib-course[mos]"',
        name=package,
    )
