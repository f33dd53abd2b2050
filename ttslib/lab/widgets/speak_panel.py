"""Type a sentence and hear a voice speak it."""

import base64
import html
from typing import TYPE_CHECKING

import ipywidgets

from ttslib.lab.players import play
from ttslib.lab.widgets.static_view import StaticView
from ttslib.plots import plot_speech

if TYPE_CHECKING:
    from ttslib.synthesis.synthesizer import Synthesizer

__all__ = ["SpeakPanel"]


class SpeakPanel(StaticView):
    """A text box, a speaker and a button; then the sound, the mel and the alignment.

    Enter works like the button; a text isn't computed twice in a row. The initial text is spoken
    when the panel is created, so that readers without a kernel hear and see something, too.

    Parameters
    ----------
    voice
        The voice, e.g. `load_voice("mini")`.
    text
        The initial text in the box.

    Taught in: notebooks/07_inference
    """

    def __init__(
        self, voice: "Synthesizer", *, text: str = "The birch canoe slid on the smooth planks."
    ):
        self._voice = voice
        self._asked: tuple[str, str | None] | None = None  # the last text and speaker
        wide = ipywidgets.Layout(width="70%")
        # Sent at Enter, or when the box loses focus: text sent at each key may arrive after Enter.
        self._text = ipywidgets.Text(
            value=text, description="Text", continuous_update=False, layout=wide
        )
        self._speaker = ipywidgets.Dropdown(options=voice.speakers, description="Speaker")
        self._button = ipywidgets.Button(
            description="Speak", icon="volume-up", button_style="primary", tooltip="Speak the text"
        )
        self._told = ipywidgets.HTML()
        self._player = ipywidgets.HTML()
        self._image = ipywidgets.Image(format="png", layout=ipywidgets.Layout(max_width="100%"))
        top = [self._text, self._button]
        if len(voice.speakers) > 1:
            top.insert(1, self._speaker)
        super().__init__([*top, self._told, self._player, self._image])
        self._button.on_click(self._speak)
        self._text.observe(self._speak, names="value")
        self._speak()

    def static_html(self) -> str:
        """Return the sound and the picture of the last text."""
        data = base64.b64encode(self._image.value).decode("ascii")
        shown = data and self._player.value
        image = f'<img alt="mel and alignment" src="data:image/png;base64,{data}">' if shown else ""
        return (
            f"<p>{html.escape(self._text.value)}</p>{self._told.value}{self._player.value}{image}"
        )

    def _speak(self, _source: ipywidgets.Widget | dict | None = None) -> None:
        asked = (self._text.value, self._speaker.value)
        if asked == self._asked:
            return
        self._button.disabled = True
        try:
            speech = self._voice(self._text.value, speaker=self._speaker.value)
        except ValueError as error:
            self._told.value = f'<span role="alert">{html.escape(str(error))}</span>'
            self._player.value = ""  # the last sound isn't this text's
            self._image.layout.display = "none"
            return
        finally:
            self._button.disabled = False
        self._asked = asked
        ended = "" if speech.stopped else "; it did not stop by itself"
        self._told.value = f'<span role="status">{speech.seconds:.2f} s{ended}</span>'
        self._player.value = play(speech.waveform, sample_rate=speech.sample_rate)._repr_html_()
        self._image.value = plot_speech(
            speech.mel, speech.alignment, tokens=speech.tokens, audio=self._voice.audio
        ).png()
        self._image.layout.display = None
