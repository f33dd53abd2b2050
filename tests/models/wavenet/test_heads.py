"""What WaveNet says of the next sample: both heads against hand calculations, and their draws."""

import math

import pytest
import torch

from ttslib.audio.mulaw import mulaw_decode
from ttslib.models.wavenet.heads import LogisticMixture, MuLawSoftmax

ALL_16_BITS = torch.arange(65536, dtype=torch.float64) / 32767.5 - 1


def mixture(*components):
    """Outputs (1, K, 1) from triples of weight, mean and scale."""
    weights, means, scales = torch.tensor(components, dtype=torch.float64).T
    return torch.cat([weights.log(), means, scales.log()])[None, :, None]


@pytest.mark.parametrize(
    "components",
    [
        [(1.0, 0.0, 0.1)],
        [(0.3, -0.5, 0.01), (0.7, 0.4, 0.2)],
        [(0.5, 1.2, 0.3), (0.5, -1.0, 0.001)],  # much of it beyond the ends
        [(1.0, 0.25, math.exp(-9))],  # hardly wider than a sample
    ],
)
def test_probabilities_of_all_samples_sum_to_one(components):
    output = mixture(*components).expand(1, -1, 65536)
    head = LogisticMixture(len(components))
    total = head.log_probability(output.float(), ALL_16_BITS[None].float()).double().exp().sum()
    assert float(total) == pytest.approx(1, abs=2e-3)  # float32 places samples so exactly


def test_loss_of_the_mixture_is_as_calculated_by_hand():
    def logistic(x):
        return 1 / (1 + math.exp(-x))

    output, x, half = mixture((0.25, 0.1, 0.02), (0.75, -0.2, 0.1)), 0.13, 1 / 65535
    by_hand = sum(
        weight * (logistic((x + half - mean) / scale) - logistic((x - half - mean) / scale))
        for weight, mean, scale in [(0.25, 0.1, 0.02), (0.75, -0.2, 0.1)]
    )
    loss = LogisticMixture(2).loss(output, torch.tensor([[x]]))
    assert float(loss) == pytest.approx(-math.log(by_hand), rel=1e-3)


def test_mixture_draws_follow_its_weights_means_and_scales():
    head, number = LogisticMixture(2), 20_000
    output = mixture((0.25, -0.5, 0.01), (0.75, 0.5, 0.04))[..., 0].float().expand(number, -1)
    draws = head.draw(output, torch.rand(number, 2, generator=_seeded()), temperature=1.0)
    right = draws > 0
    assert float(right.float().mean()) == pytest.approx(0.75, abs=0.01)
    assert float(draws[right].median()) == pytest.approx(0.5, abs=0.003)
    assert float(draws[right].std()) == pytest.approx(0.04 * math.pi / 3**0.5, rel=0.05)
    certain = head.draw(output[:3], torch.rand(3, 2), temperature=0.0)
    torch.testing.assert_close(certain, torch.full((3,), 0.5))


def test_class_draws_follow_the_softmax():
    logits = torch.full((20_000, 256), -30.0)
    logits[:, 100], logits[:, 200] = 0.0, math.log(3)
    draws = MuLawSoftmax().draw(logits, torch.rand(20_000, 2, generator=_seeded()), temperature=1.0)
    low, high = mulaw_decode(torch.tensor([100, 200]))
    assert set(draws.tolist()) == {float(low), float(high)}
    assert float((draws == high).float().mean()) == pytest.approx(0.75, abs=0.01)


def test_a_low_temperature_prefers_the_likelier_class():
    logits = torch.full((20_000, 256), -30.0)
    logits[:, 100], logits[:, 200] = 0.0, math.log(3)
    chance = torch.rand(20_000, 2, generator=_seeded())
    cool = MuLawSoftmax().draw(logits, chance, temperature=0.5)  # odds of 3 become 9
    high = mulaw_decode(torch.tensor(200))
    assert float((cool == high).float().mean()) == pytest.approx(0.9, abs=0.01)
    assert (MuLawSoftmax().draw(logits, chance, temperature=0.0) == high).all()


def test_chance_at_its_ends_draws_a_class_that_is_possible():
    logits = torch.full((2, 256), -float("inf"))
    logits[:, 3], logits[:, 9] = 0.0, 0.0
    chance = torch.tensor([[0.0, 0.0], [1 - 2**-24, 0.0]])
    draws = MuLawSoftmax().draw(logits, chance, temperature=1.0)
    torch.testing.assert_close(draws, mulaw_decode(torch.tensor([3, 9])))


def test_what_is_drawn_is_heard_as_its_class():
    head = MuLawSoftmax()
    classes = torch.arange(256)
    torch.testing.assert_close(head.heard(mulaw_decode(classes)), classes / 127.5 - 1)


def _seeded() -> torch.Generator:
    return torch.Generator().manual_seed(0)
