"""HiFi-GAN: its sizes, shapes and gradients, what it hears, streaming, and bad input."""

import dataclasses

import pytest
import torch

from ttslib.config import AudioConfig
from ttslib.models import hifigan
from ttslib.models.hifigan import (
    HiFiGAN,
    HiFiGANConfig,
    hifigan_v1,
    hifigan_v2,
    hifigan_v3,
)
from ttslib.nn.weight_norm import folded_weights

AUDIO = AudioConfig(sample_rate=8000, n_fft=64, win_length=64, hop_length=16, n_mels=6, f_max=4000)
BLOCKS = dict(block_kernels=(3, 5), block_dilations=((1, 3), (1, 2)))
TINY = {
    "paired": HiFiGANConfig(channels=16, upsample_rates=(4, 4), upsample_kernels=(8, 8), **BLOCKS),
    "single": HiFiGANConfig(
        channels=16, upsample_rates=(8, 2), upsample_kernels=(16, 4), **BLOCKS, paired=False
    ),
}


@pytest.fixture(params=TINY)
def model(request):
    """A small generator whose weights are large enough for every path to be heard."""
    torch.manual_seed(0)
    model = HiFiGAN(TINY[request.param], AUDIO)
    for name, weight in model.named_parameters():
        if name.endswith("weight") and weight.dim() > 1:
            torch.nn.init.normal_(weight, std=(2 / weight[0].numel()) ** 0.5)
    return model.double().eval()


def log_mel(*, frames=9, batch=2):
    """A random log-mel (B, M, T)."""
    draw = torch.Generator().manual_seed(frames)
    return torch.randn(batch, AUDIO.n_mels, frames, generator=draw, dtype=torch.float64) - 4


@pytest.mark.parametrize(
    ("config", "parameters"),
    [
        (hifigan_v1(), 13_926_017),
        (hifigan_v2(), 925_985),
        (hifigan_v3(), 1_462_273),
    ],
)
def test_parameters_at_full_size(config, parameters):
    with torch.device("meta"):
        model = HiFiGAN(config, AudioConfig())
    assert sum(p.numel() for p in model.parameters()) == parameters


def test_every_frame_becomes_a_hop_of_samples(model):
    for frames in (1, 2, 9):
        assert model(log_mel(frames=frames)).shape == (2, frames * AUDIO.hop_length)


def test_gradient_reaches_every_parameter(model):
    model.add_weight_norm()
    model(log_mel()).square().sum().backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.abs().sum() > 0, name


def test_pieces_for_the_cache_change_nothing(model, monkeypatch):
    mel = log_mel(frames=40)
    whole = model(mel)  # gradients are on: no pieces
    monkeypatch.setattr(hifigan, "PIECE", 1)
    monkeypatch.setattr(hifigan, "SHORTEST_PIECE", 50)
    with torch.no_grad():
        torch.testing.assert_close(model(mel), whole, rtol=0, atol=1e-9)


def test_clips_of_a_batch_do_not_mix(model):
    mel = log_mel(batch=3)
    alone = torch.cat([model(one[None]) for one in mel])
    torch.testing.assert_close(model(mel), alone)


def test_weight_norm_changes_nothing_and_folds_away(model):
    mel = log_mel()
    plain = model(mel)
    names = set(model.state_dict())
    model.add_weight_norm()
    assert any("parametrizations" in name for name in model.state_dict())
    torch.testing.assert_close(model(mel), plain)
    folded = folded_weights(model)
    assert set(folded) == names
    again = HiFiGAN(model.config, AUDIO).double().eval()
    again.load_state_dict(folded)
    torch.testing.assert_close(again(mel), plain)


