"""A training's folder on the command line: its initial settings, and which of them may change.

torch and everything built on it is imported inside the functions, so that `--help` answers at once.
"""

import dataclasses
import json
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ttslib.cli.options import Precision, named, require_place

if TYPE_CHECKING:
    from ttslib.training.state import Run, TrainingSettings

__all__ = ["Begun", "Task"]


class Task(NamedTuple):
    """What a command needs of a model's training."""

    presets: dict
    settings: type
    train: Callable
    prosody: bool = False  # pitch and energy, beside mels


@dataclasses.dataclass(frozen=True)
class Begun:
    """A training's folder, and the settings of the training in it, if there is one."""

    folder: Path
    provenance: dict  # empty where nothing was trained yet

    @classmethod
    def of(
        cls, out: Path | None, model: str, corpora: list[str] | None, *, resume: bool
    ) -> "Begun":
        """Read the folder of a training; one that holds a training needs `resume`."""
        from ttslib.checkpoints import load_checkpoint
        from ttslib.config import data_folder
        from ttslib.training.state import Run

        corpus = "+".join(Path(name).name for name in named(corpora))
        folder = out or data_folder() / "runs" / f"{model}-{corpus}"
        run = Run(require_place(folder))
        run.require_whole()
        last = run.last
        if last.exists() and not resume:
            raise ValueError(
                f"{folder} holds a training; add --resume to continue it, or give another --out"
            )
        return cls(folder, load_checkpoint(last).provenance if last.exists() else {})

    def choose(self, **asked: Any) -> dict[str, Any]:
        """Return the options asked for; for the others, those that the training began with."""
        chosen = {}
        for name, value in asked.items():
            before = self.provenance.get(name)
            before = [before] if name == "corpus" and isinstance(before, str) else before
            if self.provenance and value is not None and value != before:
                raise ValueError(
                    f"{self.folder} was begun with {name}={before}, now it is {value}; leave it "
                    "out, or train into another folder"
                )
            chosen[name] = before if value is None else value
        chosen["corpus"] = named(chosen["corpus"])
        return chosen

    def settings(
        self, task: Task, said: dict, changes: list[str] | None, *,
        steps: int | None, seed: int | None, precision: Precision,
    ) -> "TrainingSettings":  # fmt: skip
        """Return the settings: the original ones or the preset's, then the changes asked for."""
        import torch

        from ttslib.training.loop import native_precision

        before = self.provenance.get("settings")
        known = {field.name for field in dataclasses.fields(task.settings)}
        if before is None:
            if said["preset"] not in (None, *task.presets):
                raise ValueError(
                    f"there is no preset {said['preset']} of this model, only "
                    f"{', '.join(task.presets)}"
                )
            before = task.presets[said["preset"] or "small"].settings
        chosen = {name: value for name, value in before.items() if name in known}
        chosen |= dict(_changed(one, task.settings) for one in changes or ())
        chosen |= {n: v for n, v in (("steps", steps), ("seed", seed)) if v is not None}
        able = precision in (Precision.auto, Precision.no, native_precision())
        if not able and not torch.cuda.is_available():
            raise ValueError(
                f"this processor doesn't compute in {precision.value}; leave --precision out"
            )
        if precision != Precision.auto:
            chosen["mixed_precision"] = precision.value
        elif not self.provenance:
            chosen.setdefault("mixed_precision", native_precision())
        return task.settings(
            **{n: tuple(v) if isinstance(v, list) else v for n, v in chosen.items()}
        )

    def run(self, provenance: dict, minutes: float | None) -> "Run":
        """Return the run that starts or resumes here, limited to some minutes if asked."""
        from ttslib.training.state import Run

        return Run(self.folder, resume=True, provenance=provenance, monitor=_Clock(minutes))

    def best(self) -> Path:
        """Return the best checkpoint's path, or the last one's if none was validated."""
        return next(p for n in ("best", "last") if (p := self.folder / f"{n}.safetensors").exists())


def _changed(text: str, settings: type) -> tuple[str, object]:
    """Read `name=value` as one of these settings."""
    name, equals, written = text.partition("=")
    fields = {field.name: field for field in dataclasses.fields(settings)}
    if not equals or name not in fields:
        raise ValueError(f"--set takes name=value with one of {', '.join(fields)}; got {text!r}")
    try:
        value = json.loads(written.lower() if written in ("True", "False", "None") else written)
    except ValueError:
        value = written
    default = fields[name].default
    if isinstance(default, float) and type(value) is int:
        value = float(value)
    fits = type(value) is type(default) or (isinstance(default, tuple) and isinstance(value, list))
    if default is not None and not fits:
        raise ValueError(f"{name} is a {type(default).__name__}, as {default!r}; got {written!r}")
    return name, value


class _Clock:
    """A monitor that stops a training after some minutes; None lets it run."""

    def __init__(self, minutes: float | None):
        self.end = math.inf if minutes is None else time.monotonic() + 60 * minutes

    def on_step(self, step: int, losses: dict[str, float]) -> None:
        pass

    def on_validation(self, step: int, validation: object) -> None:
        pass

    def should_stop(self) -> bool:
        return time.monotonic() >= self.end
