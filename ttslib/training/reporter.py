"""The outputs of a training: the progress bar, TensorBoard, validation, checkpoints.

They are separate from the loop so that the loop stays short.
"""

import contextlib
import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

import torch
from accelerate import Accelerator
from torch import Tensor, nn
from tqdm.auto import tqdm

from ttslib.checkpoints import Checkpoint, save_checkpoint
from ttslib.training.averaging import AveragedGenerator
from ttslib.training.state import Progress, Run, TrainingSettings, Validation

__all__ = ["Reporter", "optimizer_tensors", "restore_model", "restore_optimizer"]

MODEL = "model."  # prefix for the names of weights that only training needs
HISTORY = 1000  # rows of losses that a checkpoint keeps at most


class Reporter:
    """Report each step, validate and save; only the main process prints or writes anything."""

    def __init__(
        self,
        accelerator: Accelerator,
        validate: Callable[[Any], Validation],
        settings: TrainingSettings,
        template: Checkpoint,
        run: Run,
    ):
        self.accelerator, self.validate, self.settings = accelerator, validate, settings
        self.template, self.run = template, run
        self.writer = None
        if accelerator.scaler is not None and template.progress.get("scaler"):
            accelerator.scaler.load_state_dict(template.progress["scaler"])

    @contextlib.contextmanager
    def bar(self, progress: Progress) -> Iterator[tqdm]:
        """Show the progress bar; TensorBoard's files are closed with it."""
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
        """Log the losses; validate and save when they are due."""
        if self.accelerator.is_main_process:
            values = {name: loss.item() for name, loss in losses.items()}
            if progress.step % max(1, self.settings.steps // HISTORY) == 0:
                progress.history.append({"step": progress.step, **values})
            self._log("train", values, progress.step)
            bar.set_postfix_str(f"loss {values['loss']:.3f}", refresh=False)
            bar.update()
            if self.run.monitor is not None:
                self.run.monitor.on_step(progress.step, values)
        last = progress.step == self.settings.steps
        best = False
        if progress.step % self.settings.validate_every == 0 or last:
            best = self._validate(model, progress)
        if best:
            self.save("best", model, optimizer, progress)
        if progress.step % self.settings.save_every == 0 and not last:  # the loop saves the last
            self.save("last", model, optimizer, progress)

    def _validate(self, model: nn.Module, progress: Progress) -> bool:
        """Validate in all processes; return True in the main one if this model is the best yet."""
        found = self.validate(self.accelerator.unwrap_model(model))
        if not self.accelerator.is_main_process:
            return False
        freely = "free-running: " if found.alignment is not None else ""
        name = found.followed
        tqdm.write(
            f"step {progress.step}: held-out {name} {found.losses[name]:.3f}; {freely}"
            f"{found.summary}"
        )
        self._log("validation", found.losses | found.figures, progress.step)
        self._show(found, progress.step)
        progress.validations.append({"step": progress.step, **found.losses, **found.figures})
        best = found.score < progress.best_score
        progress.best_score = min(progress.best_score, found.score)  # a NaN doesn't count
        if self.run.monitor is not None:
            self.run.monitor.on_validation(progress.step, found)
        return best

    def _show(self, found: Validation, step: int) -> None:
        """Write a validation's alignment and sound to TensorBoard."""
        if found.alignment is not None:
            from ttslib.plots.alignments import plot_alignment  # matplotlib is slow to import

            picture = plot_alignment(found.alignment)
            self._writer().add_figure("attention", picture, step, close=False)
        if found.waveform is not None:
            audible = found.waveform[None].clamp(-1, 1)
            self._writer().add_audio("speech", audible, step, found.sample_rate)

    def save(
        self, name: str, model: nn.Module, optimizer: torch.optim.Optimizer, progress: Progress
    ) -> None:
        """Write `<name>.safetensors`: the template with weights, optimizer and progress."""
        if not self.accelerator.is_main_process:
            return
        plain = self.accelerator.unwrap_model(model)
        if self.accelerator.scaler is not None:
            progress.scaler = self.accelerator.scaler.state_dict()
        weights: dict[str, Tensor] = plain.state_dict()
        beside: dict[str, Tensor] = {}
        if isinstance(plain, AveragedGenerator):
            weights, beside = plain.split_state()
        checkpoint = dataclasses.replace(
            self.template,
            weights=weights,
            training=optimizer_tensors(optimizer, plain) | _prefixed(MODEL, beside),
            progress=dataclasses.asdict(progress),
        )
        save_checkpoint(self.run.last.with_name(f"{name}.safetensors"), checkpoint)

    def _log(self, group: str, values: dict[str, float], step: int) -> None:
        for name, value in values.items():
            self._writer().add_scalar(f"{group}/{name}", value, step)

    def _writer(self):
        if self.writer is None:
            try:
                from torch.utils.tensorboard import SummaryWriter  # slow to import
            except ModuleNotFoundError:  # it comes with the extra "lab"
                self.writer = _NoWriter()
            else:
                self.writer = SummaryWriter(str(self.run.last.with_name("tensorboard")))
        return self.writer


class _NoWriter:
    """A replacement if TensorBoard isn't installed: checkpoints still keep the losses."""

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *_, **__: None


def restore_model(model: nn.Module, template: Checkpoint) -> None:
    """Load a checkpoint's weights into the model to train."""
    if isinstance(model, AveragedGenerator):
        model.join_state(template.weights, _unprefixed(MODEL, template.training))
    else:
        model.load_state_dict(template.weights)


def optimizer_tensors(optimizer: torch.optim.Optimizer, model: nn.Module) -> dict[str, Tensor]:
    """Return an optimizer's state by the parameters' names: `exp_avg.encoder.embedding.weight`."""
    names = [name for name, _ in model.named_parameters()]
    return {
        f"{key}.{names[index]}": value
        for index, state in optimizer.state_dict()["state"].items()
        for key, value in state.items()
    }


def restore_optimizer(
    optimizer: torch.optim.Optimizer, model: nn.Module, tensors: dict[str, Tensor]
) -> None:
    """Load what `optimizer_tensors` returned into an optimizer; an empty dict changes nothing."""
    parameters = dict(model.named_parameters())
    indices = {name: index for index, name in enumerate(parameters)}
    state: dict[int, dict[str, Tensor]] = {}
    for full_name, tensor in tensors.items():
        if full_name.startswith(MODEL):
            continue
        key, _, name = full_name.partition(".")
        if tensor.shape == parameters[name].shape:  # same memory layout, as AdamW expects
            tensor = torch.empty_like(parameters[name], dtype=tensor.dtype).copy_(tensor)
        state.setdefault(indices[name], {})[key] = tensor
    if state:
        groups = optimizer.state_dict()["param_groups"]
        optimizer.load_state_dict({"state": state, "param_groups": groups})


def _prefixed(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {prefix + name: tensor for name, tensor in tensors.items()}


def _unprefixed(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {n.removeprefix(prefix): t for n, t in tensors.items() if n.startswith(prefix)}
