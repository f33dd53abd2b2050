"""One clip's measures, on sounds whose figures are known."""

import numpy as np
import pytest
import soundfile

from ttslib.corpora.health import measures as measures_module
from ttslib.corpora.health.faults import find_faults
from ttslib.corpora.health.measures import measure_clip
from ttslib.records import Utterance
from ttslib.text.phonemes import Phonemizer

RATE = 24_000


def noise(seconds: float, level: float = 0.1) -> np.ndarray:
    return np.random.default_rng(1).normal(0, level, int(seconds * RATE))


def tone(seconds: float, *, hertz: float = 440, size: float = 0.5) -> np.ndarray:
    return size * np.sin(2 * np.pi * hertz * np.arange(int(seconds * RATE)) / RATE)


def silence(seconds: float) -> np.ndarray:
    return np.zeros(int(seconds * RATE))


@pytest.fixture
def measured(tmp_path):
    def measured(samples, *, text="Hello.", rate=RATE, subtype="PCM_16"):
        path = tmp_path / "clip.wav"
        if samples is not None:
            soundfile.write(path, samples, rate, subtype=subtype)
        utterance = Utterance(id="clip", speaker="a", text=text, audio_path=path)
        return measure_clip(utterance, Phonemizer())

    return measured


def test_times_of_sound_and_silence(measured):
    parts = [silence(0.3), noise(0.5), silence(0.1), noise(0.4), silence(0.25), noise(0.6)]
    sound = measured(np.concatenate([*parts, silence(0.5)])).sound
    assert sound.seconds == pytest.approx(2.65)
    assert (sound.quiet_start, sound.quiet_end) == (pytest.approx(0.3), pytest.approx(0.5))
    assert sound.longest_pause == pytest.approx(0.25)
    assert sound.speech_seconds == pytest.approx(0.5 + 0.1 + 0.4 + 0.6)  # 0.1 s is within a word


def test_times_in_a_noisy_recording(measured):
    speech = np.concatenate([silence(0.4), noise(1), silence(0.6)])
    sound = measured(speech + noise(2, level=0.003)).sound  # 30 dB softer
    assert (sound.quiet_start, sound.quiet_end) == (pytest.approx(0.4), pytest.approx(0.6))


def test_levels(measured):
    sound = measured(np.concatenate([silence(0.2), tone(1), silence(0.2)])).sound
    assert sound.peak_db == pytest.approx(-6, abs=0.1)
    assert sound.speech_db == pytest.approx(-9, abs=0.1)
    whole = measured(tone(1)).sound
    assert whole.start_db == pytest.approx(0, abs=0.5)
    assert sound.start_db < -80


def test_an_offset_is_measured_and_disturbs_nothing_else(measured):
    clip = np.concatenate([silence(0.3), noise(1), silence(0.3)])
    plain, shifted = measured(clip).sound, measured(clip + 0.1).sound
    assert plain.offset == pytest.approx(0, abs=1e-3)
    assert shifted.offset == pytest.approx(0.1, abs=1e-3)
    assert shifted.speech_db == pytest.approx(plain.speech_db, abs=0.1)
    assert shifted.quiet_start == plain.quiet_start


def test_clipping_is_seen_at_any_volume(measured):
    assert measured(noise(1)).sound.near_peak < 1e-3
    for volume in (1.0, 0.1):
        clipped = volume * np.clip(noise(1), -0.15, 0.15)
        assert measured(clipped).sound.near_peak > 0.1


def test_a_gap_is_no_pause(measured):
    lost, faded = noise(1), noise(1)
    lost[12_000:13_000] = 0
    faded[12_000:13_000] = 0
    fade = np.concatenate([np.linspace(1, 0, 2000), silence(1000 / RATE), np.linspace(0, 1, 2000)])
    faded[10_000:15_000] *= fade**3
    assert measured(lost).sound.gap == pytest.approx(1000 / RATE, abs=1e-3)
    assert measured(faded).sound.gap == 0


def test_noise_and_hum_are_told_apart(measured):
    # sounds that come and go in every band, as speech does
    bursts = np.concatenate([np.concatenate([noise(0.2), silence(0.15)]) for _ in range(6)])
    hum = tone(2.1, hertz=50, size=0.01)
    clean, humming = measured(bursts).sound, measured(bursts + hum).sound
    hissing = measured(bursts + noise(2.1, level=0.01)).sound
    assert humming.hum_db > clean.hum_db + 20
    assert humming.noise_db < -60
    assert hissing.noise_db > -35


