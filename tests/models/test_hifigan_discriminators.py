"""The discriminators: the published sizes, what they see, and that they can learn."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from ttslib.models.hifigan_discriminators import (
    HiFiGANDiscriminators,
    HiFiGANDiscriminatorsConfig,
    hifigan_discriminators_published,
    hifigan_discriminators_small,
)

TINY = HiFiGANDiscriminatorsConfig(
    periods=(2, 3),
    period_channels=(4, 6),
    scales=(0, 1),
    scale_channels=(4, 4, 4, 4, 4, 4, 4),
    scale_groups=(1, 2, 2, 2, 2, 2, 1),
)


@pytest.fixture
def judges():
    torch.manual_seed(0)
    return HiFiGANDiscriminators(TINY)


def test_parameters_at_full_size():
    """Counted with weight norm, as the paper's code holds them."""
    with torch.device("meta"):
        judges = HiFiGANDiscriminators(hifigan_discriminators_published())
    assert sum(p.numel() for p in judges.by_period.parameters()) == 41_105_770
    assert sum(p.numel() for p in judges.by_scale.parameters()) == 29_618_821


def test_small_ones_are_small():
    judges = HiFiGANDiscriminators(hifigan_discriminators_small())
    assert sum(p.numel() for p in judges.parameters()) < 1_000_000
    assert all(s.isfinite().all() for s in judges(torch.randn(1, 4096)).scores)


def test_each_gives_a_score_and_all_its_layers(judges):
    judgement = judges(torch.randn(2, 500))
    assert len(judgement.scores) == len(judgement.features) == 4
    assert [len(layers) for layers in judgement.features] == [3, 3, 8, 8]
    for score, layers in zip(judgement.scores, judgement.features, strict=True):
        assert layers[-1] is score


def test_gradient_reaches_every_parameter_and_the_sound(judges):
    sound = torch.randn(2, 500, requires_grad=True)
    sum(score.square().sum() for score in judges(sound).scores).backward()
    for name, parameter in judges.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.abs().sum() > 0, name
    assert (sound.grad.abs().sum(dim=1) > 0).all()


def test_a_period_is_judged_as_columns_of_a_picture(judges):
    """The paper folds the sound into a picture of width P and convolves with (5, 1)."""
    judge, sound = judges.by_period[1], torch.randn(2, 1, 100)
    picture = F.pad(sound, (0, 2), mode="reflect").view(2, 1, 34, 3)
    ours = judge(sound)
    for layer, seen in zip(judge.tower.layers, ours, strict=True):
        stride, padding = (layer.stride[0], 1), (layer.padding[0], 0)
        picture = F.conv2d(picture, layer.weight[..., None], layer.bias, stride, padding)
        if layer is not judge.tower.layers[-1]:
            picture = F.leaky_relu(picture, 0.1)
        columns = picture.permute(0, 3, 1, 2).flatten(0, 1)  # (B * P, D, S / P)
        torch.testing.assert_close(columns, seen)


def test_a_scale_hears_the_sound_at_half_the_rate(judges):
    full, half = (judge.smooth(torch.randn(1, 1, 400)) for judge in judges.by_scale)
    assert (full.shape[2], half.shape[2]) == (400, 201)


def test_they_learn_to_tell_a_tone_from_noise(judges):
    time = torch.arange(500) / 8000
    real = torch.sin(2 * torch.pi * torch.tensor([[300.0], [400.0]]) * time)
    optimizer = torch.optim.Adam(judges.parameters(), lr=5e-3)
    losses = []
    for step in range(40):
        fake = torch.randn(2, 500, generator=torch.Generator().manual_seed(step))
        scores = judges(torch.cat([real, fake])).scores
        wanted = torch.tensor([1.0, 0.0])
        loss = sum((s.view(2, -1) - wanted[:, None]).square().mean() for s in scores)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.3 * losses[0]
    assert nn.Module.eval(judges)(real).scores[0].mean() > 0.5
