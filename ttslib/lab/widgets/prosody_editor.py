"""Drag how long, how high and how loud each phoneme is, and hear it."""

import base64
import html
import math
from typing import TYPE_CHECKING

import anywidget
import ipywidgets
import torch
import traitlets

from ttslib.lab.players import play
from ttslib.lab.widgets.static_view import StaticView
from ttslib.plots import plot_prosody

if TYPE_CHECKING:
    from ttslib.synthesis.speech import Speech
    from ttslib.synthesis.synthesizer import Synthesizer

__all__ = ["ProsodyEditor"]

DECIBELS = 20 / math.log(10)  # of a natural logarithm of a magnitude


class _Lanes(anywidget.AnyWidget):
    """A row of phonemes, whose right edges, pitch and energy can be dragged.

    With the keyboard: the right and left arrows go from one to the next, up and down change its
    pitch; with Shift, right and left change its length, up and down its energy. Changes are sent
    when the mouse button or the key is released.
    """

    tokens = traitlets.List(traitlets.Unicode()).tag(sync=True)
    usual = traitlets.List().tag(sync=True)  # [seconds, Hz, dB] of each
    factors = traitlets.List().tag(sync=True)  # [length, pitch, energy] of each, 1 is unchanged

    _esm = """
    const WIDTH = 800, EDGE = 5, LEAST = 0.25, MOST = 4;
    const KINDS = ["length", "pitch", "energy"];
    const LANES = [null, { top: 20, height: 110 }, { top: 145, height: 60 }];
    const limit = (x) => Math.min(MOST, Math.max(LEAST, x));

    function render({ model, el }) {
      el.innerHTML = `
        <div tabindex="0" role="application" data-lm-suppress-shortcuts="true"
             aria-label="Phonemes. Right and left: from one to the next. Up and down: its pitch.
                         With Shift, right and left: its length, up and down: its energy."
             style="max-width:800px;overflow:hidden">
          <svg viewBox="0 0 ${WIDTH} 225" style="width:100%;display:block;touch-action:none"></svg>
        </div>
        <div role="status">&nbsp;</div>`;
      const [area, told] = el.children;
      const svg = area.firstElementChild;
      let factors, at = -1, held = null, changed = false;

      // The current value: seconds, Hz or dB.
      function value(i, kind) {
        const usual = model.get("usual")[i][kind], factor = factors[i][kind];
        return kind === 2 ? usual + 20 * Math.log10(factor) : usual * factor;
      }
      function scale(kind) {  // Hz on a logarithmic scale, dB on a linear one
        const all = model.get("usual").map((row) => row[kind]);
        const least = Math.min(...all), most = Math.max(...all);
        return kind === 1 ? [Math.log(least / 1.6), Math.log(most * 1.6)] : [least - 12, most + 12];
      }
      function height(i, kind) {
        const [low, high] = scale(kind), lane = LANES[kind];
        const x = kind === 1 ? Math.log(value(i, 1)) : value(i, 2);
        const part = Math.min(1, Math.max(0, (x - low) / (high - low)));
        return lane.top + lane.height * (1 - part);
      }
      function edges() {
        const total = model.get("usual").reduce((sum, row) => sum + row[0], 0);
        const now = factors.reduce((sum, _, i) => sum + value(i, 0), 0);
        const pixels = WIDTH / Math.max(1.3 * total, now);
        let x = 0;
        return { pixels, lefts: factors.map((_, i) => (x += value(i, 0) * pixels)
                                                      - value(i, 0) * pixels) };
      }
      function draw() {
        const { pixels, lefts } = edges();
        svg.replaceChildren();
        const add = (name, attributes, text) => {
          const shape = document.createElementNS("http://www.w3.org/2000/svg", name);
          Object.entries(attributes).forEach(([key, x]) => shape.setAttribute(key, x));
          if (text) shape.textContent = text;
          svg.append(shape);
        };
        model.get("tokens").forEach((token, i) => {
          const x = lefts[i], width = value(i, 0) * pixels;
          if (i === at) add("rect", { x, y: 0, width, height: 225, fill: "#8884" });
          add("text", { x: x + width / 2, y: 12, "font-size": 10, "text-anchor": "middle",
                        fill: "currentColor" }, token);
          [1, 2].forEach((kind) => {
            const lane = LANES[kind], y = height(i, kind);
            const color = kind === 1 ? "#1f77b4" : "#ff7f0e";
            add("rect", { x, y, width, height: lane.top + lane.height - y, fill: color,
                          opacity: 0.35 });
            add("rect", { x, y: y - 2, width, height: 4, fill: color });
          });
          add("line", { x1: x + width, x2: x + width, y1: 0, y2: 225, stroke: "#888" });
        });
        [["pitch", 1], ["energy", 2]].forEach(([name, kind]) => add("text",
          { x: WIDTH - 4, y: LANES[kind].top + 10, "font-size": 10, "text-anchor": "end",
            fill: "currentColor" }, name));
        if (at >= 0) told.textContent = `${model.get("tokens")[at]}: `
          + `${(1000 * value(at, 0)).toFixed(0)} ms (${factors[at][0].toFixed(2)}), `
          + `${value(at, 1).toFixed(0)} Hz (${factors[at][1].toFixed(2)}), `
          + `${value(at, 2).toFixed(1)} dB (${factors[at][2].toFixed(2)})`;
      }
      function set(kind, factor) {
        factors[at][kind] = limit(factor);
        changed = true;
        draw();
      }
      function tell() {
        if (!changed) return;
        changed = false;
        model.set("factors", factors.map((row) => [...row]));
        model.save_changes();
      }
      function place(event) {
        const box = svg.getBoundingClientRect();
        return { x: (event.clientX - box.left) * WIDTH / box.width,
                 y: (event.clientY - box.top) * WIDTH / box.width };
      }

      svg.onpointerdown = (event) => {
        const { x, y } = place(event), { pixels, lefts } = edges();
        const ends = lefts.map((left, i) => left + value(i, 0) * pixels);
        let i = ends.findIndex((end) => Math.abs(end - x) <= EDGE), kind = 0;
        if (i < 0) {
          i = ends.findIndex((end) => x < end);
          kind = y < 135 ? 1 : 2;
        }
        if (i < 0) return;
        at = i;
        held = { kind, x: lefts[i], pixels };
        svg.setPointerCapture(event.pointerId);
        draw();
      };
      svg.onpointermove = (event) => {
        if (!held) return;
        const { x, y } = place(event), { kind } = held, usual = model.get("usual")[at][kind];
        if (kind === 0) return set(0, (x - held.x) / held.pixels / usual);
        const [low, high] = scale(kind), lane = LANES[kind];
        const there = low + (high - low) * (1 - (y - lane.top) / lane.height);
        set(kind, kind === 1 ? Math.exp(there) / usual : 10 ** ((there - usual) / 20));
      };
      svg.onpointerup = svg.onpointercancel = () => { held = null; tell(); };

      area.onkeydown = (event) => {
        const step = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
        if (!step) return;
        event.preventDefault();
        const sideways = event.key === "ArrowRight" || event.key === "ArrowLeft";
        if (at < 0 || (sideways && !event.shiftKey)) {
          at = Math.min(factors.length - 1, Math.max(0, at + step));
          return draw();
        }
        const kind = sideways ? 0 : event.shiftKey ? 2 : 1;
        set(kind, factors[at][kind] * 2 ** (step * (kind === 1 ? 1 / 12 : 1 / 4)));
      };
      area.onkeyup = tell;

      function read() {
        factors = model.get("factors").map((row) => [...row]);
        at = Math.min(at, factors.length - 1);
        draw();
      }
      read();
      const changes = ["factors", "tokens", "usual"].map((name) => `change:${name}`);
      changes.forEach((name) => model.on(name, read));  // another text may leave some unchanged
      return () => changes.forEach((name) => model.off(name, read));
    }
    export default { render };
    """


