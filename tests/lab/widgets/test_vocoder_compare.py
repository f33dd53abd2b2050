import dataclasses
import warnings

import pytest
import torch

from ttslib.audio.mel import MelSpectrogram
from ttslib.config import AudioConfig
from ttslib.lab import VocoderCompare

AUDIO = AudioConfig(
    sample_rate=8000, n_fft=256, win_length=256, hop_length=64, n_mels=8, f_max=4000
)
FRAMES = 50


def tone(hertz=400.0):
    return 0.5 * torch.sin(torch.arange(FRAMES * 64) * 2 * torch.pi * hertz / 8000)


class Whistle:
    """A vocoder that answers every mel with its tone; it notes how long the mels were."""

    audio = AUDIO

    def __init__(self, hertz):
        self.hertz, self.asked = hertz, []

    def __call__(self, mel):
        assert mel.dim() == 3
        self.asked.append(mel.shape[2])
        return tone(self.hertz)[None, : mel.shape[2] * 64]


def compare(**changes):
    vocoders = {"right <one>": Whistle(400.0), "wrong": Whistle(1500.0)}
    parts = {"recording": tone()[None]} | changes
    return VocoderCompare(MelSpectrogram(AUDIO)(tone()), vocoders, **parts), vocoders


def test_each_says_the_whole_mel_once_after_a_short_warm_up():
    widget, vocoders = compare()
    assert all(vocoder.asked == [8, FRAMES] for vocoder in vocoders.values())
    widget._slider.chosen = [3]
    assert all(vocoder.asked == [8, FRAMES] for vocoder in vocoders.values())


def test_a_row_has_the_sound_the_time_and_the_distance():
    table, *_ = compare()[0].children
    recording, right, wrong = table.value.split('<th scope="row">')[1:]
    assert "<audio controls" in recording
    assert " ms</td>" not in recording  # nobody computed it
    assert 'aria-label="right &lt;one&gt;, 0.4 seconds"' in right
    assert " ms</td>" in right
    assert "<td>0.00</td>" in right
    assert "<td>0.00</td>" not in wrong


def test_the_slider_starts_at_the_loudest_and_moves_the_waveforms():
    quiet_then_loud = torch.cat([torch.zeros(1600), tone()[:1600]])
    widget, _ = compare(recording=quiet_then_loud)
    _, slider, image = widget.children
    assert slider.values["waveform from (s)"] == pytest.approx(0.2, abs=0.011)
    before = bytes(image.value)
    assert before.startswith(b"\x89PNG")
    slider.chosen = [0]
    assert bytes(image.value) != before


def test_without_a_recording_there_are_the_vocoders_alone():
    table, *_ = compare(recording=None)[0].children
    assert table.value.count('<th scope="row">') == 2
    assert "recording" not in table.value


def test_readers_without_a_kernel_hear_and_see_all():
    bundle = compare()[0]._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert bundle["text/html"].count("<audio controls") == 3
    assert "<img alt=" in bundle["text/html"]


def test_no_vocoder_and_vocoders_for_other_mels_are_refused():
    mel = torch.zeros(8, FRAMES)
    with pytest.raises(ValueError, match="needs at least one vocoder"):
        VocoderCompare(mel, {})
    stranger = Whistle(400.0)
    stranger.audio = dataclasses.replace(AUDIO, f_max=3000)
    with pytest.raises(ValueError, match=r"one and two were made .*\(f_max: 4000 and 3000\)"):
        VocoderCompare(mel, {"one": Whistle(400.0), "two": stranger})


def test_a_sound_beyond_full_scale_is_played_without_a_warning():
    class Loud(Whistle):
        def __call__(self, mel):
            return 3 * super().__call__(mel)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        VocoderCompare(MelSpectrogram(AUDIO)(tone()), {"loud": Loud(400.0)})
