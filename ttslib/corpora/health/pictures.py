"""The pictures of a health report.

Shapes: P phonemes.
"""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from ttslib.corpora.health.measures import ClipMeasures
from ttslib.plots import Picture, draw_lengths
from ttslib.text.arpabet import PHONEMES

__all__ = ["plot_clip_lengths", "plot_distributions", "plot_phonemes"]

_BARE = sorted({phoneme.rstrip("012") for phoneme in PHONEMES})
_COLOUR, _STANDING_OUT = "tab:blue", "tab:red"


def plot_clip_lengths(clips: Sequence[ClipMeasures], faulty: set[str]) -> Picture:
    """Draw each clip's length over its text's, with rings around the clips in `faulty`, by ID."""
    picture = Picture(4.5)
    axes = picture.add_subplot()
    letters = np.array([len(clip.utterance.text) for clip in clips])
    seconds = np.array([clip.sound.seconds for clip in clips])
    speakers = [clip.utterance.speaker for clip in clips]
    draw_lengths(axes, characters=letters, seconds=seconds, speakers=speakers)
    ringed = np.array([clip.utterance.id in faulty for clip in clips])
    axes.scatter(letters[ringed], seconds[ringed], 60, facecolors="none", edgecolors=_STANDING_OUT)
    return picture


def plot_distributions(clips: Sequence[ClipMeasures]) -> Picture:
    """Draw how long, fast, loud, noisy and padded the clips are; counts are logarithmic."""
    sounds = [clip.sound for clip in clips]
    speech = np.array([sound.speech_seconds for sound in sounds]).clip(min=0.01)
    panels = {
        "length (s)": [sound.seconds for sound in sounds],
        "characters a second": [len(clip.utterance.text) for clip in clips] / speech,
        "phonemes a second": [len(clip.phonemes) for clip in clips] / speech,
        "level of speech (dB of full scale)": [sound.speech_db for sound in sounds],
        "peak (dB of full scale)": [sound.peak_db for sound in sounds],
        "noise (dB beside the clip's level)": [sound.noise_db for sound in sounds],
        "silence at the start (s)": [sound.quiet_start for sound in sounds],
        "silence at the end (s)": [sound.quiet_end for sound in sounds],
        "longest pause (s)": [sound.longest_pause for sound in sounds],
    }
    picture = Picture(6.0)
    for axes, (label, values) in zip(picture.subplots(3, 3).flat, panels.items(), strict=True):
        axes.hist(values, bins=40, log=True, color=_COLOUR)
        axes.set_xlabel(label, fontsize=8)
        axes.tick_params(labelsize=7)
    return picture


def plot_phonemes(phonemes: Counter[str], diphones: Counter[tuple[str, str]]) -> Picture:
    """Draw how often each phoneme and each pair of neighbors occurs; missing ones are white."""
    picture = Picture(8.5)
    above, below = picture.subplots(2, height_ratios=[1, 3.2])
    counts = [phonemes[phoneme] for phoneme in _BARE]
    above.bar(_BARE, counts, color=_COLOUR)
    above.set(yscale="log", ylabel="times", xlim=(-0.6, len(_BARE) - 0.4))
    above.tick_params(axis="x", labelsize=7, rotation=90)
    for label, count in zip(above.get_xticklabels(), counts, strict=True):
        if count == 0:
            label.set(color=_STANDING_OUT, weight="bold")
    pairs = np.array([[diphones[first, second] for second in _BARE] for first in _BARE])
    shown = np.ma.masked_equal(pairs, 0)
    image = below.imshow(np.ma.log10(shown), cmap="viridis", interpolation="nearest")
    below.set_xticks(range(len(_BARE)), _BARE, rotation=90, fontsize=6)
    below.set_yticks(range(len(_BARE)), _BARE, fontsize=6)
    below.set(xlabel="followed by", ylabel="phoneme")
    picture.colorbar(image, ax=below, label="log10 of how often; white: never", pad=0.01)
    return picture