def test_context_is_how_far_a_sample_hears(model):
    """A frame changes samples up to `context` frames away at the most, and nearly that far."""
    middle, context = 60, model.context
    mel = log_mel(frames=2 * middle + 1, batch=1)
    other = mel.clone()
    other[:, :, middle] += 3
    moved = (model(other) - model(mel)).abs().squeeze(0) > 1e-12
    frames = moved.nonzero().squeeze(1) // AUDIO.hop_length
    reach = max(middle - int(frames.min()), int(frames.max()) - middle)
    assert context - 2 <= reach <= context


@pytest.mark.parametrize("pieces", [[1] * 40, [40], [25, 15], [3, 36, 1], [13, 14, 13]])
def test_streaming_gives_the_same_samples(model, pieces):
    mel = log_mel(frames=40)
    spoken = list(model.stream(iter(mel.split(pieces, dim=2))))
    torch.testing.assert_close(torch.cat(spoken, dim=1), model(mel), rtol=0, atol=1e-9)
    if pieces == [1] * 40:
        assert len(spoken) > 10  # it did not wait for the end


def test_streaming_nothing_says_nothing(model):
    assert list(model.stream([])) == []


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (torch.zeros(2, 5, 9), r"got shape \(2, 5, 9\)"),
        (torch.zeros(6, 9), r"got shape \(6, 9\)"),
        (torch.full((2, 6, 9), torch.nan), "NaN or infinite"),
    ],
)
def test_a_bad_piece_is_refused_when_it_comes(model, bad, message):
    """Even if so short that it would only have been held back."""
    spoken = model.stream([log_mel(frames=2 * model.context), bad.double()])
    assert next(spoken).shape[1] > 0
    with pytest.raises(ValueError, match=message):
        next(spoken)


@pytest.mark.parametrize("shape", [(6, 9), (1, 5, 9), (1, 6, 0), (1, 9, 6), (1, 1, 6, 9)])
def test_wrong_shape_is_named(model, shape):
    with pytest.raises(ValueError, match=r"log-mels \(batch, 6, frames\), got shape \("):
        model(torch.zeros(shape, dtype=torch.float64))


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_not_finite_is_refused(model, value):
    mel = log_mel()
    mel[0, 2, 3] = value
    with pytest.raises(ValueError, match="NaN or infinite"):
        model(mel)


@pytest.mark.parametrize(
    "config", [HiFiGANConfig(), HiFiGANConfig(upsample_rates=(4,), upsample_kernels=(8,))]
)
def test_rates_that_do_not_make_a_frame_are_refused(config):
    with pytest.raises(ValueError, match="but hop_length is 16"):
        HiFiGAN(config, AUDIO)


@pytest.mark.parametrize("kernels", [(9, 8), (8, 3)])
def test_kernels_that_do_not_fit_their_rates_are_refused(kernels):
    """Else the sound would be a sample longer or shorter than the mel says."""
    with pytest.raises(ValueError, match=f"kernel of {min(kernels, key=lambda k: k == 8)} can't"):
        HiFiGAN(dataclasses.replace(TINY["paired"], upsample_kernels=kernels), AUDIO)


def test_another_audio_config_is_refused_when_joined():
    theirs = dataclasses.replace(AUDIO, sample_rate=16_000)
    with pytest.raises(ValueError, match=r"sample_rate: 8000 and 16000"):
        HiFiGAN(TINY["paired"], AUDIO).audio.require_same(theirs, ours="vocoder", theirs="mel")


def test_overfits_one_sound():
    """A tone and its mel: the spectra's distance falls to a fraction in a few steps."""
    from ttslib.audio.mel import MelSpectrogram

    torch.manual_seed(0)
    transform = MelSpectrogram(AUDIO)
    time = torch.arange(AUDIO.hop_length * 40) / AUDIO.sample_rate
    sound = 0.3 * torch.sin(2 * torch.pi * 440 * time)[None]
    model, mel = HiFiGAN(TINY["paired"], AUDIO).add_weight_norm(), transform(sound)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    losses = []
    for _ in range(60):
        optimizer.zero_grad()
        loss = (transform(model(mel)) - mel).abs().mean()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.4 * losses[0]
