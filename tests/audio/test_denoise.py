"""The bias denoiser takes out what a vocoder always adds, and little else."""

import math

import pytest
import torch

from ttslib.audio.denoise import BiasDenoiser
from ttslib.config import AudioConfig
from ttslib.models.waveglow import WaveGlow, WaveGlowConfig

AUDIO = AudioConfig(
    sample_rate=8000, n_fft=256, win_length=256, hop_length=64, n_mels=6, f_max=4000
)


def tone(frequency, samples, *, level):
    return level * torch.sin(2 * math.pi * frequency / 8000 * torch.arange(samples))[None]


def humming(mel):
    """A vocoder whose every sound is a hum at 500 Hz, louder with the mel's level."""
    return tone(500, mel.shape[2] * AUDIO.hop_length, level=0.01) * (1 + (mel.mean() > -11))


def power(waveform):
    return 10 * torch.log10(waveform[:, 256:-256].square().mean())


def test_the_hum_goes_and_the_speech_stays():
    denoiser = BiasDenoiser(humming, AUDIO)
    hum, speech = tone(500, 8000, level=0.01), tone(1500, 8000, level=0.3)
    assert power(denoiser(hum, strength=1.0)) < power(hum) - 30
    assert power(denoiser(hum + speech, strength=1.0) - speech) < power(hum) - 15
    weaker = [float(power(denoiser(hum, strength=s))) for s in (0.0, 0.1, 0.5, 0.9)]
    assert weaker == sorted(weaker, reverse=True)
    assert weaker[1] == pytest.approx(float(power(hum)) + 20 * math.log10(0.9), abs=0.1)


def test_without_strength_nothing_changes():
    speech = torch.randn(2, 3000)
    torch.testing.assert_close(BiasDenoiser(humming, AUDIO)(speech, strength=0.0), speech)


@pytest.mark.parametrize("samples", [1, 64, 100, 999])
def test_length_stays(samples):
    assert BiasDenoiser(humming, AUDIO)(torch.randn(2, samples)).shape == (2, samples)


def test_it_asks_for_silence_unless_told_otherwise():
    quiet, loud = BiasDenoiser(humming, AUDIO), BiasDenoiser(humming, AUDIO, level=0.0)
    torch.testing.assert_close(loud.bias, 2 * quiet.bias)


def test_a_waveglow_that_hums_hums_less():
    torch.manual_seed(0)
    config = WaveGlowConfig(group=8, flows=2, layers=2, channels=8, upsample_kernel=128)
    model = WaveGlow(config, AUDIO).eval()
    for coupling in model.couplings:
        torch.nn.init.normal_(coupling.network.last.weight, std=0.05)
    denoiser = BiasDenoiser(lambda mel: model(mel, sigma=0.0), AUDIO)
    with torch.no_grad():
        silence = model(torch.full((1, 6, 60), math.log(1e-5)), sigma=0.0)
    assert power(denoiser(silence, strength=1.0)) < power(silence) - 3


@pytest.mark.parametrize(
    ("shape", "strength"), [((100,), 0.1), ((1, 1, 100), 0.1), ((1, 0), 0.1), ((1, 100), -1.0)]
)
def test_bad_input_is_named(shape, strength):
    with pytest.raises(ValueError, match=r"needs waveforms \(batch, samples\) and strength >= 0"):
        BiasDenoiser(humming, AUDIO)(torch.zeros(shape), strength=strength)
