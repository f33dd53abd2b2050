"""The training loop, short enough to be read aloud.

All randomness of a step is drawn from the seed and the step's number, and the order of the batches
from the seed and the epoch's: so a training that was stopped and resumed gives, bit for bit, the
same weights as one that ran through, and two processes give the same parameters as one that
accumulates the gradients of two batches (batch normalization's running statistics are those of the
first process's batches).
"""

import atexit
import contextlib
import copy
import math
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch
from accelerate import Accelerator
from accelerate.state import AcceleratorState, PartialState
from torch import Tensor, nn
from tqdm.auto import tqdm

from ttslib.checkpoints import Checkpoint
from ttslib.records import TextMelBatch, WaveBatch
from ttslib.training.averaging import AveragedGenerator
from ttslib.training.reporter import (
    Monitor,
    Progress,
    Reporter,
    Validation,
    restore_model,
    restore_optimizer,
)

__all__ = ["TrainingSettings", "TrainingStopped", "native_precision", "train"]


@dataclass(frozen=True, kw_only=True)
class TrainingSettings:
    """How to train; the defaults suit the small Tacotron 2 on two CPU cores."""

    steps: int = 900  # of the optimizer
    frame_budget: int = 6000  # mel frames in a batch, padding included
    accumulate: int = 1  # batches a step (in each process)
    peak_learning_rate: float = 2e-3
    warmup: float = 0.1  # share of the steps over which the learning rate rises
    weight_decay: float = 1e-6
    gradient_clip: float = 1.0  # largest norm of the gradient
    betas: tuple[float, float] = (0.9, 0.999)  # AdamW's: how long it remembers gradients, squares
    mixed_precision: str = "no"  # "bf16" or "fp16"
    seed: int = 0
    validate_every: int = 100  # steps
    save_every: int = 100  # steps

    def learning_rate(self, step: int) -> float:
        """Rise to the peak, then fall to a hundredth of it along a cosine (one cycle)."""
        rising = max(1, round(self.warmup * self.steps))
        if step < rising:
            return self.peak_learning_rate * (step + 1) / rising
        fallen = (step - rising) / max(1, self.steps - rising)
        return self.peak_learning_rate * (0.505 + 0.495 * math.cos(fallen * math.pi))


def native_precision() -> str:
    """The fastest safe `mixed_precision`: "bf16" where the GPU or CPU computes in it, else "no".

    Elsewhere bf16 is imitated, which is slower than float32.
    """
    if torch.cuda.is_available():
        return "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "no"
    capabilities = torch.cpu.get_capabilities()
    native = capabilities.get("amx_bf16", False) or capabilities.get("avx512_bf16", False)
    return "bf16" if native else "no"


class TrainingStopped(RuntimeError):
    """A loss or its gradient became NaN or infinite; the message names the clips of the batch."""


