"""`convolve` is what torch's own layers compute."""

import pytest
import torch
from torch import nn

from ttslib.nn.convolve import convolve, lay_out_for_convolve


@pytest.mark.parametrize("kernel", [1, 3, 9])
@pytest.mark.parametrize("laid_out", [False, True])
def test_it_is_a_padded_conv1d(kernel, laid_out):
    torch.manual_seed(0)
    layer, x = nn.Conv1d(6, 10, kernel, padding=kernel // 2), torch.randn(2, 7, 6)
    expected = layer(x.transpose(1, 2)).transpose(1, 2)
    if laid_out:
        lay_out_for_convolve(layer)
    out = convolve(x, layer.weight, layer.bias)
    torch.testing.assert_close(out, expected)
    assert out.is_contiguous()  # ready for the next one


def test_it_is_a_linear():
    torch.manual_seed(0)
    layer, x = nn.Linear(6, 10), torch.randn(2, 7, 6)
    torch.testing.assert_close(convolve(x, layer.weight, layer.bias), layer(x))


def test_laying_out_keeps_values_and_loads_what_was_saved():
    torch.manual_seed(0)
    layer, same = nn.Conv1d(6, 10, 3), nn.Conv1d(6, 10, 3)
    lay_out_for_convolve(same)
    same.load_state_dict(layer.state_dict())
    assert torch.equal(same.weight, layer.weight)
    assert same.weight.transpose(1, 2).is_contiguous()  # loading leaves the layout as it is
