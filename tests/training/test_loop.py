"""The loop: resuming is exact whatever ended it, and trouble is named while nothing is lost."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import tiny_training
import torch
from tiny_training import tiny_train

from ttslib.checkpoints import load_checkpoint
from ttslib.training import state
from ttslib.training.loop import native_precision
from ttslib.training.reporter import optimizer_tensors, restore_optimizer
from ttslib.training.state import TrainingStopped
from ttslib.training.tasks.tacotron2 import tacotron2_step

STEPS = 8


class _Watcher:
    """A monitor that notes what it is told, and stops or acts after a given step."""

    def __init__(self, *, stop_after=None, act=None):
        self.stop_after, self.act = stop_after, act
        self.steps, self.validations = [], []

    def on_step(self, step, losses):
        self.steps.append((step, losses))
        if self.act is not None and step == self.stop_after:
            self.act()

    def on_validation(self, step, validation):
        self.validations.append(step)

    def should_stop(self):
        return self.act is None and self.steps[-1][0] == self.stop_after


@pytest.fixture(scope="module")
def straight(tmp_path_factory):
    """The checkpoint of a training that ran through."""
    folder = tmp_path_factory.mktemp("straight")
    tiny_train(folder, steps=STEPS)
    return load_checkpoint(folder / "last.safetensors")


def _assert_same(ours, theirs):
    """Weights, statistics of the batch normalization and optimizer state, bit for bit."""
    for group in ("weights", "training"):
        first, second = getattr(ours, group), getattr(theirs, group)
        assert first.keys() == second.keys()
        for name in first:
            assert torch.equal(first[name], second[name]), name
    assert ours.progress["step"] == theirs.progress["step"]
    assert ours.progress["history"] == theirs.progress["history"]


def _run(*arguments, **popen):
    """Start the training as a program of its own."""
    program = Path(tiny_training.__file__)
    return subprocess.Popen(
        [sys.executable, str(program), *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        text=True,
        encoding="utf-8",
        **popen,
    )


def test_optimizer_state_is_saved(straight):
    assert "exp_avg.decoder.rnn.weight_ih_l0" in straight.training
    assert straight.training["step.decoder.gate.bias"] == STEPS
    assert straight.progress["step"] == STEPS


def test_training_changes_every_weight(straight, tmp_path):
    tiny_train(tmp_path, steps=0)
    untrained = load_checkpoint(tmp_path / "last.safetensors")
    for name, weight in straight.weights.items():
        assert not torch.equal(weight, untrained.weights[name]), name


def test_stop_and_resume_equals_running_through(straight, tmp_path):
    for stop_after in (3, 6, None):
        watcher = _Watcher(stop_after=stop_after)
        progress = tiny_train(tmp_path, steps=STEPS, resume=stop_after != 3, monitor=watcher)
        assert progress.step == (stop_after or STEPS)
    _assert_same(load_checkpoint(tmp_path / "last.safetensors"), straight)


def test_stop_and_resume_with_accumulation(tmp_path):
    tiny_train(tmp_path / "straight", steps=4, accumulate=2)
    folder = tmp_path / "stopped"
    tiny_train(folder, steps=4, accumulate=2, monitor=_Watcher(stop_after=2))
    tiny_train(folder, steps=4, accumulate=2, resume=True)
    _assert_same(
        load_checkpoint(folder / "last.safetensors"),
        load_checkpoint(tmp_path / "straight" / "last.safetensors"),
    )


def test_validation_and_saving_change_nothing(straight, tmp_path):
    def noisy(model):
        model.eval()
        torch.rand(3)
        model.train()
        return tiny_training.validate(model)

    tiny_train(tmp_path, steps=STEPS, validate=noisy, validate_every=3, save_every=2)
    _assert_same(load_checkpoint(tmp_path / "last.safetensors"), straight)


def test_a_transposed_weight_resumes_exactly():
    """AdamW's fused step goes through memory, whatever order the numbers have there."""

    def begun():
        torch.manual_seed(0)
        model = torch.nn.ParameterList([torch.randn(3, 4).T])
        return model, torch.optim.AdamW(model.parameters(), lr=0.1, fused=True)

    def step(model, optimizer):
        (model[0] ** 3).sum().backward()
        optimizer.step()
        optimizer.zero_grad()

    straight, optimizer = begun()
    step(straight, optimizer)
    state = optimizer_tensors(optimizer, straight)
    saved = {
        name: tensor.clone(memory_format=torch.contiguous_format) for name, tensor in state.items()
    }
    resumed, another = begun()
    resumed.load_state_dict(straight.state_dict())
    restore_optimizer(another, resumed, saved)
    step(straight, optimizer)
    step(resumed, another)
    assert torch.equal(straight[0], resumed[0])


