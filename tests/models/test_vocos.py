"""Vocos: sizes, shapes, gradients, the harmonic source, randomness, streaming, and bad input."""

import dataclasses

import pytest
import torch

from ttslib.config import AudioConfig
from ttslib.models.vocos import (
    Vocos,
    VocosConfig,
    pulse_train,
    turns,
    vocos_published,
    vocos_small,
    vocos_source,
)

AUDIO = AudioConfig(sample_rate=8000, n_fft=64, win_length=64, hop_length=16, n_mels=6, f_max=4000)
TINY = {
    "plain": VocosConfig(mel_mean=-4.0, mel_std=3.0, channels=16, blocks=2, hidden=32, n_fft=64),
    "source": VocosConfig(
        mel_mean=-4.0, mel_std=3.0, channels=16, blocks=2, hidden=32, n_fft=64,
        pitch_channels=8, pitch_blocks=1,
    ),
}  # fmt: skip


@pytest.fixture(params=TINY)
def model(request):
    """A small vocoder whose weights are large enough for every path to matter."""
    return lively(TINY[request.param])


def lively(config):
    torch.manual_seed(0)
    model = Vocos(config, AUDIO)
    for name, weight in model.named_parameters():
        if name.endswith("weight") and weight.dim() > 1:
            torch.nn.init.normal_(weight, std=(2 / weight[0].numel()) ** 0.5)
    return model.double().eval()


def log_mel(*, frames=9, batch=2):
    """Return a random log-mel (B, M, T)."""
    draw = torch.Generator().manual_seed(frames)
    return torch.randn(batch, AUDIO.n_mels, frames, generator=draw, dtype=torch.float64) - 4


@pytest.mark.parametrize(
    ("config", "parameters"),
    [(vocos_small(), 1_507_650), (vocos_published(), 13_459_970), (vocos_source(), 2_406_918)],
)
def test_parameters_at_full_size(config, parameters):
    with torch.device("meta"):
        model = Vocos(config, AudioConfig())
    assert sum(p.numel() for p in model.parameters()) == parameters


def test_every_frame_becomes_a_hop_of_samples(model):
    for frames in (1, 2, 9):
        assert model(log_mel(frames=frames)).shape == (2, frames * AUDIO.hop_length)


def test_gradient_reaches_every_parameter(model):
    """The pitch predictor's comes from the pitch itself: the source is cut off from the sound."""
    mel = log_mel()
    filters = model.predict(mel)
    loss = model.render(filters, model.draw(mel)).square().sum()
    if filters.pitch is not None:
        loss = loss + filters.pitch.log().square().sum()
    loss.backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.abs().sum() > 0, name


def test_a_generator_of_ones_own_decides_the_noise_and_the_global_state_is_left_alone():
    model, mel = lively(TINY["source"]), log_mel()
    before = torch.get_rng_state()
    first, again, other = (
        model(mel, generator=torch.Generator().manual_seed(seed)) for seed in (0, 0, 1)
    )
    assert torch.equal(first, again)
    assert not torch.allclose(first, other)
    assert torch.equal(model(mel), first)  # seed 0 when none is given
    assert torch.equal(torch.get_rng_state(), before)


def test_context_is_how_far_a_sample_depends_on_frames():
    """A frame changes samples up to `context` frames away at most, and nearly that far."""
    model = lively(TINY["plain"])
    middle, context = 60, model.context
    mel = log_mel(frames=2 * middle + 1, batch=1)
    other = mel.clone()
    other[:, :, middle] += 3
    moved = (model(other) - model(mel)).abs().squeeze(0) > 1e-12
    frames = moved.nonzero().squeeze(1) // AUDIO.hop_length
    reach = max(middle - int(frames.min()), int(frames.max()) - middle)
    assert context - 2 <= reach <= context


@pytest.mark.parametrize("pieces", [[1] * 80, [80], [65, 15], [3, 76, 1], [23, 34, 23]])
def test_streaming_gives_the_same_samples(model, pieces):
    mel = log_mel(frames=80)
    draw = torch.Generator().manual_seed(5)
    chunks = list(model.stream(iter(mel.split(pieces, dim=2)), generator=draw))
    whole = model(mel, generator=torch.Generator().manual_seed(5))
    torch.testing.assert_close(torch.cat(chunks, dim=1), whole, rtol=0, atol=1e-6)
    if pieces == [1] * 80:
        assert len(chunks) > 40  # it did not wait for the end


