import pytest

from ttslib import plots

LABELS = {1: "Bad", 2: "Poor", 3: "Fair"}


def test_each_row_has_its_mean_its_interval_and_how_often_each_score_came():
    picture = plots.plot_opinions(
        {"a": (2.5, 2.2, 2.8), "b": (1.0, 1.0, 1.0)},
        {"a": [3, 3, 2, 2], "b": [1, 1]},
        labels=LABELS,
        neutral=2.0,
    )
    axes = picture.axes[0]
    dashed, line, dot, *_ = axes.lines
    assert list(dashed.get_xdata()) == [2, 2]
    assert list(line.get_xdata()) == [2.2, 2.8]
    assert list(dot.get_xdata()) == [2.5]
    heights = [abs(bar.get_height()) for bar in axes.patches]
    assert heights == pytest.approx([0, 0.375, 0.375, 0.75, 0, 0])  # of the row's height
    assert [label.get_text() for label in axes.get_yticklabels()] == ["a", "b"]
    assert [label.get_text() for label in axes.get_xticklabels()] == [
        "1\nBad",
        "2\nPoor",
        "3\nFair",
    ]
    assert axes.get_ylim()[0] > axes.get_ylim()[1]  # the first row above


def test_nothing_to_draw_is_an_error():
    with pytest.raises(ValueError, match="no means to draw"):
        plots.plot_opinions({}, {}, labels=LABELS)
    with pytest.raises(ValueError, match="'a' has a mean but no scores"):
        plots.plot_opinions({"a": (1, 1, 1)}, {}, labels=LABELS)
