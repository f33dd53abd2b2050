"""Waveforms, mels and spectrograms.

Shapes: S samples, T frames, M mel bands, F frequencies from 0 to half the sample rate.
"""

from collections.abc import Mapping, Sequence

import librosa
import numpy as np
from matplotlib.axes import Axes
from matplotlib.image import AxesImage
from numpy.typing import ArrayLike

from ttslib.config import AudioConfig
from ttslib.plots.picture import MEL_COLORS, Picture, as_array

__all__ = [
    "draw_mel",
    "draw_spectrogram",
    "draw_waveform",
    "label_phonemes",
    "plot_mel",
    "plot_mels",
    "plot_waveform",
]

MOST_STRETCHES = 4000  # of a waveform, five per pixel: more wouldn't be visible
SOFTEST = 80.0  # decibels below the loudest; anything softer is drawn as if it were that soft


def plot_waveform(waveform: ArrayLike, *, sample_rate: int, title: str = "") -> Picture:
    """Draw a waveform, (S,) or (1, S) in -1..1, over the seconds.

    Raises
    ------
    ValueError
        `waveform` is empty or has several channels.

    Taught in: notebooks/07_inference
    """
    picture = Picture(2.2)
    draw_waveform(picture.add_subplot(title=title), waveform, sample_rate=sample_rate)
    return picture


def plot_mel(mel: ArrayLike, *, audio: AudioConfig | None = None, title: str = "") -> Picture:
    """Draw a log-mel: time to the right, frequency upward, loudness as color.

    Parameters
    ----------
    mel
        (M, T) natural logarithms of the mel magnitudes.
    audio
        The definition of the mel, by default `AudioConfig()`; it gives the seconds and the Hz.

    Raises
    ------
    ValueError
        `mel` isn't (M, T), or its M isn't `audio.n_mels`.

    Taught in: notebooks/04_tacotron, notebooks/07_inference
    """
    return plot_mels({title: mel}, audio=audio)


def plot_mels(mels: Mapping[str, ArrayLike], *, audio: AudioConfig | None = None) -> Picture:
    """Draw several log-mels (title -> (M, T)) one below the other.

    They share the time axis and the colors, so that equal colors mean equal loudness.

    Raises
    ------
    ValueError
        There is none, one isn't (M, T), or its M isn't `audio.n_mels`.

    Taught in: notebooks/05_training
    """
    if not mels:
        raise ValueError("plot_mels needs at least one mel, got an empty mapping")
    audio = audio or AudioConfig()
    arrays = [_mel(mel, audio) for mel in mels.values()]
    scale = (min(array.min() for array in arrays), max(array.max() for array in arrays))
    picture = Picture(0.6 + 2.2 * len(arrays))
    rows = picture.subplots(len(arrays), sharex=True, squeeze=False)[:, 0]
    for axes, title, array in zip(rows, mels, arrays, strict=True):
        image = draw_mel(axes, array, audio=audio, scale=scale)
        axes.set(title=title, xlabel="")
    rows[-1].set_xlabel("time (s)")
    rows[-1].set_xlim(0, max(array.shape[1] for array in arrays) / audio.frames_per_second)
    picture.colorbar(image, ax=rows, label="ln magnitude", pad=0.01)
    return picture


