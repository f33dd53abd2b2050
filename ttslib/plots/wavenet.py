"""A WaveNet's receptive field, and its predictions.

Shapes: K classes, S samples.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from ttslib.plots.picture import MEL_COLORS, Picture, as_array

__all__ = ["plot_probabilities", "plot_receptive_field"]


def plot_receptive_field(dilations: Sequence[int], *, kernel: int = 2) -> Picture:
    """Draw the layers of dilated causal convolutions, and the receptive field of one sample.

    Parameters
    ----------
    dilations : sequence of int
        Of each layer, from the bottom up, in samples.
    kernel : int
        Number of values that each layer covers.

    References
    ----------
    van den Oord et al. 2016, WaveNet, arXiv 1609.03499, figures 2 and 3.

    Taught in: notebooks/10_wavenet
    """
    reach = (kernel - 1) * sum(dilations)
    picture = Picture(0.7 + 0.55 * (len(dilations) + 1))
    axes = picture.add_subplot(xlabel="samples from now")
    axes.xaxis.get_major_locator().set_params(integer=True)
    reached = {0}  # of the top row, in samples before the current one
    places = range(reach + 3)
    for row in range(len(dilations), -1, -1):
        filled = [place in reached for place in places]
        colors = np.where(filled, "tab:orange", "white")
        axes.scatter([-p for p in places], [row] * len(places), c=colors, edgecolors="gray")
        if row:
            steps = [tap * dilations[row - 1] for tap in range(kernel)]
            for place in reached:
                for step in steps:
                    ends = [-place, -place - step], [row, row - 1]
                    axes.plot(*ends, color="tab:orange", linewidth=0.8, zorder=0)
            reached = {place + step for place in reached for step in steps}
    axes.set_yticks(range(len(dilations) + 1))
    names = [f"{row}: dilation {dilation}" for row, dilation in enumerate(dilations, start=1)]
    axes.set_yticklabels(["samples", *names])
    return picture


def plot_probabilities(
    probabilities: ArrayLike, said: ArrayLike | None = None, *, title: str = ""
) -> Picture:
    """Draw how likely each class was at each sample, and the class that was drawn.

    Parameters
    ----------
    probabilities : (K, S)
    said : (S,), optional
        The classes that were drawn.

    Taught in: notebooks/10_wavenet
    """
    shown = np.log10(as_array(probabilities, "probabilities", "classes", "samples") + 1e-6)
    picture = Picture(3.0)
    axes = picture.add_subplot(title=title, xlabel="sample", ylabel="class")
    look = dict(aspect="auto", origin="lower", cmap=MEL_COLORS, vmin=-4, vmax=0)
    image = axes.imshow(shown, interpolation="nearest", **look)
    if said is not None:
        axes.plot(as_array(said, "said", "samples"), ".", color="white", markersize=2)
    picture.colorbar(image, ax=axes, label="log10 of the probability")
    return picture
