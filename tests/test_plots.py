import io
import sys

import numpy as np
import pytest
import torch
from IPython.core.formatters import DisplayFormatter
from PIL import Image

from ttslib import plots
from ttslib.config import AudioConfig
from ttslib.plots.sound import SOFTEST

AUDIO = AudioConfig()
TOKENS = ["DH", "AH0", " ", "D", "AO1", "G", "~"]


def a_mel(frames=40):
    generator = torch.Generator().manual_seed(0)
    return torch.randn(80, frames, generator=generator) - 5


def an_alignment(frames=40, n_tokens=7):
    return torch.softmax(
        -((torch.arange(n_tokens) - torch.linspace(0, 6, frames)[:, None]) ** 2), 1
    )


def spectrogram(magnitude):
    axes = plots.Picture().add_subplot()
    return plots.draw_spectrogram(axes, magnitude, sample_rate=24_000, hop_length=256)


def every_picture():
    mel, alignment = a_mel(), an_alignment()
    return {
        "waveform": plots.plot_waveform(torch.zeros(1, 2400), sample_rate=24_000),
        "mel": plots.plot_mel(mel),
        "mels": plots.plot_mels({"made": mel, "recorded": mel[:, :30]}),
        "alignment": plots.plot_alignment(alignment, tokens=TOKENS, audio=AUDIO),
        "speech": plots.plot_speech(mel, alignment, tokens=TOKENS),
        "losses": plots.plot_losses({"loss": [3.0, 2.0, 1.0]}),
        "gate": plots.plot_gate(torch.linspace(0, 1, 40)),
        "prosody": plots.plot_prosody(
            mel,
            [5] * 7,
            tokens=TOKENS,
            pitch=torch.linspace(100, 200, 7),
            energy=torch.linspace(0, 1, 7),
            heard=torch.linspace(100, 200, 40),
        ),
        "durations": plots.plot_durations({"espeak": [0.1] * 7, "model": [0.2] * 7}, tokens=TOKENS),
        "warping": plots.plot_warping(torch.rand(30, 40), [(i, i) for i in range(30)]),
        "intervals": plots.plot_intervals(
            {"MCD (dB)": {"a": (3.0, 2.5, 3.5), "b": (4.0, 3.6, 4.1)}}
        ),
        "opinions": plots.plot_opinions(
            {"a": (4.1, 3.8, 4.4), "b": (2.0, 1.5, 2.5)},
            {"a": [4, 5, 4, 3], "b": [1, 2, 3, 2]},
            labels={1: "bad", 5: "excellent"},
            xlabel="mean opinion",
        ),
        "vocoders": plots.plot_vocoders(
            {"one": torch.randn(24_000) / 9, "two": torch.randn(24_000) / 9},
            {"one": torch.rand(513, 93), "two": torch.rand(513, 93)},
        ),
        "receptive_field": plots.plot_receptive_field([1, 2, 4]),
        "probabilities": plots.plot_probabilities(torch.rand(256, 50), torch.arange(50)),
        "spread": plots.plot_spread({"noise": mel + 5, "twice": 2 * (mel + 5)}),
    }


def test_every_picture_shows_itself_in_jupyter_as_a_small_png_with_something_on_it():
    formatter = DisplayFormatter()  # what a kernel asks for a cell's last line
    for name, picture in every_picture().items():
        shown, _ = formatter.format(picture)
        image = Image.open(io.BytesIO(shown["image/png"]))
        assert image.width == 800, name
        assert len(shown["image/png"]) < 60_000, name
        assert np.asarray(image.convert("L")).std() > 5, name


def test_every_function_is_among_the_pictures_looked_at():
    drawn = {f"plot_{name}" for name in every_picture()}
    assert drawn == {name for name in plots.__all__ if name.startswith("plot_")}


def test_drawing_opens_no_pyplot_figure_and_chooses_no_backend():
    every_picture()["mel"].png()
    if "matplotlib.pyplot" in sys.modules:  # somebody else may have imported it
        assert sys.modules["matplotlib.pyplot"].get_fignums() == []


def test_every_axis_is_named():
    for name, picture in every_picture().items():
        named = [
            axes.get_xlabel() or axes.get_ylabel() or axes.get_title() for axes in picture.axes
        ]
        assert any(named), name
    mel = plots.plot_mel(a_mel(), title="spoken")
    assert mel.axes[0].get_title() == "spoken"
    assert mel.axes[0].get_xlabel() == "time (s)"
    assert mel.axes[0].get_ylabel() == "mel band (Hz)"
    assert mel.axes[1].get_ylabel() == "ln magnitude"


def test_a_mel_lies_on_seconds_and_hertz():
    axes = plots.plot_mel(a_mel(frames=375)).axes[0]
    assert axes.get_xlim() == pytest.approx((0, 4.0))
    heights = dict(
        zip((t.get_text() for t in axes.get_yticklabels()), axes.get_yticks(), strict=True)
    )
    assert heights["1000"] == pytest.approx(
        15 * 81 / 45.245 - 1, abs=0.1
    )  # 1 kHz is mel 15, 8 kHz 45.245
    assert "8000" not in heights  # beyond the last band's center