def draw_waveform(axes: Axes, waveform: ArrayLike, *, sample_rate: int) -> None:
    """Draw a waveform, (S,) or (1, S) in -1..1, on `axes`; see `plot_waveform`."""
    one_channel = len(waveform) == 1 and np.ndim(waveform) == 2
    samples = as_array(waveform[0] if one_channel else waveform, "waveform", "samples")
    seconds = np.arange(len(samples)) / sample_rate
    peak = max(1.0, np.abs(samples).max())  # one scale for all, so that soft sound looks soft
    axes.set(ylim=(-peak, peak), xlim=(0, len(samples) / sample_rate))
    axes.set(xlabel="time (s)", ylabel="amplitude")
    if (step := len(samples) // MOST_STRETCHES) > 1:
        # A line through every sample of half a minute is slow and looks just like its extremes.
        stretches = samples[: len(samples) // step * step].reshape(-1, step)
        samples = np.stack([stretches.min(1), stretches.max(1)], axis=1).reshape(-1)
        seconds = np.repeat(seconds[: stretches.size : step], 2)
    axes.plot(seconds, samples, linewidth=0.5)


def draw_mel(
    axes: Axes,
    mel: ArrayLike,
    *,
    audio: AudioConfig,
    scale: tuple[float, float] | None = None,
) -> AxesImage:
    """Draw a log-mel (M, T) on `axes`; `scale` gives the darkest and brightest color's values."""
    array = _mel(mel, audio)
    bands, frames = array.shape
    lowest, highest = scale or (None, None)
    image = axes.imshow(
        array,
        origin="lower",
        aspect="auto",
        cmap=MEL_COLORS,
        interpolation="nearest",
        vmin=lowest,
        vmax=highest,
        extent=(0, frames / audio.frames_per_second, -0.5, bands - 0.5),
    )
    centers = librosa.mel_frequencies(bands + 2, fmin=audio.f_min, fmax=audio.f_max)[1:-1]
    hertz = [hz for hz in (500, 1000, 2000, 4000, 8000) if centers[0] <= hz <= centers[-1]]
    axes.set_yticks(np.interp(hertz, centers, np.arange(bands)), [str(hz) for hz in hertz])
    axes.set(xlabel="time (s)", ylabel="mel band (Hz)")
    return image


def draw_spectrogram(
    axes: Axes, magnitude: ArrayLike, *, sample_rate: int, hop_length: int
) -> AxesImage:
    """Draw a linear spectrogram (F, T) on `axes`, in decibels below its loudest value.

    Raises
    ------
    ValueError
        `magnitude` isn't (F, T), or is all zero.

    Taught in: notebooks/02_mel_spectrograms
    """
    array = as_array(magnitude, "magnitude", "frequencies", "frames")
    if not array.max() > 0:
        raise ValueError("there is nothing to draw: all magnitudes are 0, or one is NaN")
    decibels = 20 * np.log10(np.maximum(array / array.max(), 10 ** (-SOFTEST / 20)))
    half_bin = sample_rate / 4 / (len(array) - 1)  # Hz; a value is in the middle of its row
    image = axes.imshow(
        decibels,
        origin="lower",
        aspect="auto",
        cmap=MEL_COLORS,
        interpolation="nearest",
        extent=(
            0,
            array.shape[1] * hop_length / sample_rate,
            -half_bin,
            sample_rate / 2 + half_bin,
        ),
    )
    axes.set(xlabel="time (s)", ylabel="frequency (Hz)")
    return image


def label_phonemes(axes: Axes, times: Sequence[tuple]) -> None:
    """Write phonemes, `(phoneme, start, end, ...)` in seconds, above `axes`; draw their borders.

    Every other name is higher, so that neighbors don't overlap.
    """
    for place, (phoneme, start, end, *_) in enumerate(times):
        axes.axvline(end, color="white", linewidth=0.6, alpha=0.7)
        axes.annotate(
            phoneme,
            ((start + end) / 2, 1),
            xycoords=("data", "axes fraction"),
            xytext=(0, 2 + 9 * (place % 2)),
            textcoords="offset points",
            ha="center",
            fontsize=8,
        )


def _mel(mel: ArrayLike, audio: AudioConfig) -> np.ndarray:
    array = as_array(mel, "mel", "n_mels", "frames")
    if len(array) != audio.n_mels:
        raise ValueError(
            f"mel must be (n_mels={audio.n_mels}, frames), got shape {array.shape}; "
            "pass the AudioConfig it was made with"
        )
    return array
