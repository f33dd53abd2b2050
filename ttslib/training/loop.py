"""The training loop, short enough to be read aloud.

All randomness of a step depends on the seed and the step's number, and the order of the batches on
the seed and the epoch. So a training that was stopped and resumed gives, bit for bit, the same
weights as an uninterrupted one. Two processes give the same parameters as one that accumulates the
gradients of two batches: every real frame counts the same, in any batch and process (batch
normalization's running statistics are those of the first process's batches).
"""

import atexit
import contextlib
import copy
import itertools
import signal
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import torch
from accelerate import Accelerator
from accelerate.state import AcceleratorState, PartialState
from filelock import FileLock, Timeout
from torch import Tensor, nn
from tqdm.auto import tqdm

from ttslib.checkpoints import Checkpoint
from ttslib.records import TextMelBatch, WaveBatch
from ttslib.training.averaging import AveragedGenerator
from ttslib.training.data.batches import read_ahead
from ttslib.training.reporter import Reporter, restore_model, restore_optimizer
from ttslib.training.state import Progress, Run, TrainingSettings, TrainingStopped, Validation

__all__ = ["native_precision", "train"]

Batch = TextMelBatch | WaveBatch
Losses = dict[str, Tensor]


def native_precision() -> str:
    """Return the fastest safe `mixed_precision`: "bf16" where the hardware has it, else "no".

    Elsewhere bf16 is emulated, which is slower than float32, or fails. `ATEN_CPU_CAPABILITY=avx2`
    makes a newer processor one of those, for tests and measurements.
    """
    if torch.cuda.is_available():
        return "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "no"
    capabilities = torch.cpu.get_capabilities()
    native = capabilities.get("amx_bf16", False) or capabilities.get("avx512_bf16", False)
    used = torch.backends.cpu.get_cpu_capability() == "AVX512"
    return "bf16" if native and used else "no"


def train(
    model: nn.Module,
    *,
    step: Callable[..., Losses | Iterator[Losses]],
    batch: Callable[[int], Batch],
    validate: Callable[[Any], Validation],
    settings: TrainingSettings,
    template: Checkpoint,
    run: Run,
) -> Progress:
    """Train until `settings.steps`, Ctrl-C, SIGTERM or the monitor's stop; resume if `run` says so.

    Parameters
    ----------
    model : nn.Module
    step : callable
        `(model, batch, progress=0..1) -> dict of losses`, with the entry "loss". A step in which
        several models learn in turn yields one such dict for each.
    batch : callable
        Returns the k-th batch of an endless stream; the same k gives the same batch.
    validate : callable
        Evaluates the model; it is called in every process, and must leave the model unchanged.
    settings : TrainingSettings
    template : Checkpoint
        The checkpoint without what training changes.
    run : Run
        Where to save, and whether to resume.

    Raises
    ------
    TrainingStopped
        When a loss or its gradient is NaN or infinite. The last checkpoint stays unchanged.
    ValueError
        When the checkpoint to resume doesn't fit, another process trains into the folder, or the
        processor can't compute in `settings.mixed_precision`.

    Taught in: notebooks/05_training
    """
    accelerator = _accelerator(settings)
    with _sole_training(run, accelerator), _interrupts() as interrupted:
        template, settings = run.begin(template, settings)
        progress = Progress(**copy.deepcopy(template.progress))
        if template.weights:
            restore_model(model, template)
        optimizer = torch.optim.AdamW(
            model.parameters(), betas=settings.betas, weight_decay=settings.weight_decay, fused=True
        )
        model.to(accelerator.device)
        restore_optimizer(optimizer, model, template.training)
        optimizer = accelerator.prepare(optimizer)
        if settings.compile:
            (model.generator if isinstance(model, AveragedGenerator) else model).compile()
        if not isinstance(model, AveragedGenerator):  # its parts are called one by one, unwrapped
            model = accelerator.prepare(model)
        reporter = Reporter(accelerator, validate, settings, template, run)

        first = progress.step * settings.accumulate * accelerator.num_processes
        own = _own_batches(batch, first, accelerator)
        with reporter.bar(progress) as bar, own as batches:
            model.train()
            while progress.step < settings.steps:
                started = time.perf_counter()
                for group in optimizer.param_groups:
                    group["lr"] = settings.learning_rate(progress.step)
                losses: Losses = {}
                for seed, clips, weight in _weighted(batches, settings, accelerator):
                    torch.manual_seed(seed)  # fixes the dropout
                    with accelerator.accumulate(model):
                        turns = partial(
                            step, model, clips, progress=settings.progress(progress.step)
                        )
                        for turn in _each_turn(turns, accelerator):
                            _require_finite(turn, clips, progress.step, accelerator)
                            accelerator.backward(turn["loss"] * weight)
                            if accelerator.sync_gradients:
                                _average_gradients(model, accelerator)
                                clip = settings.gradient_clip
                                norm = accelerator.clip_grad_norm_(model.parameters(), clip)
                                if accelerator.scaler is None:  # fp16 checks, and skips such a step
                                    grown = {"gradient norm": norm}
                                    _require_finite(grown, clips, progress.step, accelerator)
                            optimizer.step()
                            optimizer.zero_grad()
                            losses |= turn
                if isinstance(model, AveragedGenerator):
                    model.follow()
                progress.step += 1
                progress.seconds += time.perf_counter() - started
                reporter.after_step(bar, model, optimizer, progress, losses)
                stop = interrupted() or (run.monitor is not None and run.monitor.should_stop())
                if _any_process(stop, accelerator):
                    tqdm.write(f"stopped after step {progress.step}; resume continues from here")
                    break
            reporter.save("last", model, optimizer, progress)
            accelerator.wait_for_everyone()  # before another process reads the main one's files
    return progress


