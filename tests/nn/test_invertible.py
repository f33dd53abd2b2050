"""Invertible steps: their inverses undo them, and their determinants are the Jacobians'."""

import math

import pytest
import torch
from torch import nn

from ttslib.nn.invertible import (
    AffineCoupling,
    InvertibleConvolution,
    cosine_transform,
    lap,
    unlap,
)


class Halves(nn.Module):
    """Shift and log scale: smooth functions of what is kept and of the condition."""

    def forward(self, kept, condition):
        return (kept + condition).sin(), 0.5 * (kept * condition).cos()


CONDITION = torch.randn(2, 2, 5, generator=torch.Generator().manual_seed(1)).double()


def _steps():
    draw = torch.Generator().manual_seed(0)
    mix = InvertibleConvolution(torch.randn(4, 4, generator=draw).double())
    coupling = AffineCoupling(Halves())
    return {
        "convolution": (mix, mix.inverse),
        "coupling": (
            lambda x: coupling(x, _condition(x)),
            lambda y: coupling.inverse(y, _condition(y)),
        ),
        "lap": (lambda x: (lap(x), torch.zeros((), dtype=x.dtype)), unlap),
    }


def _condition(x):
    return CONDITION[: len(x)]


@pytest.mark.parametrize("step", ["convolution", "coupling", "lap"])
def test_there_and_back_and_the_determinant_is_the_jacobian_s(step):
    forward, inverse = _steps()[step]
    x = torch.randn(2, 4, 5, generator=torch.Generator().manual_seed(2)).double()
    with torch.no_grad():
        y, log_det = forward(x)
        assert (y - x).abs().max() > 0.1
        torch.testing.assert_close(inverse(y), x)
    jacobian = torch.autograd.functional.jacobian(lambda x: forward(x)[0], x).view(40, 40)
    torch.testing.assert_close(torch.linalg.slogdet(jacobian).logabsdet, log_det.detach())


def test_lapping_and_cosines_are_an_mdct():
    """As by the formula: windowed by a sine, two groups long, with time counted from the group."""
    size, groups = 8, 5
    x = torch.randn(1, size * groups, dtype=torch.float64)
    lapped = lap(x.unflatten(1, (groups, size)).transpose(1, 2))
    i = torch.arange(size, dtype=torch.float64) + 0.5
    ours = math.sqrt(2 / size) * (math.pi / size * i[:, None] * i).cos() @ lapped[0]
    n = torch.arange(2 * size, dtype=torch.float64) + 0.5
    window = (math.pi / (2 * size) * n).sin()
    waves = (math.pi / size * i[:, None] * (n - size / 2)).cos() * math.sqrt(2 / size)
    pieces = x[0, size // 2 : -size // 2].unfold(0, 2 * size, size)  # around groups 1, 2, 3
    torch.testing.assert_close(ours[:, 1:-1], waves @ (window * pieces).T)
    again = unlap(lapped).transpose(1, 2).flatten(1)
    torch.testing.assert_close(again, x)


def test_the_cosine_transform_is_a_rotation_with_neighbors_in_either_half():
    matrix = cosine_transform(8)
    torch.testing.assert_close(matrix @ matrix.T, torch.eye(8))
    crossings = (matrix.sign().diff(dim=1) != 0).sum(dim=1)  # a higher frequency has more
    assert crossings.tolist() == [6, 4, 2, 0, 7, 5, 3, 1]
