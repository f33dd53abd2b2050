"""What a training tells and keeps: the bar, TensorBoard, validation, checkpoints.

It stands beside the loop so that the loop can stay short.
"""

import contextlib
import dataclasses
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

import torch
from accelerate import Accelerator
from torch import Tensor, nn
from tqdm.auto import tqdm

from ttslib import plots
from ttslib.checkpoints import Checkpoint, save_checkpoint
from ttslib.training.averaging import AveragedGenerator

if TYPE_CHECKING:
    from ttslib.training.loop import TrainingSettings

__all__ = ["Monitor", "Progress", "Reporter", "Validation"]

MODEL = "model."  # before the names of weights that only training needs
HISTORY = 1000  # rows of losses that a checkpoint keeps at the most


class Validation(NamedTuple):
    """What a look at held-out sentences found."""

    losses: dict[str, float]  # under teacher forcing
    figures: dict[str, float]  # free-running
    summary: str  # the figures in words
    score: float  # the smaller the better: it chooses the best checkpoint
    alignment: Tensor | None  # (T, N) of one sentence spoken freely; a vocoder has none
    waveform: Tensor | None  # (S,) of the same sentence; None: it makes no sound
    sample_rate: int  # Hz

    @property
    def followed(self) -> str:
        """The name of the loss to follow: "loss", or the first where there is no such sum."""
        return "loss" if "loss" in self.losses else next(iter(self.losses))


class Monitor(Protocol):
    """Somebody who watches a training and may stop it: see `ttslib.lab.widgets`."""

    def on_step(self, step: int, losses: dict[str, float]) -> None:
        """Be told the losses of a step."""

    def on_validation(self, step: int, validation: Validation) -> None:
        """Be told what a validation found."""

    def should_stop(self) -> bool:
        """Say whether to save and end now."""


@dataclass
class Progress:
    """How far a training has come; it travels in the checkpoint."""

    step: int = 0
    seconds: float = 0.0  # spent training, all sittings together
    best_score: float = float("inf")
    history: list[dict] = field(default_factory=list)  # losses: {"step", "loss", "mel", ...}
    validations: list[dict] = field(default_factory=list)  # {"step", "loss", "found", ...}
    scaler: dict = field(default_factory=dict)  # fp16's loss scale


