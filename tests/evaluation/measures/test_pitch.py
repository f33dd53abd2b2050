"""Pitch and time: known answers, real sound, and bad input."""

import math

import numpy as np
import pytest
import torch
from made_speech import RATE, speech

from ttslib.evaluation.measures.cepstrum import mel_cepstrum, warping_path
from ttslib.evaluation.measures.pitch import pitch_contour, pitch_errors, speech_timing

NAN = float("nan")


def test_four_figures_by_hand():
    reference = np.array([NAN, 100, 200, 100, 200, NAN, 150, NAN])
    other = np.array([NAN, 110, 220, 110, 100, 120, NAN, NAN])
    found = pitch_errors(reference, other)
    up, down = math.log(1.1), math.log(0.5)
    assert found.log_f0_rmse == pytest.approx(math.sqrt((3 * up**2 + down**2) / 4))
    expected = np.corrcoef(np.log([100, 200, 100, 200]), np.log([110, 220, 110, 100]))[0, 1]
    assert found.log_f0_correlation == pytest.approx(expected)
    assert found.voicing_error == 2 / 8
    assert found.gross_pitch_error == 1 / 4  # an octave below; a tenth above isn't gross
    assert (found.frames, found.voiced_frames) == (8, 4)


def test_the_same_has_no_errors():
    pitch = np.array([NAN, 100, 120, 130])
    found = pitch_errors(pitch, pitch)
    assert (found.log_f0_rmse, found.voicing_error, found.gross_pitch_error) == (0, 0, 0)
    assert found.log_f0_correlation == pytest.approx(1)


def test_a_path_says_which_frame_goes_with_which():
    path = np.array([[0, 0], [0, 1], [1, 2]])
    found = pitch_errors(np.array([100, 200]), np.array([100.0, 100, 200]), path=path)
    assert (found.log_f0_rmse, found.frames) == (0, 3)


def test_where_no_voice_is_shared_the_figures_of_pitch_are_nan():
    found = pitch_errors(np.array([100, NAN]), np.array([NAN, 100]))
    assert found.voicing_error == 1
    figures = (found.log_f0_rmse, found.log_f0_correlation, found.gross_pitch_error)
    assert all(map(math.isnan, figures))


def test_a_monotone_correlates_with_nothing():
    assert math.isnan(
        pitch_errors(np.array([100.0, 100]), np.array([90.0, 110])).log_f0_correlation
    )


def test_the_pitch_of_sound_a_third_higher_and_slower():
    first, second = speech(1.0, pitch=120), speech(1.3, pitch=150)
    cepstra = [mel_cepstrum(sound, sample_rate=RATE) for sound in (first, second)]
    contours = [pitch_contour(sound, sample_rate=RATE) for sound in (first, second)]
    assert [len(c) for c in contours] == [len(c) for c in cepstra]
    found = pitch_errors(*contours, path=warping_path(*cepstra))
    assert found.log_f0_rmse == pytest.approx(math.log(150 / 120), abs=0.02)
    assert found.gross_pitch_error > 0.9
    assert found.voicing_error < 0.2


def test_time_and_pauses():
    timing = speech_timing(mel_cepstrum(speech(2.0), sample_rate=RATE), sample_rate=RATE)
    assert timing.seconds == pytest.approx(2.0, abs=0.03)
    assert len(timing.pauses) == 1
    assert timing.pause_seconds == pytest.approx(0.15 * 2.0, abs=0.05)
    longer = torch.nn.functional.pad(speech(2.0), (RATE, RATE))
    around = speech_timing(mel_cepstrum(longer, sample_rate=RATE), sample_rate=RATE)
    assert around.seconds == pytest.approx(timing.seconds, abs=0.05)  # silence outside is nobody's


def test_a_stop_consonant_is_no_pause():
    timing = speech_timing(mel_cepstrum(speech(0.6), sample_rate=RATE), sample_rate=RATE)
    assert timing.pauses == ()  # 90 ms of silence


