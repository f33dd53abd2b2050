"""Sliders for screen readers: for them, ipywidgets' own have neither a name nor a value."""

from collections.abc import Mapping, Sequence

import anywidget
import traitlets

__all__ = ["Sliders"]


class Sliders(anywidget.AnyWidget):
    """Sliders one below the other, each over a few values.

    Move them with the mouse or, when they have the focus, with the arrow keys, Home and End;
    `observe(..., names="chosen")` is notified.

    Parameters
    ----------
    values
        Name -> the values that its slider can take, in order.
    chosen
        Name -> its initial value.

    Raises
    ------
    ValueError
        A slider's initial value isn't one of its values.

    Taught in: notebooks/02_mel_spectrograms
    """

    names = traitlets.List(traitlets.Unicode()).tag(sync=True)
    labels = traitlets.List(traitlets.List(traitlets.Unicode())).tag(sync=True)
    chosen = traitlets.List(traitlets.Int()).tag(sync=True)  # the index of each value

    _esm = """
    function render({ model, el }) {
      const rows = model.get("names").map((name, i) => {
        const labels = model.get("labels")[i];
        const [row, title, input, told] =
          ["label", "span", "input", "output"].map((tag) => document.createElement(tag));
        row.style = "display:grid;grid-template-columns:9em 18em auto;gap:8px;align-items:center";
        title.textContent = name;
        Object.assign(input, { type: "range", min: 0, max: labels.length - 1 });
        input.setAttribute("aria-label", name);
        input.dataset.lmSuppressShortcuts = true;  // its arrow keys aren't for the notebook
        input.oninput = () => {
          model.set("chosen", model.get("chosen").map((at, j) => (j === i ? +input.value : at)));
          model.save_changes();
        };
        row.append(title, input, told);
        return { row, labels, input, told };
      });
      const show = () => rows.forEach(({ labels, input, told }, i) => {
        input.value = model.get("chosen")[i];
        told.textContent = labels[input.value];
        input.setAttribute("aria-valuetext", told.textContent);
      });
      show();
      model.on("change:chosen", show);
      el.append(...rows.map(({ row }) => row));
      return () => model.off("change:chosen", show);
    }
    export default { render };
    """

    def __init__(self, values: Mapping[str, Sequence[float]], *, chosen: Mapping[str, float]):
        for name, of_one in values.items():
            if chosen[name] not in of_one:
                raise ValueError(f"slider {name!r} can't be at {chosen[name]}; it has {of_one}")
        self._values = [list(of_one) for of_one in values.values()]
        super().__init__(
            names=list(values),
            labels=[[_label(value) for value in of_one] for of_one in self._values],
            chosen=[list(of_one).index(chosen[name]) for name, of_one in values.items()],
        )

    @property
    def values(self) -> dict[str, float]:
        """Return the sliders' values: name -> value."""
        return {
            name: of_one[place]
            for name, of_one, place in zip(self.names, self._values, self.chosen, strict=True)
        }


def _label(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:g}"
