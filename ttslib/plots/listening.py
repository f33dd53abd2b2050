"""Raters' scores, with means and intervals."""

from collections.abc import Mapping, Sequence

import numpy as np

from ttslib.plots.picture import Picture

__all__ = ["plot_opinions"]


def plot_opinions(
    means: Mapping[str, Sequence[float]],
    scores: Mapping[str, Sequence[int]],
    *,
    labels: Mapping[int, str],
    neutral: float | None = None,
    title: str = "",
    xlabel: str = "",
) -> Picture:
    """Draw a row for each system or pair: how often each score was given, the mean, its interval.

    Parameters
    ----------
    means
        Name -> `(mean, low, high)`, drawn from top to bottom.
    scores
        Name -> all its scores.
    labels
        Score -> words, for the axis.
    neutral
        The value of no difference, drawn as a dashed line.
    title, xlabel
        The labels above and below.

    Raises
    ------
    ValueError
        There is nothing to draw, or a name has no scores.

    Taught in: notebooks/08_evaluation
    """
    if not means:
        raise ValueError("there are no means to draw; collect some ratings first")
    if missing := [name for name in means if not scores.get(name)]:
        raise ValueError(f"{missing[0]!r} has a mean but no scores; give them, too")
    picture = Picture(0.9 + 0.5 * len(means))
    axes = picture.add_subplot()
    axes.set_title(title, fontsize=11)
    if neutral is not None:
        axes.axvline(neutral, color="#667085", linestyle="--", linewidth=1, zorder=2)
    shares = {
        name: {s: scores[name].count(s) / len(scores[name]) for s in labels} for name in means
    }
    most = max(max(of_row.values()) for of_row in shares.values())
    for row, (name, (mean, low, high)) in enumerate(means.items()):
        heights = -0.75 / most * np.array(list(shares[name].values()))
        axes.bar(list(labels), heights, 0.8, bottom=row + 0.42, color="#c6d3e3", zorder=1)
        axes.plot([low, high], [row, row], color="#b42318", linewidth=2.5, zorder=3)
        axes.plot([mean], [row], "o", color="#b42318", markersize=6, zorder=3)
        axes.text(mean, row - 0.14, f"{mean:.2f}", ha="center", va="bottom", fontsize=8, zorder=4)
    axes.set_yticks(range(len(means)), list(means))
    axes.set_xticks(list(labels), [f"{score}\n{words}" for score, words in labels.items()])
    axes.tick_params(labelsize=8)
    axes.set_xlabel(xlabel, fontsize=8)
    axes.set(ylim=(len(means) - 0.4, -0.6), xlim=(min(labels) - 0.5, max(labels) + 0.5))
    axes.spines[["top", "right"]].set_visible(False)
    return picture