def _accelerator(settings: TrainingSettings) -> Accelerator:
    """Return an accelerator for one process, or for those of a launcher: on GPUs, else on CPUs."""
    on_cpu = not torch.cuda.is_available()
    if settings.mixed_precision == "bf16" and on_cpu and native_precision() != "bf16":
        raise ValueError("this processor doesn't compute in bf16; train with mixed_precision='no'")
    AcceleratorState._reset_state()  # else it keeps the precision of an earlier training
    accelerator = Accelerator(
        cpu=on_cpu,  # else launched processes would train independently
        mixed_precision=settings.mixed_precision,
        gradient_accumulation_steps=settings.accumulate,
    )
    atexit.register(PartialState().destroy_process_group)  # else its threads may abort at exit
    return accelerator


@contextlib.contextmanager
def _sole_training(run: Run, accelerator: Accelerator) -> Iterator[None]:
    """Lock the run's folder: a second training in it would overwrite this one's checkpoints."""
    if not accelerator.is_main_process:
        yield
        return
    folder = run.last.parent
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / ".lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise ValueError(f"another process trains into {folder}; give another folder") from None
    try:
        for leftover in folder.glob(".*.part"):  # from a process that was killed while saving
            leftover.unlink(missing_ok=True)
        yield
    finally:
        lock.release()


def _own_batches(
    batch: Callable[[int], Batch], first: int, accelerator: Accelerator
) -> contextlib.closing:
    """Read this process's batches in advance: every num_processes-th of the stream, numbered."""
    numbers = itertools.count(first + accelerator.process_index, accelerator.num_processes)
    return contextlib.closing(read_ahead(lambda number: (number, batch(number)), numbers))


def _weighted(
    batches: Iterator[tuple[int, Batch]], settings: TrainingSettings, accelerator: Accelerator
) -> Iterator[tuple[int, Batch, float]]:
    """Yield this process's batches of a step with their seeds and weights.

    The weights turn means over each batch's frames into the mean over all frames of the step, in
    all of its batches and processes.
    """
    parts, trouble = [], None
    try:
        for number, clips in itertools.islice(batches, settings.accumulate):
            parts.append((settings.seed * 1_000_003 + number, clips.to(accelerator.device)))
    except Exception as error:
        trouble = error
    _stop_together(trouble, accelerator)
    together = settings.accumulate * accelerator.num_processes
    if together == 1:
        yield *parts[0], 1.0
        return
    frames = sum(clips.n_frames for _, clips in parts)
    total = accelerator.reduce(torch.tensor(float(frames), device=accelerator.device))
    for seed, clips in parts:
        yield seed, clips, clips.n_frames * together / float(total)


def _each_turn(
    run: Callable[[], Losses | Iterator[Losses]], accelerator: Accelerator
) -> Iterator[Losses]:
    """Yield the losses of each model trained in a step, computed in mixed precision."""
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
    """Average gradients over all processes, in one message, for a model that DDP can't wrap."""
    if accelerator.num_processes > 1 and isinstance(model, AveragedGenerator):
        gradients = [p.grad for p in model.parameters() if p.grad is not None]
        flat = torch.cat([gradient.flatten() for gradient in gradients])
        means = accelerator.reduce(flat, reduction="mean").split([g.numel() for g in gradients])
        for gradient, mean in zip(gradients, means, strict=True):
            gradient.copy_(mean.view_as(gradient))


def _require_finite(values: Losses, clips: Batch, step: int, accelerator: Accelerator) -> None:
    trouble = None
    if not torch.stack(list(values.values())).isfinite().all():
        shown = ", ".join(f"{name} {value.item():.3g}" for name, value in values.items())
        trouble = TrainingStopped(
            f"training is not finite at step {step} ({shown}); look at the clips "
            f"{', '.join(clips.ids)}, or lower peak_learning_rate"
        )
    _stop_together(trouble, accelerator)


def _stop_together(trouble: Exception | None, accelerator: Accelerator) -> None:
    """Raise an error of any process in all of them: the others would wait for it forever."""
    stopped = _any_process(trouble is not None, accelerator)
    if trouble is not None:
        raise trouble
    if stopped:
        raise SystemExit(1)  # the failing process has reported it


def _any_process(flag: bool, accelerator: Accelerator) -> bool:
    """Return True in all processes if the flag is True in one."""
    if accelerator.num_processes == 1:
        return flag
    return bool(accelerator.reduce(torch.tensor(float(flag), device=accelerator.device)) > 0)


@contextlib.contextmanager
def _interrupts() -> Iterator[Callable[[], bool]]:
    """Catch the first Ctrl-C or SIGTERM, so that the step can end; a second one interrupts."""
    seen = threading.Event()
    if threading.current_thread() is not threading.main_thread():  # only it can handle signals
        yield seen.is_set
        return

    def note(number, frame):
        for name, handler in before.items():
            signal.signal(name, handler)
        seen.set()
        tqdm.write("finishing this step, then saving; press Ctrl-C again to leave at once")

    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, note) for number in numbers}
    try:
        yield seen.is_set
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
