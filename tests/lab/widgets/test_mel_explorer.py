import gc
import threading
import warnings

import ipywidgets
import numpy as np
import pytest
import torch
from matplotlib.figure import Figure

from ttslib.audio.mel import extract_mel_spectrogram
from ttslib.config import AudioConfig
from ttslib.lab import MelExplorer

RATE = 24_000
TONE = 0.5 * torch.sin(2 * torch.pi * 1000 * torch.arange(RATE) / RATE)  # a second of 1 kHz


@pytest.fixture
def explorer():
    return MelExplorer(TONE, RATE)


def parts(explorer):
    sliders, told, image, button, player = explorer.children
    return Slide(sliders), told, image, button, player


class Slide(dict):
    """Name -> value; setting one moves its slider, as a hand would."""

    def __init__(self, sliders):
        super().__init__(sliders.values)
        self.sliders = sliders

    def __setitem__(self, name, value):
        at = self.sliders.names.index(name)
        chosen = list(self.sliders.chosen)
        chosen[at] = self.sliders._values[at].index(value)
        self.sliders.chosen = chosen


def test_it_begins_with_the_courses_own_mel(explorer):
    _, told, image, button, player = parts(explorer)
    assert explorer._shown == AudioConfig()
    assert np.array_equal(explorer._mel, extract_mel_spectrogram(TONE, RATE)[0])
    assert "42.7 ms" in told.value
    assert "80 × 93" in told.value
    assert bytes(image.value).startswith(b"\x89PNG")
    assert not button.disabled
    assert player.value.count("<audio controls") == 2


@pytest.mark.parametrize(
    ("name", "value", "field"),
    [
        ("n_fft (samples)", 2048, "n_fft"),
        ("hop (samples)", 128, "hop_length"),
        ("mel bands", 40, "n_mels"),
        ("f_max (Hz)", 4000, "f_max"),
        ("log floor", 1e-2, "log_floor"),
    ],
)
def test_each_slider_changes_its_setting_and_the_picture(explorer, name, value, field):
    sliders, _, image, _, player = parts(explorer)
    before = image.value
    sliders[name] = value
    assert getattr(explorer._shown, field) == value
    assert explorer._shown.win_length == explorer._shown.n_fft
    assert image.value != before
    assert "<audio" not in player.value  # what was heard was another mel


def test_the_button_makes_the_sound_of_the_mel_that_is_shown(explorer):
    sliders, _, _, button, player = parts(explorer)
    first = player.value
    sliders["mel bands"] = 8
    button.click()
    assert player.value.count("<audio controls") == 2
    assert player.value != first
    assert not button.disabled


def test_settings_that_cannot_work_say_why_and_the_next_ones_work(explorer):
    sliders, told, image, button, player = parts(explorer)
    sliders["n_fft (samples)"] = 128
    assert 'role="alert"' in told.value
    assert "128 of each 256 samples would lie in no window" in told.value
    assert image.layout.display == "none"
    assert button.disabled
    assert "<img" not in explorer.static_html()
    sliders["hop (samples)"] = 64
    assert 'role="alert"' not in told.value
    assert image.layout.display is None
    button.click()
    assert "<audio" in player.value


def test_windows_that_do_not_overlap_are_shown_but_have_no_sound(explorer):
    sliders, told, _, button, _ = parts(explorer)
    sliders["hop (samples)"] = 1024
    assert "don't overlap" in told.value
    assert button.disabled
    sliders["hop (samples)"] = 512
    assert "overlap" not in told.value
    button.click()


def test_empty_bands_are_counted_in_words_without_a_warning(explorer):
    sliders, told, _, button, _ = parts(explorer)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        sliders["hop (samples)"] = 128
        sliders["n_fft (samples)"] = 256
        button.click()
    assert "of the 80 bands are narrower than" in told.value


def test_only_three_seconds_are_used():
    explorer = MelExplorer(TONE.repeat(5)[None], RATE)
    assert "72,000 samples" in parts(explorer)[1].value


def test_another_rate_has_its_own_highest_frequency():
    sliders, *_ = parts(MelExplorer(TONE.numpy(), 11_025))
    assert sliders["f_max (Hz)"] == 5512
    assert sliders.sliders.labels[3][-1] == "5,512"


@pytest.mark.parametrize(
    ("waveform", "complaint"),
    [
        (torch.zeros(2, 9000), "one channel"),
        (torch.zeros(100), "too short"),
        (torch.full((9000,), torch.nan), "NaN"),
    ],
)
def test_what_is_no_clip_is_named(waveform, complaint):
    with pytest.raises(ValueError, match=complaint):
        MelExplorer(waveform, RATE)


def test_readers_without_a_kernel_see_and_hear_it(explorer):
    bundle = explorer._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert '<img alt="mel spectrogram" src="data:image/png;base64,' in bundle["text/html"]
    assert "<audio controls" in bundle["text/html"]
    assert "mel bands 80" in bundle["text/html"]


def test_changes_leave_nothing_behind(explorer):
    def alive():
        gc.collect()
        figures = sum(issubclass(type(thing), Figure) for thing in gc.get_objects())
        return figures, len(ipywidgets.widget._instances), threading.active_count()

    sliders, *_ = parts(explorer)
    before = alive()
    for i in range(10):
        sliders["mel bands"] = 16 * (1 + i)
    assert alive() == before
