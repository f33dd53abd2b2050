"""A corpus at a glance: each clip's length against its text's; a click plays a clip."""

import base64
from typing import Any

import anywidget
import ipywidgets
import numpy as np
import traitlets

from ttslib.audio.files import audio_seconds
from ttslib.corpora.corpus import Corpus
from ttslib.lab.widgets.clip_view import clip_html
from ttslib.lab.widgets.static_view import StaticView
from ttslib.plots import Picture, draw_lengths

__all__ = ["CorpusMap"]


class _Points(anywidget.AnyWidget):
    """A picture whose points are chosen by a click, or by arrow keys and Enter.

    It sends {"chosen": number of the point}.
    """

    picture = traitlets.Bytes().tag(sync=True)  # PNG
    points = traitlets.List().tag(sync=True)  # [left, top, label], as parts of the picture
    title = traitlets.Unicode().tag(sync=True)

    _esm = """
    function render({ model, el }) {
      const points = model.get("points");
      el.innerHTML = `
        <div tabindex="0" role="application" data-lm-suppress-shortcuts="true"
             style="position:relative;max-width:800px;cursor:pointer">
          <img style="width:100%;display:block">
          <div hidden style="position:absolute;width:16px;height:16px;margin:-10px;
                             border:2px solid black;border-radius:50%"></div>
        </div>
        <div role="status">&nbsp;</div>`;
      const [map, told] = el.children;
      const [image, ring] = map.children;
      map.setAttribute("aria-label", model.get("title"));
      const url = URL.createObjectURL(new Blob([model.get("picture")], { type: "image/png" }));
      image.src = url;
      let at = -1;

      function point(number) {
        at = number;
        const [left, top, label] = points[at];
        ring.hidden = false;
        ring.style.left = 100 * left + "%";
        ring.style.top = 100 * top + "%";
        told.textContent = label;
      }

      map.onclick = (event) => {
        const box = image.getBoundingClientRect();
        const distance = ([left, top]) => Math.hypot(
          box.left + left * box.width - event.clientX, box.top + top * box.height - event.clientY);
        const nearest = points.reduce(
          (best, p, i) => distance(p) < distance(points[best]) ? i : best, 0);
        if (distance(points[nearest]) > 20) return;
        point(nearest);
        model.send({ chosen: at });
      };

      map.onkeydown = (event) => {
        const last = points.length - 1;
        const to = { ArrowRight: Math.min(at + 1, last), ArrowLeft: Math.max(at - 1, 0),
                     Home: 0, End: last }[event.key];
        if (to !== undefined) point(to);
        else if (event.key === "Enter" && at >= 0) model.send({ chosen: at });
        else return;
        event.preventDefault();
      };
      return () => URL.revokeObjectURL(url);
    }
    export default { render };
    """


class CorpusMap(StaticView):
    """Each clip as a point: to the right, the length of its text; upward, that of its sound.

    A click on a point plays and shows its clip. With the keyboard: Tab to the map; the right and
    left arrows go from the most unusual clip (the farthest from the corpus's usual characters per
    second) toward the most usual and back, Home and End to either; Enter plays.

    Parameters
    ----------
    corpus
        Any corpus. The lengths come from the files' headers; sound is read when it is requested.

    Raises
    ------
    ValueError
        The corpus has no clip that can be read.

    Taught in: notebooks/01_dataset_exploration
    """

    def __init__(self, corpus: Corpus):
        lengths = [audio_seconds(utterance.audio_path) for utterance in corpus.utterances]
        readable = [(u, s) for u, s in zip(corpus.utterances, lengths, strict=True) if s]
        if not readable:
            raise ValueError(
                f"none of the corpus's {len(lengths)} clips can be read; nothing to map"
            )
        paces = np.log([max(1, len(u.text)) / seconds for u, seconds in readable])
        # Point 0 is the most unusual.
        order = np.argsort(-np.abs(paces - np.median(paces)), kind="stable")
        self._utterances = [readable[i][0] for i in order]
        seconds = [readable[i][1] for i in order]
        png, points = _draw(self._utterances, seconds)
        self._points = _Points(
            picture=png,
            points=points,
            title=f"Map of {len(points)} clips, seconds against characters. Arrow keys: from the "
            "most unusual clip to the most usual. Enter plays.",
        )
        self._points.on_msg(self._on_message)
        self._clip = ipywidgets.HTML(clip_html(self._utterances[0]))
        unread = len(lengths) - len(readable)
        note = ipywidgets.HTML(
            f"clips without a point, as they can't be read: {unread}" if unread else ""
        )
        super().__init__([self._points, note, self._clip])

    def static_html(self) -> str:
        """Return the map, and the clip that was chosen last: at first the most unusual one."""
        data = base64.b64encode(self._points.picture).decode("ascii")
        image = f'<img alt="seconds against characters" src="data:image/png;base64,{data}">'
        return f"{image}<div>{self.children[1].value}</div>{self._clip.value}"

    def _on_message(self, _points: _Points, content: dict[str, Any], _buffers: list) -> None:
        self._clip.value = clip_html(self._utterances[content["chosen"]], autoplay=True)


def _draw(utterances: list, seconds: list[float]) -> tuple[bytes, list[list]]:
    """Return the map as a PNG, and the position of each clip's point in it."""
    picture = Picture(3.4)
    axes = picture.add_subplot()
    characters = [len(utterance.text) for utterance in utterances]
    speakers = [utterance.speaker for utterance in utterances]
    draw_lengths(axes, characters=characters, seconds=seconds, speakers=speakers)
    png = picture.png()  # places the axes
    pixels = axes.transData.transform(np.column_stack([characters, seconds]))
    right, up = (pixels / picture.bbox.size).T
    labels = [
        f"speaker {speaker}: {length:.1f} s, {letters} characters"
        for speaker, length, letters in zip(speakers, seconds, characters, strict=True)
    ]
    places = zip(right.round(4).tolist(), (1 - up).round(4).tolist(), labels, strict=True)
    return png, [list(place) for place in places]
