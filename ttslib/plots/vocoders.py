"""Several vocoders' sounds for one mel, side by side.

Shapes: S samples, T frames, F frequencies from 0 to half the sample rate.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from ttslib.config import AudioConfig
from ttslib.plots.picture import Picture, as_array
from ttslib.plots.sound import draw_spectrogram

__all__ = ["plot_vocoders"]

EXCERPT = 0.03  # seconds: a few periods of a voice


def plot_vocoders(
    waveforms: Mapping[str, ArrayLike],
    magnitudes: Mapping[str, ArrayLike],
    *,
    audio: AudioConfig | None = None,
    at: float = 0.0,
) -> "VocoderPicture":
    """Draw each sound's linear spectrogram and, beside it, the same 30 ms of its waveform.

    A mel hardly shows the differences between vocoders: the frequencies above its highest band, and
    the shape of the waveform.

    Parameters
    ----------
    waveforms
        Title -> (S,).
    magnitudes
        Title -> (F, T), of the same sounds, from `MelSpectrogram.magnitude`.
    audio
        The definition that the magnitudes were computed with, by default `AudioConfig()`.
    at
        Where the excerpt begins, in seconds; the picture's `move(at)` moves it.

    Raises
    ------
    ValueError
        There is no sound, or one has another shape.

    Taught in: notebooks/06_vocoder
    """
    if not waveforms:
        raise ValueError("plot_vocoders needs at least one waveform, got an empty mapping")
    samples = {title: as_array(w, "waveform", "samples") for title, w in waveforms.items()}
    picture = VocoderPicture(samples, magnitudes, audio or AudioConfig())
    picture.move(at)
    return picture


class VocoderPicture(Picture):
    """A row for each sound, drawn once, so that moving the excerpt takes a fraction of the time."""

    def __init__(
        self,
        samples: Mapping[str, np.ndarray],
        magnitudes: Mapping[str, ArrayLike],
        audio: AudioConfig,
    ):
        super().__init__(0.6 + 1.3 * len(samples))
        self._samples, self._rate = samples, audio.sample_rate
        self._length = round(EXCERPT * audio.sample_rate)
        rows = self.subplots(
            len(samples), 2, width_ratios=[2, 1], sharex="col", sharey="col", squeeze=False
        )
        self._marks, self._lines = [], []
        for (left, right), title in zip(rows, samples, strict=True):
            draw_spectrogram(
                left, magnitudes[title], sample_rate=audio.sample_rate, hop_length=audio.hop_length
            )
            left.set(title=title, xlabel="", ylabel="Hz")
            self._marks.append(left.axvspan(0, EXCERPT, color="white", alpha=0.4))
            self._lines.append(right.plot([0], [0], linewidth=0.8)[0])
        right.set(xlim=(0, 1000 * EXCERPT), ylim=(-1, 1), xlabel="time (ms)")
        left.set_xlabel("time (s)")
        self.draw_without_rendering()
        self.set_layout_engine("none")  # the layout is fixed; computing it takes most of the time

    def move(self, at: float) -> None:
        """Show the waveforms from `at` seconds on, all on one scale."""
        longest = max(map(len, self._samples.values()))
        start = max(0, min(round(at * self._rate), longest - self._length))
        heard = [some[start : start + self._length] for some in self._samples.values()]
        peak = max(1e-3, *(float(np.abs(some).max(initial=0)) for some in heard))
        for mark, line, some in zip(self._marks, self._lines, heard, strict=True):
            mark.set_x(start / self._rate)
            line.set_data(1000 * np.arange(len(some)) / self._rate, some)
        line.axes.set_ylim(-1.05 * peak, 1.05 * peak)  # the limits of all: they are shared
