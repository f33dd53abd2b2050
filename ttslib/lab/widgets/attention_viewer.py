"""Step through a decoder frame by frame: what it attends to, and the mel it has made so far.

Shapes: T frames, N tokens, M mel bands.
"""

import base64
import io
from collections.abc import Sequence

import ipywidgets
import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor

from ttslib.config import AudioConfig
from ttslib.lab.widgets.static_view import StaticView
from ttslib.plots import Picture, draw_mel, label_tokens, plot_speech

__all__ = ["AttentionViewer"]


class AttentionViewer(StaticView):
    """A slider over the decoder's frames, with the attention weights and the mel up to each.

    Move the slider with the mouse or, when it has the focus, with the arrow keys; the button beside
    it plays all frames in order.

    Parameters
    ----------
    alignment
        (T, N) weights in 0..1.
    mel
        (M, T) log-mel.
    tokens
        The N tokens' names.
    audio
        The definition of the mel, by default `AudioConfig()`.

    Raises
    ------
    ValueError
        A shape is wrong, or the two have different T.

    Taught in: notebooks/04_tacotron
    """

    def __init__(
        self,
        alignment: Tensor | ArrayLike,
        mel: Tensor | ArrayLike,
        tokens: Sequence[str],
        *,
        audio: AudioConfig | None = None,
    ):
        self._audio = audio or AudioConfig()
        self._whole = plot_speech(mel, alignment, tokens=tokens, audio=self._audio).png()
        self._weights = torch.as_tensor(alignment).detach().float().cpu().numpy()
        self._tokens = tuple(tokens)
        if len(self._weights) != np.shape(mel)[1]:
            raise ValueError(
                f"alignment and mel must have the same frames, got {len(self._weights)} "
                f"and {np.shape(mel)[1]}"
            )
        self._lay_out(mel)
        last = len(self._weights) - 1
        self._slider = ipywidgets.IntSlider(
            max=last, description="Frame", layout=ipywidgets.Layout(width="60%")
        )
        player = ipywidgets.Play(max=last, interval=150)  # ms: as fast as it can be drawn
        ipywidgets.jslink((player, "value"), (self._slider, "value"))
        self._told = ipywidgets.HTML()
        self._image = ipywidgets.Image(format="png", layout=ipywidgets.Layout(max_width="100%"))
        super().__init__([ipywidgets.HBox([player, self._slider]), self._told, self._image])
        self._slider.observe(self._show, names="value")
        self._show()

    def static_html(self) -> str:
        """Return the whole mel above the whole alignment."""
        data = base64.b64encode(self._whole).decode("ascii")
        return f'<img alt="mel and alignment" src="data:image/png;base64,{data}">'

    def _lay_out(self, mel: Tensor | ArrayLike) -> None:
        """Draw everything once; a step then moves only the bars and the mask over later frames."""
        self._picture = Picture(4.4)
        above, below = self._picture.subplots(2, height_ratios=[1, 1.2])
        n_tokens = self._weights.shape[1]
        self._bars = above.bar(np.arange(n_tokens), np.zeros(n_tokens))
        above.set(ylim=(0, 1), xlim=(-0.6, n_tokens - 0.4), ylabel="attention weight")
        label_tokens(above, n_tokens, self._tokens, axis="x")
        draw_mel(below, mel, audio=self._audio)
        self._blank = below.axvspan(0, 1, facecolor="white", edgecolor="tab:blue", linewidth=2)
        self._picture.draw_without_rendering()
        self._picture.set_layout_engine("none")  # it is fixed; computing it takes half the time

    def _show(self, _change: dict | None = None) -> None:
        step = self._slider.value
        for bar, weight in zip(self._bars, self._weights[step], strict=True):
            bar.set_height(weight)
        per_second = self._audio.frames_per_second
        self._blank.set_x((step + 1) / per_second)
        self._blank.set_width(max(0, len(self._weights) - step - 1) / per_second)
        drawn = io.BytesIO()
        self._picture.savefig(drawn, format="png")
        self._image.value = drawn.getvalue()
        token = int(self._weights[step].argmax())
        self._told.value = (
            f'<span role="status">{step / per_second:.2f} s: mostly on token {token}, '
            f"<code>{self._tokens[token]}</code> ({self._weights[step, token]:.2f})</span>"
        )
