"""The losses of a vocoder are nothing where nothing is wrong, and point the right way elsewhere."""

import pytest
import torch

from ttslib.training.gan_losses import (
    MultiResolutionSTFTLoss,
    adversarial_loss,
    discriminator_loss,
    feature_loss,
)

ONES, ZEROS, HALVES = (torch.full((2, 1, 5), value) for value in (1.0, 0.0, 0.5))


def test_discriminators_want_recordings_at_one_and_the_rest_at_zero():
    assert discriminator_loss([ONES, ONES], [ZEROS, ZEROS]) == 0
    assert discriminator_loss([ONES, ZEROS], [ZEROS, ONES]) == 2
    assert discriminator_loss([HALVES], [HALVES]) == 0.5


def test_generator_wants_to_be_taken_for_a_recording():
    assert adversarial_loss([ONES, ONES]) == 0
    assert adversarial_loss([ZEROS, HALVES]) == 1.25


def test_features_are_compared_layer_by_layer_and_only_the_generator_learns():
    real = [[ONES.clone().requires_grad_(), HALVES], [ONES]]
    fake = [[ZEROS.clone().requires_grad_(), HALVES], [HALVES]]
    loss = feature_loss(real, fake)
    assert loss == 1.5
    loss.backward()
    assert real[0][0].grad is None
    assert (fake[0][0].grad < 0).all()  # downhill is towards the ones
    assert feature_loss(real, real) == 0


@pytest.fixture
def stft_loss():
    return MultiResolutionSTFTLoss(windows=(64, 256))


def noise(seed, samples=2000):
    return 0.3 * torch.randn(2, samples, generator=torch.Generator().manual_seed(seed))


def test_the_same_sound_has_no_spectral_loss(stft_loss):
    assert stft_loss(noise(0), noise(0)) == 0
    assert stft_loss(noise(0), noise(1)) > 0.3


def test_phase_does_not_count_but_pitch_and_volume_do(stft_loss):
    time = torch.arange(2000) / 8000

    def tone(hertz, *, phase=0.0, volume=0.5):
        return volume * torch.sin(2 * torch.pi * hertz * time + phase)[None]

    # Reflection at the ends sees the phase: away from them it makes no difference.
    turned = stft_loss(tone(500, phase=1.0), tone(500))
    assert turned < 0.2 * stft_loss(tone(600), tone(500))
    assert turned < 0.2 * stft_loss(tone(500, volume=0.1), tone(500))


def test_silence_gives_a_finite_gradient(stft_loss):
    silent = torch.zeros(1, 2000, requires_grad=True)
    stft_loss(silent, torch.zeros(1, 2000)).backward()
    assert silent.grad.isfinite().all()


def test_gradient_reaches_every_sample_of_the_generated_alone(stft_loss):
    fake, real = noise(0).requires_grad_(), noise(1).requires_grad_()
    stft_loss(fake, real).backward()
    assert (fake.grad != 0).all()
    assert real.grad is None
