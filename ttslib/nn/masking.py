"""Masks: True is real, False is padding."""

import torch
from torch import Tensor

__all__ = ["valid_mask"]


def valid_mask(lengths: Tensor, *, max_length: int | None = None) -> Tensor:
    """Return a mask of the positions below each length.

    Parameters
    ----------
    lengths : (B,) int64
    max_length : int, optional
        Width of the mask; the longest length when not given.

    Returns
    -------
    (B, max_length) bool
        True where a position is real.

    Examples
    --------
    >>> valid_mask(torch.tensor([1, 3])).int().tolist()
    [[1, 0, 0], [1, 1, 1]]

    Taught in: notebooks/04_tacotron
    """
    width = int(lengths.max()) if max_length is None else max_length
    return torch.arange(width, device=lengths.device) < lengths[:, None]
