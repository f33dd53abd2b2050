"""The laid-out convolutions compute what torch's own do, and keep their layout."""

import pytest
import torch
from torch import nn

from ttslib.nn.convolve import (
    CausalConv1d,
    Conv1d,
    ConvTranspose1d,
    channels_together,
    convolve,
    join_channels,
    lay_out_for_convolve,
)


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


def _channels_together(x):
    return x.transpose(1, 2).is_contiguous()


@pytest.mark.parametrize("kernel", [1, 3])
@pytest.mark.parametrize("settings", [{}, {"dilation": 2}, {"stride": 2}, {"groups": 2}])
def test_conv1d_is_torch_s_own_in_another_layout(kernel, settings):
    torch.manual_seed(0)
    theirs, x = nn.Conv1d(6, 10, kernel, padding=1, **settings), torch.randn(2, 6, 9)
    ours = Conv1d(6, 10, kernel, padding=1, **settings)
    ours.load_state_dict(theirs.state_dict())
    lay_out_for_convolve(ours)
    out = ours(x)
    torch.testing.assert_close(out, theirs(x))
    assert _channels_together(out)
    assert _channels_together(out.tanh() * out)  # elementwise functions keep the layout


def test_conv_transpose1d_is_torch_s_own_in_another_layout():
    torch.manual_seed(0)
    theirs, x = nn.ConvTranspose1d(6, 10, 8, 4, padding=2), torch.randn(2, 6, 9)
    ours = ConvTranspose1d(6, 10, 8, 4, padding=2)
    ours.load_state_dict(theirs.state_dict())
    lay_out_for_convolve(ours)
    out = ours(x)
    torch.testing.assert_close(out, theirs(x))
    assert out.shape == (2, 10, 36)
    assert _channels_together(out)


@pytest.mark.parametrize("kernel", [1, 2, 3])
def test_a_causal_convolution_keeps_the_length_and_looks_back_only(kernel):
    torch.manual_seed(0)
    layer, x = CausalConv1d(6, 10, kernel, dilation=2), torch.randn(2, 6, 9)
    expected = nn.functional.conv1d(
        nn.functional.pad(x, (2 * (kernel - 1), 0)), layer.weight, layer.bias, dilation=2
    )
    out = layer(x)
    torch.testing.assert_close(out, expected)
    assert _channels_together(out)


def test_a_single_channel_comes_out_with_the_channels_together():
    assert _channels_together(CausalConv1d(1, 10, 3)(torch.randn(2, 1, 9)))


def test_joined_channels_are_torch_s_cat_in_the_layout_of_convolutions():
    parts = torch.randn(2, 3, 9), torch.randn(2, 4, 9)
    joined = join_channels(*parts)
    assert torch.equal(joined, torch.cat(parts, dim=1))
    assert _channels_together(joined)


def test_what_is_laid_out_already_is_not_copied():
    x = channels_together(torch.randn(2, 6, 9))
    assert _channels_together(x)
    assert channels_together(x).data_ptr() == x.data_ptr()
