import pytest
import torch

from ttslib.config import AudioConfig
from ttslib.plots import plot_vocoders

AUDIO = AudioConfig()


def sounds():
    time = torch.arange(12_000) / AUDIO.sample_rate
    waveforms = {"low": torch.sin(600 * time), "soft": 0.1 * torch.sin(600 * time)}
    return waveforms, {name: torch.rand(513, 46) for name in waveforms}


def test_rows_share_their_scales_and_the_excerpt_moves():
    picture = plot_vocoders(*sounds(), at=0.1)
    assert picture.png().startswith(b"\x89PNG")
    left, right, _, below = picture.axes
    assert [axes.get_title() for axes in picture.axes[::2]] == ["low", "soft"]
    assert right.get_ylim() == below.get_ylim() == pytest.approx((-1.05, 1.05), abs=0.01)
    shown = right.lines[0].get_ydata().copy()
    assert torch.equal(torch.from_numpy(shown), sounds()[0]["low"][2400:3120])
    picture.move(0.2)
    assert torch.equal(torch.from_numpy(right.lines[0].get_ydata()), sounds()[0]["low"][4800:5520])
    picture.move(99.0)  # beyond the end: the last 30 ms
    assert torch.equal(torch.from_numpy(right.lines[0].get_ydata()), sounds()[0]["low"][-720:])
    assert left.patches[0].get_x() == pytest.approx(0.47)


def test_wrong_input_is_named():
    waveforms, magnitudes = sounds()
    with pytest.raises(ValueError, match="at least one waveform"):
        plot_vocoders({}, {})
    with pytest.raises(ValueError, match=r"waveform must be \(samples\)"):
        plot_vocoders({"low": waveforms["low"][None]}, magnitudes)
