import base64
import io
import warnings

import numpy as np
import pytest
import soundfile
import torch

from ttslib.lab import play, play_many

SECOND = torch.sin(torch.arange(24_000) * 2 * torch.pi * 440 / 24_000)


def heard(clip):
    """The sound as a browser decodes it."""
    head, data = clip.source.split(",")
    assert head.startswith("data:audio/")
    return soundfile.read(io.BytesIO(base64.b64decode(data)), dtype="float32")


@pytest.mark.parametrize("volume", [0.01, 0.1, 0.9])
def test_a_sound_is_as_loud_as_it_was(volume):
    player = play(volume * SECOND, sample_rate=24_000)
    samples, rate = heard(player.clips[0])
    assert rate == 24_000
    assert len(samples) == 24_000
    middle, original = samples[4000:20_000], volume * SECOND[4000:20_000].numpy()
    assert np.sqrt(np.mean(middle**2)) == pytest.approx(volume / np.sqrt(2), rel=0.03)
    assert np.corrcoef(middle, original)[0, 1] > 0.99


def test_clips_are_short_enough_for_a_notebook():
    noise = 0.1 * torch.randn(24_000, generator=torch.Generator().manual_seed(0))
    assert len(play(noise, sample_rate=24_000)._repr_html_()) < 15_000


def test_a_rate_that_mp3_lacks_is_played_as_wav():
    player = play(0.5 * SECOND, sample_rate=96_000)
    assert player.clips[0].source.startswith("data:audio/wav")
    samples, rate = heard(player.clips[0])
    assert rate == 96_000
    np.testing.assert_allclose(samples, 0.5 * SECOND, atol=1e-4)


def test_it_shows_controls_and_says_what_it_is():
    player = play_many(
        {"made <1>": SECOND[None] * 0.5, "recorded": SECOND * 0.25}, sample_rate=24_000
    )
    page = player._repr_html_()
    assert page.count("<audio controls") == 2
    assert "made &lt;1&gt;" in page
    assert repr(player).splitlines() == [
        "made <1>: 1.00 s at 24000 Hz, peak 0.50",
        "recorded: 1.00 s at 24000 Hz, peak 0.25",
    ]


def test_clipping_is_warned_of_where_the_caller_stands():
    with pytest.warns(UserWarning, match=r"'loud' reaches 2\.00") as caught:
        player = play(2 * SECOND, sample_rate=24_000, title="loud")
    assert caught[0].filename == __file__
    assert player.clips[0].peak == pytest.approx(2, abs=0.01)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        play(SECOND * 0.99, sample_rate=24_000)


@pytest.mark.parametrize(
    ("waveform", "complaint"),
    [
        (torch.zeros(0), "not empty"),
        (torch.zeros(2, 100), r"\(2, 100\)"),
        (torch.tensor([0.0, float("nan")]), "NaN"),
        (np.array([0.0, np.inf]), "infinity"),
    ],
)
def test_what_cannot_be_played_is_named(waveform, complaint):
    with pytest.raises(ValueError, match=complaint):
        play(waveform, sample_rate=24_000, title="x")


def test_no_waveforms_are_an_error():
    with pytest.raises(ValueError, match="at least one"):
        play_many({}, sample_rate=24_000)