def test_streaming_nothing_yields_nothing(model):
    assert list(model.stream([])) == []


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (torch.zeros(2, 5, 9), r"got shape \(2, 5, 9\)"),
        (torch.zeros(6, 9), r"got shape \(6, 9\)"),
        (torch.full((2, 6, 9), torch.nan), "NaN or infinite"),
    ],
)
def test_bad_mels_are_refused(model, bad, message):
    with pytest.raises(ValueError, match=message):
        model(bad.double())
    chunks = model.stream([log_mel(frames=2 * model.context), bad.double()])
    assert next(chunks).shape[1] > 0
    with pytest.raises(ValueError, match=message):
        next(chunks)


def test_another_audio_config_is_refused_when_joined():
    theirs = dataclasses.replace(AUDIO, sample_rate=16_000)
    with pytest.raises(ValueError, match=r"sample_rate: 8000 and 16000"):
        Vocos(TINY["plain"], AUDIO).audio.require_same(theirs, ours="vocoder", theirs="mel")


def test_pulses_are_the_sum_of_all_harmonics():
    """At a steady pitch, the closed form equals the sum of cosines."""
    pitch = torch.full((1, 40), 150.0)
    phase = turns(pitch, torch.tensor([0.3]).double(), AUDIO)
    pulses = pulse_train(pitch, phase, AUDIO)[0]
    time = torch.arange(len(pulses), dtype=torch.float64) / AUDIO.sample_rate
    angle = 2 * torch.pi * (150 * time + 0.3)
    highest = 4000 / 150 - 1  # 25 harmonics, and two thirds of the next
    expected = sum((k * angle).cos() for k in range(1, 26)) + (highest - 25) * (26 * angle).cos()
    expected = expected * (2 / highest) ** 0.5
    torch.testing.assert_close(pulses.double(), expected, rtol=0, atol=2e-3)
    assert pulses.std() == pytest.approx(1, abs=0.05)


def test_a_moving_pitch_goes_on_without_a_jump():
    """One cycle after another: between two pulses lies a period of the pitch at that time."""
    pitch = torch.linspace(100, 300, 200)[None]
    pulses = pulse_train(pitch, turns(pitch, torch.zeros(1).double(), AUDIO), AUDIO)[0]
    peaks = (
        (pulses[1:-1] > pulses[:-2]) & (pulses[1:-1] >= pulses[2:]) & (pulses[1:-1] > 2)
    ).nonzero()[:, 0]
    seconds = len(pulses) / AUDIO.sample_rate
    assert len(peaks) == pytest.approx(200 * seconds, abs=2)  # 200 Hz on average
    periods = peaks.diff() / AUDIO.sample_rate
    assert 1 / periods[0] == pytest.approx(103, rel=0.05)
    assert 1 / periods[-1] == pytest.approx(299, rel=0.05)


def test_a_stretch_counts_its_cycles_on_from_a_frame_in_its_middle():
    pitch = 100 + 100 * torch.rand(1, 30, generator=torch.Generator().manual_seed(0))
    whole = turns(pitch, torch.tensor([0.25]).double(), AUDIO)
    part = turns(pitch[:, 10:], whole[:, 15], AUDIO, frame=5)
    torch.testing.assert_close(part, whole[:, 10:])


def test_filtered_pulses_have_the_predicted_pitch():
    """Filters that let the pulses pass alone: the sound repeats with the period of the pitch."""
    model = lively(TINY["source"])
    mel = log_mel(frames=60, batch=1)
    filters = model.predict(mel)
    spectra = torch.full_like(filters.spectra, -30.0).unflatten(2, (5, -1))
    spectra[:, :, 2] = 0.0  # the pulses' magnitude
    spectra[:, :, 3] = 0.0  # and phase
    pitch = torch.full_like(filters.pitch, 200.0)
    filters = filters._replace(spectra=spectra.flatten(2), pitch=pitch)
    sound = model.render(filters, model.draw(mel))[0, 100:-100]
    period = 8000 // 200
    assert torch.corrcoef(torch.stack([sound[period:], sound[:-period]]))[0, 1] > 0.999
    spectra = spectra.clone()
    spectra[:, :, 2], spectra[:, :, 4] = -30.0, 0.0  # the noise alone
    filters = filters._replace(spectra=spectra.flatten(2))
    sound = model.render(filters, model.draw(mel))[0, 100:-100]
    assert torch.corrcoef(torch.stack([sound[period:], sound[:-period]]))[0, 1].abs() < 0.2
