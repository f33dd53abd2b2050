"""The type of all pictures, with their size and colors, and a check of arrays to draw."""

import io

import numpy as np
from matplotlib import colormaps
from matplotlib.figure import Figure
from numpy.typing import ArrayLike
from PIL import Image
from torch import Tensor

__all__ = ["ALIGNMENT_COLORS", "MEL_COLORS", "Picture", "as_array"]

WIDTH = 8.0  # inches, 800 pixels: the width of a notebook's text
# 96 steps each: with the text's grays, two maps in one picture fit the 256 colors of a small PNG
MEL_COLORS = colormaps["magma"].resampled(96)
ALIGNMENT_COLORS = colormaps["viridis"].resampled(96)


class Picture(Figure):
    """A matplotlib Figure, `height` inches high and 8 wide, that is displayed in Jupyter."""

    def __init__(self, height: float = 3.0):
        super().__init__(figsize=(WIDTH, height), dpi=100, layout="constrained")

    def png(self) -> bytes:
        """Return the picture as a PNG of at most 256 colors, less than half the usual size."""
        drawn, small = io.BytesIO(), io.BytesIO()
        self.savefig(drawn, format="png", dpi=100)
        few = Image.open(drawn).convert("RGB").quantize(256, Image.Quantize.MAXCOVERAGE)
        few.save(small, format="png", optimize=True)
        return small.getvalue()

    def _repr_png_(self) -> bytes:
        return self.png()


def as_array(values: ArrayLike, name: str, *dimensions: str) -> np.ndarray:
    """Return values in float32, and check that they have the named dimensions.

    Raises
    ------
    ValueError
        When they have another number of dimensions, or are empty.
    """
    if isinstance(values, Tensor):
        values = values.detach().float().cpu().numpy()
    array = np.asarray(values, dtype=np.float32)
    if array.ndim != len(dimensions) or array.size == 0:
        wanted = ", ".join(dimensions)
        raise ValueError(f"{name} must be ({wanted}) and not empty, got shape {array.shape}")
    return array
