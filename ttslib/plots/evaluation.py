"""The distance of two sounds along their best warping path, and measures with their intervals."""

import math
from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from ttslib.plots.picture import ALIGNMENT_COLORS, Picture, as_array

__all__ = ["draw_intervals", "plot_intervals", "plot_warping"]

COLUMNS = 3  # of small pictures in one


def plot_warping(
    cost: ArrayLike,
    path: ArrayLike,
    *,
    frames_per_second: float | None = None,
    names: tuple[str, str] = ("reference", "other"),
    title: str = "",
) -> Picture:
    """Draw the cost of each pair of frames of two sounds, and the cheapest path.

    Where the two have the same pace, the path is diagonal; where it is horizontal or vertical, one
    of them is slower.

    Parameters
    ----------
    cost
        (A, B): reference frames upward, the other's rightward.
    path
        (K, 2) pairs of frames `(a, b)`, from first to last.
    frames_per_second
        If given, frames are shown as seconds.
    names
        The labels of the two axes.

    Raises
    ------
    ValueError
        `cost` isn't (A, B), or `path` isn't (K, 2) or goes beyond it.

    Taught in: notebooks/08_evaluation
    """
    costs, steps = as_array(cost, "cost", "frames", "frames"), as_array(path, "path", "steps", "2")
    rows, columns = costs.shape
    if steps.shape[1] != 2 or steps.min() < 0 or (steps.max(axis=0) >= (rows, columns)).any():
        raise ValueError(
            f"path must be (steps, 2) pairs of frames within cost's {costs.shape}, got shape "
            f"{steps.shape} and pairs up to {steps.max(axis=0).tolist()}"
        )
    unit = 1 / frames_per_second if frames_per_second else 1
    word = "time (s)" if frames_per_second else "frame"
    picture = Picture(4.6)
    axes = picture.add_subplot(
        title=title, xlabel=f"{names[1]}, {word}", ylabel=f"{names[0]}, {word}"
    )
    image = axes.imshow(
        costs,
        origin="lower",
        aspect="auto",
        cmap=ALIGNMENT_COLORS,
        interpolation="nearest",
        extent=(0, columns * unit, 0, rows * unit),
    )
    axes.plot((steps[:, 1] + 0.5) * unit, (steps[:, 0] + 0.5) * unit, color="white", linewidth=2)
    axes.plot((steps[:, 1] + 0.5) * unit, (steps[:, 0] + 0.5) * unit, color="tab:red", linewidth=1)
    picture.colorbar(image, ax=axes, label="cost", pad=0.01)
    return picture


def plot_intervals(
    measures: Mapping[str, Mapping[str, Sequence[float]]], *, title: str = ""
) -> Picture:
    """Draw a small picture for each measure: a dot per system, with its interval as a bar.

    Parameters
    ----------
    measures
        Measure -> system -> `(value, low, high)`, the first fields of an `Estimate`. A system
        without a value (nan) is left out, and one without an interval is only a dot.

    Raises
    ------
    ValueError
        There is nothing to draw.

    Taught in: notebooks/08_evaluation
    """
    if not measures or not all(measures.values()):
        raise ValueError("plot_intervals needs at least one measure of one system, got none")
    columns = min(COLUMNS, len(measures))
    rows = math.ceil(len(measures) / columns)
    systems = list(dict.fromkeys(name for values in measures.values() for name in values))
    picture = Picture(rows * (0.75 + 0.2 * len(systems)))
    picture.suptitle(title, fontsize=11)
    grid = picture.subplots(rows, columns, squeeze=False, sharey=True)
    for axes, (measure, values) in zip(grid.flat, measures.items(), strict=False):
        draw_intervals(axes, values, systems=systems)
        axes.set_title(measure, fontsize=9)
    for axes in list(grid.flat)[len(measures) :]:
        axes.set_axis_off()
    return picture


def draw_intervals(
    axes: Axes, values: Mapping[str, Sequence[float]], *, systems: Sequence[str]
) -> None:
    """Draw `(value, low, high)` of each system on `axes`, in the order of `systems` downward."""
    for place, system in enumerate(systems):
        value, low, high, *_ = values.get(system, (math.nan,) * 3)
        color = f"C{place % 10}"
        axes.plot([low, high], [place, place], color=color, linewidth=3, alpha=0.4)
        axes.plot([value], [place], "o", color=color, markersize=5)
    axes.set_yticks(range(len(systems)), systems, fontsize=8)
    axes.set_ylim(len(systems) - 0.5, -0.5)
    axes.tick_params(axis="x", labelsize=8)
    axes.grid(axis="x", alpha=0.3)
