"""Mel-cepstral distortion (MCD): how far the spectral envelopes of two recordings are apart, in dB.

Formula, of two frames with mel-cepstra c and c': 10 / ln 10 * sqrt(2 * sum_k (c_k - c'_k)^2), and
of two recordings its mean over the frames. c_0 is left out: it is the loudness. The published
variants differ, so their figures can't be compared with each other:

- The cepstra. Kubichek (1993) compares mel-cepstra; toolkits of the SPTK tradition (Shannon's
  mcd, ESPnet, pymcd) use those of mel-cepstral analysis, of order 13 to 34; Google's papers
  (Skerry-Ryan et al. 2018) use 13 MFCCs, a cosine transform of log-mel bands. Here: mel-cepstral
  analysis, c1..c24; c1..c13 with `order=13`.
- With or without loudness. ESPnet's script measures with c0, and so does pymcd once its path is
  found; NeMo's notebook keeps it. Here: never, so that a louder copy isn't worse.
- The spectrum. pymcd analyzes WORLD's envelope, ESPnet the spectrum of each windowed frame. Here:
  the power spectrum of each frame, 43 ms under a Hann window. Mel-cepstral analysis itself fits an
  envelope to it, and with 24 coefficients can't follow the harmonics of voices below about 350 Hz.
  It needs no pitch, so an error in the pitch can't become one in the spectrum.
- The floor. A logarithm has no lower bound: if one recording has nothing above 8 kHz and the other
  hardly anything, 13 dB may come from inaudible sound. Here: anything 70 dB or more below the
  clip's strongest component is raised to that. The toolkits add a tiny constant.
- Sound below any voice. A microphone's offset and mains hum aren't part of a voice: here they are
  filtered out, and the envelope is flat below 100 Hz. The toolkits keep them.
- The factor. 10 * sqrt(2) / ln 10 = 6.14 makes it decibels. Skerry-Ryan et al. leave it out.
- The frames. Most pauses sound alike, so silent frames make a system look better; where they
  don't, a microphone's noise is compared with a vocoder's. Here: silent frames are left out
  (`silent_frames`). The toolkits above keep them.
- Timing. "MCD" compares frame with frame and needs equal lengths: for copy synthesis.
  "MCD-DTW" warps time first, along the cheapest path, and takes the mean of the local costs along
  it (pymcd, ESPnet). Shannon's mcd divides the path's sum by the reference's frames instead, which
  makes it larger. NeMo's notebook averages the accumulated cost, another quantity. "MCD-DTW-SL" is
  MCD-DTW times the longer length over the shorter (Chen et al. 2022, pymcd): unlike warping, it
  penalizes a wrong pace.

References
----------
Kubichek 1993, Mel-cepstral distance measure for objective speech quality assessment, PACRIM.
Fukada, Tokuda, Kobayashi and Imai 1992, An adaptive algorithm for mel-cepstral analysis of speech,
ICASSP (the analysis).
Skerry-Ryan et al. 2018, Towards End-to-End Prosody Transfer, arXiv 1803.09047 (MCD of MFCCs).
Chen et al. 2022, V2C: Visual Voice Cloning, arXiv 2111.12890 (MCD-DTW-SL).

Shapes: S samples, T frames, K + 1 coefficients, L steps of a path.
"""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, get_args

import librosa
import numpy as np
import torch
from torch import Tensor

from ttslib.audio.compiled import compile_librosa
from ttslib.audio.mel import MelSpectrogram
from ttslib.audio.rumble import remove_rumble
from ttslib.config import AudioConfig
from ttslib.evaluation.measures.waveforms import analysis_frames, require_sound

__all__ = [
    "CepstralDistortion",
    "all_pass_constant",
    "cepstral_distortion",
    "mel_cepstrum",
    "silent_frames",
    "warping_path",
]

Variant = Literal["MCD", "MCD-DTW", "MCD-DTW-SL"]
ITERATIONS = 8  # of Newton's method: more don't change the third digit
FLOOR_DB = 70.0  # below the strongest component of a clip: weaker ones are raised to it
LOWEST = 100.0  # Hz; below it, the envelope is flat
SILENCE_DB = 40.0  # below the loudest frame


