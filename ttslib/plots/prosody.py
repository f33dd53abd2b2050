"""The duration, pitch and energy of each token.

Shapes: T frames, M mel bands, N tokens.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from ttslib.config import AudioConfig
from ttslib.plots.picture import Picture, as_array
from ttslib.plots.sound import draw_mel

__all__ = ["plot_prosody"]

DECIBELS = 20 / math.log(10)  # of a natural logarithm of a magnitude


def plot_prosody(
    mel: ArrayLike,
    durations: ArrayLike,
    *,
    tokens: Sequence[str],
    pitch: ArrayLike,
    energy: ArrayLike,
    heard: ArrayLike | None = None,
    audio: AudioConfig | None = None,
    title: str = "",
) -> Picture:
    """Draw a mel divided into its tokens, and below it each token's pitch and energy.

    Parameters
    ----------
    mel
        (M, T) log-mel.
    durations
        (N,) frames; their sum is at most T.
    tokens
        The N tokens' names.
    pitch
        (N,) Hz.
    energy
        (N,) natural logarithm of the magnitude, drawn in decibels.
    heard
        (T,) Hz of every frame, nan where there is none: dots beside the predicted pitch.
    audio
        The definition of the frames; the course's own when not given.

    Raises
    ------
    ValueError
        When a row doesn't have one number for each token.

    Taught in: notebooks/09_fastspeech
    """
    audio = audio or AudioConfig()
    rows = {"durations": durations, "pitch": pitch, "energy": energy}
    rows = {name: as_array(values, name, "tokens") for name, values in rows.items()}
    for name, values in rows.items():
        if len(values) != len(tokens):
            raise ValueError(f"{name} has {len(values)} numbers for {len(tokens)} tokens")
    edges = np.append(0, rows["durations"].cumsum()) / audio.frames_per_second
    picture = Picture(4.2)
    above, below = picture.subplots(2, sharex=True, height_ratios=[3, 2])
    draw_mel(above, mel, audio=audio)
    above.set(title=title, xlabel="")
    top = above.get_ylim()[1]
    for token, start, end in zip(tokens, edges, edges[1:], strict=False):
        above.axvline(end, color="white", linewidth=0.5)
        name = "␣" if token == " " else token  # a word boundary
        above.text((start + end) / 2, 0.98 * top, name, color="white", fontsize=7, ha="center",
                   va="top", rotation=90)  # fmt: skip
    louder = below.twinx()
    louder.stairs(DECIBELS * rows["energy"], edges, color="tab:orange", alpha=0.6, baseline=None)
    louder.set_ylabel("energy (dB)", color="tab:orange")
    below.stairs(rows["pitch"], edges, color="tab:blue", linewidth=2, baseline=None)
    if heard is not None:
        values = as_array(heard, "heard", "frames")
        middles = (np.arange(len(values)) + 0.5) / audio.frames_per_second
        below.plot(middles, values, ".", color="black", markersize=2, label="heard, frame by frame")
        below.legend(loc="lower right", bbox_to_anchor=(1, 1), borderaxespad=0.2, fontsize=8,
                     frameon=False)  # fmt: skip
    below.set_ylabel("pitch (Hz)", color="tab:blue")
    below.set_xlabel("time (s)")
    return picture
