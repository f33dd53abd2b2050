"""Linear prediction from the mel: there and back, whiteness, loudness, stability, formants."""

import pytest
import torch

from ttslib.audio.mel import MelSpectrogram
from ttslib.audio.prediction import LinearPrediction
from ttslib.config import AudioConfig

AUDIO = AudioConfig()


@pytest.fixture
def prediction():
    return LinearPrediction(AUDIO, order=16)


def formant(*, seconds=1.0, hertz=700.0, width=80.0):
    """Noise through one resonance (1, S): a whispered vowel."""
    from scipy.signal import lfilter

    torch.manual_seed(0)
    samples = int(seconds * AUDIO.sample_rate) // AUDIO.hop_length * AUDIO.hop_length
    radius = torch.exp(torch.tensor(-torch.pi * width / AUDIO.sample_rate))
    turn = torch.tensor(2 * torch.pi * hertz / AUDIO.sample_rate)
    noise = 0.01 * torch.randn(samples)
    sound = lfilter([1.0], [1.0, float(-2 * radius * turn.cos()), float(radius**2)], noise)
    return torch.from_numpy(sound).float()[None]


def test_there_and_back_gives_the_same(prediction):
    waveform = formant()
    mel = MelSpectrogram(AUDIO)(waveform)
    source = prediction.take_off(waveform, mel)
    assert source.shape == waveform.shape
    torch.testing.assert_close(prediction.put_on(source, mel), waveform, rtol=0, atol=1e-6)


def test_there_and_back_with_the_mel_of_another_sound(prediction):
    waveform, mel = formant(), MelSpectrogram(AUDIO)(formant(hertz=2000.0))
    back = prediction.put_on(prediction.take_off(waveform, mel), mel)
    torch.testing.assert_close(back, waveform, rtol=0, atol=1e-6)


def test_source_is_white_and_as_loud_everywhere(prediction):
    waveform = formant()
    waveform[:, : waveform.shape[1] // 2] *= 0.05
    mel = MelSpectrogram(AUDIO)(waveform)
    source = prediction.take_off(waveform, mel)[0]
    quiet, loud = source[2000:10_000], source[14_000:22_000]
    for part in (quiet, loud):
        assert 0.7 < part.std() < 1.3
        beside = (part[1:] * part[:-1]).mean() / part.square().mean()
        assert abs(beside) < 0.15
    sound = waveform[0, 14_000:22_000]
    assert (sound[1:] * sound[:-1]).mean() / sound.square().mean() > 0.9  # it was all but white


def test_noise_through_the_filter_has_the_formant(prediction):
    mel = MelSpectrogram(AUDIO)(formant())
    torch.manual_seed(1)
    whisper = prediction.put_on(torch.randn(1, mel.shape[2] * AUDIO.hop_length), mel)
    said = MelSpectrogram(AUDIO)(whisper)
    assert abs(int(said.mean(2).argmax()) - int(mel.mean(2).argmax())) <= 1
    assert (said.mean(2) - mel.mean(2)).abs().mean() < 0.5


def test_levinson_durbin_solves_the_normal_equations(prediction):
    """Against the linear system that defines the best predictor."""
    mel = MelSpectrogram(AUDIO)(formant())[:, :, 40:41]
    power = (prediction.spread @ mel.double().exp()).square() * prediction.tilt[:, None]
    row = torch.fft.irfft(power[0, :, 0])[:17]
    row[0] = row[0] * (1 + 1e-4) + 1e-12
    places = torch.arange(16)
    matrix = row[(places[:, None] - places[None]).abs()]
    best = torch.linalg.solve(matrix, row[1:])
    without_tilt = torch.cat([torch.ones(1, dtype=torch.float64), -best])
    expected = torch.zeros(18, dtype=torch.float64)
    expected[:17] += without_tilt
    expected[1:] -= 0.9 * without_tilt
    filters, gains = prediction.filters(mel)
    torch.testing.assert_close(filters[0, 0], expected, rtol=1e-6, atol=1e-6)
    torch.testing.assert_close(gains[0, 0] ** 2, row[0] - best @ row[1:], rtol=1e-6, atol=0)


def test_silence_and_noise_stay_finite_and_bounded(prediction):
    """No filter rings forever, whatever the mel."""
    torch.manual_seed(0)
    for mel in (torch.full((1, 80, 20), -11.5), torch.randn(1, 80, 20) - 4):
        said = prediction.put_on(torch.randn(1, 20 * AUDIO.hop_length), mel)
        assert said.isfinite().all()
        assert said.abs().max() < 100
    assert prediction.put_on(torch.randn(1, 5120), torch.full((1, 80, 20), -11.5)).std() < 1e-3


def test_clips_of_a_batch_do_not_mix(prediction):
    waveform = torch.cat([formant(), formant(hertz=1500.0)])
    mel = MelSpectrogram(AUDIO)(waveform)
    both = prediction.take_off(waveform, mel)
    alone = prediction.take_off(waveform[1:], mel[1:])
    torch.testing.assert_close(both[1:], alone)
    torch.testing.assert_close(prediction.put_on(both, mel)[1:], prediction.put_on(alone, mel[1:]))
