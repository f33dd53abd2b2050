"""The picture of how noise is spread."""

import numpy as np
import pytest
import torch

from ttslib.plots import plot_spread


def test_a_gaussians_histogram_follows_the_gaussian():
    draw = torch.Generator().manual_seed(0)
    noise = 0.7 * torch.randn(3, 50, 1000, generator=draw)
    picture = plot_spread({"noise": noise, "twice": 2 * noise}, sigma=0.7)
    assert [axes.get_title() for axes in picture.axes] == ["noise", "twice"]
    for axes, follows in zip(picture.axes, (True, False), strict=True):
        heights = axes.patches[0].get_data().values
        wanted = axes.lines[0].get_ydata()
        near = np.abs(axes.lines[0].get_xdata()) < 1.4
        assert (np.abs(heights / wanted - 1)[near].max() < 0.1) == follows


def test_nothing_is_refused():
    with pytest.raises(ValueError, match="at least one set of values"):
        plot_spread({})
    with pytest.raises(ValueError, match="none"):
        plot_spread({"none": torch.zeros(0)})
