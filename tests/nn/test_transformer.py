"""The Transformer: its attention is torch's, padding changes nothing, positions differ."""

import pytest
import torch
from torch import nn

from ttslib.nn.masking import valid_mask
from ttslib.nn.transformer import (
    FeedForwardTransformer,
    SelfAttention,
    TransformerStack,
    position_encoding,
)

LENGTHS = torch.tensor([9, 5])


@pytest.fixture
def stack():
    torch.manual_seed(0)
    sizes = dict(dim=16, heads=2, filter_dim=24, kernel_size=5, second_kernel_size=3)
    return TransformerStack(FeedForwardTransformer(**sizes) for _ in range(2))


def test_attention_is_torch_s_own_weight_for_weight():
    torch.manual_seed(0)
    ours, theirs = SelfAttention(dim=16, heads=2), nn.MultiheadAttention(16, 2, batch_first=True)
    theirs.load_state_dict(ours.state_dict())
    x, mask = torch.randn(2, 9, 16), valid_mask(torch.tensor([9, 5]))
    expected, _ = theirs(x, x, x, key_padding_mask=~mask)
    torch.testing.assert_close(ours(x, mask)[mask], expected[mask])


def test_padding_changes_nothing(stack):
    x = torch.randn(2, 9, 16, generator=torch.Generator().manual_seed(1))
    together, alone = stack(x, valid_mask(LENGTHS)), stack(x[1:, :5], valid_mask(LENGTHS[1:]))
    torch.testing.assert_close(together[1:, :5], alone)
    assert not together[1, 5:].any()


def test_a_gradient_reaches_every_parameter(stack):
    stack(torch.randn(2, 9, 16), valid_mask(LENGTHS))[..., 0].square().sum().backward()
    assert all(p.grad is not None and p.grad.any() for p in stack.parameters())


def test_the_same_token_differs_by_its_position(stack):
    x = torch.ones(1, 9, 16)
    out = stack(x, valid_mask(LENGTHS[:1]))
    assert not torch.allclose(out[0, 3], out[0, 4])


def test_position_encoding_is_the_paper_s_formula():
    pattern = position_encoding(30, 8, device=torch.device("cpu"))
    angle = torch.tensor(17 / 10_000 ** (4 / 8))
    torch.testing.assert_close(pattern[17, 4:6], torch.stack([angle.sin(), angle.cos()]))