def test_channels(measured):
    one, other = noise(1), tone(1)
    alike = measured(np.stack([one, one], axis=1)).sound
    assert (alike.channels, alike.weakest_channel_db) == (2, pytest.approx(0, abs=1e-6))
    assert alike.agreement == pytest.approx(1)
    assert measured(np.stack([one, -one], axis=1)).sound.agreement == pytest.approx(-1)
    assert measured(np.stack([one, other], axis=1)).sound.agreement == pytest.approx(0, abs=0.05)
    dead = measured(np.stack([one, silence(1)], axis=1)).sound
    assert dead.weakest_channel_db < -60
    assert dead.agreement == pytest.approx(0)
    assert measured(one).sound.agreement == 1


def test_a_voice_is_known_at_any_volume_and_length(measured):
    voice, other = noise(2), np.cumsum(noise(2)) / 50
    same = measured(0.2 * voice[: RATE * 3 // 2]).sound.timbre
    timbre = measured(voice).sound.timbre
    apart = np.linalg.norm(timbre - measured(other).sound.timbre)
    assert np.linalg.norm(timbre - same) < 0.1 * apart


def test_the_same_samples_have_the_same_fingerprint(measured):
    first, again, other = noise(1), noise(1), noise(1)
    other[100] += 0.01
    prints = [measured(samples).sound.fingerprint for samples in (first, again, other)]
    assert prints[0] == prints[1] != prints[2]


@pytest.mark.parametrize(
    ("samples", "reason"),
    [(None, "no sound file"), (np.zeros(0), "no samples"), (np.zeros(100), "too short")],
)
def test_what_cannot_be_measured_says_why(measured, samples, reason):
    clip = measured(samples)
    assert clip.sound is None
    assert reason in clip.unreadable


def test_silence_can_be_measured(measured):
    sound = measured(silence(1)).sound
    assert sound.peak_db == pytest.approx(-120)
    assert sound.near_peak == sound.gap == 0


def test_the_text_is_measured(measured):
    clip = measured(noise(1), text="I'll read 2.")
    assert clip.spoken == "I'll read two."
    assert clip.phonemes == ("AY1", "L", "R", "IY1", "D", "T", "UW1")
    assert (clip.unspeakable, clip.silent_symbols) == ("", "")
    assert measured(noise(1), text="").unspeakable == "nothing in it can be said"
    assert measured(noise(1), text="{XX} no").unspeakable.startswith("phoneme 'XX' is not known")
    assert "'漢'" in measured(noise(1), text="One 漢.").silent_symbols


def faults(clip):
    return {fault.kind: fault.sentence for fault in find_faults([clip])}


def test_a_long_recording_is_measured_by_its_beginning_and_named(measured, monkeypatch):
    monkeypatch.setattr(measures_module, "MEASURED_SECONDS", 1)
    monkeypatch.setattr("ttslib.corpora.health.faults.MEASURED_SECONDS", 1)
    clip = measured(np.concatenate([tone(1), tone(2, size=0.9)]))
    assert clip.sound.seconds == pytest.approx(3)
    assert clip.sound.peak_db == pytest.approx(-6, abs=0.1)
    assert "cut it into sentences" in faults(clip)["too long"]
    assert "too long" not in faults(measured(tone(0.9)))


def test_floats_over_full_scale_are_named(measured):
    loud = measured(tone(1, size=1.4), subtype="FLOAT")
    assert faults(loud)["over full scale"].startswith("its peak is 2.9 dB over full scale")
    assert "over full scale" not in faults(measured(tone(1, size=1.0), subtype="FLOAT"))
    assert "over full scale" not in faults(measured(tone(1, size=1.4)))  # clipped: integers


def test_channels_that_cancel_out_are_named(measured):
    clip = measured(np.stack([tone(1), -tone(1)], axis=1))
    assert faults(clip)["channels"] == "its 2 channels cancel each other out when averaged"


@pytest.mark.parametrize("error", [MemoryError(), RuntimeError("oddly broken")])
def test_whatever_goes_wrong_in_a_clip_is_said_in_its_answer(measured, monkeypatch, error):
    def fail(*arguments, **settings):
        raise error

    monkeypatch.setattr(measures_module, "read_channels", fail)
    assert measured(tone(1)).unreadable in ("MemoryError", "oddly broken")
    monkeypatch.setattr(measures_module, "normalize_text", fail)
    assert measured(tone(1)).unspeakable in ("MemoryError", "oddly broken")
