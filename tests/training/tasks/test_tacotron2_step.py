"""The step of Tacotron 2: its losses add up, ignore padding, and reach every parameter."""

import dataclasses
from itertools import pairwise

import pytest
import tiny_training
import torch
import torch.nn.functional as F

from ttslib.models.tacotron2 import Tacotron2
from ttslib.training.tasks.tacotron2 import guide_weight, tacotron2_step


@pytest.fixture
def model():
    torch.manual_seed(0)
    return Tacotron2(tiny_training.CONFIG)


def test_guide_is_gentle_and_lets_go():
    weights = [guide_weight(progress / 20) for progress in range(21)]
    assert all(early >= late > 0 for early, late in pairwise(weights))
    assert weights[-1] < 0.02 * weights[0]
    assert weights[0] <= 1  # a strong one draws a straight line and says nothing


def test_losses_add_up(model):
    losses = tacotron2_step(model.eval(), tiny_training.batch(0), progress=0.1)
    assert list(losses) == ["loss", "mel_before", "mel", "gate", "guide"]
    parts = losses["mel_before"] + losses["mel"] + losses["gate"]
    torch.testing.assert_close(losses["loss"], parts + guide_weight(0.1) * losses["guide"])


def test_gradient_reaches_every_parameter(model):
    tacotron2_step(model, tiny_training.batch(0), progress=0.0)["loss"].backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.isfinite().all(), name
        assert parameter.grad.any(), name


def test_padding_changes_no_loss(model, monkeypatch):
    monkeypatch.setattr(F, "dropout", lambda x, *args, **kwargs: x)
    model.eval()
    batch = tiny_training.batch(3)
    longer = dataclasses.replace(
        batch, tokens=F.pad(batch.tokens, (0, 3)), mels=F.pad(batch.mels, (0, 6))
    )
    wanted, found = tacotron2_step(model, batch), tacotron2_step(model, longer)
    for name in wanted:
        torch.testing.assert_close(found[name], wanted[name], msg=name)


def test_one_batch_is_overfitted(model):
    """Also with the gate: it learns where the clips end."""
    batch = tiny_training.batch(0)
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-2)
    history = []
    for _ in range(120):
        losses = tacotron2_step(model, batch, progress=0.0)
        optimizer.zero_grad()
        losses["loss"].backward()
        optimizer.step()
        history.append({name: loss.item() for name, loss in losses.items()})
    for name, share in (("loss", 0.6), ("gate", 0.3)):
        first, last = (sum(row[name] for row in rows) for rows in (history[:5], history[-5:]))
        assert last < share * first, name
