"""When each token is spoken: alignments, durations, and where a model stops.

Shapes: T frames, M mel bands, N tokens.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.image import AxesImage
from numpy.typing import ArrayLike

from ttslib.config import AudioConfig
from ttslib.plots.picture import ALIGNMENT_COLORS, Picture, as_array
from ttslib.plots.sound import draw_mel

__all__ = [
    "draw_alignment",
    "label_tokens",
    "plot_alignment",
    "plot_durations",
    "plot_gate",
    "plot_speech",
]

MOST_NAMED_TOKENS = 80  # the names of more would overlap


def plot_alignment(
    alignment: ArrayLike,
    *,
    tokens: Sequence[str] | None = None,
    audio: AudioConfig | None = None,
    title: str = "",
) -> Picture:
    """Draw the tokens (upward) to which the decoder attends at each frame (rightward).

    Speech gives a rising path, steep in short phonemes and flat in long ones.

    Parameters
    ----------
    alignment
        (T, N) weights in 0..1.
    tokens
        The N tokens' names, written beside the axis if they are few enough to be read.
    audio
        If given, the frames are shown as seconds.

    Raises
    ------
    ValueError
        `alignment` isn't (T, N), or `tokens` aren't N.

    Taught in: notebooks/04_tacotron
    """
    picture = Picture(_alignment_height(tokens))
    axes = picture.add_subplot(title=title)
    image = draw_alignment(axes, alignment, tokens=tokens, audio=audio)
    picture.colorbar(image, ax=axes, label="attention weight", pad=0.01)
    return picture


def plot_speech(
    mel: ArrayLike,
    alignment: ArrayLike,
    *,
    tokens: Sequence[str] | None = None,
    audio: AudioConfig | None = None,
    title: str = "",
) -> Picture:
    """Draw a mel above the alignment from which it was generated, on one time axis.

    The parameters and errors are those of `plot_mel` and `plot_alignment`.

    Taught in: notebooks/07_inference
    """
    audio = audio or AudioConfig()
    heights = [2.3, _alignment_height(tokens)]
    picture = Picture(sum(heights))
    above, below = picture.subplots(2, sharex=True, height_ratios=heights)
    image = draw_mel(above, mel, audio=audio)
    picture.colorbar(image, ax=above, label="ln magnitude", pad=0.01)
    image = draw_alignment(below, alignment, tokens=tokens, audio=audio)
    picture.colorbar(image, ax=below, label="attention weight", pad=0.01)
    above.set(title=title, xlabel="")
    return picture


def plot_gate(gate: ArrayLike, *, threshold: float = 0.5, title: str = "") -> Picture:
    """Draw the probability (T,) at each frame that the sentence is over, and where it stops.

    Raises
    ------
    ValueError
        `gate` isn't (T,), or holds logits, which aren't in 0..1.

    Taught in: notebooks/07_inference
    """
    values = as_array(gate, "gate", "frames")
    if values.min() < 0 or values.max() > 1:
        raise ValueError(
            f"gate must be probabilities in 0..1, got {values.min():.3g}..{values.max():.3g}; "
            "apply torch.sigmoid to logits first"
        )
    picture = Picture(2.2)
    axes = picture.add_subplot(title=title, xlabel="decoder frame", ylabel="P(over)")
    axes.plot(values)
    axes.axhline(threshold, color="tab:red", linestyle="--", label=f"stops at {threshold:g}")
    axes.set_ylim(-0.02, 1.02)
    axes.legend()
    return picture


def plot_durations(
    durations: Mapping[str, ArrayLike], *, tokens: Sequence[str], title: str = ""
) -> Picture:
    """Draw how long each token lasts: name -> N seconds each, side by side.

    Raises
    ------
    ValueError
        There is nothing to draw, or a row doesn't have one duration per token.

    Taught in: notebooks/05_training
    """
    if not durations:
        raise ValueError("plot_durations needs at least one row of durations, got none")
    picture = Picture()
    axes = picture.add_subplot(title=title, ylabel="duration (ms)")
    width = 0.8 / len(durations)
    for row, (name, values) in enumerate(durations.items()):
        seconds = as_array(values, name, "tokens")
        if len(seconds) != len(tokens):
            raise ValueError(f"{name!r} has {len(seconds)} durations for {len(tokens)} tokens")
        places = np.arange(len(tokens)) + (row + 0.5) * width - 0.4
        axes.bar(places, 1000 * seconds, width=width, label=name)
    label_tokens(axes, len(tokens), tokens, axis="x")
    axes.legend()
    return picture


def draw_alignment(
    axes: Axes,
    alignment: ArrayLike,
    *,
    tokens: Sequence[str] | None = None,
    audio: AudioConfig | None = None,
) -> AxesImage:
    """Draw an alignment (T, N) on `axes`; see `plot_alignment`."""
    weights = as_array(alignment, "alignment", "frames", "tokens")
    frames, n_tokens = weights.shape
    image = axes.imshow(
        weights.T,
        origin="lower",
        aspect="auto",
        cmap=ALIGNMENT_COLORS,
        interpolation="nearest",
        vmin=0,
        vmax=1,
        extent=(0, frames / audio.frames_per_second if audio else frames, -0.5, n_tokens - 0.5),
    )
    axes.set(xlabel="time (s)" if audio else "decoder frame", ylabel="token")
    label_tokens(axes, n_tokens, tokens, axis="y")
    return image


def label_tokens(axes: Axes, n_tokens: int, tokens: Sequence[str] | None, *, axis: str) -> None:
    """Write the tokens' names along `axis` ("x" or "y") if they are few enough to be read."""
    if tokens is not None and len(tokens) != n_tokens:
        raise ValueError(f"tokens must name all {n_tokens} tokens, got {len(tokens)} names")
    if tokens is not None and n_tokens <= MOST_NAMED_TOKENS:
        ticks = axes.set_xticks if axis == "x" else axes.set_yticks
        turned = {"rotation": 90} if axis == "x" else {}
        names = ["␣" if token == " " else token for token in tokens]  # a word boundary
        ticks(range(n_tokens), names, fontsize=8 if n_tokens <= 40 else 7, **turned)


def _alignment_height(tokens: Sequence[str] | None) -> float:
    # inches: a line of text per named token
    if tokens is None or len(tokens) > MOST_NAMED_TOKENS:
        return 3.0
    return max(3.0, 0.6 + len(tokens) * (0.145 if len(tokens) <= 40 else 0.125))
