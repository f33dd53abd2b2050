"""WaveNet: its sizes, shapes and gradients, what a sample hears, what it learns, and bad input."""

import dataclasses

import pytest
import torch

from ttslib.audio.mulaw import mulaw_encode
from ttslib.config import AudioConfig
from ttslib.models.wavenet.wavenet import WaveNet, WaveNetConfig, wavenet_published, wavenet_small

AUDIO = AudioConfig(sample_rate=8000, n_fft=64, win_length=64, hop_length=16, n_mels=6, f_max=4000)
TINY = WaveNetConfig(
    layers=4, cycle=2, kernel=2, residual=12, gated=8, skip=10, condition=6, upsample_rates=(4,)
)
KINDS = {
    "mu-law": TINY,
    "logistics": dataclasses.replace(TINY, mixtures=3, kernel=3),
    "a long first kernel": dataclasses.replace(TINY, first_kernel=5, cycle=4),
    "the source alone": dataclasses.replace(TINY, prediction=4),
    "every sample its own mel": dataclasses.replace(TINY, upsample_rates=(4, 4)),
}


@pytest.fixture(params=KINDS)
def model(request):
    torch.manual_seed(0)
    return WaveNet(KINDS[request.param], AUDIO).double()


def sound_and_mel(*, frames=6, batch=2):
    """A random waveform (B, S) and log-mel (B, M, T)."""
    draw = torch.Generator().manual_seed(frames)
    waveform = torch.rand(batch, frames * AUDIO.hop_length, generator=draw, dtype=torch.float64)
    mel = torch.randn(batch, AUDIO.n_mels, frames, generator=draw, dtype=torch.float64) - 4
    return waveform - 0.5, mel


@pytest.mark.parametrize(
    ("config", "parameters"), [(wavenet_published(), 5_310_336), (wavenet_small(), 378_496)]
)
def test_parameters_at_full_size(config, parameters):
    with torch.device("meta"):
        model = WaveNet(config, AudioConfig())
    assert sum(p.numel() for p in model.parameters()) == parameters


def test_published_layers_are_those_of_the_papers():
    assert wavenet_published().dilations == 3 * [1, 2, 4, 8, 16, 32, 64, 128, 256, 512]


def test_every_sample_gets_a_distribution(model):
    waveform, mel = sound_and_mel()
    output = model.teacher_forced(waveform, mel)
    assert output.shape == (2, 3 * model.config.mixtures or 256, 96)
    assert output.dtype == torch.float32
    assert model.loss(waveform, mel).shape == ()


def test_gradient_reaches_every_parameter(model):
    model.loss(*sound_and_mel()).backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.abs().sum() > 0, name


def test_clips_of_a_batch_do_not_mix(model):
    waveform, mel = sound_and_mel(batch=3)
    alone = [model.teacher_forced(w[None], m[None]) for w, m in zip(waveform, mel, strict=True)]
    torch.testing.assert_close(model.teacher_forced(waveform, mel), torch.cat(alone))


def test_no_sample_hears_itself_or_what_comes_later(model):
    waveform, mel = sound_and_mel(batch=1)
    before = model.teacher_forced(waveform, mel)
    for t in (0, 41, 95):
        other = waveform.clone()
        other[:, t] = 0.9
        after = model.teacher_forced(other, mel)
        assert torch.equal(after[:, :, : t + 1], before[:, :, : t + 1])
        if t < 95:
            assert not torch.equal(after[:, :, t + 1], before[:, :, t + 1])


def test_receptive_field_is_how_far_back_a_sample_hears(model):
    """A changed sample is heard in the next `receptive_field` ones, and in none after them."""
    waveform, mel = sound_and_mel(frames=4, batch=1)
    conditions, signal = model.layer_conditions(mel), waveform
    other = signal.clone()
    other[:, 10] = 0.9
    moved = model.distributions(other, conditions) != model.distributions(signal, conditions)
    places = moved.any(dim=1)[0].nonzero()[:, 0]
    assert int(places.min()) == 11
    assert int(places.max()) == 10 + model.config.receptive_field


def test_receptive_field_of_the_papers_figure():
    """Figure 3 of the WaveNet paper: four layers with a kernel of 2 hear 16 samples."""
    config = dataclasses.replace(TINY, layers=4, cycle=4, kernel=2)
    assert config.receptive_field == 16


def test_the_mel_is_heard_by_the_samples_it_is_of(model):
    waveform, mel = sound_and_mel(frames=12, batch=1)
    other = mel.clone()
    other[:, :, 6] += 3
    moved = model.teacher_forced(waveform, other) != model.teacher_forced(waveform, mel)
    places = moved.any(dim=1)[0].nonzero()[:, 0] // AUDIO.hop_length
    assert {5, 6, 7} <= set(places.tolist())
    # before it: two convolutions see a frame each, the upsamplings less than two together
    assert int(places.min()) >= 6 - 4


