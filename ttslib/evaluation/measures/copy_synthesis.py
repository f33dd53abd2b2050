"""How close a vocoder's copy is to the recording whose mel it got, at the same moments.

These measures compare sounds at the same time. They mean nothing for a sentence with another
timing from an acoustic model: `evaluation/measures/cepstrum.py` warps time first.

Shapes: S samples, T frames, M mel bands.
"""

import warnings
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from torch import Tensor

from ttslib.audio.files import resample
from ttslib.audio.mel import MelSpectrogram
from ttslib.config import AudioConfig
from ttslib.evaluation.measures.waveforms import analysis_frames, require_sound

__all__ = ["CopyQuality", "copy_quality", "wideband_pesq"]

PESQ_RATE = 16_000  # Hz: defined by PESQ-WB
SHORTEST = 0.4  # seconds: STOI needs 30 frames of speech, each 12.8 ms


@dataclass(frozen=True, kw_only=True)
class CopyQuality:
    """Four figures of one pair."""

    stoi: float  # short-time objective intelligibility, up to 1 for a perfect copy
    pesq: float | None  # PESQ-WB, 1.0 to 4.64; None if the package isn't installed
    mel_distance: float  # mean absolute difference of the log-mels
    spectral_convergence: float  # |S - S'| / |S| of the magnitudes, Frobenius norms; 0 is perfect


def copy_quality(
    reference: Tensor | np.ndarray, copy: Tensor | np.ndarray, *, sample_rate: int
) -> CopyQuality:
    """Compare a copy with its recording.

    Parameters
    ----------
    reference, copy : (S,) or (1, S)
        In [-1, 1], of the same length: cut the recording to whole frames before computing its mel.
    sample_rate : int
        Hz, of both.

    Raises
    ------
    ValueError
        When the two differ in length, one is silent, not finite or of another shape, or they are
        shorter than 0.4 s.
    ModuleNotFoundError
        When the package pystoi isn't installed.

    References
    ----------
    Taal, Hendriks, Heusdens and Jensen 2011, An algorithm for intelligibility prediction of
    time-frequency weighted noisy speech, IEEE Trans. ASLP (STOI); ITU-T P.862.2 (PESQ-WB); Arik,
    Jun and Diamos 2018, Fast spectrogram inversion using multi-head convolutional neural networks,
    arXiv 1808.06719 (spectral convergence).

    Taught in: notebooks/08_evaluation
    """
    first, second = _require_pair(reference, copy, sample_rate)
    transform = _transform(analysis_frames(sample_rate))
    before, after = transform.magnitude(first), transform.magnitude(second)
    try:
        pesq = wideband_pesq(first, second, sample_rate=sample_rate)
    except ModuleNotFoundError:
        pesq = None
    return CopyQuality(
        stoi=_stoi(first, second, sample_rate),
        pesq=pesq,
        mel_distance=float((transform(first) - transform(second)).abs().mean()),
        spectral_convergence=float((before - after).norm() / before.norm()),
    )


def wideband_pesq(
    reference: Tensor | np.ndarray, copy: Tensor | np.ndarray, *, sample_rate: int
) -> float:
    """Compute PESQ-WB: a listener's score from 1.0 to 4.64, predicted from both at 16 kHz.

    Raises
    ------
    ValueError
        As `copy_quality`, or if PESQ finds no speech.
    ModuleNotFoundError
        When the package pesq isn't installed. It must be compiled, so it is a separate extra.

    Taught in: notebooks/08_evaluation
    """
    try:
        from pesq import PesqError, pesq
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            'PESQ needs the package pesq and a C compiler: pip install "ttslib-course[pesq]"',
            name="pesq",
        ) from error
    pair = _require_pair(reference, copy, sample_rate)
    first, second = (
        resample(one, source_rate=sample_rate, target_rate=PESQ_RATE).numpy() for one in pair
    )
    try:
        return float(pesq(PESQ_RATE, first, second, "wb"))
    except PesqError as error:
        raise ValueError(
            f"PESQ can't score this pair ({error}); is there speech in both?"
        ) from None


def _stoi(first: Tensor, second: Tensor, sample_rate: int) -> float:
    try:
        from pystoi import stoi
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            'STOI needs the package pystoi: pip install "ttslib-course[eval]"', name="pystoi"
        ) from error
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)  # else it returns 1e-5
        try:
            return float(stoi(first.numpy(), second.numpy(), sample_rate))
        except RuntimeWarning:
            raise ValueError(
                f"less than {SHORTEST} s of the reference are speech, too little for STOI"
            ) from None


@lru_cache(maxsize=4)
def _transform(frames: AudioConfig) -> MelSpectrogram:
    return MelSpectrogram(frames)


def _require_pair(
    reference: Tensor | np.ndarray, copy: Tensor | np.ndarray, sample_rate: int
) -> tuple[Tensor, Tensor]:
    first = require_sound(reference, name="the reference")
    second = require_sound(copy, name="the copy")
    if len(first) != len(second):
        raise ValueError(
            f"the reference has {len(first)} samples and the copy {len(second)}; bring both to one "
            "rate and cut the recording to whole frames before its mel is taken"
        )
    if len(first) < SHORTEST * sample_rate:
        raise ValueError(
            f"{len(first) / sample_rate:.2f} s are too short to be compared; give {SHORTEST} s"
        )
    return first, second
