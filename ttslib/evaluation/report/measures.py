"""The measures of a report, each with what it is sensitive to and what it misses.

Shapes: S samples, T frames, N tokens.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from torch import Tensor

from ttslib.config import AudioConfig
from ttslib.evaluation.measures.alignments import reading_faults
from ttslib.evaluation.measures.cepstrum import cepstral_distortion, mel_cepstrum, warping_path
from ttslib.evaluation.measures.copy_synthesis import copy_quality
from ttslib.evaluation.measures.intelligibility import Recognizer, count_errors
from ttslib.evaluation.measures.opinions import OpinionPredictor
from ttslib.evaluation.measures.pitch import Timing, pitch_contour, pitch_errors, speech_timing
from ttslib.evaluation.report.systems import Said
from ttslib.evaluation.statistics.resampling import Estimate

__all__ = ["MEASURES", "Analysis", "Measure", "analyze", "measure"]

RATE = AudioConfig().sample_rate  # Hz, at which everything is compared
COPIES = "Copy synthesis, sample by sample"
SPEECH = "Speech, compared with the recording"
HEARD = "What a recognizer hears"
READING = "How the text was read"
OPINION = "What listeners might say, predicted from the sound alone"


@dataclass(frozen=True, kw_only=True)
class Measure:
    """One column of a report."""

    key: str
    title: str  # with its unit
    group: str  # its table
    better: Literal["lower", "higher", "near 1"] | None
    about: str  # what it shows, and what it doesn't
    scale: float = 1.0  # 100 shows a share as percent
    digits: int = 2

    def badness(self, value: float) -> float:
        """Return a number that is smaller for a better value."""
        return {"lower": value, "higher": -value, "near 1": abs(value - 1)}[self.better]

    def shown(self, found: Estimate) -> str:
        """Format the value, with its interval in parentheses if there is one."""
        value, low, high = (f"{self.scale * x:.{self.digits}f}" for x in found[:3])
        return f"{value} ({low}–{high})" if found.low == found.low else value

    def of_clip(self, parts: Mapping[str, tuple[float, float]]) -> str:
        """Format one clip's own value; empty if there is none."""
        numerator, denominator = parts.get(self.key, (0.0, 0.0))
        return f"{self.scale * numerator / denominator:.{self.digits}f}" if denominator else ""


MEASURES = (
    Measure(
        key="mcd_dtw",
        title="MCD-DTW (dB)",
        group=SPEECH,
        better="lower",
        about="The distance between the spectral envelopes: mel-cepstral distortion, c1 to c24, "
        "without silence, along the cheapest warping path. It ignores pitch and pace, and it "
        "hardly penalizes one wrong word among many right ones.",
    ),
    Measure(
        key="f0_rmse",
        title="F0 error (semitones)",
        group=SPEECH,
        better="lower",
        scale=12 / math.log(2),
        about="The distance between the melodies: the root mean square difference of the log-F0 "
        "along the warping path, where both are voiced. It means little when the voicing error is "
        "large. A different melody may be just as good; this measures only that it differs.",
    ),
    Measure(
        key="f0_correlation",
        title="F0 correlation",
        group=SPEECH,
        better="higher",
        about="Whether the melody rises and falls where the recording's does, at any height.",
    ),
    Measure(
        key="voicing",
        title="voicing error (%)",
        group=SPEECH,
        better="lower",
        scale=100,
        digits=1,
        about="Frames in which pYIN finds a voice in only one of the two. It finds none in very "
        "rough speech.",
    ),
    Measure(
        key="gross_pitch",
        title="gross pitch error (%)",
        group=SPEECH,
        better="lower",
        scale=100,
        digits=1,
        about="Of the frames in which both are voiced, those whose pitch is off by more than 20 %.",
    ),
    Measure(
        key="duration",
        title="length (of the recording)",
        group=SPEECH,
        better="near 1",
        about="From the first sound to the last; 1 is as long as the recording.",
    ),
    Measure(
        key="pauses",
        title="pauses (% of time)",
        group=SPEECH,
        better=None,
        scale=100,
        digits=1,
        about="Silences of 0.15 s and more. Compare it with the recording's.",
    ),
    Measure(
        key="stoi",
        title="STOI",
        group=COPIES,
        better="higher",
        digits=3,
        about="Short-time objective intelligibility, at most 1: whether the loudness of each band "
        "rises and falls as in the recording.",
    ),
    Measure(
        key="pesq",
        title="PESQ-WB",
        group=COPIES,
        better="higher",
        about="A prediction of a listener's score from 1.0 to 4.64. It was made for telephones and "
        "codecs; it penalizes a vocoder's small phase shifts, which nobody hears.",
    ),
    Measure(
        key="mel_distance",
        title="log-mel distance",
        group=COPIES,
        better="lower",
        digits=3,
        about="The mean absolute difference of the log-mels. Silence counts as much as speech.",
    ),
    Measure(
        key="convergence",
        title="spectral convergence",
        group=COPIES,
        better="lower",
        digits=3,
        about="The difference of the magnitudes, relative to the magnitudes. The loudest harmonics "
        "dominate it.",
    ),
    Measure(
        key="mcd",
        title="MCD (dB)",
        group=COPIES,
        better="lower",
        about="Mel-cepstral distortion, frame by frame, without warping.",
    ),
    *(
        Measure(
            key=f"{unit}_errors",
            title=f"{unit} error rate (%)",
            group=HEARD,
            better="lower",
            scale=100,
            digits=1,
            about=f"Wrong, missing and added {unit}s, relative to those in the text. The rate of "
            "the recordings is the recognizer's own error; only the excess is the system's.",
        )
        for unit in ("phoneme", "word", "character")
    ),
    *(
        Measure(
            key=key,
            title=title,
            group=OPINION,
            better="higher",
            about=about,
        )
        for key, title, about in (
            (
                "distillmos",
                "DistillMOS (1 to 5)",
                "How natural and clean it sounds to a network that learned from listeners' scores "
                "of degraded and synthetic speech. Blind to wrong words and to whose voice it is.",
            ),
            (
                "dnsmos_p808",
                "DNSMOS P.808 (1 to 5)",
                "A prediction of a listener's overall score, made for calls with suppressed noise. "
                "It wasn't trained on synthetic speech.",
            ),
            (
                "dnsmos",
                "DNSMOS overall (1 to 5)",
                "The same for voice and background together. It penalizes hiss most.",
            ),
        )
    ),
    *(
        Measure(
            key=key,
            title=f"{what} (% of sentences)",
            group=READING,
            better="lower",
            scale=100,
            digits=0,
            about=about,
        )
        for key, what, about in (
            ("skipping", "skips", "The alignment skips a token of the text."),
            ("repeating", "repeats", "The alignment jumps back."),
            ("endless", "doesn't stop", "The sentence ran on until it was cut off."),
        )
    ),
)