def test_loss_is_the_mean_over_all_samples():
    torch.manual_seed(0)
    model, (waveform, mel) = WaveNet(TINY, AUDIO).double(), sound_and_mel()
    log_p = model.teacher_forced(waveform, mel).log_softmax(dim=1)
    of_right = log_p.gather(1, mulaw_encode(waveform)[:, None])
    torch.testing.assert_close(model.loss(waveform, mel), -of_right.mean())


def test_signal_is_the_waveform_or_its_source():
    waveform, mel = sound_and_mel()
    plain = WaveNet(TINY, AUDIO)
    assert plain.signal(waveform, mel) is waveform
    assert plain.waveform(waveform, mel) is waveform
    model = WaveNet(KINDS["the source alone"], AUDIO)
    mel = mel + 6  # about as loud as the waveform: its source stays within [-1, 1]
    signal = model.signal(waveform, mel)
    assert signal.abs().max() < 1
    torch.testing.assert_close(model.waveform(signal, mel), waveform)
    assert model.signal(waveform, mel - 20).abs().max() == 1  # clipped where the mel says silence


@pytest.mark.parametrize("kind", ["mu-law", "logistics"])
def test_learns_one_sound_by_heart(kind):
    """A tone and its mel: guessing costs ln 256 nats a sample, or what 16 bits cost; soon less."""
    from ttslib.audio.mel import MelSpectrogram

    torch.manual_seed(0)
    time = torch.arange(AUDIO.hop_length * 20) / AUDIO.sample_rate
    waveform = 0.3 * torch.sin(2 * torch.pi * 440 * time)[None]
    mel = MelSpectrogram(AUDIO)(waveform)
    model = WaveNet(dataclasses.replace(KINDS[kind], first_kernel=4), AUDIO)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    losses = []
    for _ in range(80):
        optimizer.zero_grad()
        loss = model.loss(waveform, mel)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0] - 2.5


def test_a_loud_surprise_has_a_finite_loss_and_gradient():
    """Where the mixture is sure and wrong, the loss is large but a number."""
    model = WaveNet(KINDS["logistics"], AUDIO)
    model.last.bias.data[6:] = -20.0  # as narrow as can be
    waveform, mel = sound_and_mel()
    waveform[:, 5], waveform[:, 6], waveform[:, 7] = 1.0, -1.0, 1.7
    loss = model.loss(waveform.float(), mel.float())
    loss.backward()
    assert loss.isfinite()
    assert all(p.grad.isfinite().all() for p in model.parameters())


@pytest.mark.parametrize("shape", [(6, 9), (1, 5, 9), (1, 6, 0), (1, 9, 6), (1, 1, 6, 9)])
def test_wrong_shape_is_named(shape):
    model = WaveNet(TINY, AUDIO)
    with pytest.raises(ValueError, match=r"WaveNet needs log-mels \(batch, 6, frames\), got shape"):
        model(torch.zeros(shape))


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_not_finite_is_refused(value):
    mel = torch.zeros(1, 6, 4)
    mel[0, 2, 3] = value
    with pytest.raises(ValueError, match="NaN or infinite"):
        WaveNet(TINY, AUDIO)(mel)


def test_sound_that_is_not_as_long_as_the_mel_is_refused():
    waveform, mel = sound_and_mel()
    with pytest.raises(ValueError, match=r"waveforms \(2, 96\).*got shape \(2, 95\)"):
        WaveNet(TINY, AUDIO).double().loss(waveform[:, 1:], mel)


def test_configs_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="doesn't divide hop_length=16"):
        WaveNet(dataclasses.replace(TINY, upsample_rates=(6,)), AUDIO)
    with pytest.raises(ValueError, match="must be even"):
        WaveNet(dataclasses.replace(TINY, upsample_rates=(1,)), AUDIO)
    with pytest.raises(ValueError, match="kernel=1 covers a single moment"):
        dataclasses.replace(TINY, kernel=1)


def test_another_audio_config_is_refused_when_joined():
    theirs = dataclasses.replace(AUDIO, sample_rate=16_000)
    with pytest.raises(ValueError, match=r"sample_rate: 8000 and 16000"):
        WaveNet(TINY, AUDIO).audio.require_same(theirs, ours="vocoder", theirs="mel")


def test_half_precision_computes_nearly_the_same():
    torch.manual_seed(0)
    waveform, mel = (part.float() for part in sound_and_mel())
    model = WaveNet(TINY, AUDIO)
    with torch.autocast("cpu", torch.bfloat16):
        rough = model.loss(waveform, mel)
    assert rough.dtype == torch.float32
    assert abs(rough.item() - model.loss(waveform, mel).item()) < 0.02
