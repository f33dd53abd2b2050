"""How close speech is to a recording in pitch and in timing.

Shapes: S samples, T frames, K + 1 coefficients, L steps of a path.
"""

import math
from dataclasses import dataclass

import librosa
import numpy as np
import torch
from torch import Tensor

from ttslib.audio.mel import MelSpectrogram
from ttslib.audio.prosody import HIGHEST, LOWEST, extract_pitch, frame_energy
from ttslib.config import AudioConfig
from ttslib.evaluation.measures.cepstrum import silent_frames
from ttslib.evaluation.measures.waveforms import analysis_frames, require_sound

__all__ = ["PitchErrors", "Timing", "pitch_contour", "pitch_errors", "speech_timing"]

GROSS = 0.2  # of the reference's pitch: a larger error is another note, or an octave
LENIENT = (2.0, 4.0)  # for `extract_pitch`: a vocoder's voice is rougher than a recording's
LOWS = 1000.0  # Hz; a voice's strongest harmonics are below
FAINT = 25.0  # dB below the clip's loudest lows: no voice, but hiss or a room's noise
REACH = 1.8  # factor above and below the usual pitch: nearly two octaves in all
SHORTEST_PAUSE = 0.15  # seconds; shorter silence belongs to the sounds, such as that of a t


@dataclass(frozen=True, kw_only=True)
class PitchErrors:
    """Four figures of one pair; the pitch's own are over frames that are voiced in both."""

    log_f0_rmse: float  # of the natural logarithm: 0.058 is a semitone; nan without such frames
    log_f0_correlation: float  # Pearson's; nan for fewer than two frames, or a monotone
    voicing_error: float  # share of all frames that are voiced in only one of the two
    gross_pitch_error: float  # share of the frames voiced in both that are off by over 20 %
    frames: int
    voiced_frames: int  # in both


@dataclass(frozen=True, kw_only=True)
class Timing:
    """How long speech lasts, and where it pauses."""

    seconds: float  # from the first sound to the last
    pauses: tuple[float, ...]  # seconds each, in between

    @property
    def pause_seconds(self) -> float:
        """Return the sum of all pauses, in seconds."""
        return sum(self.pauses)


def pitch_contour(
    waveform: Tensor | np.ndarray, *, sample_rate: int, like: np.ndarray | None = None
) -> np.ndarray:
    """Estimate the fundamental frequency of each frame, by probabilistic YIN in two passes.

    The first pass, as strict as the paper's, finds the usual pitch. It was made for recordings,
    though, and finds no voice in a third of Griffin-Lim's speech. So the second pass is more
    lenient, but searches only within an octave or so of the usual pitch, so that a formant isn't
    taken for the pitch. Lenient as it is, it finds a pitch in the noise of a room, too; so a frame
    that is faint below 1 kHz counts as unvoiced.

    Parameters
    ----------
    waveform : (S,) or (1, S)
    sample_rate : int
        Hz.
    like : (T',), optional
        The pitch of the recording with which a system is compared; its median then replaces the
        first pass.

    Returns
    -------
    (T,) float32
        Hz, nan where unvoiced; on the frames of `mel_cepstrum`.

    Raises
    ------
    ValueError
        When the waveform is silent, not finite or of another shape.

    Taught in: notebooks/08_evaluation
    """
    samples = require_sound(waveform, name="the waveform")
    frames = analysis_frames(sample_rate)
    sure = extract_pitch(samples, config=frames).numpy() if like is None else np.asarray(like)
    between = (LOWEST, HIGHEST)
    if np.isfinite(sure).any():
        usual = float(np.nanmedian(sure))
        between = (max(LOWEST, usual / REACH), min(HIGHEST, usual * REACH))
    pitch = extract_pitch(samples, config=frames, evenness=LENIENT, between=between).numpy()
    pitch[_faint_lows(samples, frames)] = np.nan
    return pitch


