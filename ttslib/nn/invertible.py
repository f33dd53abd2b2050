"""Invertible steps of a normalizing flow, each with its inverse and its log-determinant.

`forward` returns what an input becomes, and the logarithm of the factor by which the step stretches
space, summed over the batch. `inverse` undoes it.

Papers: Kingma and Dhariwal 2018, Glow, arXiv 1807.03039 (the invertible 1x1 convolution); Dinh et
al. 2017, Real NVP, arXiv 1605.08803 (the affine coupling).

Shapes: B batch, C channels, R steps in time, M' channels of the condition.
"""

import math

import torch
from torch import Tensor, nn

from ttslib.nn.convolve import convolve, join_channels, split_channels

__all__ = ["AffineCoupling", "InvertibleConvolution", "cosine_transform", "lap", "unlap"]


class InvertibleConvolution(nn.Module):
    """An invertible 1x1 convolution: one square matrix mixes the channels of every step.

    Parameters
    ----------
    matrix : Tensor (C, C)
        Its initial value.

    Taught in: notebooks/11_waveglow
    """

    def __init__(self, matrix: Tensor):
        super().__init__()
        self.matrix = nn.Parameter(matrix)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return the mixed x (B, C, R), and the log-determinant."""
        log_det = torch.linalg.slogdet(self.matrix).logabsdet
        return self._mixed(x, self.matrix), x.shape[0] * x.shape[2] * log_det

    def inverse(self, x: Tensor) -> Tensor:
        """Undo `forward`."""
        return self._mixed(x, self.matrix.inverse())

    def _mixed(self, x: Tensor, matrix: Tensor) -> Tensor:
        with torch.autocast(x.device.type, enabled=False):  # the inverse needs every digit
            return convolve(x.transpose(1, 2), matrix, None).transpose(1, 2)


class AffineCoupling(nn.Module):
    """Scale and shift half of the channels, as a network predicts from the other half.

    Parameters
    ----------
    network : nn.Module
        Half of the channels (B, C / 2, R) and the condition (B, M', R) to a shift and the logarithm
        of a scale, (B, C / 2, R) each. It is never inverted, so it may be anything.

    Taught in: notebooks/11_waveglow
    """

    def __init__(self, network: nn.Module):
        super().__init__()
        self.network = network

    def forward(self, x: Tensor, condition: Tensor) -> tuple[Tensor, Tensor]:
        """Return the new x (B, C, R), and the log-determinant."""
        kept, changed = split_channels(x, 2)
        shift, log_scale = self.network(kept, condition)
        return join_channels(kept, log_scale.exp() * changed + shift), log_scale.sum()

    def inverse(self, x: Tensor, condition: Tensor) -> Tensor:
        """Undo `forward`."""
        kept, changed = split_channels(x, 2)
        shift, log_scale = self.network(kept, condition)  # the same again: `kept` didn't change
        return join_channels(kept, (changed - shift) * (-log_scale).exp())


def lap(x: Tensor) -> Tensor:
    """Fold neighboring groups into each other at their borders.

    The last half of a group and the first half of the next are rotated into each other, sample by
    sample from the border outward: by 45 degrees there, by nothing at the middle of a group. A
    cosine transform (DCT-IV) of each group then makes it the modified discrete cosine transform
    with a sine window. A rotation stretches nothing: the log-determinant is 0. Nothing is folded
    before the first group and after the last.

    Parameters
    ----------
    x : Tensor (B, C, R)
        R groups of C samples.

    References
    ----------
    Princen and Bradley 1986, Analysis/synthesis filter bank design based on time domain aliasing
    cancellation.

    Taught in: notebooks/11_waveglow
    """
    return _rotated(x, direction=1)


def unlap(x: Tensor) -> Tensor:
    """Undo `lap`."""
    return _rotated(x, direction=-1)


def _rotated(x: Tensor, *, direction: int) -> Tensor:
    half = x.shape[1] // 2
    outward = torch.arange(half).to(x)
    angle = math.pi / 4 * (1 - (2 * outward[:, None] + 1) / x.shape[1])
    cos, sin = angle.cos(), direction * angle.sin()
    before, after = x[:, half:, :-1].flip(1), x[:, :half, 1:]  # (B, C / 2, R - 1), from a border
    before, after = cos * before - sin * after, cos * after + sin * before
    first_halves = torch.cat([x[:, :half, :1], after], dim=2)
    last_halves = torch.cat([before.flip(1), x[:, half:, -1:]], dim=2)
    return torch.cat([first_halves, last_halves], dim=1)


def cosine_transform(channels: int) -> Tensor:
    """Return the DCT-IV as a matrix (C, C), high frequencies first.

    Rows of neighboring frequencies are in different halves: first the even ones, then the odd ones.

    Taught in: notebooks/11_waveglow
    """
    i = torch.arange(channels, dtype=torch.float64) + 0.5
    rows = (math.pi / channels * i[:, None] * i).cos() * math.sqrt(2 / channels)
    rows = rows.flip(0)
    return torch.cat([rows[1::2], rows[::2]]).float()