def test_kill_in_mid_step_leaves_no_lock_and_loses_nothing_that_was_saved(straight, tmp_path):
    with _run(tmp_path, STEPS, "block-in-step", 5) as process:
        assert process.stdout.readline() == "in mid-step\n", process.stderr.read()
        with pytest.raises(ValueError, match="another process trains into"):
            tiny_train(tmp_path, steps=STEPS, resume=True)
        process.kill()
    left = load_checkpoint(tmp_path / "last.safetensors")
    assert left.progress["step"] == 5
    tiny_train(tmp_path, steps=STEPS, resume=True)
    _assert_same(load_checkpoint(tmp_path / "last.safetensors"), straight)


def test_kill_in_mid_save_leaves_the_old_checkpoint(straight, tmp_path):
    with _run(tmp_path, STEPS, "die-in-save", 4) as process:
        _, errors = process.communicate()
    assert process.returncode == 17, errors
    assert len([path for path in tmp_path.iterdir() if path.suffix == ".part"]) == 1
    assert load_checkpoint(tmp_path / "last.safetensors").progress["step"] == 4
    tiny_train(tmp_path, steps=STEPS, resume=True)
    _assert_same(load_checkpoint(tmp_path / "last.safetensors"), straight)


def test_resuming_what_is_done_changes_nothing(straight, tmp_path):
    for resume in (False, True):
        tiny_train(tmp_path, steps=STEPS, resume=resume)
    _assert_same(load_checkpoint(tmp_path / "last.safetensors"), straight)


def test_resuming_leaves_the_loaded_checkpoint_alone(tmp_path, monkeypatch):
    tiny_train(tmp_path, steps=4, monitor=_Watcher(stop_after=2))
    loaded = load_checkpoint(tmp_path / "last.safetensors")
    monkeypatch.setattr(state, "load_checkpoint", lambda path: loaded)
    tiny_train(tmp_path, steps=4, resume=True)
    assert loaded.progress["step"] == 2
    assert [row["step"] for row in loaded.progress["history"]] == [1, 2]


def test_ctrl_c_saves_and_ends_cleanly(straight, tmp_path, capsys):
    before = signal.getsignal(signal.SIGINT)
    watcher = _Watcher(stop_after=3, act=lambda: signal.raise_signal(signal.SIGINT))
    assert tiny_train(tmp_path, steps=STEPS, monitor=watcher).step == 3
    assert signal.getsignal(signal.SIGINT) is before
    assert "stopped after step 3" in capsys.readouterr().out
    tiny_train(tmp_path, steps=STEPS, resume=True)
    _assert_same(load_checkpoint(tmp_path / "last.safetensors"), straight)


