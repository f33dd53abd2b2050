"""WaveGlow: its sizes, there and back, its determinants, gradients, likelihood, and bad input."""

import dataclasses
import math

import pytest
import torch

from ttslib.config import AudioConfig
from ttslib.models.waveglow import WaveGlow, WaveGlowConfig, waveglow_published, waveglow_small

AUDIO = AudioConfig(sample_rate=8000, n_fft=64, win_length=64, hop_length=16, n_mels=6, f_max=4000)
SIZES = dict(flows=4, early_every=2, layers=2, channels=8)
TINY = {
    "published": WaveGlowConfig(**SIZES, group=8, upsample_kernel=64),
    "drawn out": WaveGlowConfig(**SIZES, group=4, early_channels=2, upsample_kernel=0),
    "lapped": dataclasses.replace(
        waveglow_small(), flows=4, early_every=2, group=16, early_channels=4, layers=2, channels=8
    ),
}


def awake(model):
    """Weights large enough for every path to be heard: an untrained coupling changes nothing."""
    draw = torch.Generator().manual_seed(0)
    for parameter in model.couplings.parameters():
        noise = torch.randn(parameter.shape, generator=draw, dtype=torch.float32)
        parameter.data += 0.3 * noise / parameter[0].numel() ** 0.5
    return model.eval()


@pytest.fixture(params=TINY)
def model(request):
    torch.manual_seed(0)
    return awake(WaveGlow(TINY[request.param], AUDIO)).double()


def pair(*, frames=9, batch=2, audio=AUDIO, dtype=torch.float64):
    """A random waveform (B, S) and log-mel (B, M, T)."""
    draw = torch.Generator().manual_seed(frames)
    shapes = (batch, frames * audio.hop_length), (batch, audio.n_mels, frames)
    waveform, mel = (torch.randn(s, generator=draw, dtype=dtype) for s in shapes)
    return waveform, mel - 4


@pytest.mark.parametrize(
    ("config", "parameters"), [(waveglow_published(), 87_731_816), (waveglow_small(), 4_123_968)]
)
def test_parameters_at_full_size(config, parameters):
    with torch.device("meta"):
        model = WaveGlow(config, AudioConfig())
    assert sum(p.numel() for p in model.parameters()) == parameters


def test_every_frame_becomes_a_hop_of_samples(model):
    for frames in (1, 2, 9):
        assert model(pair(frames=frames)[1]).shape == (2, frames * AUDIO.hop_length)


def test_there_and_back(model):
    waveform, mel = pair()
    noise = model.to_noise(waveform, mel)
    assert (noise.z.flatten() - waveform.flatten()).abs().max() > 0.1  # something was done
    torch.testing.assert_close(model.from_noise(noise.z, mel), waveform, rtol=0, atol=1e-9)


