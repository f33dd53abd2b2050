"""Play a waveform in a notebook at exactly its own volume.

`IPython.display.Audio` scales every clip to full volume by default, so a soft voice and a loud one
sound alike, and comparing two models by listening means nothing. These players never rescale.
Clips are embedded as MP3 (about 7 kB per second at 24 kHz), which every browser plays.

Shapes: S samples.
"""

import base64
import html
import warnings
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from torch import Tensor

from ttslib.audio.files import encode_audio

__all__ = ["Clip", "Player", "play", "play_many"]


@dataclass(frozen=True, kw_only=True)
class Clip:
    """One sound, encoded."""

    title: str
    seconds: float
    sample_rate: int  # Hz
    peak: float  # the largest magnitude, before clipping
    source: str  # a data: address


@dataclass(frozen=True)
class Player:
    """Clips with their controls, one below the other; it is displayed at the end of a cell."""

    clips: tuple[Clip, ...]

    def __repr__(self) -> str:
        return "\n".join(
            f"{clip.title + ': ' if clip.title else ''}{clip.seconds:.2f} s "
            f"at {clip.sample_rate} Hz, peak {clip.peak:.2f}"
            for clip in self.clips
        )

    def _repr_html_(self) -> str:
        return "".join(
            f'<div style="margin:4px 0"><div>{html.escape(clip.title)}</div>'
            f'<audio controls preload="metadata" src="{clip.source}" '
            f'aria-label="{html.escape(clip.title or "sound")}, {clip.seconds:.1f} seconds">'
            "</audio></div>"
            for clip in self.clips
        )


def play(waveform: Tensor | ArrayLike, *, sample_rate: int, title: str = "") -> Player:
    """Play a waveform at its own volume.

    Parameters
    ----------
    waveform
        (S,) or (1, S), in -1..1. Larger values are clipped, as in any player, with a warning.
    sample_rate
        In Hz.
    title
        The text above the controls.

    Raises
    ------
    ValueError
        The waveform is empty, has several channels, or holds NaN or infinity.

    Taught in: notebooks/07_inference
    """
    return Player((_clip(title, waveform, sample_rate),))


def play_many(waveforms: Mapping[str, Tensor | ArrayLike], *, sample_rate: int) -> Player:
    """Play several waveforms (title -> (S,) or (1, S)), each at its own volume.

    Raises
    ------
    ValueError
        There is none, or one is empty, has several channels, or holds NaN or infinity.

    Taught in: notebooks/07_inference
    """
    if not waveforms:
        raise ValueError("play_many needs at least one waveform, got an empty mapping")
    clips = []
    for title, waveform in waveforms.items():
        clips.append(_clip(title, waveform, sample_rate))
    return Player(tuple(clips))


def _clip(title: str, waveform: Tensor | ArrayLike, sample_rate: int) -> Clip:
    samples = _mono(waveform, title)
    peak = float(np.abs(samples).max())
    if peak > 1:
        warnings.warn(
            f"waveform {title!r} reaches {peak:.2f}; beyond 1 it is cut off and sounds harsh, "
            "so scale it down where it is made",
            stacklevel=3,  # the line that called play or play_many
        )
    kind, data = encode_audio(samples, sample_rate)
    return Clip(
        title=title,
        seconds=len(samples) / sample_rate,
        sample_rate=sample_rate,
        peak=peak,
        source=f"data:audio/{kind};base64,{base64.b64encode(data).decode('ascii')}",
    )


def _mono(waveform: Tensor | ArrayLike, title: str) -> np.ndarray:
    values = waveform.detach().cpu() if isinstance(waveform, Tensor) else waveform
    samples = np.asarray(values, dtype=np.float32)
    if samples.ndim == 2 and len(samples) == 1:
        samples = samples[0]
    if samples.ndim != 1 or samples.size == 0:
        raise ValueError(
            f"waveform {title!r} must be (samples,) or (1, samples) and not empty, "
            f"got shape {samples.shape}"
        )
    if not np.isfinite(samples).all():
        raise ValueError(f"waveform {title!r} contains NaN or infinity; check the model")
    return samples
