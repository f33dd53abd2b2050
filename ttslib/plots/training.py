"""A corpus at a glance, and the progress of a training."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from numpy.typing import ArrayLike

from ttslib.plots.picture import Picture, as_array

__all__ = ["draw_lengths", "draw_losses", "plot_losses"]


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
        Name -> the step of each value; 1, 2, 3, ... if there is no entry.

    Raises
    ------
    ValueError
        There is nothing to draw, or a loss doesn't have one step per value.

    Taught in: notebooks/05_training
    """
    picture = Picture(3.2)
    axes = picture.add_subplot(title=title)
    draw_losses(axes, losses, steps=steps or {})
    return picture


def draw_lengths(
    axes: Axes, *, characters: ArrayLike, seconds: ArrayLike, speakers: Sequence[str]
) -> None:
    """Draw clips' lengths against their texts': a point per clip, colored by speaker.

    The dashed line is the corpus's usual pace. A clip far from it has a long pause, more or less
    than its text, or another text.

    Parameters
    ----------
    characters, seconds
        (clips,) lengths of the texts and of the sounds.
    speakers
        The speaker of each clip; with more than ten, there is no legend and colors repeat.
    """
    letters, spoken = (
        as_array(characters, "characters", "clips"),
        as_array(seconds, "seconds", "clips"),
    )
    names, owners = np.unique(np.asarray(speakers), return_inverse=True)
    colors = colormaps["tab10"]
    size = 12 if len(letters) < 3000 else 4
    axes.scatter(letters, spoken, c=colors(owners % 10), s=size, alpha=0.6)
    pace = np.median(letters / spoken)
    ends = np.array([letters.min(), letters.max()])
    line = axes.plot(ends, ends / pace, "--", color="black", linewidth=1)
    axes.set(xlabel="characters of text", ylabel="seconds of sound")
    if len(names) <= 10:
        marks = [
            Line2D([], [], marker="o", linestyle="", color=colors(i)) for i in range(len(names))
        ]
        axes.legend([*marks, *line], [*names, f"{pace:.1f} characters a second"], fontsize=8)


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