@pytest.fixture
def interruptible():
    """Ctrl-C interrupts, even where the tests run in the background of a shell that ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
def test_second_ctrl_c_interrupts_at_once(tmp_path):
    def twice():
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        tiny_train(tmp_path, steps=STEPS, monitor=_Watcher(stop_after=3, act=twice))


def test_training_in_a_thread_leaves_signals_alone(straight, tmp_path):
    thread = threading.Thread(target=tiny_train, args=(tmp_path,), kwargs={"steps": STEPS})
    thread.start()
    thread.join()
    _assert_same(load_checkpoint(tmp_path / "last.safetensors"), straight)


def test_nan_loss_names_the_clips_and_keeps_the_checkpoint(tmp_path):
    """Also when it is in the first of the batches whose gradients are added up."""
    with pytest.raises(TrainingStopped, match=r"step 5 \(loss nan, .*clip_10_a, clip_10_b"):
        tiny_train(
            tmp_path, steps=STEPS, batch=tiny_training.poisoned(10), save_every=2, accumulate=2
        )
    left = load_checkpoint(tmp_path / "last.safetensors")
    assert left.progress["step"] == 4
    assert all(weight.isfinite().all() for weight in left.weights.values())


def test_nan_gradient_of_a_finite_loss_is_noticed_before_it_is_used(tmp_path):
    calls = iter(range(100))

    def step(model, clips, *, progress):
        losses = tacotron2_step(model, clips, progress=progress)
        if next(calls) == 5:  # the root's slope at 0 is infinite, times 0
            zero = 0 * losses["mel"]
            losses["loss"] = losses["loss"] + zero.abs().sqrt()
        return losses

    with pytest.raises(TrainingStopped, match=r"step 5 .*clip_5_a, clip_5_b"):
        tiny_train(tmp_path, steps=STEPS, step=step, save_every=1)
    left = load_checkpoint(tmp_path / "last.safetensors")
    assert left.progress["step"] == 5
    assert all(weight.isfinite().all() for weight in left.weights.values())


def test_monitor_hears_of_every_step_and_validation(tmp_path):
    watcher = _Watcher()
    tiny_train(tmp_path, steps=5, validate_every=2, monitor=watcher)
    assert [step for step, _ in watcher.steps] == [1, 2, 3, 4, 5]
    assert set(watcher.steps[0][1]) == {"loss", "mel_before", "mel", "gate", "guide"}
    assert watcher.validations == [2, 4, 5]


def test_best_is_the_best_and_last_the_last(tmp_path):
    scores = iter([3.0, float("nan"), 1.0, 2.0])

    def validate(model):
        return tiny_training.validate(model)._replace(score=next(scores))

    tiny_train(tmp_path, steps=4, validate=validate, validate_every=1)
    best = load_checkpoint(tmp_path / "best.safetensors")
    assert best.progress["step"] == 3
    assert best.progress["best_score"] == 1.0
    assert load_checkpoint(tmp_path / "last.safetensors").progress["step"] == 4


def test_tensorboard_has_it_all_at_the_end(tmp_path):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    threads = threading.active_count()
    tiny_train(tmp_path, steps=3, validate_every=2)
    assert threading.active_count() == threads
    events = EventAccumulator(str(tmp_path / "tensorboard")).Reload()
    assert [event.step for event in events.Scalars("train/loss")] == [1, 2, 3]
    assert [event.step for event in events.Scalars("validation/loss")] == [2, 3]
    assert len(events.Images("attention")) == 2
    assert len(events.Audio("speech")) == 2


@pytest.mark.parametrize(("used", "chosen"), [("AVX512", "bf16"), ("AVX2", "no")])
def test_bf16_is_chosen_only_where_torch_may_use_avx512(monkeypatch, used, chosen):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx512_bf16": True})
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: used)
    assert native_precision() == chosen


@pytest.mark.skipif(native_precision() != "bf16", reason="this processor has no bf16")
def test_bf16_trains_after_a_training_without_it(straight, tmp_path):
    progress = tiny_train(tmp_path, steps=STEPS, mixed_precision="bf16")
    for ours, theirs in zip(progress.history, straight.progress["history"], strict=True):
        assert ours["loss"] != theirs["loss"]  # it did compute in another precision
        assert ours["loss"] == pytest.approx(theirs["loss"], rel=0.02)
    weights = load_checkpoint(tmp_path / "last.safetensors").weights
    assert {weight.dtype for weight in weights.values()} == {torch.float32, torch.int64}
    assert tiny_train(tmp_path / "after", steps=1).step == 1


@pytest.mark.skipif(native_precision() == "bf16", reason="this processor has bf16")
def test_bf16_is_refused_where_the_processor_lacks_it(tmp_path):
    with pytest.raises(ValueError, match="doesn't compute in bf16; train with mixed_precision='no"):
        tiny_train(tmp_path, steps=1, mixed_precision="bf16")


def test_progress_is_plain_json_for_anyone(tmp_path):
    tiny_train(tmp_path, steps=1)
    header = (tmp_path / "last.safetensors").read_bytes()
    size = int.from_bytes(header[:8], "little")
    metadata = json.loads(header[8 : 8 + size])["__metadata__"]

    def refuse(constant):
        raise AssertionError(f"{constant} is no JSON")

    json.loads(metadata["settings"], parse_constant=refuse)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on a file's size")
def test_full_disk_surfaces_in_one_line_and_keeps_the_checkpoint(straight, tmp_path):
    import resource

    @contextlib.contextmanager
    def room_for(size):
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    tiny_train(tmp_path, steps=STEPS, monitor=_Watcher(stop_after=4))
    before = (tmp_path / "last.safetensors").read_bytes()
    said = r"^cannot write the checkpoint .*last\.safetensors: .*File too large.*$"
    with room_for(len(before) // 2), pytest.raises(OSError, match=said):
        tiny_train(tmp_path, steps=STEPS, resume=True, save_every=1)
    assert (tmp_path / "last.safetensors").read_bytes() == before
    assert not list(tmp_path.glob(".*.part"))
    tiny_train(tmp_path, steps=STEPS, resume=True)
    _assert_same(load_checkpoint(tmp_path / "last.safetensors"), straight)
