"""Mel-cepstral distortion: known answers, what changes nothing, and bad input."""

import math

import numpy as np
import pytest
import torch
from made_speech import RATE, speech

from ttslib.audio.files import resample
from ttslib.evaluation.measures.cepstrum import (
    all_pass_constant,
    cepstral_distortion,
    mel_cepstrum,
    silent_frames,
    warping_path,
)

DECIBELS = 10 * math.sqrt(2) / math.log(10)
VARIANTS = ("MCD", "MCD-DTW", "MCD-DTW-SL")


@pytest.fixture(scope="module")
def cepstra() -> np.ndarray:
    return mel_cepstrum(speech(), sample_rate=RATE)


def test_two_frames_by_hand():
    reference = [[5.0, 1.0, 2.0], [5.0, 0.0, 0.0]]
    other = [[9.0, 1.0, 5.0], [1.0, 4.0, 0.0]]
    found = cepstral_distortion(
        np.array(reference), np.array(other), variant="MCD", silence_db=None
    )
    assert found.decibels == pytest.approx(DECIBELS * (3 + 4) / 2)
    assert (found.order, found.pairs) == (2, 2)
    assert str(found) == "MCD 21.50 dB (c1..c2, with silence)"


def test_warping_by_hand():
    """0 5 5 9 against 0 5 9 9.5: the path (0,0) (1,1) (2,1) (3,2) (3,3) costs 0.5 in five steps."""
    first, second = (np.array([[0.0, x] for x in row]) for row in ([0, 5, 5, 9], [0, 5, 9, 9.5]))
    assert warping_path(first, second).tolist() == [[0, 0], [1, 1], [2, 1], [3, 2], [3, 3]]
    found = cepstral_distortion(first, second, silence_db=None)
    assert found.decibels == pytest.approx(DECIBELS * 0.5 / 5)


def drawn(n_frames: int, pace: float) -> np.ndarray:
    """Cepstra out of sines, which move on by `pace` from frame to frame."""
    time, k = np.arange(n_frames)[:, None] * pace, np.arange(25)
    return np.sin(0.3 * time + k) * np.exp(-k / 8) + 0.2 * np.cos(0.05 * time * k)


def test_another_program_finds_the_same():
    """Its figures: Matt Shannon's mcd, commit c86266a, `dtw.dtw` with `metrics.logSpecDbDist`.

    It divides the cost of the path by the frames of the reference.
    """
    first, second = drawn(47, 1.3), drawn(60, 0.8)
    warped = cepstral_distortion(first, second, silence_db=None)
    assert warped.decibels * warped.pairs / len(first) == pytest.approx(4.317718470711597, rel=1e-9)
    plain = cepstral_distortion(first, second[:47], variant="MCD", silence_db=None)
    assert plain.decibels == pytest.approx(11.598921559394457, rel=1e-9)


def test_the_length_penalty_is_the_longer_over_the_shorter():
    first = np.array([[0.0, x] for x in (0, 1, 2, 3)])
    second = np.array([[0.0, x] for x in (0.5, 1, 1.2, 2, 2.1, 3)])
    plain = cepstral_distortion(first, second, silence_db=None).decibels
    for pair in ((first, second), (second, first)):
        found = cepstral_distortion(*pair, variant="MCD-DTW-SL", silence_db=None)
        assert found.decibels == pytest.approx(plain * 6 / 4)


@pytest.mark.parametrize("variant", VARIANTS)
def test_nothing_is_nearer_than_the_same(cepstra, variant):
    assert cepstral_distortion(cepstra, cepstra, variant=variant).decibels == 0


@pytest.mark.parametrize("variant", VARIANTS)
def test_neither_of_two_is_the_first(cepstra, variant):
    other = mel_cepstrum(speech(seed=1), sample_rate=RATE)
    there = cepstral_distortion(cepstra, other, variant=variant, silence_db=None).decibels
    back = cepstral_distortion(other, cepstra, variant=variant, silence_db=None).decibels
    assert there > 1
    assert there == pytest.approx(back)


def test_a_quieter_copy_is_no_worse(cepstra):
    quieter = mel_cepstrum(0.1 * speech(), sample_rate=RATE)
    assert cepstral_distortion(cepstra, quieter, variant="MCD").decibels < 1e-3
    assert np.allclose(quieter[:, 0] - cepstra[:, 0], math.log(0.1), atol=1e-3)


def test_a_late_copy_is_far_frame_by_frame_and_near_once_warped(cepstra):
    late = np.concatenate([cepstra[:1].repeat(9, axis=0), cepstra[:-9]])
    plain = cepstral_distortion(cepstra, late, variant="MCD", silence_db=None).decibels
    warped = cepstral_distortion(cepstra, late, silence_db=None).decibels
    assert plain > 2
    assert warped < plain / 10


