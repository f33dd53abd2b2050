"""Every picture of the course: each `plot_` function draws one and returns it.

The pictures are matplotlib Figures made without pyplot: no backend is chosen, nothing stays open
behind the caller's back, and a picture that is no longer used is simply collected. At the end of a
notebook cell a picture shows itself; `picture.savefig("mel.png")` writes it to a file. The `draw_`
functions draw on one pair of axes; whoever arranges a picture of several (the widgets) uses them.

Shapes: S samples, T frames, M mel bands, N tokens, F frequencies from 0 to half the sample rate.
"""

import io
from collections.abc import Mapping, Sequence

import librosa
import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from numpy.typing import ArrayLike
from PIL import Image
from torch import Tensor

from ttslib.config import AudioConfig

__all__ = [
    "Picture",
    "draw_alignment",
    "draw_lengths",
    "draw_losses",
    "draw_mel",
    "draw_spectrogram",
    "draw_waveform",
    "label_phonemes",
    "label_tokens",
    "plot_alignment",
    "plot_durations",
    "plot_gate",
    "plot_losses",
    "plot_mel",
    "plot_mels",
    "plot_speech",
    "plot_waveform",
]

WIDTH = 8.0  # inches, 800 pixels: the width of a notebook's text
MOST_STRETCHES = 4000  # of a waveform, five to a pixel: more would not be seen
MOST_NAMED_TOKENS = 80  # beyond it their names would overlap
SOFTEST = 80.0  # decibels below the loudest; what is softer yet is drawn as that soft
# 96 steps each: with the text's greys, two maps in one picture fit the 256 colours of a small PNG
MEL_COLOURS = colormaps["magma"].resampled(96)
ALIGNMENT_COLOURS = colormaps["viridis"].resampled(96)


class Picture(Figure):
    """A matplotlib Figure, `height` inches high and 8 wide, that shows itself in Jupyter."""

    def __init__(self, height: float = 3.0):
        super().__init__(figsize=(WIDTH, height), dpi=100, layout="constrained")

    def png(self) -> bytes:
        """The picture as a PNG of at most 256 colours, less than half the size of one with all."""
        drawn, small = io.BytesIO(), io.BytesIO()
        self.savefig(drawn, format="png", dpi=100)
        few = Image.open(drawn).convert("RGB").quantize(256, Image.Quantize.MAXCOVERAGE)
        few.save(small, format="png", optimize=True)
        return small.getvalue()

    def _repr_png_(self) -> bytes:
        return self.png()


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
    """Draw a log-mel: time to the right, frequency upwards, loudness as colour.

    Parameters
    ----------
    mel
        (M, T) natural logarithms of the mel magnitudes.
    audio
        How the mel was made, by default `AudioConfig()`; it gives the seconds and the Hz.

    Raises
    ------
    ValueError
        `mel` isn't (M, T), or its M isn't `audio.n_mels`.

    Taught in: notebooks/04_tacotron, notebooks/07_inference
    """
    return plot_mels({title: mel}, audio=audio)


def plot_mels(mels: Mapping[str, ArrayLike], *, audio: AudioConfig | None = None) -> Picture:
    """Draw several log-mels (title -> (M, T)) one under the other.

    They share the time axis and the colours, so that equal colours mean equal loudness.

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


def plot_alignment(
    alignment: ArrayLike,
    *,
    tokens: Sequence[str] | None = None,
    audio: AudioConfig | None = None,
    title: str = "",
) -> Picture:
    """Draw which token (upwards) the decoder attends to at each frame (rightwards).

    A model that reads aloud draws a rising path, steep in short phonemes and flat in long ones.

    Parameters
    ----------
    alignment
        (T, N) weights in 0..1.
    tokens
        The N tokens' names, written beside the axis where they are few enough to be read.
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
    """Draw a mel above the alignment that made it, on one time axis.

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


def plot_losses(
    losses: Mapping[str, Sequence[float]],
    *,
    steps: Mapping[str, Sequence[int]] | None = None,
    title: str = "",
) -> Picture:
    """Draw losses over the training steps.

    Parameters
    ----------
    losses
        Name -> values.
    steps
        Name -> the step of each value; where there is no entry: 1, 2, 3, ...

    Raises
    ------
    ValueError
        There is nothing to draw, or a loss has other than one step per value.

    Taught in: notebooks/05_training
    """
    picture = Picture(3.2)
    axes = picture.add_subplot(title=title)
    draw_losses(axes, losses, steps=steps or {})
    return picture


def plot_gate(gate: ArrayLike, *, threshold: float = 0.5, title: str = "") -> Picture:
    """Draw the probability (T,) at each frame that the sentence is over, and where it stops.

    Raises
    ------
    ValueError
        `gate` isn't (T,), or holds logits, which aren't in 0..1.

    Taught in: notebooks/07_inference
    """
    values = _array(gate, "gate", "frames")
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
        There is nothing to draw, or a row hasn't one duration per token.

    Taught in: notebooks/05_training
    """
    if not durations:
        raise ValueError("plot_durations needs at least one row of durations, got none")
    picture = Picture()
    axes = picture.add_subplot(title=title, ylabel="duration (ms)")
    width = 0.8 / len(durations)
    for row, (name, values) in enumerate(durations.items()):
        seconds = _array(values, name, "tokens")
        if len(seconds) != len(tokens):
            raise ValueError(f"{name!r} has {len(seconds)} durations for {len(tokens)} tokens")
        places = np.arange(len(tokens)) + (row + 0.5) * width - 0.4
        axes.bar(places, 1000 * seconds, width=width, label=name)
    label_tokens(axes, len(tokens), tokens, axis="x")
    axes.legend()
    return picture


