"""Browse a corpus clip by clip: listen to it, look at it, read it."""

import ipywidgets

from ttslib.corpora.corpus import Corpus
from ttslib.lab.widgets.clip_view import clip_html
from ttslib.lab.widgets.static_view import StaticView

__all__ = ["ClipBrowser"]

EVERYONE = "all"


class ClipBrowser(StaticView):
    """Choose a speaker and a clip; see its waveform and mel, play it, read its text and facts.

    A line moves over the pictures while the clip plays. Move the slider with the mouse or, when it
    has the focus, with the arrow keys; you can also type its number. For a clip that can't be read,
    the reason is shown.

    Parameters
    ----------
    corpus
        Any corpus; its clips are read one at a time.

    Raises
    ------
    ValueError
        The corpus is empty.

    Taught in: notebooks/01_dataset_exploration
    """

    def __init__(self, corpus: Corpus):
        if len(corpus) == 0:
            raise ValueError("the corpus holds no clips to browse; look at its folder")
        self._utterances = corpus.utterances
        self._chosen = corpus.utterances  # of the chosen speaker
        self._speaker = ipywidgets.Dropdown(
            options=[EVERYONE, *corpus.speakers], description="Speaker", tooltip="Whose clips"
        )
        self._number = ipywidgets.IntSlider(
            max=len(corpus) - 1,
            description="Clip",
            continuous_update=False,  # a clip is read and drawn when the mouse button is released
            layout=ipywidgets.Layout(width="45%"),
        )
        self._clip = ipywidgets.HTML()
        top = ipywidgets.HBox(
            [self._speaker, self._number, self._step("Previous", -1), self._step("Next", +1)]
        )
        super().__init__([top, self._clip])
        self._speaker.observe(self._choose_speaker, names="value")
        self._number.observe(self._show, names="value")
        self._show()

    def static_html(self) -> str:
        """Return the clip that is shown, with its sound."""
        return self._clip.value

    def _step(self, name: str, by: int) -> ipywidgets.Button:
        """Return a button for the previous or next clip; after the last one comes the first."""

        def go(_button: ipywidgets.Button) -> None:
            self._number.value = (self._number.value + by) % len(self._chosen)

        button = ipywidgets.Button(
            description=name,
            tooltip=f"{name} clip",
            layout=ipywidgets.Layout(width="auto", flex="none"),
        )
        button.on_click(go)
        return button

    def _choose_speaker(self, change: dict) -> None:
        wanted = change["new"]
        self._chosen = [u for u in self._utterances if wanted in (EVERYONE, u.speaker)]
        self._number.unobserve(self._show, names="value")  # draw one picture, not one per change
        self._number.value = 0
        self._number.max = len(self._chosen) - 1
        self._number.observe(self._show, names="value")
        self._show()

    def _show(self, _change: dict | None = None) -> None:
        self._clip.value = clip_html(self._chosen[self._number.value])
