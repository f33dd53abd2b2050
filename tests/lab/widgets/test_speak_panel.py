from types import SimpleNamespace

import pytest
import torch

from ttslib.config import AudioConfig
from ttslib.lab import SpeakPanel


class Voice:
    """Says a tone, as long as the text."""

    audio = AudioConfig()

    def __init__(self, *speakers):
        self.speakers = speakers
        self.asked = []

    def __call__(self, text, *, speaker=None):
        if not text.strip():
            raise ValueError("the text <empty> holds nothing that can be said")
        self.asked.append((text, speaker))
        frames = 2 * len(text)
        return SimpleNamespace(
            waveform=0.5 * torch.sin(torch.arange(frames * 256) / 10),
            sample_rate=24_000,
            seconds=frames * 256 / 24_000,
            mel=torch.zeros(80, frames),
            alignment=torch.ones(frames, len(text)) / len(text),
            tokens=tuple(text),
            stopped=len(text) < 20,
        )


def parts(panel):
    text, *speaker, button, told, player, image = panel.children
    return SimpleNamespace(
        text=text, speaker=speaker, button=button, told=told, player=player, image=image
    )


def test_it_speaks_when_made_and_at_each_press():
    voice = Voice()
    panel = SpeakPanel(voice, text="Good day.")
    shown = parts(panel)
    assert voice.asked == [("Good day.", None)]
    assert not shown.speaker
    assert "<audio controls" in shown.player.value
    assert bytes(shown.image.value).startswith(b"\x89PNG")
    shown.text.value = "Bye."
    shown.button.click()
    assert voice.asked[-1] == ("Bye.", None)
    assert "0.09 s" in shown.told.value


def test_enter_speaks():
    voice = Voice()
    shown = parts(SpeakPanel(voice, text="Good day."))
    assert not shown.text.continuous_update  # so a new value means that Enter was pressed
    shown.text.value = "Bye."
    assert [text for text, _ in voice.asked] == ["Good day.", "Bye."]
    shown.button.click()  # leaving the box for the button has said it already
    assert len(voice.asked) == 2


def test_the_chosen_speaker_is_asked():
    voice = Voice("anna", "bert")
    shown = parts(SpeakPanel(voice, text="Good day."))
    shown.speaker[0].value = "bert"
    shown.button.click()
    assert [speaker for _, speaker in voice.asked] == ["anna", "bert"]


def test_an_error_is_told_and_the_panel_lives_on():
    voice = Voice()
    shown = parts(SpeakPanel(voice, text="Good day."))
    shown.text.value = " "
    shown.button.click()
    assert 'role="alert"' in shown.told.value
    assert "&lt;empty&gt;" in shown.told.value
    assert not shown.button.disabled
    assert shown.player.value == ""
    assert shown.image.layout.display == "none"
    shown.text.value = "Again."
    shown.button.click()
    assert "alert" not in shown.told.value
    assert "<audio" in shown.player.value
    assert shown.image.layout.display is None


@pytest.mark.parametrize(("text", "warned"), [("Short.", False), ("So long that it ran on", True)])
def test_speech_that_did_not_stop_says_so(text, warned):
    told = parts(SpeakPanel(Voice(), text=text)).told.value
    assert ("did not stop" in told) == warned


def test_readers_without_a_kernel_hear_and_see_the_last_text():
    bundle = SpeakPanel(Voice(), text="a <b> c")._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert "a &lt;b&gt; c" in bundle["text/html"]
    assert "<audio controls" in bundle["text/html"]
    assert "<img alt=" in bundle["text/html"]