def pitch_errors(
    reference: np.ndarray, other: np.ndarray, *, path: np.ndarray | None = None
) -> PitchErrors:
    """Compare two pitch contours.

    Parameters
    ----------
    reference, other : (T,) and (T',)
        Hz, nan where unvoiced.
    path : (L, 2), optional
        Pairs of frames, from `warping_path` on the cepstra of the two; needed if their lengths
        differ.

    Raises
    ------
    ValueError
        When lengths differ and there is no path, the path goes beyond the contours, or a pitch
        isn't above 0 Hz.

    References
    ----------
    Nakatani et al. 2008, A method for fundamental frequency estimation and voicing decision, Speech
    Communication 50 (voicing decision error); Rabiner et al. 1976, A comparative performance study
    of several pitch detection algorithms, IEEE Trans. ASSP (gross errors, there over 1 ms).

    Taught in: notebooks/08_evaluation
    """
    first, second = _require_pitch(reference, "reference"), _require_pitch(other, "other")
    if path is None:
        if len(first) != len(second):
            raise ValueError(
                f"the reference has {len(first)} frames and the other {len(second)}; "
                "give path=warping_path(...) of their cepstra"
            )
    else:
        if path.max(axis=0)[0] >= len(first) or path.max(axis=0)[1] >= len(second):
            raise ValueError(
                f"the path ends at frames {tuple(path[-1].tolist())}, but the contours have "
                f"{len(first)} and {len(second)}; take path and pitch from the same waveforms"
            )
        first, second = first[path[:, 0]], second[path[:, 1]]
    voiced = ~np.isnan(first), ~np.isnan(second)
    both = voiced[0] & voiced[1]
    a, b = np.log(first[both]), np.log(second[both])
    moves = len(a) > 1 and a.std() > 1e-9 and b.std() > 1e-9
    return PitchErrors(
        log_f0_rmse=float(np.sqrt(np.square(a - b).mean())) if len(a) else float("nan"),
        log_f0_correlation=float(np.corrcoef(a, b)[0, 1]) if moves else float("nan"),
        voicing_error=float((voiced[0] != voiced[1]).mean()),
        gross_pitch_error=(
            float((np.abs(second[both] / first[both] - 1) > GROSS).mean())
            if len(a)
            else float("nan")
        ),
        frames=len(first),
        voiced_frames=len(a),
    )


def speech_timing(cepstra: np.ndarray, *, sample_rate: int) -> Timing:
    """Measure the time from the first sound to the last, and the pauses in between.

    The ratio of two `seconds` is the duration ratio of a system and its recording.

    Parameters
    ----------
    cepstra : (T, K + 1)
        From `mel_cepstrum`.
    sample_rate : int
        Hz, of their waveform.

    Taught in: notebooks/08_evaluation
    """
    audible = np.flatnonzero(~silent_frames(cepstra))
    per_second = analysis_frames(sample_rate).frames_per_second
    gaps = (np.diff(audible) - 1) / per_second
    return Timing(
        seconds=float((audible[-1] - audible[0] + 1) / per_second),
        pauses=tuple(gaps[gaps >= SHORTEST_PAUSE].tolist()),
    )


def _faint_lows(samples: Tensor, frames: AudioConfig) -> np.ndarray:
    log_mel = MelSpectrogram(frames)(samples)  # (M, T)
    limits = {"fmin": frames.f_min, "fmax": frames.f_max}
    centers = librosa.mel_frequencies(frames.n_mels + 2, **limits)[1:-1]
    lows = frame_energy(log_mel[torch.from_numpy(centers < LOWS)])  # (T,)
    return (lows < lows.max() - FAINT / 20 * math.log(10)).numpy()


def _require_pitch(pitch: np.ndarray, name: str) -> np.ndarray:
    pitch = np.asarray(pitch, dtype=np.float64)
    if pitch.ndim != 1 or len(pitch) == 0:
        raise ValueError(f"{name} has shape {pitch.shape}; give a pitch contour (frames,) in Hz")
    voiced = pitch[~np.isnan(pitch)]
    if not ((voiced > 0) & np.isfinite(voiced)).all():
        raise ValueError(
            f"{name} has a pitch of {voiced.min():g} Hz; frames without a voice are nan, and all "
            "others above 0"
        )
    return pitch
