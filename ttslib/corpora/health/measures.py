"""Measure one clip for the health report: a few dozen numbers from its sound and its text.

Shapes: C channels, S samples, K segments of ten milliseconds, T frames, M mel bands.
"""

import hashlib
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from ttslib.audio.files import audio_seconds, read_channels
from ttslib.audio.mel import extract_mel_spectrogram
from ttslib.records import Utterance
from ttslib.text.normalize import normalize_text

__all__ = ["ClipMeasures", "SoundMeasures", "measure_clip"]

MEASURED_SECONDS = 120  # of a clip's beginning: no more is kept in memory
STRETCH = 0.01  # seconds over which a level is measured
EDGE = 0.02  # seconds at the start and end that show whether a sound is cut off
SHORTEST_PAUSE = 0.15  # seconds; shorter ones belong to the sounds, such as the silence of a t
SHORTEST_GAP = 0.01  # seconds
SMALLEST_JUMP = 0.008  # of the peak, at a gap's edges; where a sound decays, it is 0.002
ROUNDING = 4 / 32768  # 16-bit samples jump by as much anywhere
SMALLEST = 1e-12  # power; avoids the logarithm of zero
N_LOW_BANDS = 4  # mel bands under 130 Hz, where mains hum
PARTS = 12  # into which a clip's speech is divided for its sketch
CEPSTRA = 13  # a spectrum's loudness and its shape, from coarse to fine


@dataclass(frozen=True, kw_only=True, slots=True)
class SoundMeasures:
    """One clip's sound; its channels are averaged unless they are named."""

    sample_rate: int  # Hz, by the header
    channels: int
    weakest_channel_db: float  # relative to the loudest channel; 0 if there is only one
    agreement: float  # of the channels: 1 if they are equal, -1 if they cancel
    seconds: float  # all of the clip, of which the first MEASURED_SECONDS are measured
    fingerprint: str  # the same for the same samples
    peak_db: float  # of full scale
    speech_db: float  # of full scale: the level during speech
    near_peak: float  # share of samples within 1.5 % of the peak: large if the peaks are flat
    offset: float  # median sample, of full scale
    gap: float  # seconds: the longest run of one same value within loud sound
    quiet_start: float  # seconds
    quiet_end: float  # seconds
    longest_pause: float  # seconds, within the speech
    speech_seconds: float  # without the quiet ends and the pauses
    start_db: float  # level of the first instant, relative to the speech
    end_db: float
    noise_db: float  # of the clip's own level: the rest when speech is softest, in high bands
    hum_db: float  # the same under 130 Hz
    sketch: np.ndarray  # (PARTS, CEPSTRA) the spectrum over time, without silence

    @property
    def timbre(self) -> np.ndarray:
        """Return the mean shape (CEPSTRA - 1,) of the spectrum, whatever the loudness."""
        return self.sketch[:, 1:].mean(axis=0)


@dataclass(frozen=True, kw_only=True, slots=True)
class ClipMeasures:
    """One clip; `sound` is None if it can't be read, `phonemes` are empty if nothing is spoken.

    `unreadable` and `unspeakable` are reasons; `silent_symbols` lists symbols without a sound.
    """

    utterance: Utterance
    sound: SoundMeasures | None
    unreadable: str
    spoken: str  # the text, normalized
    phonemes: tuple[str, ...]  # ARPAbet with stress; neither marks nor word boundaries
    unspeakable: str
    silent_symbols: str


def measure_clip(utterance: Utterance, phonemize: Callable[[str], list[str]]) -> ClipMeasures:
    """Measure one clip; problems are part of the result and aren't raised."""
    sound, unreadable = None, ""
    try:
        channels, sample_rate = read_channels(utterance.audio_path, seconds=MEASURED_SECONDS)
        sound = _measure_sound(channels.numpy(), sample_rate)
        if sound.seconds >= MEASURED_SECONDS:
            seconds = audio_seconds(utterance.audio_path) or sound.seconds
            sound = replace(sound, seconds=seconds)
    except Exception as error:  # whatever it is, only this clip is lost
        unreadable = str(error) or type(error).__name__
    spoken, phonemes, unspeakable = "", (), ""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        warnings.simplefilter("ignore", ResourceWarning)  # g2p_en leaves a file open
        try:
            spoken = normalize_text(utterance.text)
            phonemes = tuple(p for p in phonemize(utterance.text) if p[0].isalpha())
        except Exception as error:
            unspeakable = str(error) or type(error).__name__
    return ClipMeasures(
        utterance=utterance,
        sound=sound,
        unreadable=unreadable,
        spoken=spoken,
        phonemes=phonemes,
        unspeakable=unspeakable or ("" if phonemes else "nothing in it can be said"),
        silent_symbols="; ".join(dict.fromkeys(str(warning.message) for warning in caught)),
    )


