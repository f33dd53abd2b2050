"""Change the settings of a mel spectrogram: see what changes, hear what is left of the sound.

Shapes: S samples, T frames, M mel bands.
"""

import base64
import html
import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import ipywidgets
import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor

from ttslib.audio.griffin_lim import GriffinLim
from ttslib.audio.mel import MelSpectrogram, extract_mel_spectrogram
from ttslib.config import AudioConfig
from ttslib.lab.players import play_many
from ttslib.lab.widgets.sliders import Sliders
from ttslib.lab.widgets.static_view import StaticView
from ttslib.plots import Picture, draw_mel

__all__ = ["MelExplorer"]

MOST_SECONDS = 3  # longer clips are cut, so that the picture follows the slider
ROUNDS = 16  # of Griffin-Lim: with these, the mel's faults are more audible than the phase's
N_FFT, HOP, BANDS, F_MAX = "n_fft (samples)", "hop (samples)", "mel bands", "f_max (Hz)"
FLOOR = "log floor"
OTHER = "The settings have changed. Press the button to hear what this mel holds."


class MelExplorer(StaticView):
    """Sliders for a mel spectrogram's settings, its picture, and the sound that it still contains.

    The picture follows each slider at once. Griffin-Lim computes the sound, which takes about a
    second, so it waits for the button. Move sliders with the mouse or, when they have the focus,
    with the arrow keys. For settings that can't work, the reason is shown.

    Parameters
    ----------
    waveform
        (S,) or (1, S) in -1..1; its first three seconds are used.
    sample_rate
        In Hz; it stays the same.

    Raises
    ------
    ValueError
        The waveform has several channels, holds NaN or infinity, or is too short for one frame.

    Taught in: notebooks/02_mel_spectrograms
    """

    def __init__(self, waveform: Tensor | ArrayLike, sample_rate: int):
        samples = torch.as_tensor(waveform, dtype=torch.float32)[..., : MOST_SECONDS * sample_rate]
        self._samples, self._rate = (
            samples.squeeze(0) if samples.dim() == 2 else samples,
            sample_rate,
        )
        self._lay_out()
        extract_mel_spectrogram(self._samples, sample_rate, config=self._config())  # may raise
        self._show()
        self._hear()
        self._sliders.observe(self._show, names="chosen")
        self._button.on_click(self._hear)

    def static_html(self) -> str:
        """Return the picture and the sound of the current settings, and what they mean."""
        data = base64.b64encode(self._image.value).decode("ascii")
        shown = self._image.layout.display != "none"
        image = f'<img alt="mel spectrogram" src="data:image/png;base64,{data}">' if shown else ""
        settings = ", ".join(f"{name} {value:g}" for name, value in self._sliders.values.items())
        return f"<p>{settings}</p>{self._told.value}{image}{self._player.value}"

    def _lay_out(self) -> None:
        highest = int(self._rate / 2)
        self._sliders = Sliders(
            {
                N_FFT: [2**power for power in range(7, 13)],
                HOP: [2**power for power in range(6, 12)],
                BANDS: [*range(8, 168, 8)],
                F_MAX: sorted({*range(1000, highest, 500), highest}),
                FLOOR: [10.0**power for power in range(-7, 1)],
            },
            chosen={N_FFT: 1024, HOP: 256, BANDS: 80, F_MAX: min(8000, highest), FLOOR: 1e-5},
        )
        self._told = ipywidgets.HTML()
        self._image = ipywidgets.Image(format="png", layout=ipywidgets.Layout(max_width="100%"))
        self._button = ipywidgets.Button(
            description="Hear this mel",
            icon="volume-up",
            tooltip="Put a sound together from this mel, by Griffin-Lim",
        )
        self._player = ipywidgets.HTML()
        super().__init__([self._sliders, self._told, self._image, self._button, self._player])

    def _config(self) -> AudioConfig:
        chosen = self._sliders.values
        n_fft, hop = chosen[N_FFT], chosen[HOP]
        if hop > n_fft:
            raise ValueError(
                f"With windows of {n_fft} samples, {hop} apart, {hop - n_fft} of each {hop} "
                "samples would lie in no window and be lost: take a smaller hop or a larger n_fft."
            )
        return AudioConfig(
            sample_rate=self._rate,
            n_fft=n_fft,
            win_length=n_fft,
            hop_length=hop,
            n_mels=chosen[BANDS],
            f_max=chosen[F_MAX],
            log_floor=chosen[FLOOR],
        )

    def _show(self, _change: dict | None = None) -> None:
        """Draw the mel of the sliders' settings, or show why there is none."""
        self._player.value = OTHER
        try:
            config = self._config()
            with _empty_bands_allowed():
                mel, _ = extract_mel_spectrogram(self._samples, self._rate, config=config)
                filters = MelSpectrogram(config).filters
        except ValueError as error:
            self._told.value = f'<div role="alert">{html.escape(str(error))}</div>'
            self._image.layout.display = "none"
            self._button.disabled = True
            self._player.value = ""
            return
        self._mel, self._shown = mel, config
        self._image.value = _draw(mel, config)
        self._image.layout.display = None
        self._button.disabled = 2 * config.hop_length > config.n_fft
        told = [_facts(mel, config, len(self._samples)), *_doubts(filters, config)]
        lines = "<br>".join(told)
        self._told.value = f'<div role="status" style="line-height:1.5">{lines}</div>'

    def _hear(self, _button: ipywidgets.Button | None = None) -> None:
        self._button.disabled = True
        mel = torch.from_numpy(self._mel)[None]  # (1, M, T)
        with _empty_bands_allowed():
            sound = GriffinLim(self._shown, rounds=ROUNDS)(mel)[0]
        sound = sound / sound.abs().max().clamp(min=1)  # a high floor may be loud
        both = {"the recording": self._samples, "what this mel holds of it": sound}
        self._player.value = play_many(both, sample_rate=self._rate)._repr_html_()
        self._button.disabled = False


