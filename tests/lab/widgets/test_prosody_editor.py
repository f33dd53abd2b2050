from types import SimpleNamespace

import pytest
import torch

from ttslib.config import AudioConfig
from ttslib.lab import ProsodyEditor


class Planner:
    """Says four frames a letter, at 200 Hz, as it is told."""

    audio = AudioConfig()

    def __init__(self, *, plans: bool = True):
        self.plans = plans
        self.asked = []

    def __call__(self, text, *, speaker=None, token_factors=None):
        if not text.strip():
            raise ValueError("the text <empty> holds nothing that can be said")
        self.asked.append((text, speaker, token_factors))
        factors = torch.ones(3, len(text)) if token_factors is None else token_factors
        durations = (4 * factors[0]).round()
        frames = int(durations.sum())
        return SimpleNamespace(
            waveform=0.5 * torch.sin(torch.arange(frames * 256) / 10),
            sample_rate=24_000,
            seconds=frames * 256 / 24_000,
            mel=torch.zeros(80, frames),
            durations=durations,
            pitch=200 * factors[1] if self.plans else None,
            energy=factors[2].log() if self.plans else None,
            tokens=tuple(text),
        )


def parts(editor):
    text, lanes, usual, told, player, image = editor.children
    return SimpleNamespace(
        text=text, lanes=lanes, usual=usual, told=told, player=player, image=image
    )


def test_it_shows_what_the_voice_means_to_say_and_says_it():
    voice = Planner()
    editor = ProsodyEditor(voice, text="Go on", speaker="anna")
    shown = parts(editor)
    assert voice.asked == [("Go on", "anna", None)]
    assert shown.lanes.tokens == ["G", "o", "␣", "o", "n"]
    seconds, hertz, decibels = shown.lanes.usual[0]
    assert (seconds, hertz, decibels) == pytest.approx((4 * 256 / 24_000, 200, 0))
    assert editor.factors.tolist() == [[1.0] * 5] * 3
    assert "<audio controls" in shown.player.value
    assert bytes(shown.image.value).startswith(b"\x89PNG")


def test_what_is_dragged_is_spoken():
    voice = Planner()
    editor = ProsodyEditor(voice, text="Go")
    shown = parts(editor)
    before = shown.image.value
    shown.lanes.factors = [[2.0, 1.5, 0.5], [1.0, 1.0, 1.0]]  # as the browser sends it
    *_, factors = voice.asked[-1]
    assert factors.tolist() == [[2.0, 1.0], [1.5, 1.0], [0.5, 1.0]]
    assert "0.13 s" in shown.told.value  # 12 frames
    assert shown.image.value != before


def test_another_text_begins_as_usual_and_is_spoken_once():
    voice = Planner()
    editor = ProsodyEditor(voice, text="Go")
    shown = parts(editor)
    shown.lanes.factors = [[2.0, 1.0, 1.0], [1.0, 1.0, 1.0]]
    shown.text.value = "Stay"
    assert [(text, factors) for text, _, factors in voice.asked[2:]] == [("Stay", None)]
    assert editor.factors.shape == (3, 4)
    assert (editor.factors == 1).all()


def test_all_changes_can_be_taken_back():
    voice = Planner()
    shown = parts(ProsodyEditor(voice, text="Go"))
    shown.lanes.factors = [[2.0, 1.0, 1.0], [1.0, 1.0, 1.0]]
    shown.usual.click()
    *_, factors = voice.asked[-1]
    assert (factors == 1).all()


def test_an_error_is_told_and_the_editor_lives_on():
    voice = Planner()
    shown = parts(ProsodyEditor(voice, text="Go"))
    shown.text.value = " "
    assert 'role="alert"' in shown.told.value
    assert "&lt;empty&gt;" in shown.told.value
    assert not shown.player.value
    shown.text.value = "Stay"
    assert "<audio" in shown.player.value


def test_a_voice_that_plans_nothing_is_refused():
    with pytest.raises(ValueError, match="plans no pitch and energy"):
        ProsodyEditor(Planner(plans=False))


def test_a_reader_without_a_kernel_hears_and_sees_it():
    editor = ProsodyEditor(Planner(), text="Go <on>")
    page = editor._repr_mimebundle_()["text/html"]
    assert "Go &lt;on&gt;" in page
    assert "<audio controls" in page
    assert "data:image/png;base64," in page
    assert "<script" not in page