def draw_waveform(axes: Axes, waveform: ArrayLike, *, sample_rate: int) -> None:
    """Draw a waveform, (S,) or (1, S) in -1..1, on `axes`; see `plot_waveform`."""
    one_channel = len(waveform) == 1 and np.ndim(waveform) == 2
    samples = _array(waveform[0] if one_channel else waveform, "waveform", "samples")
    seconds = np.arange(len(samples)) / sample_rate
    peak = max(1.0, np.abs(samples).max())  # one scale for all, so that soft looks soft
    axes.set(ylim=(-peak, peak), xlim=(0, len(samples) / sample_rate))
    axes.set(xlabel="time (s)", ylabel="amplitude")
    if (step := len(samples) // MOST_STRETCHES) > 1:
        # A line through every sample of half a minute is slow and looks just like its extremes.
        stretches = samples[: len(samples) // step * step].reshape(-1, step)
        samples = np.stack([stretches.min(1), stretches.max(1)], axis=1).reshape(-1)
        seconds = np.repeat(seconds[: stretches.size : step], 2)
    axes.plot(seconds, samples, linewidth=0.5)


def draw_lengths(
    axes: Axes, *, characters: ArrayLike, seconds: ArrayLike, speakers: Sequence[str]
) -> None:
    """Draw how long clips take to say their texts: a point each, coloured by speaker.

    The dashed line is the corpus's usual pace; a clip far from it holds a long pause, more or less
    than its text says, or another text.

    Parameters
    ----------
    characters, seconds
        (clips,) lengths of the texts and of the sounds.
    speakers
        Who speaks each clip; beyond ten of them the legend is left out and colours repeat.
    """
    letters, spoken = _array(characters, "characters", "clips"), _array(seconds, "seconds", "clips")
    names, owners = np.unique(np.asarray(speakers), return_inverse=True)
    colours = colormaps["tab10"]
    size = 12 if len(letters) < 3000 else 4
    axes.scatter(letters, spoken, c=colours(owners % 10), s=size, alpha=0.6)
    pace = np.median(letters / spoken)
    ends = np.array([letters.min(), letters.max()])
    line = axes.plot(ends, ends / pace, "--", color="black", linewidth=1)
    axes.set(xlabel="characters of text", ylabel="seconds of sound")
    if len(names) <= 10:
        marks = [
            Line2D([], [], marker="o", linestyle="", color=colours(i)) for i in range(len(names))
        ]
        axes.legend([*marks, *line], [*names, f"{pace:.1f} characters a second"], fontsize=8)


def draw_mel(
    axes: Axes,
    mel: ArrayLike,
    *,
    audio: AudioConfig,
    scale: tuple[float, float] | None = None,
) -> AxesImage:
    """Draw a log-mel (M, T) on `axes`; `scale` is what the darkest and brightest colours mean."""
    array = _mel(mel, audio)
    bands, frames = array.shape
    lowest, highest = scale or (None, None)
    image = axes.imshow(
        array,
        origin="lower",
        aspect="auto",
        cmap=MEL_COLOURS,
        interpolation="nearest",
        vmin=lowest,
        vmax=highest,
        extent=(0, frames / audio.frames_per_second, -0.5, bands - 0.5),
    )
    centres = librosa.mel_frequencies(bands + 2, fmin=audio.f_min, fmax=audio.f_max)[1:-1]
    hertz = [hz for hz in (500, 1000, 2000, 4000, 8000) if centres[0] <= hz <= centres[-1]]
    axes.set_yticks(np.interp(hertz, centres, np.arange(bands)), [str(hz) for hz in hertz])
    axes.set(xlabel="time (s)", ylabel="mel band (Hz)")
    return image


def draw_spectrogram(
    axes: Axes, magnitude: ArrayLike, *, sample_rate: int, hop_length: int
) -> AxesImage:
    """Draw a linear spectrogram (F, T) on `axes`, in decibels below its loudest value.

    Raises
    ------
    ValueError
        `magnitude` isn't (F, T), or is zero all over.

    Taught in: notebooks/02_mel_spectrograms
    """
    array = _array(magnitude, "magnitude", "frequencies", "frames")
    if not array.max() > 0:
        raise ValueError("there is nothing to draw: all magnitudes are 0, or one is NaN")
    decibels = 20 * np.log10(np.maximum(array / array.max(), 10 ** (-SOFTEST / 20)))
    half_bin = sample_rate / 4 / (len(array) - 1)  # Hz; a value lies in the middle of its row
    image = axes.imshow(
        decibels,
        origin="lower",
        aspect="auto",
        cmap=MEL_COLOURS,
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


def draw_alignment(
    axes: Axes,
    alignment: ArrayLike,
    *,
    tokens: Sequence[str] | None = None,
    audio: AudioConfig | None = None,
) -> AxesImage:
    """Draw an alignment (T, N) on `axes`; see `plot_alignment`."""
    weights = _array(alignment, "alignment", "frames", "tokens")
    frames, n_tokens = weights.shape
    image = axes.imshow(
        weights.T,
        origin="lower",
        aspect="auto",
        cmap=ALIGNMENT_COLOURS,
        interpolation="nearest",
        vmin=0,
        vmax=1,
        extent=(0, frames / audio.frames_per_second if audio else frames, -0.5, n_tokens - 0.5),
    )
    axes.set(xlabel="time (s)" if audio else "decoder frame", ylabel="token")
    label_tokens(axes, n_tokens, tokens, axis="y")
    return image


def draw_losses(
    axes: Axes, losses: Mapping[str, Sequence[float]], *, steps: Mapping[str, Sequence[int]]
) -> None:
    """Draw losses on `axes`; see `plot_losses`."""
    if not any(losses.values()):
        raise ValueError("there are no losses to draw yet; train at least one step first")
    for name, values in losses.items():
        at = steps.get(name, range(1, len(values) + 1))
        if len(at) != len(values):
            raise ValueError(f"loss {name!r} has {len(values)} values but {len(at)} steps")
        axes.plot(at, values, label=name, marker="o" if len(values) < 20 else None, markersize=4)
    axes.set(xlabel="training step", ylabel="loss")
    axes.grid(alpha=0.3)
    axes.legend()


def label_tokens(axes: Axes, n_tokens: int, tokens: Sequence[str] | None, *, axis: str) -> None:
    """Write the tokens' names along `axis` ("x" or "y") if they are few enough to be read."""
    if tokens is not None and len(tokens) != n_tokens:
        raise ValueError(f"tokens must name all {n_tokens} tokens, got {len(tokens)} names")
    if tokens is not None and n_tokens <= MOST_NAMED_TOKENS:
        ticks = axes.set_xticks if axis == "x" else axes.set_yticks
        turned = {"rotation": 90} if axis == "x" else {}
        names = ["␣" if token == " " else token for token in tokens]  # a boundary between words
        ticks(range(n_tokens), names, fontsize=8 if n_tokens <= 40 else 7, **turned)


def label_phonemes(axes: Axes, times: Sequence[tuple]) -> None:
    """Write phonemes, `(phoneme, start, end, ...)` in seconds, above `axes`; draw their borders.

    Every other name stands higher, so that neighbours don't overlap.
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


def _alignment_height(tokens: Sequence[str] | None) -> float:
    # inches: a line of text per named token
    if tokens is None or len(tokens) > MOST_NAMED_TOKENS:
        return 3.0
    return max(3.0, 0.6 + len(tokens) * (0.12 if len(tokens) <= 40 else 0.1))


def _mel(mel: ArrayLike, audio: AudioConfig) -> np.ndarray:
    array = _array(mel, "mel", "n_mels", "frames")
    if len(array) != audio.n_mels:
        raise ValueError(
            f"mel must be (n_mels={audio.n_mels}, frames), got shape {array.shape}; "
            "pass the AudioConfig it was made with"
        )
    return array


def _array(values: ArrayLike, name: str, *dimensions: str) -> np.ndarray:
    if isinstance(values, Tensor):
        values = values.detach().float().cpu().numpy()
    array = np.asarray(values, dtype=np.float32)
    if array.ndim != len(dimensions) or array.size == 0:
        wanted = ", ".join(dimensions)
        raise ValueError(f"{name} must be ({wanted}) and not empty, got shape {array.shape}")
    return array