@contextmanager
def _empty_bands_allowed() -> Iterator[None]:
    """Suppress librosa's warning about them: `_doubts` puts it in words."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Empty filters")
        yield


def _draw(mel: np.ndarray, config: AudioConfig) -> bytes:
    picture = Picture(2.6)
    picture.set_layout_engine("none")  # the default one takes as long as everything else
    draw_mel(picture.add_axes((0.095, 0.18, 0.895, 0.78)), mel, audio=config)
    drawn = io.BytesIO()
    picture.savefig(drawn, format="png")
    return drawn.getvalue()


def _facts(mel: np.ndarray, config: AudioConfig, n_samples: int) -> str:
    bands, frames = mel.shape
    window, hop = 1000 * config.n_fft / config.sample_rate, 1000 / config.frames_per_second
    floored = (mel <= np.log(config.log_floor) + 1e-4).mean()
    return (
        f"Windows of <b>{window:.1f} ms</b>, one every <b>{hop:.1f} ms</b>; frequencies "
        f"<b>{config.sample_rate / config.n_fft:.1f} Hz</b> apart. {bands} × {frames} = "
        f"<b>{bands * frames:,}</b> numbers for {n_samples:,} samples; <b>{floored:.0%}</b> of "
        "them lie on the floor."
    )


def _doubts(filters: Tensor, config: AudioConfig) -> list[str]:
    """Return what is wrong with a mel that can be computed."""
    doubts = []
    if empty := int((filters.amax(dim=1) == 0).sum()):
        doubts.append(
            f"⚠ {empty} of the {config.n_mels} bands are narrower than the gap between two "
            "frequencies, so nothing ever falls into them: take fewer bands or a larger n_fft."
        )
    if 2 * config.hop_length > config.n_fft:
        doubts.append(
            "⚠ The windows don't overlap. What lies at their edges is lost, and no sound can be "
            "put together from them: take a hop of half of n_fft at most."
        )
    return doubts