class Analysis(NamedTuple):
    """The analysis of a sound that all its measures share."""

    waveform: Tensor  # (S,) at AudioConfig's rate
    cepstra: np.ndarray  # (T, K + 1)
    pitch: np.ndarray  # (T,) Hz, nan where unvoiced
    timing: Timing


Parts = dict[str, tuple[float, float]]  # measure -> numerator, denominator


def analyze(waveform: Tensor, *, like: Analysis | None = None) -> Analysis:
    """Analyze a sound once, for comparison with any number of systems.

    A system's pitch is searched near that of the recording, `like`.

    Raises
    ------
    ValueError
        When it is silent, not finite or too short.
    """
    cepstra = mel_cepstrum(waveform, sample_rate=RATE)
    near = None if like is None else like.pitch
    pitch = pitch_contour(waveform, sample_rate=RATE, like=near)
    return Analysis(waveform, cepstra, pitch, speech_timing(cepstra, sample_rate=RATE))


def measure(
    reference: Analysis,
    waveform: Tensor,
    said: Said,
    *,
    text: str,
    recognizers: Sequence[Recognizer] = (),
    predictors: Sequence[OpinionPredictor] = (),
) -> tuple[Parts, str]:
    """Compute all measures of one clip, and its transcript.

    Parameters
    ----------
    reference
        The recording.
    waveform : (S,)
        The system's speech, at the recording's rate.
    said
        The system's output itself, with its alignments.
    text
        The text to speak.
    recognizers
        Recognizers of the speech.
    predictors
        Of listeners' opinions.

    Raises
    ------
    ValueError
        When the waveform is silent, not finite or too short.
    """
    other = reference if waveform is reference.waveform else analyze(waveform, like=reference)
    parts = _speech(reference, other)
    if said.aligned:
        parts |= _copy(reference, other)
    if said.alignments:
        parts |= _reading(said)
    heard = [recognizer.hear(waveform, sample_rate=RATE) for recognizer in recognizers]
    for recognizer, words in zip(recognizers, heard, strict=True):
        parts |= _understood(recognizer, text, words)
    for predictor in predictors:
        scores = predictor.predict(waveform, sample_rate=RATE)
        parts |= {key: (score, 1) for key, score in scores.items()}
    finite = {key: part for key, part in parts.items() if np.isfinite(part).all()}
    return finite, " / ".join(heard)


def _speech(reference: Analysis, other: Analysis) -> Parts:
    path = warping_path(reference.cepstra, other.cepstra)
    pitch = pitch_errors(reference.pitch, other.pitch, path=path)
    return {
        "mcd_dtw": (cepstral_distortion(reference.cepstra, other.cepstra).decibels, 1),
        "f0_rmse": (pitch.log_f0_rmse, 1),
        "f0_correlation": (pitch.log_f0_correlation, 1),
        "voicing": (pitch.voicing_error * pitch.frames, pitch.frames),
        "gross_pitch": (pitch.gross_pitch_error * pitch.voiced_frames, pitch.voiced_frames),
        "duration": (other.timing.seconds, reference.timing.seconds),
        "pauses": (other.timing.pause_seconds, other.timing.seconds),
    }


def _copy(reference: Analysis, other: Analysis) -> Parts:
    quality = copy_quality(reference.waveform, other.waveform, sample_rate=RATE)
    mcd = cepstral_distortion(reference.cepstra, other.cepstra, variant="MCD")
    return {
        "stoi": (quality.stoi, 1),
        "pesq": (math.nan if quality.pesq is None else quality.pesq, 1),
        "mel_distance": (quality.mel_distance, 1),
        "convergence": (quality.spectral_convergence, 1),
        "mcd": (mcd.decibels, 1),
    }


def _reading(said: Said) -> Parts:
    faults = reading_faults(said.alignments, stopped=bool(said.stopped))
    return {
        "skipping": (float(faults.skipped > 0), 1),
        "repeating": (float(faults.repeated > 0), 1),
        "endless": (float(faults.endless), 1),
    }


def _understood(recognizer: Recognizer, text: str, heard: str) -> Parts:
    units = ("word", "character") if recognizer.unit == "word" else (recognizer.unit,)
    counts = [count_errors(recognizer.expected(text), heard, unit=unit) for unit in units]
    return {f"{one.unit}_errors": (one.wrong, one.spoken) for one in counts}
