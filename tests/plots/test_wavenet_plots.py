"""Pictures of what a WaveNet hears and expects."""

import pytest
import torch

from ttslib.models.wavenet.wavenet import WaveNetConfig
from ttslib.plots import plot_probabilities, plot_receptive_field


@pytest.mark.parametrize(("kernel", "cycle"), [(2, 4), (3, 2)])
def test_receptive_field_fills_what_the_config_says(kernel, cycle):
    config = WaveNetConfig(layers=4, cycle=cycle, kernel=kernel)
    (axes,) = plot_receptive_field(config.dilations, kernel=kernel).axes
    samples = axes.collections[-1]  # the lowest row
    places = -samples.get_offsets()[:, 0]
    filled = samples.get_facecolors()[:, 2] < 1  # orange, not white
    assert int(places[filled].max()) + 1 == config.receptive_field
    assert [label.get_text() for label in axes.get_yticklabels()][1] == "1: dilation 1"


def test_probabilities_and_what_was_said():
    probabilities = torch.full((256, 50), 1 / 256)
    axes = plot_probabilities(probabilities, torch.arange(50), title="even").axes[0]
    assert axes.get_title() == "even"
    assert axes.images[0].get_array().shape == (256, 50)
    assert axes.lines[0].get_ydata().tolist() == list(range(50))
    assert not plot_probabilities(probabilities).axes[0].lines


def test_probabilities_of_another_shape_are_refused():
    with pytest.raises(ValueError, match=r"must be \(classes, samples\)"):
        plot_probabilities(torch.zeros(256))