def test_back_and_there(model):
    _, mel = pair()
    draw = torch.Generator().manual_seed(0)
    z = torch.randn(2, model.config.group, 144 // model.config.group, generator=draw).double()
    noise = model.to_noise(model.from_noise(z, mel), mel)
    torch.testing.assert_close(noise.z, z, rtol=0, atol=1e-9)


@pytest.mark.parametrize(
    "config", [dataclasses.replace(waveglow_published(), channels=32), waveglow_small()]
)
def test_there_and_back_at_full_length_in_single_precision(config):
    torch.manual_seed(0)
    model = awake(WaveGlow(config, AudioConfig()))
    waveform, mel = pair(frames=20, batch=1, audio=AudioConfig(), dtype=torch.float32)
    with torch.no_grad():
        noise = model.to_noise(waveform, mel)
        again = model.from_noise(noise.z, mel)
    assert noise.log_s_sum.abs().min() > 1
    torch.testing.assert_close(again, waveform, rtol=0, atol=1e-4)


def test_determinants_are_the_jacobians(model):
    """The logarithm of by how much space is stretched, from all derivatives at once."""
    with torch.no_grad():
        for mix in model.mixes:
            mix.matrix += 0.1 * torch.randn_like(mix.matrix)
    waveform, mel = pair(frames=2, batch=1)
    whole = torch.autograd.functional.jacobian(
        lambda sound: model.to_noise(sound, mel).z.flatten(), waveform
    )
    noise = model.to_noise(waveform, mel)
    stretched = noise.log_s_sum.sum() + noise.log_det_w.sum()
    assert abs(stretched) > 0.1
    torch.testing.assert_close(torch.linalg.slogdet(whole[:, 0]).logabsdet, stretched)


def test_loss_is_the_negative_log_density_of_a_sample():
    """Without any flow's doing, sound is the noise itself, and its density a Gaussian's."""
    model = WaveGlow(dataclasses.replace(TINY["published"], sigma=0.7), AUDIO).double()
    waveform, mel = pair()
    expected = -torch.distributions.Normal(0.0, 0.7).log_prob(waveform).mean()
    torch.testing.assert_close(model.loss(waveform, mel), expected)  # rotations keep it so


def test_dither_is_for_training_alone():
    model = WaveGlow(dataclasses.replace(TINY["published"], dither=0.1), AUDIO)
    waveform, mel = pair(dtype=torch.float32)
    assert model.loss(waveform, mel) != model.loss(waveform, mel)
    model.eval()
    assert model.loss(waveform, mel) == model.loss(waveform, mel)


def test_gradient_reaches_every_parameter(model):
    model.loss(*pair()).backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.abs().sum() > 0, name


@pytest.mark.parametrize("config", TINY.values(), ids=TINY)
def test_learns_one_recording(config):
    """Likelihood only rises by finding what is regular: here, a tone."""
    torch.manual_seed(0)
    model = WaveGlow(config, AUDIO)
    time = torch.arange(20 * AUDIO.hop_length) / AUDIO.sample_rate
    waveform, mel = torch.sin(2 * math.pi * 300 * time)[None], torch.zeros(1, 6, 20)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    losses = []
    for _ in range(60):
        losses.append(model.loss(waveform + 0.01 * torch.randn(waveform.shape), mel))
        losses[-1].backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
    assert losses[-1] < losses[0] - 1


def test_matrices_begin_as_rotations(model):
    torch.manual_seed(0)
    for mix in WaveGlow(model.config, AUDIO).mixes:
        torch.testing.assert_close(mix.matrix @ mix.matrix.T, torch.eye(len(mix.matrix)))
        assert torch.linalg.det(mix.matrix) > 0


def test_clips_of_a_batch_do_not_mix(model):
    waveform, mel = pair(batch=3)
    z = model.to_noise(waveform, mel).z
    alone = torch.cat([model.to_noise(waveform[i : i + 1], mel[i : i + 1]).z for i in range(3)])
    torch.testing.assert_close(z, alone)


def test_without_noise_nothing_is_left_to_chance(model):
    mel = pair()[1]
    assert model(mel, sigma=0.0).equal(model(mel, sigma=0.0))
    before = torch.get_rng_state()
    one, two = (model(mel, generator=torch.Generator().manual_seed(n)) for n in (1, 2))
    assert not one.equal(two)
    assert model(mel, generator=torch.Generator().manual_seed(1)).equal(one)
    assert model(mel).equal(model(mel))
    assert torch.get_rng_state().equal(before)


@pytest.mark.parametrize("shape", [(6, 9), (1, 5, 9), (1, 6, 0), (1, 9, 6), (1, 1, 6, 9)])
def test_wrong_shape_is_named(model, shape):
    with pytest.raises(ValueError, match=r"WaveGlow needs log-mels \(batch, 6, frames\), got"):
        model(torch.zeros(shape, dtype=torch.float64))


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_not_finite_is_refused(model, value):
    waveform, mel = pair()
    mel[0, 2, 3] = value
    for said in (lambda: model(mel), lambda: model.loss(waveform, mel)):
        with pytest.raises(ValueError, match="NaN or infinite"):
            said()


def test_noise_that_is_not_the_mels_is_refused(model):
    waveform, mel = pair()
    noise = model.to_noise(waveform, mel).z
    with pytest.raises(ValueError, match="these mels need noise"):
        model.from_noise(noise[:, :, :-1], mel)
    with pytest.raises(ValueError, match="NaN or infinite"):
        model.from_noise(noise, mel * torch.nan)


@pytest.mark.parametrize("shape", [(2, 143), (2, 160), (1, 144), (144,), (2, 1, 144)])
def test_sound_that_is_not_the_mels_is_refused(model, shape):
    _, mel = pair(frames=9)
    with pytest.raises(ValueError, match=r"are of waveforms \(2, 144\), got \(.*whole frames"):
        model.to_noise(torch.zeros(shape, dtype=torch.float64), mel)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"group": 12, "early_channels": 2}, "group=12 doesn't divide hop_length=16"),
        ({"early_channels": 1}, "even number of channels"),
        ({"early_channels": 4, "flows": 6}, "leave 0"),
    ],
)
def test_sizes_that_do_not_fit_are_refused(change, said):
    with pytest.raises(ValueError, match=said):
        WaveGlow(dataclasses.replace(TINY["published"], **change), AUDIO)