class ProsodyEditor(StaticView):
    """A sentence as a row of phonemes whose length, pitch and energy can be dragged.

    Drag a right edge for the length, the blue bars for the pitch, the orange ones for the energy;
    the sentence is spoken again when you release the mouse button. With the keyboard: the right and
    left arrows choose a phoneme, up and down change its pitch by a semitone; with Shift, its length
    and energy. Enter in the text box starts with another sentence; *As usual* undoes all changes.

    Parameters
    ----------
    voice
        A FastSpeech 2, e.g. `load_voice("mini-fastspeech2")`.
    text
        The initial text in the box.
    speaker
        One of the voice's speakers; None is the first.

    Raises
    ------
    ValueError
        If the voice doesn't predict pitch and energy.

    Taught in: notebooks/09_fastspeech
    """

    def __init__(
        self,
        voice: "Synthesizer",
        *,
        text: str = "Did you see the grey cat?",
        speaker: str | None = None,
    ):
        self._voice, self._speaker = voice, speaker
        self._said: list[list[float]] = []  # the factors last time
        self._text = ipywidgets.Text(
            value=text,
            description="Text",
            continuous_update=False,
            layout=ipywidgets.Layout(width="60%"),
        )
        self._usual = ipywidgets.Button(
            description="As usual", icon="undo", tooltip="Take all changes back"
        )
        self._told = ipywidgets.HTML()
        self._lanes = _Lanes()
        self._player = ipywidgets.HTML()
        self._image = ipywidgets.Image(format="png", layout=ipywidgets.Layout(max_width="100%"))
        super().__init__(
            [self._text, self._lanes, self._usual, self._told, self._player, self._image]
        )
        self._begin()
        self._text.observe(lambda _: self._answer(self._begin), names="value")
        self._lanes.observe(lambda _: self._answer(self._say), names="factors")
        self._usual.on_click(lambda _: self._take_back())

    @property
    def factors(self) -> torch.Tensor:
        """Return the changes, (3, N): length, pitch and energy of each token; 1 is unchanged."""
        return torch.tensor(self._lanes.factors, dtype=torch.float32).T

    def static_html(self) -> str:
        """Return the sound and the picture of the sentence as it was last spoken."""
        data = base64.b64encode(self._image.value).decode("ascii")
        alt = "mel, pitch and energy of each phoneme"
        return (
            f"<p>{html.escape(self._text.value)}</p>{self._told.value}{self._player.value}"
            f'<img alt="{alt}" src="data:image/png;base64,{data}">'
        )

    def _begin(self) -> None:
        """Start a new sentence, as the model itself would speak it."""
        speech = self._voice(self._text.value, speaker=self._speaker)
        if speech.pitch is None or speech.energy is None:
            raise ValueError(
                "this voice plans no pitch and energy for its phonemes; give a FastSpeech 2"
            )
        seconds = speech.durations / self._voice.audio.frames_per_second
        with self._lanes.hold_sync(), self._lanes.hold_trait_notifications():
            self._lanes.tokens = ["␣" if token == " " else token for token in speech.tokens]
            rows = torch.stack([seconds, speech.pitch, DECIBELS * speech.energy], dim=1)
            self._lanes.usual = rows.tolist()
            self._said = torch.ones_like(rows).tolist()
            self._lanes.factors = self._said
        self._show(speech)

    def _say(self) -> None:
        if self._lanes.factors != self._said:
            self._said, factors = self._lanes.factors, self.factors
            self._show(self._voice(self._text.value, speaker=self._speaker, token_factors=factors))

    def _take_back(self) -> None:
        self._lanes.factors = [[1.0, 1.0, 1.0] for _ in self._lanes.tokens]

    def _answer(self, action) -> None:
        """Run an action; show an error in a text instead of the sound."""
        try:
            action()
        except ValueError as error:
            self._told.value = f'<span role="alert">{html.escape(str(error))}</span>'
            self._player.value = ""  # the last sound isn't this text's

    def _show(self, speech: "Speech") -> None:
        self._told.value = f'<span role="status">{speech.seconds:.2f} s</span>'
        sound = speech.waveform.clamp(-1, 1)
        self._player.value = play(sound, sample_rate=speech.sample_rate)._repr_html_()
        self._image.value = plot_prosody(
            speech.mel,
            speech.durations,
            tokens=speech.tokens,
            pitch=speech.pitch,
            energy=speech.energy,
            audio=self._voice.audio,
        ).png()