@dataclass(frozen=True, kw_only=True)
class CepstralDistortion:
    """A distortion, with the variant that was measured."""

    decibels: float
    variant: Variant
    order: int  # c1..c<order> were compared
    silence_db: float | None  # frames this far below the loudest were left out; None: none were
    pairs: int  # of frames in the mean

    def __str__(self) -> str:
        silence = "with silence" if self.silence_db is None else "without silence"
        return f"{self.variant} {self.decibels:.2f} dB (c1..c{self.order}, {silence})"


def mel_cepstrum(waveform: Tensor | np.ndarray, *, sample_rate: int, order: int = 24) -> np.ndarray:
    """Compute the mel-cepstrum of each frame of a recording.

    Parameters
    ----------
    waveform : (S,) or (1, S)
        In [-1, 1].
    sample_rate : int
        Hz. Cepstra of different rates can't be compared: resample first.
    order : int
        K: the number of coefficients besides c_0. 24 show formants; 13 only the coarse shape.

    Returns
    -------
    (T, K + 1) float64
        On the mel's own frames: T = S // hop_length, at 24 kHz one frame every 10.7 ms.

    Raises
    ------
    ValueError
        When the waveform is silent, not finite, of another shape or shorter than a frame, or the
        order isn't in 1..100.
    ModuleNotFoundError
        When the package diffsptk isn't installed.

    Taught in: notebooks/08_evaluation
    """
    if not 1 <= order <= 100:
        raise ValueError(f"order must be in 1..100, got {order}; 24 and 13 are usual")
    samples = require_sound(waveform, name="the waveform")
    frames = analysis_frames(sample_rate)
    samples = torch.from_numpy(remove_rumble(samples.numpy(), sample_rate=sample_rate))
    power = _spectrum(frames).magnitude(samples).double().square()  # (F, T)
    lowest = math.ceil(LOWEST * frames.n_fft / sample_rate)
    power[:lowest] = power[lowest : 2 * lowest].mean(dim=0)  # fill what the rumble filter removed
    power = power.clamp(min=float(power.max()) * 10 ** (-FLOOR_DB / 10))
    return _analysis(frames.n_fft, order, all_pass_constant(sample_rate))(power.T).numpy()


@lru_cache(maxsize=4)
def _spectrum(frames: AudioConfig) -> MelSpectrogram:
    return MelSpectrogram(frames)


@lru_cache(maxsize=4)
def _analysis(n_fft: int, order: int, alpha: float):
    try:
        from diffsptk import MelCepstralAnalysis  # slow to import
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            'mel-cepstra need the package diffsptk: pip install "ttslib-course[eval]"',
            name="diffsptk",
        ) from error
    return MelCepstralAnalysis(
        fft_length=n_fft, cep_order=order, alpha=alpha, n_iter=ITERATIONS, dtype=torch.double
    )


@lru_cache(maxsize=16)
def all_pass_constant(sample_rate: int) -> float:
    """Return the all-pass constant that warps frequency close to the mel scale: 0.466 at 24 kHz.

    A first-order all-pass filter with the constant alpha turns the frequency w (0..pi) into
    w + 2 atan(alpha sin w / (1 - alpha cos w)). The chosen alpha minimizes the mean squared
    difference, over all frequencies, to mel(f) = log(1 + f / 1000 Hz), scaled to end at pi. This
    gives the field's usual values: 0.31 at 8 kHz, 0.41 at 16, 0.455 at 22.05, 0.554 at 48.

    Parameters
    ----------
    sample_rate : int
        Hz.

    Taught in: notebooks/08_evaluation
    """
    frequency = np.linspace(0, np.pi, 1000)
    mel = np.log1p(frequency / np.pi * sample_rate / 2 / 1000)
    alphas = np.arange(0, 1, 0.001)[:, None]
    turned = np.arctan2(alphas * np.sin(frequency), 1 - alphas * np.cos(frequency))
    distance = np.square(frequency + 2 * turned - mel / mel[-1] * np.pi).mean(axis=1)
    return float(alphas[distance.argmin(), 0])


