"""The quality of an alignment, in numbers for a training log.

A straight diagonal isn't speech yet (a model can sweep over the tokens at an even pace and produce
nothing intelligible), but an alignment that jumps, stalls or skips tokens certainly isn't.

Shapes: T decoder steps, N tokens.
"""

from typing import NamedTuple

import torch
from torch import Tensor

__all__ = ["AlignmentQuality", "alignment_durations", "alignment_quality"]


class AlignmentQuality(NamedTuple):
    """Five measures of one alignment; the first three are in 0..1, and 1 is best."""

    diagonality: float  # correlation of the attended position with time
    focus: float  # largest weight at each step, on average
    coverage: float  # share of the tokens that are the most attended one at some step
    skipped: int  # tokens jumped over, except for one at a time
    repeated: int  # steps that jump back


def alignment_quality(alignment: Tensor) -> AlignmentQuality:
    """Measure the quality of one alignment.

    Parameters
    ----------
    alignment : (T, N)
        Non-negative attention weights, each row summing to 1; without padding.

    Raises
    ------
    ValueError
        When it is not two-dimensional or is empty.

    Taught in: notebooks/04_tacotron, notebooks/05_training
    """
    if alignment.ndim != 2 or 0 in alignment.shape:
        raise ValueError(
            f"an alignment has shape (steps, tokens), both at least 1; got {tuple(alignment.shape)}"
        )
    alignment = alignment.detach().float()
    steps, tokens = alignment.shape
    attended = alignment.argmax(dim=1)
    position = alignment @ torch.arange(tokens, device=alignment.device, dtype=alignment.dtype)
    time = torch.arange(steps, device=alignment.device, dtype=alignment.dtype)
    correlation = torch.corrcoef(torch.stack([position, time]))[0, 1] if steps > 1 else time[0]
    moves = attended.diff()
    return AlignmentQuality(
        diagonality=float(correlation.nan_to_num().clamp(0, 1)),
        focus=float(alignment.amax(dim=1).mean()),
        coverage=attended.unique().numel() / tokens,
        skipped=int((moves - 2).clamp(min=0).sum()),  # a step may skip one short token
        repeated=int((moves < -1).sum()),
    )


def alignment_durations(alignment: Tensor) -> Tensor:
    """Count the steps at which each token is the most attended one: (T, N) to (N,) int64, sum T."""
    return torch.bincount(alignment.argmax(dim=1), minlength=alignment.shape[1])