def train(
    model: nn.Module,
    *,
    step: Callable[..., dict[str, Tensor] | Iterator[dict[str, Tensor]]],
    batch: Callable[[int], TextMelBatch | WaveBatch],
    validate: Callable[[nn.Module], Validation],
    settings: TrainingSettings,
    template: Checkpoint,
    folder: str | Path,
    monitor: Monitor | None = None,
) -> Progress:
    """Train until `settings.steps`, Ctrl-C or the monitor says stop; resume what `template` holds.

    Parameters
    ----------
    model : nn.Module
    step : callable
        `(model, batch, progress=0..1) -> dict of losses`, with the entry "loss". A step in which
        several learn in turn yields one such dict for each.
    batch : callable
        The k-th batch of an endless stream; the same k gives the same batch.
    validate : callable
        Looks at the model, on the main process only.
    settings : TrainingSettings
    template : Checkpoint
        All of the checkpoint but what training changes. With `training` and `progress` filled
        (a loaded one), the training continues from there.
    folder : path
        Gets `last.safetensors`, `best.safetensors` and TensorBoard's files.
    monitor : Monitor, optional

    Raises
    ------
    TrainingStopped
        When a loss or its gradient is NaN or infinite. The last checkpoint stays as it was.

    Taught in: notebooks/05_training
    """
    accelerator = _accelerator(settings)
    progress = Progress(**copy.deepcopy(template.progress))
    if template.weights:
        restore_model(model, template)
    optimizer = torch.optim.AdamW(
        model.parameters(), betas=settings.betas, weight_decay=settings.weight_decay, fused=True
    )
    model.to(accelerator.device)
    restore_optimizer(optimizer, model, template.training)
    optimizer = accelerator.prepare(optimizer)
    if not isinstance(model, AveragedGenerator):  # its parts are called one by one: no wrapper fits
        model = accelerator.prepare(model)
    reporter = Reporter(accelerator, validate, settings, template, Path(folder), monitor)

    with _interrupts() as interrupted, reporter.bar(progress) as bar:
        model.train()
        while progress.step < settings.steps:
            started = time.perf_counter()
            for group in optimizer.param_groups:
                group["lr"] = settings.learning_rate(progress.step)
            for part in range(settings.accumulate):
                index = progress.step * settings.accumulate + part
                index = index * accelerator.num_processes + accelerator.process_index
                torch.manual_seed(settings.seed * 1_000_003 + index)  # fixes the dropout
                clips = batch(index).to(accelerator.device)
                losses = {}
                with accelerator.accumulate(model):
                    run = partial(step, model, clips, progress=progress.step / settings.steps)
                    for turn in _each_turn(run, accelerator):
                        _require_finite(turn, clips, progress.step)
                        accelerator.backward(turn["loss"])
                        if accelerator.sync_gradients:
                            _average_gradients(model, accelerator)
                            clip = settings.gradient_clip
                            norm = accelerator.clip_grad_norm_(model.parameters(), clip)
                            if accelerator.scaler is None:  # fp16's own check skips such a step
                                _require_finite({"gradient norm": norm}, clips, progress.step)
                        optimizer.step()
                        optimizer.zero_grad()
                        losses |= turn
            progress.step += 1
            progress.seconds += time.perf_counter() - started
            reporter.after_step(bar, model, optimizer, progress, losses)
            stop = interrupted() or (monitor is not None and monitor.should_stop())
            if _any_process(stop, accelerator):
                tqdm.write(f"stopped after step {progress.step}; resume goes on from here")
                break
        reporter.save("last", model, optimizer, progress)
        accelerator.wait_for_everyone()  # before another process reads what the main one wrote
    return progress


def _accelerator(settings: TrainingSettings) -> Accelerator:
    """One process alone, or one of those that a launcher started: on GPUs, else on CPUs."""
    AcceleratorState._reset_state()  # else it insists on the precision of an earlier training
    accelerator = Accelerator(
        cpu=not torch.cuda.is_available(),  # else launched processes would each train alone
        mixed_precision=settings.mixed_precision,
        gradient_accumulation_steps=settings.accumulate,
    )
    atexit.register(PartialState().destroy_process_group)  # its threads may abort an ending process
    return accelerator


def _each_turn(
    run: Callable[[], dict[str, Tensor] | Iterator[dict[str, Tensor]]], accelerator: Accelerator
) -> Iterator[dict[str, Tensor]]:
    """The losses of each that learns in a step; all that computes them is in mixed precision."""
    with accelerator.autocast():
        turns = run()
    turns = iter([turns]) if isinstance(turns, dict) else turns
    while True:
        with accelerator.autocast():
            turn = next(turns, None)
        if turn is None:
            return
        yield turn


def _average_gradients(model: nn.Module, accelerator: Accelerator) -> None:
    """Over all processes, for a model that has no wrapper which does so."""
    if accelerator.num_processes > 1 and isinstance(model, AveragedGenerator):
        for parameter in model.parameters():
            if parameter.grad is not None:
                parameter.grad = accelerator.reduce(parameter.grad, reduction="mean")


def _require_finite(values: dict[str, Tensor], clips: TextMelBatch | WaveBatch, step: int) -> None:
    if not torch.stack(list(values.values())).isfinite().all():
        shown = ", ".join(f"{name} {value.item():.3g}" for name, value in values.items())
        raise TrainingStopped(
            f"training is not finite at step {step} ({shown}); look at the clips "
            f"{', '.join(clips.ids)}, or lower peak_learning_rate"
        )


def _any_process(stop: bool, accelerator: Accelerator) -> bool:
    """Whether any process wants to stop: all must leave the loop at the same step."""
    if accelerator.num_processes == 1:
        return stop
    return bool(accelerator.reduce(torch.tensor(float(stop), device=accelerator.device)) > 0)


@contextlib.contextmanager
def _interrupts() -> Iterator[Callable[[], bool]]:
    """Note the first Ctrl-C, so that the step can be finished; a second one interrupts at once."""
    seen = threading.Event()
    if threading.current_thread() is not threading.main_thread():  # only it may handle signals
        yield seen.is_set
        return

    def note(number, frame):
        signal.signal(signal.SIGINT, before)
        seen.set()
        tqdm.write("finishing this step, then saving; press Ctrl-C again to leave at once")

    before = signal.signal(signal.SIGINT, note)
    try:
        yield seen.is_set
    finally:
        signal.signal(signal.SIGINT, before)