def cepstral_distortion(
    reference: np.ndarray | Tensor,
    other: np.ndarray | Tensor,
    *,
    variant: Variant = "MCD-DTW",
    silence_db: float | None = SILENCE_DB,
) -> CepstralDistortion:
    """Compute the mel-cepstral distortion of two recordings, given by their cepstra.

    Parameters
    ----------
    reference : (T, K + 1)
        From `mel_cepstrum`, or from elsewhere; column 0 is the loudness.
    other : (T', K + 1)
    variant : "MCD", "MCD-DTW" or "MCD-DTW-SL"
        See the module's docstring.
    silence_db : float, optional
        Frames this far below their clip's loudest are left out; for "MCD", those of the reference.
        None keeps all.

    Raises
    ------
    ValueError
        When the two have other shapes, aren't finite, or differ in length under "MCD".

    Taught in: notebooks/08_evaluation
    """
    if variant not in get_args(Variant):
        raise ValueError(f"variant must be one of {', '.join(get_args(Variant))}, got {variant!r}")
    first, second = _require_cepstra(reference, "reference"), _require_cepstra(other, "other")
    if first.shape[1] != second.shape[1]:
        raise ValueError(
            f"the reference has {first.shape[1]} coefficients and the other {second.shape[1]}; "
            "analyze both with one order"
        )
    if variant == "MCD" and len(first) != len(second):
        raise ValueError(
            f"MCD compares frame with frame, but the reference has {len(first)} and the other "
            f"{len(second)} frames; choose MCD-DTW"
        )
    if silence_db is not None:
        keep = ~silent_frames(first, silence_db=silence_db)
        kept = keep if variant == "MCD" else ~silent_frames(second, silence_db=silence_db)
        first, second = first[keep], second[kept]
    if variant == "MCD":
        path = np.arange(len(first))[:, None].repeat(2, axis=1)
    else:
        path = warping_path(first, second)
    difference = first[path[:, 0], 1:] - second[path[:, 1], 1:]
    decibels = 10 / math.log(10) * np.sqrt(2 * np.square(difference).sum(axis=1)).mean()
    if variant == "MCD-DTW-SL":
        decibels *= max(len(first), len(second)) / min(len(first), len(second))
    return CepstralDistortion(
        decibels=float(decibels),
        variant=variant,
        order=first.shape[1] - 1,
        silence_db=silence_db,
        pairs=len(path),
    )


def silent_frames(cepstra: np.ndarray | Tensor, *, silence_db: float = SILENCE_DB) -> np.ndarray:
    """Mark silent frames (T,), whose envelopes have far less power than the loudest frame's.

    The power is the mean over the mel scale, on which a soft s is not much weaker than a vowel.

    Parameters
    ----------
    cepstra : (T, K + 1)
    silence_db : float
        Decibels below the loudest frame of the clip.

    Taught in: notebooks/08_evaluation
    """
    cepstra = _require_cepstra(cepstra, "cepstra")
    warped = np.linspace(0, np.pi, 64)
    log_magnitude = cepstra @ np.cos(np.outer(np.arange(cepstra.shape[1]), warped))  # (T, 64)
    level = 10 * np.log10(np.exp(2 * log_magnitude).mean(axis=1))
    return level < level.max() - silence_db


def warping_path(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Match the frames of two recordings by dynamic time warping.

    The cost of a pair is its Euclidean distance without c_0; a step advances by one frame in either
    or in both, at the same cost.

    Parameters
    ----------
    first : (T, K + 1)
    second : (T', K + 1)

    Returns
    -------
    (L, 2) int64
        From (0, 0) to (T - 1, T' - 1), never going back.

    Taught in: notebooks/08_evaluation
    """
    cost = torch.cdist(
        torch.as_tensor(first[:, 1:]),
        torch.as_tensor(second[:, 1:]),
        compute_mode="donot_use_mm_for_euclid_dist",  # else equal frames would differ slightly
    )
    compile_librosa()
    _, path = librosa.sequence.dtw(C=cost.numpy())
    return path[::-1].copy()


def _require_cepstra(cepstra: np.ndarray | Tensor, name: str) -> np.ndarray:
    cepstra = np.asarray(cepstra, dtype=np.float64)
    if cepstra.ndim != 2 or len(cepstra) == 0 or cepstra.shape[1] < 2:
        raise ValueError(
            f"{name} has shape {cepstra.shape}; give cepstra (frames, coefficients), at least one "
            "frame and two coefficients, from mel_cepstrum"
        )
    if not np.isfinite(cepstra).all():
        raise ValueError(f"{name} has NaN or infinite cepstra; check how they were computed")
    return cepstra
