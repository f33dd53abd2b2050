"""Pitch of tones that are known, and factors that go through the normalizer and back."""

import math

import pytest
import torch

from ttslib.audio import mel
from ttslib.audio.mel import extract_mel_spectrogram
from ttslib.audio.prosody import (
    ProsodyNormalizer,
    bridged_pitch,
    extract_pitch,
    frame_energy,
    streamed_pitch,
)
from ttslib.config import AudioConfig

AUDIO = AudioConfig()


def _buzz(hertz: float, seconds: float) -> torch.Tensor:
    time = torch.arange(int(seconds * AUDIO.sample_rate)) / AUDIO.sample_rate
    return sum(torch.sin(2 * math.pi * hertz * k * time) / k for k in range(1, 8)) * 0.2


def test_the_pitch_of_a_buzz_is_found_on_the_mels_frames_and_silence_has_none():
    waveform = torch.cat([_buzz(120.0, 0.4), torch.zeros(9600), _buzz(240.0, 0.4)])
    pitch = extract_pitch(waveform, config=AUDIO)
    log_mel, _ = extract_mel_spectrogram(waveform, AUDIO.sample_rate)
    assert len(pitch) == log_mel.shape[1]
    edges = [round(seconds * AUDIO.frames_per_second) for seconds in (0.4, 0.8)]
    first, silence, last = (
        pitch[3 : edges[0] - 3],
        pitch[edges[0] + 3 : edges[1] - 3],
        pitch[-35:-3],
    )
    torch.testing.assert_close(first, torch.full_like(first, 120.0), rtol=0.02, atol=0)
    torch.testing.assert_close(last, torch.full_like(last, 240.0), rtol=0.02, atol=0)
    assert silence.isnan().all()


def test_the_pitch_of_a_long_sound_is_found_a_stretch_at_a_time(monkeypatch):
    waveform = torch.cat([_buzz(120.0, 0.4), torch.zeros(9600), _buzz(240.0, 0.4)])
    whole = extract_pitch(waveform, config=AUDIO)
    monkeypatch.setattr(mel, "SEGMENT", 20)
    pieces = streamed_pitch(waveform.split(1000), config=AUDIO)
    assert len(pieces) == len(whole)
    both = ~(whole.isnan() | pieces.isnan())
    assert both.sum() > 60
    torch.testing.assert_close(pieces[both], whole[both], rtol=0.03, atol=0)


def test_twice_the_amplitude_is_one_ln_2_more():
    quiet, loud = (
        torch.from_numpy(extract_mel_spectrogram(factor * _buzz(150.0, 0.3), 24_000)[0])
        for factor in (0.5, 1.0)
    )
    more = frame_energy(loud) - frame_energy(quiet)
    torch.testing.assert_close(more, torch.full_like(more, math.log(2)), rtol=0, atol=0.02)


@pytest.fixture
def normalizer():
    torch.manual_seed(0)
    clips = []
    for speaker, hertz in ((0, 100.0), (1, 200.0), (0, 110.0)):
        pitch = hertz * torch.exp(0.2 * torch.randn(400))
        pitch[::5] = float("nan")
        clips.append((speaker, pitch, torch.randn(80, 400) - 4 * speaker))
    return ProsodyNormalizer.from_clips(clips, n_speakers=2), clips


def test_each_speaker_is_measured_by_their_own_habits(normalizer):
    normalizer, clips = normalizer
    _, pitch, mel = clips[1]
    deviations = normalizer.normalize_pitch(pitch, 1)
    assert torch.equal(deviations.isnan(), pitch.isnan())
    for values in (deviations[~deviations.isnan()], normalizer.normalize_energy(mel, 1)):
        assert abs(float(values.mean())) < 1e-3
        assert float(values.std()) == pytest.approx(1, abs=0.01)


def test_a_factor_of_hertz_is_a_shift_of_deviations(normalizer):
    normalizer, clips = normalizer
    _, pitch, mel = clips[0]
    shift, louder = normalizer.shifts(
        pitch=torch.tensor([1.5]), energy=torch.tensor([2.0]), speaker=0
    )
    higher = normalizer.normalize_pitch(1.5 * pitch, 0)
    torch.testing.assert_close(
        higher, normalizer.normalize_pitch(pitch, 0) + shift, equal_nan=True, atol=1e-4, rtol=1e-4
    )
    torch.testing.assert_close(
        normalizer.normalize_energy(mel + math.log(2), 0),
        normalizer.normalize_energy(mel, 0) + louder,
        atol=1e-4,
        rtol=1e-4,
    )


@pytest.mark.parametrize("name", ["pitch", "energy"])
def test_an_impossible_factor_is_named(normalizer, name):
    factors = {"pitch": torch.ones(2), "energy": torch.ones(2)} | {name: torch.tensor([1.0, 0.0])}
    with pytest.raises(ValueError, match=f"{name} must be above 0"):
        normalizer[0].shifts(**factors, speaker=0)


def test_gaps_of_a_pitch_are_bridged_evenly_in_octaves():
    measured = torch.tensor([torch.nan, 100.0, torch.nan, torch.nan, 200.0, torch.nan])
    pitch, voiced = bridged_pitch(measured)
    # Moved to the frames' first samples: a frame is voiced if it or the one before is.
    assert voiced.tolist() == [0.0, 1.0, 1.0, 0.0, 1.0, 1.0]
    expected = torch.tensor([0.0, 0.0, 0.0, 0.5, 1.0, 1.0])
    torch.testing.assert_close((pitch / 100).log2(), expected, atol=1e-5, rtol=0)
    pitch, voiced = bridged_pitch(torch.full((3,), torch.nan))
    assert pitch.tolist() == [200.0] * 3
    assert voiced.sum() == 0
