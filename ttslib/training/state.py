"""The state of a training: its settings, progress, validations, and folder."""

import dataclasses
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NamedTuple, Protocol, TypeVar

import torch
from torch import Tensor
from tqdm.auto import tqdm

from ttslib.checkpoints import Checkpoint, explained, load_checkpoint

__all__ = [
    "Monitor",
    "Preset",
    "Progress",
    "Run",
    "TrainingSettings",
    "TrainingStopped",
    "Validation",
]

FIXED = ("seed", "frame_budget", "segment_frames", "accumulate", "schedule_steps")
"""Settings that determine a step's clips, so they can't change in the middle of a training."""
FREE = ("steps", "validate_every", "save_every", "mixed_precision", "compile")
"""Settings that may change without notice."""


@dataclass(frozen=True, kw_only=True)
class TrainingSettings:
    """How to train; the defaults suit the small Tacotron 2 on two CPU cores.

    All schedules are `schedule_steps` long, however far a training is extended. If `steps` is
    raised from 20,000 to 60,000 on resume, the learning rate stays at the end of its schedule.
    """

    steps: int = 900  # of the optimizer
    schedule_steps: int | None = None  # length of all schedules; None: as many as `steps`
    frame_budget: int = 6000  # mel frames in a batch, padding included
    accumulate: int = 1  # batches per step (in each process)
    peak_learning_rate: float = 2e-3
    warmup: float = 0.1  # share of the schedule over which the learning rate rises
    hold: float = 0.0  # share of the schedule for which it then stays at its peak
    decay: Literal["cosine", "exponential", "inverse_sqrt"] = "cosine"
    final: float = 0.01  # share of the peak at the end of the schedule; inverse_sqrt has no end
    weight_decay: float = 1e-6
    gradient_clip: float = 1.0  # largest norm of the gradient
    betas: tuple[float, float] = (0.9, 0.999)  # AdamW's decay rates: of the gradients, the squares
    mixed_precision: str = "no"  # "bf16" or "fp16"
    compile: bool = False  # let torch.compile fuse the model's operations
    seed: int = 0
    validate_every: int = 100  # steps
    save_every: int = 100  # steps

    def progress(self, step: int) -> float:
        """Return the share of the schedule before `step`, in 0..1."""
        return min(1.0, step / max(1, self.schedule_steps or self.steps))

    def learning_rate(self, step: int) -> float:
        """Return the learning rate of a step: it rises to the peak, stays there, then decays."""
        length = self.schedule_steps or self.steps
        rising = max(1, round(self.warmup * length))
        if step < rising:
            return self.peak_learning_rate * (step + 1) / rising
        if self.decay == "inverse_sqrt":
            return self.peak_learning_rate * math.sqrt(rising / (step + 1))
        held = rising + round(self.hold * length)
        fallen = min(1.0, max(0, step - held) / max(1, length - held))
        if self.decay == "exponential":
            return self.peak_learning_rate * self.final**fallen
        half = (1 - self.final) / 2
        return self.peak_learning_rate * (self.final + half + half * math.cos(fallen * math.pi))


@dataclass(frozen=True)
class Preset:
    """A model's size and the settings that train it, chosen together."""

    config: Callable  # returns the config; an acoustic model's takes n_symbols and n_speakers
    settings: dict  # the settings that differ from their defaults
    parts: dict = field(
        default_factory=dict
    )  # functions that return further configs: a GAN's discriminators


class TrainingStopped(RuntimeError):
    """A loss or its gradient became NaN or infinite; the message names the clips of the batch."""


class Validation(NamedTuple):
    """Results on held-out sentences."""

    losses: dict[str, float]  # under teacher forcing
    figures: dict[str, float]  # free-running
    summary: str  # the figures in words
    score: float  # lower is better; it selects the best checkpoint
    alignment: Tensor | None  # (T, N) of one sentence, free-running; None for a vocoder
    waveform: Tensor | None  # (S,) of the same sentence; None: the model makes no sound
    sample_rate: int  # Hz

    @property
    def followed(self) -> str:
        """Return the name of the loss to follow: "loss", or the first if there is no such sum."""
        return "loss" if "loss" in self.losses else next(iter(self.losses))


class Monitor(Protocol):
    """Watch a training, and stop it if need be: see `ttslib.lab.widgets`."""

    def on_step(self, step: int, losses: dict[str, float]) -> None:
        """Receive the losses of a step."""

    def on_validation(self, step: int, validation: Validation) -> None:
        """Receive the results of a validation."""

    def should_stop(self) -> bool:
        """Return True to save and end now."""


