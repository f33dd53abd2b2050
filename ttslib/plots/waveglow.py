"""The distribution of numbers, compared with the Gaussian that they should follow."""

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from ttslib.plots.picture import Picture, as_array

__all__ = ["plot_spread"]

BINS = 120


def plot_spread(
    values: Mapping[str, ArrayLike], *, sigma: float = 1.0, widest: float = 4.0
) -> Picture:
    """Draw a histogram for each set of numbers, and a Gaussian around 0 in black.

    The heights are densities on a logarithmic scale, on which a Gaussian is a parabola. So its
    tails, where a flow fails first, are visible.

    Parameters
    ----------
    values
        Title -> numbers of any shape.
    sigma
        The Gaussian's standard deviation.
    widest
        How many of them to draw on each side; values beyond count, but aren't shown.

    Raises
    ------
    ValueError
        When there is nothing to draw.

    Taught in: notebooks/11_waveglow
    """
    if not values:
        raise ValueError("plot_spread needs at least one set of values, got an empty mapping")
    picture = Picture(2.6)
    edges = np.linspace(-widest * sigma, widest * sigma, BINS + 1)
    middles = (edges[1:] + edges[:-1]) / 2
    gaussian = np.exp(-((middles / sigma) ** 2) / 2) / (sigma * math.sqrt(2 * math.pi))
    rooms = picture.subplots(1, len(values), sharey=True, squeeze=False)[0]
    for axes, (title, numbers) in zip(rooms, values.items(), strict=True):
        flat = as_array(np.ravel(np.asarray(numbers)), title, "numbers")
        heights = np.histogram(flat, edges)[0] / (len(flat) * (edges[1] - edges[0]))
        axes.stairs(heights, edges, fill=True, alpha=0.6)
        axes.plot(middles, gaussian, color="black", linewidth=1)
        axes.set(title=title, yscale="log", ylim=(gaussian.min() / 3, 20 * gaussian.max()))
    rooms[0].set_ylabel("density")
    return picture
