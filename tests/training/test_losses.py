"""The losses, by hand on small numbers; padding never counts."""

import math

import pytest
import torch

from ttslib.training.losses import gate_loss, guided_attention_loss, mel_loss


def test_mel_loss_by_hand():
    target = torch.zeros(2, 2, 3)
    predicted = torch.zeros(2, 2, 3)
    predicted[0, 0, 0] = 2.0  # |2| + 4
    predicted[1, 1, 0] = -0.5  # 0.5 + 0.25
    predicted[1, :, 1:] = 100.0  # padding
    loss = mel_loss(predicted, target, torch.tensor([3, 1]))
    assert loss.item() == pytest.approx((6 + 0.75) / (4 * 2))  # 4 real frames of 2 bands


def test_gate_loss_by_hand():
    logits = torch.tensor([[0.0, 1.0, 99.0], [-1.0, 2.0, 0.5]])
    loss = gate_loss(logits, torch.tensor([2, 3]), positive_weight=5.0)

    def no(x):
        return math.log1p(math.exp(x))

    def yes(x):
        return 5 * math.log1p(math.exp(-x))

    by_hand = no(0.0) + yes(1.0) + no(-1.0) + no(2.0) + yes(0.5)
    assert loss.item() == pytest.approx(by_hand / 5)


def test_guided_attention_loss_by_hand():
    alignment = torch.tensor([[[1.0, 0.0], [0.25, 0.75]], [[1.0, 0.0], [0.5, 0.5]]])
    loss = guided_attention_loss(alignment, torch.tensor([2, 1]), torch.tensor([2, 1]), width=0.2)
    off = 1 - math.exp(-(0.5**2) / (2 * 0.2**2))  # half a sentence away
    assert loss.item() == pytest.approx((0 + 0.25 * off + 0) / 3)


def test_guided_attention_prefers_the_diagonal():
    lengths = torch.tensor([6])
    diagonal, backward = torch.eye(6)[None], torch.eye(6).flip(0)[None]
    assert guided_attention_loss(diagonal, lengths, lengths) == 0
    assert guided_attention_loss(backward, lengths, lengths) > 0.5


@pytest.mark.parametrize("padding", [1, 4])
def test_padding_changes_no_loss(padding):
    torch.manual_seed(0)
    predicted, target = torch.randn(1, 3, 5), torch.randn(1, 3, 5)
    logits, alignment = torch.randn(1, 5), torch.randn(1, 5, 4).softmax(dim=2)
    steps, tokens = torch.tensor([5]), torch.tensor([4])

    def padded(x, *, tokens=0):
        widths = (0, tokens, 0, padding) if tokens else (0, padding)
        return torch.nn.functional.pad(x, widths, value=0.0 if tokens else 7.0)

    def near(found, wanted):
        torch.testing.assert_close(found, wanted)

    near(mel_loss(padded(predicted), padded(target), steps), mel_loss(predicted, target, steps))
    near(gate_loss(padded(logits), steps), gate_loss(logits, steps))
    near(
        guided_attention_loss(padded(alignment, tokens=2), tokens, steps),
        guided_attention_loss(alignment, tokens, steps),
    )