def _measure_sound(channels: np.ndarray, sample_rate: int) -> SoundMeasures:
    mono = channels.mean(axis=0)
    offset = np.median(mono)  # not the mean, which isn't 0 for speech, since it is lopsided
    mono = mono - offset
    log_mel, _ = extract_mel_spectrogram(mono, sample_rate)
    noise_db, hum_db = _floor_levels(log_mel)
    size, peak = np.abs(mono), np.abs(mono).max()
    edge = max(1, round(EDGE * sample_rate))
    pauses = _pauses(mono, sample_rate)
    return SoundMeasures(
        sample_rate=sample_rate,
        channels=len(channels),
        **_channel_measures(channels),
        seconds=len(mono) / sample_rate,
        fingerprint=hashlib.sha256(channels.tobytes()).hexdigest()[:24],
        peak_db=float(_decibel(np.abs(channels).max() ** 2)),
        near_peak=float((size > 0.985 * peak).mean()),
        offset=float(offset),
        gap=_longest_gap(mono, sample_rate),
        start_db=_level(mono[:edge]) - pauses["speech_db"],
        end_db=_level(mono[-edge:]) - pauses["speech_db"],
        noise_db=noise_db,
        hum_db=hum_db,
        sketch=_spectral_course(log_mel),
        **pauses,
    )


def _decibel(power: np.ndarray | float) -> np.ndarray | float:
    return 10 * np.log10(power + SMALLEST)


def _level(samples: np.ndarray) -> float:
    return float(_decibel(np.square(samples).mean()))


def _channel_measures(channels: np.ndarray) -> dict[str, float]:
    products = channels @ channels.T
    powers = np.diag(products)
    likeness = products / np.sqrt(np.outer(powers, powers) + SMALLEST)
    return {
        "weakest_channel_db": float(_decibel(powers.min()) - _decibel(powers.max())),
        "agreement": float(likeness.min()) if len(channels) > 1 else 1.0,
    }


def _pauses(mono: np.ndarray, sample_rate: int) -> dict[str, float]:
    """Find speech and pauses, and the level of the speech."""
    length = max(1, round(STRETCH * sample_rate))
    levels = _decibel(np.square(mono[: len(mono) // length * length].reshape(-1, length)).mean(1))
    loudest = np.percentile(levels, 95)
    # in noise, quiet is just above the softest level; in a studio, it is far below the speech
    threshold = np.clip(levels.min() + 10, loudest - 40, loudest - 20)
    loud = np.flatnonzero(levels > threshold)
    if len(loud) == 0:
        loud = np.arange(len(levels))
    quiet_runs = np.diff(loud) - 1
    pauses = quiet_runs[quiet_runs * STRETCH >= SHORTEST_PAUSE]
    return {
        "speech_db": float(_decibel((10 ** (levels[loud] / 10)).mean())),
        "quiet_start": float(loud[0] * STRETCH),
        "quiet_end": float((len(levels) - 1 - loud[-1]) * STRETCH),
        "longest_pause": float(pauses.max(initial=0) * STRETCH),
        "speech_seconds": float((loud[-1] + 1 - loud[0] - pauses.sum()) * STRETCH),
    }


def _longest_gap(mono: np.ndarray, sample_rate: int) -> float:
    """Return the seconds of one same value, if the sound jumps into it or out of it.

    A sound that ends by itself decays first, so the silence of a recording isn't a gap.
    """
    steps = np.abs(np.diff(mono))
    changes = np.flatnonzero(steps)
    lengths = np.diff(changes)  # of the runs of one value, without the clip's first and last
    jumps = np.maximum(steps[changes[:-1]], steps[changes[1:]])
    is_gap = (lengths >= SHORTEST_GAP * sample_rate) & (
        jumps > max(SMALLEST_JUMP * np.abs(mono).max(), ROUNDING)
    )
    return float(lengths[is_gap].max(initial=0) / sample_rate)


def _floor_levels(log_mel: np.ndarray) -> tuple[float, float]:
    """Return the noise floors of noisy bands and of the lowest bands, in dB of the clip's mean.

    No pause is needed: even in fluent speech each band is silent at some time.
    """
    levels = log_mel * (20 / np.log(10))  # (M, T)
    floors = np.percentile(levels, 10, axis=1) - _decibel((10 ** (levels / 10)).mean())
    return float(np.percentile(floors, 75)), float(floors[:N_LOW_BANDS].max())


def _spectral_course(log_mel: np.ndarray) -> np.ndarray:
    """Compute the cepstra (PARTS, CEPSTRA) of successive parts of the speech, without pauses."""
    power = np.exp(2 * log_mel).sum(axis=0)  # (T,)
    loud = np.flatnonzero(power > 1e-3 * np.percentile(power, 95))
    longest = SHORTEST_PAUSE * 1.5 * 24_000 / 256
    speech = [
        frame
        for first, after in zip(loud, [*loud[1:], loud[-1] + 1], strict=True)
        for frame in (range(first, after) if after - first < longest else [first])
    ]
    cepstra = _cosines(len(log_mel)) @ log_mel[:, speech]  # (CEPSTRA, frames)
    sums = np.concatenate([np.zeros((CEPSTRA, 1)), cepstra.cumsum(axis=1)], axis=1)
    edges = np.linspace(0, len(speech), PARTS + 1)
    at = np.stack([np.interp(edges, np.arange(len(speech) + 1), row) for row in sums])
    return (np.diff(at).T * (PARTS / len(speech))).astype(np.float32)


def _cosines(n_mels: int) -> np.ndarray:
    """Return the cosine transform (CEPSTRA, M) from log-mel to cepstrum."""
    order = np.arange(CEPSTRA)[:, None]
    return np.sqrt(2 / n_mels) * np.cos(np.pi * order * (np.arange(n_mels) + 0.5) / n_mels)