@pytest.mark.parametrize(
    ("first", "second", "path", "complaint"),
    [
        ([100.0], [100.0, 100.0], None, "give path"),
        ([], [], None, "pitch contour"),
        ([[100.0]], [100.0], None, "pitch contour"),
        ([0.0], [100.0], None, "above 0"),
        ([100.0], [float("inf")], None, "above 0"),
        ([100.0], [100.0], np.array([[0, 0], [1, 1]]), "same waveforms"),
    ],
)
def test_bad_contours_get_one_line(first, second, path, complaint):
    with pytest.raises(ValueError, match=complaint):
        pitch_errors(np.array(first), np.array(second), path=path)


@pytest.mark.parametrize(
    ("waveform", "complaint"), [(torch.zeros(RATE), "silent"), (None, "missing")]
)
def test_bad_sound_gets_one_line(waveform, complaint):
    with pytest.raises(ValueError, match=complaint):
        pitch_contour(waveform, sample_rate=RATE)


def test_a_rough_voice_is_a_voice():
    """Pulses whose distance wavers by 4 %, their height by 30 %: strict YIN finds no voice."""
    rng = np.random.default_rng(0)
    at = np.cumsum(200 * (1 + 0.04 * rng.uniform(-1, 1, 110))).astype(int)
    pulses = np.zeros(RATE)
    pulses[at] = 1 + 0.3 * rng.uniform(-1, 1, len(at))
    time = np.arange(600) / RATE
    sound = 0.2 * np.convolve(pulses, np.exp(-300 * time) * np.sin(2 * np.pi * 700 * time))[:RATE]
    pitch = pitch_contour(torch.from_numpy(sound), sample_rate=RATE)[5:-10]
    assert np.isfinite(pitch).mean() > 0.9
    assert np.nanmedian(pitch) == pytest.approx(RATE / 200, rel=0.03)


def test_pitch_is_looked_for_near_the_usual():
    """Pulses at 80 Hz that ring on at 480 Hz, as a formant does."""
    pulses = np.zeros(RATE)
    pulses[::300] = 1.0
    time = np.arange(600) / RATE
    ringing = np.convolve(pulses, np.exp(-250 * time) * np.sin(2 * np.pi * 480 * time))[:RATE]
    sound = torch.from_numpy(0.2 * ringing)
    for like in (None, np.array([np.nan, 75, 85]), np.array([np.nan, np.nan])):
        pitch = pitch_contour(sound, sample_rate=RATE, like=like)
        lost = like is not None and np.isnan(like).all()  # then everywhere is looked
        assert np.nanmedian(pitch) == pytest.approx(480 if lost else 80, rel=0.03)


def test_a_recordings_pitch_found_again_near_itself_is_the_same():
    pitch = pitch_contour(speech(), sample_rate=RATE)
    again = pitch_contour(speech(), sample_rate=RATE, like=pitch)
    assert np.allclose(pitch, again, rtol=0.01, equal_nan=True)  # the grid begins elsewhere


def test_the_noise_of_a_room_is_no_voice():
    """Faint pink noise between two vowels: without a limit to the lows, half of it has a pitch."""
    time = np.arange(600) / RATE
    pulses = np.zeros(RATE // 2)
    pulses[::200] = 0.3
    vowel = np.convolve(pulses, np.exp(-300 * time) * np.sin(2 * np.pi * 700 * time))[: RATE // 2]
    spectrum = np.fft.rfft(np.random.default_rng(0).standard_normal(RATE))
    hertz = np.arange(len(spectrum))
    spectrum = np.where((hertz > 50) & (hertz < 8000), spectrum / hertz.clip(min=1), 0)
    room = np.fft.irfft(spectrum)
    sound = np.concatenate([vowel, 0.002 * room / room.std(), vowel])
    voiced = np.isfinite(pitch_contour(torch.from_numpy(sound), sample_rate=RATE))
    assert not voiced[51:136].any()  # 43 ms inside, the length of a frame
    assert voiced[4:42].all()
    assert voiced[145:-4].all()
