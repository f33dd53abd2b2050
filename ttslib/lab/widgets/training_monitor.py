"""Watch a training while it runs, and stop it with a button.

Shapes: T frames, N tokens.
"""

import base64
import html
import threading
import time
from typing import TYPE_CHECKING

import ipywidgets
from IPython.display import display
from torch import Tensor

from ttslib.lab.widgets.static_view import StaticView
from ttslib.plots import Picture, draw_alignment, draw_losses

if TYPE_CHECKING:
    from ttslib.training.reporter import Validation

__all__ = ["TrainingMonitor"]


class TrainingMonitor(StaticView):
    """Live losses, the newest alignment and a stop button; a context manager.

    It is a `ttslib.training.Monitor`: the training loop calls `on_step` after each step and
    `on_validation` after each validation, and ends cleanly once `should_stop()` is true.

    ```
    with TrainingMonitor() as monitor:  # shows itself
        train(..., monitor=monitor)
    ```

    While a cell runs, its thread is busy, and the click on the button must reach Python some other
    way. JupyterLab 4.4 and later with ipykernel 7 hands the messages of widgets to a thread of
    their own (a "subshell"), where the click sets a flag that `should_stop` reads; so the training
    itself needs no thread. Where a front end knows no subshells (VS Code), the click waits for the
    cell's end: use the notebook's own "interrupt the kernel" there, which the training takes as
    Ctrl-C and ends as cleanly.

    Parameters
    ----------
    seconds_between_pictures
        Drawing takes a tenth of a second, so that it is not done at each step.

    Taught in: notebooks/05_training
    """

    def __init__(self, *, seconds_between_pictures: float = 2.0):
        self._stop = threading.Event()
        self._pause = seconds_between_pictures
        self._drawn_at = float("-inf")
        self._losses: dict[str, list[float]] = {}
        self._steps: dict[str, list[int]] = {}
        self._alignment: Tensor | None = None
        self._button = ipywidgets.Button(
            description="Stop", icon="stop", tooltip="Stop the training after this step"
        )
        self._button.on_click(self._on_click)
        self._status = ipywidgets.HTML("waiting for the first step")
        self._figures = ipywidgets.HTML()
        self._image = ipywidgets.Image(format="png", layout=ipywidgets.Layout(max_width="100%"))
        top = ipywidgets.HBox([self._button, self._status])
        super().__init__([top, self._image, self._figures])

    def on_step(self, step: int, losses: dict[str, float]) -> None:
        """Take note of one training step's losses."""
        self._note("", step, losses)
        self._status.value = f"step {step}, loss {losses.get('loss', float('nan')):.4f}"
        if time.monotonic() - self._drawn_at >= self._pause:
            self._draw()

    def on_validation(self, step: int, validation: "Validation") -> None:
        """Take note of what a validation found and draw its alignment."""
        self._note("held-out ", step, validation.losses)
        self._alignment = validation.alignment
        self._figures.value = " &nbsp; ".join(
            f"{html.escape(name)} <b>{value:.3g}</b>" for name, value in validation.figures.items()
        )
        self._draw()

    def should_stop(self) -> bool:
        """Whether the button was pressed."""
        return self._stop.is_set()

    def picture(self) -> Picture:
        """The losses so far, beside the newest alignment once there is one.

        Raises
        ------
        ValueError
            No step was taken yet.
        """
        picture = Picture(3.0)
        left, *right = picture.subplots(1, 1 if self._alignment is None else 2, squeeze=False)[0]
        shown = {
            name: self._losses[name] for name in ("loss", "held-out loss") if name in self._losses
        }
        draw_losses(left, shown or self._losses, steps=self._steps)
        for axes in right:
            draw_alignment(axes, self._alignment)
            axes.set_title("attention, held-out sentence", fontsize=10)
        return picture

    def static_html(self) -> str:
        """The picture, the last step and the last validation's figures."""
        image = ""
        if self._image.value:
            data = base64.b64encode(self._image.value).decode("ascii")
            image = f'<img alt="losses and alignment" src="data:image/png;base64,{data}">'
        return f"<div>{self._status.value}</div>{image}<div>{self._figures.value}</div>"

    def __enter__(self) -> "TrainingMonitor":
        self._shown = display(self, display_id=True)
        return self

    def __exit__(self, *_error: object) -> None:
        self._button.disabled = True
        if self._losses:
            self._draw()
        if self._shown is not None:  # None outside IPython
            self._shown.update(self)  # the saved page gets the last picture

    def _note(self, prefix: str, step: int, losses: dict[str, float]) -> None:
        for name, value in losses.items():
            self._losses.setdefault(prefix + name, []).append(float(value))
            self._steps.setdefault(prefix + name, []).append(step)

    def _draw(self) -> None:
        self._image.value = self.picture().png()
        self._drawn_at = time.monotonic()

    def _on_click(self, button: ipywidgets.Button) -> None:
        self._stop.set()
        button.disabled = True
        button.description = "Stopping"
