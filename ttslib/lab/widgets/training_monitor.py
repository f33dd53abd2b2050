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
    from ttslib.training.state import Validation

__all__ = ["TrainingMonitor"]


class TrainingMonitor(StaticView):
    """Live losses, the newest alignment and a stop button; a context manager.

    It is a `ttslib.training.Monitor`: the training loop calls `on_step` after each step and
    `on_validation` after each validation, and ends cleanly once `should_stop()` is true::

        with TrainingMonitor() as monitor:  # displays itself
            train(..., monitor=monitor)

    While a cell runs, its thread is busy, so the click must reach Python in another one. Jupyter
    has two ways, and the button works with either. JupyterLab 4.4 and later passes the messages of
    widgets to a separate thread (a "subshell" of ipykernel 7). And ipykernel 7.4 and later asks
    each widget, in the thread that receives all messages, which thread should handle this one. So
    the training itself needs no thread. With an older kernel the click waits for the end of the
    cell: there, interrupt the kernel, which ends the training as cleanly as Ctrl-C.

    Parameters
    ----------
    seconds_between_pictures
        The minimum; if drawing is slow, there are fewer pictures, so that they take at most a
        twentieth of the time.

    Taught in: notebooks/05_training
    """

    def __init__(self, *, seconds_between_pictures: float = 2.0):
        self._stop = threading.Event()
        self._pause = seconds_between_pictures
        self._next_picture = 0.0
        self._losses: dict[str, list[float]] = {}
        self._steps: dict[str, list[int]] = {}
        self._followed = "loss"  # the loss to draw, for training and held-out sentences
        self._alignment: Tensor | None = None
        self._button = ipywidgets.Button(
            description="Stop", icon="stop", tooltip="Stop the training after this step"
        )
        self._button.on_click(self._on_click)
        # ipykernel 7.4 sends a click to the thread that created the button, a busy one, unless this
        # method returns another; older versions don't call it.
        self._button.comm._reply_subshell_for = self._route_click
        self._status = ipywidgets.HTML("waiting for the first step")
        self._figures = ipywidgets.HTML()
        self._image = ipywidgets.Image(format="png", layout=ipywidgets.Layout(max_width="100%"))
        top = ipywidgets.HBox([self._button, self._status])
        super().__init__([top, self._image, self._figures])

    def on_step(self, step: int, losses: dict[str, float]) -> None:
        """Record one training step's losses."""
        self._note("", step, losses)
        self._status.value = f"step {step}, loss {losses.get('loss', float('nan')):.4f}"
        if time.monotonic() >= self._next_picture:
            self._draw()

    def on_validation(self, step: int, validation: "Validation") -> None:
        """Record the results of a validation and draw its alignment."""
        self._followed = validation.followed
        self._note("held-out ", step, validation.losses)
        self._alignment = validation.alignment
        self._figures.value = " &nbsp; ".join(
            f"{html.escape(name)} <b>{value:.3g}</b>" for name, value in validation.figures.items()
        )
        self._draw()

    def should_stop(self) -> bool:
        """Return True once the button was pressed."""
        return self._stop.is_set()

    def picture(self) -> Picture:
        """Return the losses so far, beside the newest alignment once there is one.

        Raises
        ------
        ValueError
            No step was taken yet.
        """
        picture = Picture(3.0)
        left, *right = picture.subplots(1, 1 if self._alignment is None else 2, squeeze=False)[0]
        names = (self._followed, f"held-out {self._followed}")
        shown = {name: self._losses[name] for name in names if name in self._losses}
        draw_losses(left, shown or self._losses, steps=self._steps)
        for axes in right:
            draw_alignment(axes, self._alignment)
            axes.set_title("attention, held-out sentence", fontsize=10)
        return picture

    def static_html(self) -> str:
        """Return the picture, the last step and the last validation's figures."""
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
        self._button.description = "Stopped" if self.should_stop() else "Finished"
        if self._losses:
            self._draw()
        if self._shown is not None:  # None outside IPython
            self._shown.update(self)  # the last picture, for the saved page

    def _note(self, prefix: str, step: int, losses: dict[str, float]) -> None:
        for name, value in losses.items():
            self._losses.setdefault(prefix + name, []).append(float(value))
            self._steps.setdefault(prefix + name, []).append(step)

    def _draw(self) -> None:
        started = time.monotonic()
        self._image.value = self.picture().png()
        done = time.monotonic()
        self._next_picture = done + (max(self._pause, 20 * (done - started)))

    def _on_click(self, button: ipywidgets.Button) -> None:
        self._stop.set()
        button.disabled = True
        button.description = "Stopping"

    def _route_click(self, message: dict, subshell: str | None) -> str | None:
        """Record a click at once, in the receiving thread; leave the rest to the front end."""
        if message.get("method") == "custom":
            self._stop.set()
        return subshell