class Reporter:
    """Tells of each step and saves; only the main process says or writes anything."""

    def __init__(
        self,
        accelerator: Accelerator,
        validate: Callable[[nn.Module], Validation],
        settings: "TrainingSettings",
        template: Checkpoint,
        folder: Path,
        monitor: Monitor | None,
    ):
        self.accelerator, self.validate, self.settings = accelerator, validate, settings
        self.template, self.folder, self.monitor = template, folder, monitor
        self.writer = None
        if accelerator.scaler is not None and template.progress.get("scaler"):
            accelerator.scaler.load_state_dict(template.progress["scaler"])

    @contextlib.contextmanager
    def bar(self, progress: Progress) -> Iterator[tqdm]:
        """The progress bar: steps, loss, speed, time left. TensorBoard's files end with it."""
        try:
            with tqdm(
                total=self.settings.steps,
                initial=progress.step,
                unit="step",
                desc="training",
                disable=not self.accelerator.is_main_process,
            ) as bar:
                yield bar
        finally:
            if self.writer is not None:
                self.writer.close()

    def after_step(
        self,
        bar: tqdm,
        model: nn.Module,
        optimizer: torch.optim.Optimizer,
        progress: Progress,
        losses: dict[str, Tensor],
    ) -> None:
        """Log the losses; validate and save when it is time."""
        if self.accelerator.is_main_process:
            values = {name: loss.item() for name, loss in losses.items()}
            if progress.step % max(1, self.settings.steps // HISTORY) == 0:
                progress.history.append({"step": progress.step, **values})
            self._log("train", values, progress.step)
            bar.set_postfix_str(f"loss {values['loss']:.3f}", refresh=False)
            bar.update()
            if self.monitor is not None:
                self.monitor.on_step(progress.step, values)
        last = progress.step == self.settings.steps
        best = False
        if progress.step % self.settings.validate_every == 0 or last:
            best = self._validate(model, progress)
        if best:
            self.save("best", model, optimizer, progress)
        if progress.step % self.settings.save_every == 0 and not last:  # the loop saves the last
            self.save("last", model, optimizer, progress)

    def _validate(self, model: nn.Module, progress: Progress) -> bool:
        """Look at held-out sentences; say whether this is the best model so far."""
        best = False
        if self.accelerator.is_main_process:
            found = self.validate(self.accelerator.unwrap_model(model))
            freely = "free-running: " if found.alignment is not None else ""
            name = found.followed
            tqdm.write(
                f"step {progress.step}: held-out {name} {found.losses[name]:.3f}; {freely}"
                f"{found.summary}"
            )
            self._log("validation", found.losses | found.figures, progress.step)
            writer = self._writer()
            if found.alignment is not None:
                picture = plots.plot_alignment(found.alignment)
                writer.add_figure("attention", picture, progress.step, close=False)
            if found.waveform is not None:
                audible = found.waveform[None].clamp(-1, 1)
                writer.add_audio("speech", audible, progress.step, found.sample_rate)
            progress.validations.append({"step": progress.step, **found.losses, **found.figures})
            best = found.score < progress.best_score
            progress.best_score = min(progress.best_score, found.score)  # a NaN doesn't count
            if self.monitor is not None:
                self.monitor.on_validation(progress.step, found)
        self.accelerator.wait_for_everyone()
        return best

    def save(
        self, name: str, model: nn.Module, optimizer: torch.optim.Optimizer, progress: Progress
    ) -> None:
        """Write `<name>.safetensors`: the template with what the training has made of it."""
        if not self.accelerator.is_main_process:
            return
        plain = self.accelerator.unwrap_model(model)
        if self.accelerator.scaler is not None:
            progress.scaler = self.accelerator.scaler.state_dict()
        weights, beside = plain.state_dict(), {}
        if isinstance(plain, AveragedGenerator):
            weights, beside = plain.split_state()
        checkpoint = dataclasses.replace(
            self.template,
            weights=weights,
            training=optimizer_tensors(optimizer, plain) | _prefixed(MODEL, beside),
            progress=dataclasses.asdict(progress),
        )
        save_checkpoint(self.folder / f"{name}.safetensors", checkpoint)

    def _log(self, group: str, values: dict[str, float], step: int) -> None:
        for name, value in values.items():
            self._writer().add_scalar(f"{group}/{name}", value, step)

    def _writer(self):
        if self.writer is None:
            from torch.utils.tensorboard import SummaryWriter  # slow to import

            self.writer = SummaryWriter(str(self.folder / "tensorboard"))
        return self.writer


def restore_model(model: nn.Module, template: Checkpoint) -> None:
    """Put the weights of a checkpoint back into what was trained."""
    if isinstance(model, AveragedGenerator):
        model.join_state(template.weights, _unprefixed(MODEL, template.training))
    else:
        model.load_state_dict(template.weights)


def optimizer_tensors(optimizer: torch.optim.Optimizer, model: nn.Module) -> dict[str, Tensor]:
    """An optimizer's state by the parameters' names: `exp_avg.encoder.embedding.weight`, ..."""
    names = [name for name, _ in model.named_parameters()]
    return {
        f"{key}.{names[index]}": value
        for index, state in optimizer.state_dict()["state"].items()
        for key, value in state.items()
    }


def restore_optimizer(
    optimizer: torch.optim.Optimizer, model: nn.Module, tensors: dict[str, Tensor]
) -> None:
    """Put back what `optimizer_tensors` took out; nothing when there is nothing."""
    parameters = dict(model.named_parameters())
    indices = {name: index for index, name in enumerate(parameters)}
    state: dict[int, dict[str, Tensor]] = {}
    for full_name, tensor in tensors.items():
        if full_name.startswith(MODEL):
            continue
        key, _, name = full_name.partition(".")
        if tensor.shape == parameters[name].shape:  # laid out in memory alike, as AdamW expects
            tensor = torch.empty_like(parameters[name], dtype=tensor.dtype).copy_(tensor)
        state.setdefault(indices[name], {})[key] = tensor
    if state:
        groups = optimizer.state_dict()["param_groups"]
        optimizer.load_state_dict({"state": state, "param_groups": groups})


def _prefixed(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {prefix + name: tensor for name, tensor in tensors.items()}


def _unprefixed(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {n.removeprefix(prefix): t for n, t in tensors.items() if n.startswith(prefix)}
