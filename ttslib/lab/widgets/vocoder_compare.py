"""One mel, every vocoder: hear, see and time the sound of each.

Shapes: M mel bands, T frames, S = T * hop_length samples.
"""

import base64
import html
import io
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

import ipywidgets
import torch
from numpy.typing import ArrayLike
from torch import Tensor

from ttslib.audio.mel import MelSpectrogram
from ttslib.lab.players import play
from ttslib.lab.widgets.sliders import Sliders
from ttslib.lab.widgets.static_view import StaticView
from ttslib.plots import plot_vocoders

if TYPE_CHECKING:
    from ttslib.synthesis.contracts import Vocoder

__all__ = ["VocoderCompare"]

PLACE = "waveform from (s)"
WARM_UP = 8  # frames, untimed: the first call of a network sets up its kernels
HEADS = ("", "sound", "computed in", "times real time", "its mel is off by")


class _Sound(NamedTuple):
    waveform: Tensor  # (S,)
    seconds: float | None  # of computing; None for the recording
    distance: float  # mean absolute difference of its log-mel and the given one


class VocoderCompare(StaticView):
    """The output of several vocoders for one mel: their sound, spectrogram, waveform and time.

    All run when the widget is created. The slider (arrow keys, when it has the focus) chooses the
    30 ms of the waveforms to draw beside the spectrograms.

    Parameters
    ----------
    mel
        (M, T) log-mel.
    vocoders
        Name -> vocoder, e.g. `{"Griffin-Lim": GriffinLim(audio)}`.
    recording
        (S,) or (1, S), the sound of the mel, if there is one.

    Raises
    ------
    ValueError
        There is no vocoder, two were made for different mels, or the mel isn't of their kind.

    Taught in: notebooks/06_vocoder
    """

    def __init__(
        self,
        mel: Tensor | ArrayLike,
        vocoders: Mapping[str, "Vocoder"],
        *,
        recording: Tensor | ArrayLike | None = None,
    ):
        if not vocoders:
            raise ValueError("VocoderCompare needs at least one vocoder, got an empty mapping")
        (first, one), *others = vocoders.items()
        for name, vocoder in others:
            one.audio.require_same(vocoder.audio, ours=first, theirs=name)
        self._audio = one.audio
        mel = torch.as_tensor(mel, dtype=torch.float32)
        self._sounds = self._speak(mel, vocoders, recording)
        transform = MelSpectrogram(self._audio)
        self._picture = plot_vocoders(
            {name: sound.waveform for name, sound in self._sounds.items()},
            {name: transform.magnitude(sound.waveform) for name, sound in self._sounds.items()},
            audio=self._audio,
        )
        self._lay_out()
        self._show()

    def static_html(self) -> str:
        """Return all sounds in a table, and their pictures."""
        data = base64.b64encode(self._picture.png()).decode("ascii")
        return (
            f'{self._table.value}<img alt="spectrograms and waveforms of the vocoders" '
            f'src="data:image/png;base64,{data}">'
        )

    @torch.no_grad()
    def _speak(
        self,
        mel: Tensor,
        vocoders: Mapping[str, "Vocoder"],
        recording: Tensor | ArrayLike | None,
    ) -> dict[str, _Sound]:
        transform, sounds = MelSpectrogram(self._audio), {}

        def note(name: str, waveform: Tensor, seconds: float | None) -> None:
            said = transform(waveform)
            frames = min(said.shape[1], mel.shape[1])
            distance = (said[:, :frames] - mel[:, :frames]).abs().mean()
            sounds[name] = _Sound(waveform, seconds, float(distance))

        if recording is not None:
            waveform = torch.as_tensor(recording, dtype=torch.float32)
            note("recording", waveform[0] if waveform.dim() == 2 else waveform, None)
        for name, vocoder in vocoders.items():
            vocoder(mel[None, :, :WARM_UP])
            started = time.perf_counter()
            waveform = vocoder(mel[None])[0]
            note(name, waveform.float().cpu(), time.perf_counter() - started)
        return sounds

    def _lay_out(self) -> None:
        rows = "".join(self._row(name, sound) for name, sound in self._sounds.items())
        heads = "".join(f'<th scope="col">{head}</th>' for head in HEADS)
        self._table = ipywidgets.HTML(
            f'<table style="border-spacing:12px 2px"><tr>{heads}</tr>{rows}</table>'
        )
        first = next(iter(self._sounds.values())).waveform
        rate = self._audio.sample_rate
        places = [place / 100 for place in range(max(1, 100 * len(first) // rate))]
        loudest = min(int(first.abs().argmax()) * 100 // rate, len(places) - 1)
        self._slider = Sliders({PLACE: places}, chosen={PLACE: places[loudest]})
        self._image = ipywidgets.Image(format="png", layout=ipywidgets.Layout(max_width="100%"))
        super().__init__([self._table, self._slider, self._image])
        self._slider.observe(self._show, names="chosen")

    def _row(self, name: str, sound: _Sound) -> str:
        rate = self._audio.sample_rate
        (clip,) = play(sound.waveform.clamp(-1, 1), sample_rate=rate, title=name).clips
        name = html.escape(name)
        took, fast = "", ""
        if sound.seconds is not None:
            took = f"{1000 * sound.seconds:.0f} ms"
            fast = f"{clip.seconds / sound.seconds:.3g}"
        return (
            f'<tr><th scope="row">{name}</th>'
            f'<td><audio controls preload="metadata" aria-label="{name}, {clip.seconds:.1f} '
            f'seconds" src="{clip.source}"></audio></td>'
            f"<td>{took}</td><td>{fast}</td><td>{sound.distance:.2f}</td></tr>"
        )

    def _show(self, _change: dict | None = None) -> None:
        self._picture.move(self._slider.values[PLACE])
        drawn = io.BytesIO()
        self._picture.savefig(drawn, format="png")
        self._image.value = drawn.getvalue()