@dataclass
class Progress:
    """The progress of a training, stored in the checkpoint."""

    step: int = 0
    seconds: float = 0.0  # spent training, over all sessions
    best_score: float = float("inf")
    history: list[dict] = field(default_factory=list)  # losses: {"step", "loss", "mel", ...}
    validations: list[dict] = field(default_factory=list)  # {"step", "loss", "found", ...}
    scaler: dict = field(default_factory=dict)  # fp16's loss scale


Settings = TypeVar("Settings", bound=TrainingSettings)


@dataclass(frozen=True)
class Run:
    """One training's folder, its history for people, and its monitor.

    Parameters
    ----------
    folder : path
        Receives `last.safetensors`, `best.safetensors` and TensorBoard's files.
    resume : bool
        Continue from `last.safetensors` if there is one.
    provenance : dict, optional
        For people: the corpus, the command.
    monitor : Monitor, optional

    Taught in: notebooks/05_training
    """

    folder: str | Path
    resume: bool = False
    provenance: dict = field(default_factory=dict)
    monitor: Monitor | None = None

    @property
    def last(self) -> Path:
        """Return the path of the checkpoint from which a resumed training continues."""
        return Path(self.folder) / "last.safetensors"

    @property
    def best(self) -> Path:
        """Return the path of the checkpoint with the best validation."""
        return Path(self.folder) / "best.safetensors"

    def result(self) -> Checkpoint:
        """Read the best checkpoint, or the last one if there was no validation."""
        return load_checkpoint(self.best if self.best.exists() else self.last)

    def require_whole(self) -> None:
        """Raise a ValueError if there is a best checkpoint, but no last one to resume from."""
        if self.best.exists() and not self.last.exists():
            raise ValueError(
                f"{self.folder} holds best.safetensors, but no last.safetensors to resume from; "
                "restore that, move the folder away, or train into another one"
            )

    def begin(self, template: Checkpoint, settings: Settings) -> tuple[Checkpoint, Settings]:
        """Return the checkpoint to start from, and the settings with their schedule's length.

        Raises
        ------
        ValueError
            When there is a best checkpoint and no last one; when the one to resume has another
            model, config, mel, tokenizer, list of speakers or corpus, lacks the optimizer's state,
            or has gone beyond `settings.steps`; or when a setting that determines a step's clips
            differs.
        """
        self.require_whole()
        if self.resume and self.last.exists():
            saved = load_checkpoint(self.last)
            _require_same_parts(saved, template, self.last)
            with explained(self.last, "has a broken record of its training"):
                Progress(**saved.progress)
                settings = _continued(saved, settings, self.last)
            template = dataclasses.replace(
                template,
                weights=saved.weights,
                training=saved.training,
                progress=saved.progress,
                provenance=saved.provenance,
            )
        provenance = template.provenance | self.provenance
        provenance |= {"settings": dataclasses.asdict(settings)}
        return dataclasses.replace(template, provenance=provenance), settings


def _require_same_parts(saved: Checkpoint, template: Checkpoint, path: Path) -> None:
    for name in ("model", "config", "audio", "tokenizer", "speakers"):
        ours, theirs = getattr(template, name), getattr(saved, name)
        if ours != theirs:
            raise ValueError(
                f"{path} was trained with another {name} ({theirs}, now {ours}); train into "
                "another folder or set it back"
            )
    for name, tensor in template.statistics.items():
        there = saved.statistics.get(name)
        if there is None or there.shape != tensor.shape or not torch.allclose(there, tensor):
            raise ValueError(
                f"{path} was trained on another corpus (the {name} of its mels differs); train "
                "into another folder or give that corpus"
            )


def _continued(saved: Checkpoint, settings: Settings, path: Path) -> Settings:
    """Return the settings with the saved training's schedule; raise an error for fixed ones."""
    step = saved.progress["step"]
    if step and not any(name.startswith("exp_avg.") for name in saved.training):
        raise ValueError(f"{path} lacks the optimizer's state; resume from a training's own last")
    if settings.steps < step:
        raise ValueError(
            f"{path} has trained {step} steps already, more than steps={settings.steps}; raise "
            "steps, or train into another folder"
        )
    before = saved.provenance.get("settings", {})
    if settings.schedule_steps is None and before:
        length = before.get("schedule_steps") or before["steps"]
        settings = dataclasses.replace(settings, schedule_steps=length)
        before = before | {"schedule_steps": length}
    for name, value in dataclasses.asdict(settings).items():
        then = before.get(name, value)
        then = tuple(then) if isinstance(then, list) else then
        if then == value or name in FREE:
            continue
        if name in FIXED:
            raise ValueError(
                f"{path} was trained with {name}={then}, now it is {value}; set it back, or train "
                "into another folder"
            )
        tqdm.write(f"from step {step} on, {name} is {value} (it was {then})")
    return settings
