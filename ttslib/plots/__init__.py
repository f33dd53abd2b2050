"""Every picture of the course: each `plot_` function draws one and returns it.

The pictures are matplotlib Figures made without pyplot: no backend is chosen, no figure stays open
unnoticed, and a picture that is no longer used is simply collected. At the end of a notebook cell a
picture is displayed; `picture.savefig("mel.png")` writes it to a file. The `draw_` functions draw
on one pair of axes, for pictures with several (the widgets).

Each name is loaded on first use: a training that draws one picture loads one module.
"""

from typing import TYPE_CHECKING

import lazy_loader

if TYPE_CHECKING:
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
    from ttslib.plots.picture import MEL_COLORS, Picture
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

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "alignments": [
            "draw_alignment",
            "label_tokens",
            "plot_alignment",
            "plot_durations",
            "plot_gate",
            "plot_speech",
        ],
        "evaluation": ["draw_intervals", "plot_intervals", "plot_warping"],
        "listening": ["plot_opinions"],
        "picture": ["MEL_COLORS", "Picture"],
        "prosody": ["plot_prosody"],
        "sound": [
            "draw_mel",
            "draw_spectrogram",
            "draw_waveform",
            "label_phonemes",
            "plot_mel",
            "plot_mels",
            "plot_waveform",
        ],
        "training": ["draw_lengths", "draw_losses", "plot_losses"],
        "vocoders": ["plot_vocoders"],
        "waveglow": ["plot_spread"],
        "wavenet": ["plot_probabilities", "plot_receptive_field"],
    },
)
