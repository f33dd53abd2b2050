"""Every picture of the course: each `plot_` function draws one and returns it.

The pictures are matplotlib Figures made without pyplot: no backend is chosen, nothing stays open
behind the caller's back, and a picture that is no longer used is simply collected. At the end of a
notebook cell a picture shows itself; `picture.savefig("mel.png")` writes it to a file. The `draw_`
functions draw on one pair of axes; whoever arranges a picture of several (the widgets) uses them.
"""

from ttslib.plots.alignments import (
    draw_alignment,
    label_tokens,
    plot_alignment,
    plot_durations,
    plot_gate,
    plot_speech,
)
from ttslib.plots.evaluation import draw_intervals, plot_intervals, plot_warping
from ttslib.plots.listening import plot_opinions
from ttslib.plots.picture import MEL_COLOURS, Picture
from ttslib.plots.prosody import plot_prosody
from ttslib.plots.sound import (
    draw_mel,
    draw_spectrogram,
    draw_waveform,
    label_phonemes,
    plot_mel,
    plot_mels,
    plot_waveform,
)
from ttslib.plots.training import draw_lengths, draw_losses, plot_losses
from ttslib.plots.vocoders import plot_vocoders
from ttslib.plots.waveglow import plot_spread
from ttslib.plots.wavenet import plot_probabilities, plot_receptive_field

__all__ = [
    "MEL_COLOURS",
    "Picture",
    "draw_alignment",
    "draw_intervals",
    "draw_lengths",
    "draw_losses",
    "draw_mel",
    "draw_spectrogram",
    "draw_waveform",
    "label_phonemes",
    "label_tokens",
    "plot_alignment",
    "plot_durations",
    "plot_gate",
    "plot_intervals",
    "plot_losses",
    "plot_mel",
    "plot_mels",
    "plot_opinions",
    "plot_probabilities",
    "plot_prosody",
    "plot_receptive_field",
    "plot_speech",
    "plot_spread",
    "plot_vocoders",
    "plot_warping",
    "plot_waveform",
]
