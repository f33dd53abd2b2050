"""Copy synthesis: what a perfect copy gets, that worse is worse, and bad input."""

import sys

import pytest
import torch
from made_speech import RATE, speech

from ttslib.evaluation.measures.copy_synthesis import copy_quality, wideband_pesq


def noisy(level: float) -> torch.Tensor:
    sound = speech(2.0)
    noise = torch.randn(len(sound), generator=torch.manual_seed(0))
    return sound + level * sound.std() * noise


def test_a_perfect_copy():
    found = copy_quality(speech(2.0), speech(2.0), sample_rate=RATE)
    assert found.stoi == pytest.approx(1.0, abs=1e-4)
    assert (found.mel_distance, found.spectral_convergence) == (0, 0)
    assert found.pesq is None or found.pesq > 4.6


def test_more_noise_is_worse_by_every_measure():
    little, much = (copy_quality(speech(2.0), noisy(n), sample_rate=RATE) for n in (0.1, 1.0))
    assert much.stoi < little.stoi < 1
    assert 0 < little.mel_distance < much.mel_distance
    assert 0 < little.spectral_convergence < much.spectral_convergence
    assert little.pesq is None or much.pesq < little.pesq


def test_spectral_convergence_of_half_the_sound_is_a_half():
    found = copy_quality(speech(2.0), 0.5 * speech(2.0), sample_rate=RATE)
    assert found.spectral_convergence == pytest.approx(0.5, abs=1e-3)
    assert 0.5 < found.mel_distance < 0.694  # ln 2, but for the pause, which lies on the floor


def test_without_pesq_the_others_are_measured_and_the_message_is_clear(monkeypatch):
    monkeypatch.setitem(sys.modules, "pesq", None)  # as if it weren't installed
    assert copy_quality(speech(2.0), noisy(0.1), sample_rate=RATE).pesq is None
    with pytest.raises(ModuleNotFoundError, match=r"ttslib-course\[pesq\]"):
        wideband_pesq(speech(2.0), speech(2.0), sample_rate=RATE)


@pytest.mark.parametrize(
    ("reference", "copy", "complaint"),
    [
        (speech(2.0), speech(1.0), "48000 samples and the copy 24000"),
        (None, speech(1.0), "the reference is missing"),
        (speech(1.0), torch.zeros(RATE), "the copy is silent"),
        (speech(1.0), torch.full((RATE,), float("inf")), "the copy has NaN"),
        (speech(0.2), speech(0.2), "too short"),
        (torch.eye(1, 2 * RATE)[0], torch.eye(1, 2 * RATE)[0], "too little for STOI"),
    ],
)
def test_bad_input_gets_one_line(reference, copy, complaint):
    with pytest.raises(ValueError, match=complaint) as caught:
        copy_quality(reference, copy, sample_rate=RATE)
    assert "\n" not in str(caught.value)
