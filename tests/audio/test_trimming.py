import numpy as np
import pytest
import torch

from ttslib.audio.trimming import trim_silence


def tone(rate: int, seconds: float = 0.5, hertz: float = 440.0) -> np.ndarray:
    return (0.5 * np.sin(2 * np.pi * hertz * np.arange(round(rate * seconds)) / rate)).astype("f4")


@pytest.mark.parametrize("shape", [(-1,), (1, -1)])
def test_trimming_cuts_both_ends_and_keeps_pauses_and_margin(shape):
    rate = 24_000
    quiet, sound = torch.full((rate,), 1e-4), torch.from_numpy(tone(rate))
    whole = torch.cat([quiet, sound, quiet[: rate // 2], sound, quiet])
    trimmed = trim_silence(whole.reshape(shape), sample_rate=rate, margin_seconds=0.1)
    assert trimmed.dim() == len(shape)
    assert trimmed.shape[-1] / rate == pytest.approx(1.5 + 0.2, abs=0.025)
    assert torch.equal(trimmed.flatten(), whole[round(0.9 * rate) :][: trimmed.numel()])


@pytest.mark.parametrize("hertz", [0.0, 50.0, 60.0])
def test_trimming_cuts_an_offset_and_hum(hertz):
    rate = 24_000
    sound = torch.from_numpy(tone(rate))
    whole = torch.cat([torch.zeros(rate), sound, torch.zeros(rate)])
    hum = 0.02 * torch.cos(2 * torch.pi * hertz * torch.arange(len(whole)) / rate)
    trimmed = trim_silence(whole + hum, sample_rate=rate, margin_seconds=0.1)
    assert len(trimmed) / rate == pytest.approx(0.5 + 0.2, abs=0.08)
    with pytest.raises(ValueError, match="silent"):
        trim_silence(torch.full((rate,), 0.02), sample_rate=rate)


def test_trimming_leaves_sound_that_fills_the_clip():
    sound = torch.from_numpy(tone(24_000))
    assert torch.equal(trim_silence(sound, sample_rate=24_000), sound)


def test_trimming_silence_says_so():
    with pytest.raises(ValueError, match="silent"):
        trim_silence(torch.zeros(1, 24_000), sample_rate=24_000)