def test_mels_share_their_colors_and_their_time():
    picture = plots.plot_mels({"soft": a_mel(30) - 3, "loud": a_mel(60)})
    soft, loud, _ = picture.axes
    assert soft.images[0].get_clim() == loud.images[0].get_clim()
    assert soft.get_xlim() == loud.get_xlim() == pytest.approx((0, 60 * 256 / 24_000))


def test_a_spectrogram_shows_a_tone_at_its_frequency_and_its_time():
    magnitude = torch.zeros(513, 100)
    magnitude[256, 50:] = 3.0  # half of the way up to 12 kHz, from half of the time on
    image = spectrogram(magnitude)
    left, right, bottom, top = image.get_extent()
    assert (left, right) == (0, pytest.approx(100 * 256 / 24_000))
    row, column = np.unravel_index(image.get_array().argmax(), (513, 100))
    assert bottom + (row + 0.5) / 513 * (top - bottom) == pytest.approx(6_000)
    assert column == 50
    assert image.get_array().max() == 0
    assert image.get_array().min() == -SOFTEST


def test_phonemes_stand_in_the_middle_of_their_time():
    axes = plots.plot_mel(a_mel()).axes[0]
    plots.label_phonemes(axes, [("sil", 0.0, 0.1), ("DH", 0.1, 0.3)])
    assert [(text.get_text(), text.xy[0]) for text in axes.texts] == [
        ("sil", pytest.approx(0.05)),
        ("DH", pytest.approx(0.2)),
    ]
    assert [line.get_xdata()[0] for line in axes.lines] == [0.1, 0.3]


def test_an_alignment_rises_with_the_tokens():
    axes = plots.plot_alignment(an_alignment(), tokens=TOKENS).axes[0]
    image = axes.images[0].get_array()
    assert image.shape == (7, 40)
    assert image[:, 0].argmax() == 0
    assert image[:, -1].argmax() == 6
    assert [label.get_text() for label in axes.get_yticklabels()][:4] == ["DH", "AH0", "␣", "D"]
    assert axes.get_xlabel() == "decoder frame"
    assert plots.plot_alignment(an_alignment(), audio=AUDIO).axes[0].get_xlabel() == "time (s)"


def test_names_that_would_overlap_are_left_out():
    tokens = ["AH0"] * 81
    picture = plots.plot_alignment(an_alignment(n_tokens=81), tokens=tokens)
    assert "AH0" not in [label.get_text() for label in picture.axes[0].get_yticklabels()]
    assert picture.get_figheight() == 3


def test_losses_stand_at_their_steps():
    picture = plots.plot_losses({"train": [3, 2, 1], "held-out": [2]}, steps={"held-out": [3]})
    train, held_out = picture.axes[0].lines
    assert list(train.get_xdata()) == [1, 2, 3]
    assert list(held_out.get_xdata()) == [3]


def test_tensors_that_need_a_gradient_or_are_bf16_can_be_drawn():
    plots.plot_mel(a_mel().requires_grad_())
    plots.plot_alignment(an_alignment().to(torch.bfloat16))


@pytest.mark.parametrize(
    ("draw", "complaint"),
    [
        (lambda: plots.plot_mel(torch.zeros(1, 80, 5)), r"mel must be \(n_mels, frames\)"),
        (lambda: plots.plot_mel(torch.zeros(5, 80)), "n_mels=80"),
        (lambda: plots.plot_mel(torch.zeros(80, 0)), "not empty"),
        (lambda: plots.plot_mels({}), "at least one"),
        (lambda: spectrogram(torch.ones(5)), r"magnitude must be \(frequencies, frames\)"),
        (lambda: spectrogram(torch.zeros(5, 3)), "all magnitudes are 0"),
        (lambda: plots.plot_alignment(torch.zeros(5)), r"alignment must be \(frames, tokens\)"),
        (lambda: plots.plot_alignment(torch.zeros(5, 3), tokens=["a"]), "all 3 tokens"),
        (lambda: plots.plot_waveform(torch.zeros(2, 9), sample_rate=8), "waveform must be"),
        (lambda: plots.plot_waveform([], sample_rate=8), "not empty"),
        (lambda: plots.plot_losses({}), "no losses"),
        (lambda: plots.plot_losses({"a": []}), "no losses"),
        (lambda: plots.plot_losses({"a": [1, 2]}, steps={"a": [1]}), "2 values but 1 steps"),
        (lambda: plots.plot_gate([-3.0, 4.0]), "sigmoid"),
        (lambda: plots.plot_durations({}, tokens=[]), "at least one"),
        (lambda: plots.plot_durations({"a": [1.0]}, tokens=["x", "y"]), "1 durations for 2"),
    ],
)
def test_what_cannot_be_drawn_is_named(draw, complaint):
    with pytest.raises(ValueError, match=complaint):
        draw()


def test_a_long_waveform_keeps_its_extremes_and_its_place_in_time():
    samples = torch.zeros(720_000)
    samples[480_000], samples[480_001] = 0.9, -0.8
    line = plots.plot_waveform(samples, sample_rate=24_000).axes[0].lines[0]
    assert len(line.get_xdata()) < 10_000
    assert line.get_ydata().max() == pytest.approx(0.9)
    assert line.get_ydata().min() == pytest.approx(-0.8)
    assert line.get_xdata()[line.get_ydata().argmax()] == pytest.approx(20, abs=0.01)