def test_cepstra_fit_the_envelope_they_are_of():
    """White noise through 1 / (1 - 0.9 z^-1): its envelope is known at every frequency."""
    rng = np.random.default_rng(0)
    sound = np.zeros(20 * RATE)
    noise = rng.standard_normal(len(sound)) * 0.01
    for start in range(0, len(sound), 4096):  # the filter's impulse response, in pieces
        tail = np.convolve(noise[start : start + 4096], 0.9 ** np.arange(200))
        end = min(len(sound), start + len(tail))
        sound[start:end] += tail[: end - start]
    alpha = all_pass_constant(RATE)
    mean = mel_cepstrum(torch.from_numpy(sound), sample_rate=RATE).mean(axis=0)
    frequency = np.linspace(0, np.pi, 200)
    warped = frequency + 2 * np.arctan2(alpha * np.sin(frequency), 1 - alpha * np.cos(frequency))
    fitted = np.cos(np.outer(warped, np.arange(len(mean)))) @ mean
    true = -np.log(np.abs(1 - 0.9 * np.exp(-1j * frequency)))
    difference = fitted - true
    assert np.abs(difference - difference.mean()).max() < 0.15  # 1.3 dB


def test_alpha_is_what_the_field_uses():
    usual = {8_000: 0.31, 16_000: 0.41, 22_050: 0.455, 24_000: 0.466, 48_000: 0.554}
    for rate, alpha in usual.items():
        assert all_pass_constant(rate) == pytest.approx(alpha, abs=0.003)


def test_frames_fall_on_the_mels_frames_at_every_rate():
    assert mel_cepstrum(speech(), sample_rate=RATE).shape == (RATE // 256, 25)
    slower = resample(speech(), source_rate=RATE, target_rate=16_000)
    assert mel_cepstrum(slower, sample_rate=16_000, order=13).shape == (16_000 // 171, 14)


def test_silence_is_found_and_left_out(cepstra):
    silent = silent_frames(cepstra)
    time = (np.arange(len(silent)) + 0.5) * 256 / RATE
    assert silent[(time > 0.48) & (time < 0.57)].all()
    assert not silent[(time < 0.42) | (time > 0.63)].any()
    worse = cepstra.copy()
    worse[silent, 1:] += 1.0
    assert cepstral_distortion(cepstra, worse, variant="MCD").decibels == 0
    assert cepstral_distortion(cepstra, worse, variant="MCD", silence_db=None).decibels > 1


def test_what_nobody_hears_hardly_counts():
    """Noise 60 dB below speech that has nothing above 6 kHz: 14 dB, if every bottom counted."""
    narrow = resample(speech(), source_rate=RATE, target_rate=12_000)
    sound = resample(narrow, source_rate=12_000, target_rate=RATE)
    noise = 1e-3 * sound.std() * torch.randn(len(sound), generator=torch.manual_seed(0))
    both = [mel_cepstrum(one, sample_rate=RATE) for one in (sound, sound + noise)]
    assert cepstral_distortion(*both, variant="MCD").decibels < 0.1


@pytest.mark.parametrize(
    ("waveform", "complaint"),
    [
        (None, "is missing"),
        (torch.zeros(RATE), "is silent"),
        (torch.full((RATE,), float("nan")), "NaN or infinite"),
        (torch.ones(2, RATE), "one channel"),
        (torch.ones(0), "one channel"),
        (torch.ones(300), "too short"),
    ],
)
def test_bad_sound_gets_one_line(waveform, complaint):
    with pytest.raises(ValueError, match=complaint) as caught:
        mel_cepstrum(waveform, sample_rate=RATE)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("arguments", "complaint"), [({"sample_rate": 100}, "8000 Hz"), ({"order": 0}, "1..100")]
)
def test_bad_settings_get_one_line(arguments, complaint):
    with pytest.raises(ValueError, match=complaint):
        mel_cepstrum(speech(), **{"sample_rate": RATE} | arguments)


@pytest.mark.parametrize(
    ("first", "second", "variant", "complaint"),
    [
        (np.ones((3, 4)), np.ones((4, 4)), "MCD", "choose MCD-DTW"),
        (np.ones((3, 4)), np.ones((3, 5)), "MCD-DTW", "one order"),
        (np.ones((3, 4)), np.ones(4), "MCD-DTW", "frames, coefficients"),
        (np.ones((0, 4)), np.ones((3, 4)), "MCD-DTW", "at least one frame"),
        (np.full((3, 4), np.nan), np.ones((3, 4)), "MCD-DTW", "NaN"),
        (np.ones((3, 4)), np.ones((3, 4)), "DTW", "variant must be one of"),
    ],
)
def test_bad_cepstra_get_one_line(first, second, variant, complaint):
    with pytest.raises(ValueError, match=complaint):
        cepstral_distortion(first, second, variant=variant)


@pytest.mark.parametrize("hertz", [0.0, 50.0, 60.0])
def test_neither_an_offset_nor_hum_is_a_distortion(cepstra, hertz):
    waveform = speech()
    hum = 0.02 * torch.cos(2 * torch.pi * hertz * torch.arange(len(waveform)) / RATE)
    with_hum = mel_cepstrum(waveform + hum, sample_rate=RATE)
    assert cepstral_distortion(cepstra, with_hum, variant="MCD").decibels < 0.1
