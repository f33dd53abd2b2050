import numpy as np
import pytest
import torch

from ttslib.evaluation.measures.speech_level import active_speech_level

RATE = 16_000


def tone(seconds, amplitude=0.5):
    return amplitude * np.sin(2 * np.pi * 400 * np.arange(round(seconds * RATE)) / RATE)


def level(waveform):
    return active_speech_level(waveform, sample_rate=RATE)


def test_a_tone_has_the_level_of_its_mean_square():
    assert level(tone(5)) == pytest.approx(20 * np.log10(0.5) - 3.01, abs=0.05)


def test_silence_around_speech_changes_the_level_hardly_and_the_mean_square_much():
    spoken = tone(5)
    padded = np.concatenate([np.zeros(5 * RATE), spoken, np.zeros(5 * RATE)])
    assert level(padded) == pytest.approx(level(spoken), abs=0.3)  # 0.3 s of it counts as speech
    assert 10 * np.log10(np.square(padded).mean() / np.square(spoken).mean()) < -4.7


def test_short_gaps_count_as_speaking_and_long_ones_do_not():
    def interrupted(gap):
        return np.concatenate([np.concatenate([tone(0.5), np.zeros(round(gap * RATE))])] * 8)

    assert level(interrupted(0.1)) == pytest.approx(level(tone(5)) + 10 * np.log10(5 / 6), abs=0.1)
    # Of each second of silence 0.2 s count, and what the envelope takes to fall.
    fallen = level(interrupted(1.0)) - level(tone(5))
    assert 10 * np.log10(0.5 / 0.8) < fallen < 10 * np.log10(0.5 / 0.7)


def test_a_gain_moves_the_level_by_itself():
    noise = np.random.default_rng(0).normal(0, 0.1, 3 * RATE)
    noise *= np.repeat(np.random.default_rng(1).uniform(0, 1, 30), RATE // 10)
    for gain in (0.03, 0.5):
        assert level(gain * noise) == pytest.approx(level(noise) + 20 * np.log10(gain), abs=0.2)


def test_a_tensor_with_a_channel_is_as_good():
    assert level(torch.from_numpy(tone(1))[None]) == level(tone(1))


@pytest.mark.parametrize("waveform", [np.zeros(RATE), np.zeros(0), 1e-6 * tone(1)])
def test_silence_has_no_level(waveform):
    with pytest.raises(ValueError, match="silent or nearly so"):
        level(waveform)
