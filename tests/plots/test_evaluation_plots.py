import math

import numpy as np
import pytest

from ttslib import plots

COST = np.arange(12.0).reshape(3, 4)  # three reference frames, four of the other
PATH = [(0, 0), (1, 1), (1, 2), (2, 3)]


def test_a_warping_path_goes_through_the_middle_of_its_cells():
    axes = plots.plot_warping(COST, PATH, names=("recording", "voice")).axes[0]
    assert axes.images[0].get_array().shape == (3, 4)
    np.testing.assert_allclose(
        axes.lines[0].get_xydata(), [(0.5, 0.5), (1.5, 1.5), (2.5, 1.5), (3.5, 2.5)]
    )
    assert axes.get_xlabel() == "voice, frame"
    assert axes.get_ylabel() == "recording, frame"


def test_a_warping_path_is_shown_in_seconds_where_the_rate_is_known():
    axes = plots.plot_warping(COST, PATH, frames_per_second=2).axes[0]
    assert axes.images[0].get_extent() == [0, 2, 0, 1.5]
    assert axes.lines[0].get_xdata()[-1] == 1.75
    assert "time (s)" in axes.get_xlabel()


@pytest.mark.parametrize("path", [[(0, 0), (3, 0)], [(0, 0), (0, 4)], [(-1, 0)], [(0, 0, 0)]])
def test_a_path_that_leaves_its_costs_is_refused(path):
    with pytest.raises(ValueError, match="path must be"):
        plots.plot_warping(COST, path)


def test_intervals_stand_beside_their_systems_and_a_missing_one_leaves_its_row_free():
    picture = plots.plot_intervals(
        {
            "MCD (dB)": {"recording": (0.0, 0.0, 0.0), "voice": (5.0, 4.0, 6.5)},
            "PER (%)": {"voice": (12.0, 9.0, 14.0), "new": (3.0, math.nan, math.nan)},
        }
    )
    left, right = picture.axes
    assert [label.get_text() for label in left.get_yticklabels()] == ["recording", "voice", "new"]
    bars, dots = left.lines[::2], left.lines[1::2]
    assert list(bars[1].get_xdata()) == [4.0, 6.5]
    assert list(dots[1].get_xydata()[0]) == [5.0, 1.0]
    assert np.isnan(right.lines[1].get_xdata()).all()
    assert list(right.lines[5].get_xydata()[0]) == [3.0, 2.0]


@pytest.mark.parametrize("measures", [{}, {"MCD": {}}])
def test_no_intervals_are_no_picture(measures):
    with pytest.raises(ValueError, match="at least one measure"):
        plots.plot_intervals(measures)
