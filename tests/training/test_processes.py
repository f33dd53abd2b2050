"""Two processes train as one does that accumulates the gradients of two batches."""

import os
import subprocess
import sys

import pytest
import tiny_tasks
import tiny_training
import torch
from tiny_tasks import train_all, write_corpus
from tiny_training import tiny_train

from ttslib.checkpoints import load_checkpoint

STEPS = 4


def _launch(program, *arguments):
    """Run a program in two processes that train together."""
    return subprocess.run(
        [
            *(sys.executable, "-m", "torch.distributed.run", "--nproc-per-node=2"),
            *("--rdzv-backend=c10d", "--rdzv-endpoint=localhost:0"),
            *(str(program), *map(str, arguments)),
        ],
        env=os.environ | {"OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""},
        capture_output=True,
        text=True,
        encoding="utf-8",
    )


def test_two_processes_equal_accumulation(tmp_path):
    launched = _launch(tiny_training.__file__, tmp_path / "two", STEPS)
    assert launched.returncode == 0, launched.stderr
    two = load_checkpoint(tmp_path / "two" / "last.safetensors")
    tiny_train(tmp_path / "one", steps=STEPS, accumulate=2)
    one = load_checkpoint(tmp_path / "one" / "last.safetensors")
    assert two.progress["step"] == one.progress["step"] == STEPS
    for group in ("weights", "training"):
        ours, theirs = getattr(one, group), getattr(two, group)
        assert ours.keys() == theirs.keys()
        for name in ours:
            if ".running_" in name or "num_batches" in name:
                continue  # of the batches that the main process saw
            if name.endswith(".0.bias") and "convolutions." in name:
                continue  # batch normalization takes it away: its gradient is rounding alone
            torch.testing.assert_close(ours[name], theirs[name], atol=1e-6, rtol=0, msg=name)


def test_one_batch_a_step_is_something_else(tmp_path):
    """Shows that the test above could fail."""
    for name, accumulate in (("one", 1), ("two", 2)):
        tiny_train(tmp_path / name, steps=STEPS, accumulate=accumulate)
    one, two = (load_checkpoint(tmp_path / name / "last.safetensors") for name in ("one", "two"))
    weight = "decoder.projection.weight"
    assert (one.weights[weight] - two.weights[weight]).abs().max() > 1e-4


@pytest.mark.slow
def test_every_task_trains_in_two_processes_as_in_one(tmp_path):
    """Batches of different lengths: the mean is over frames, not over batches."""
    write_corpus(tmp_path / "corpus")
    train_all(tmp_path / "corpus", tmp_path / "one", accumulate=2)
    launched = _launch(tiny_tasks.__file__, tmp_path / "corpus", tmp_path / "two", 1)
    assert launched.returncode == 0, launched.stderr
    for task in ("fastspeech2", "matcha", "listener", "wavenet", "waveglow"):
        one, two = (
            load_checkpoint(tmp_path / name / task / "last.safetensors") for name in ("one", "two")
        )
        for name, weight in one.weights.items():
            message = f"{task} {name}"
            torch.testing.assert_close(
                two.weights[name], weight, atol=2e-5, rtol=0,
                msg=lambda text, m=message: f"{m}: {text}",
            )  # fmt: skip
        assert two.progress["validations"][0].keys() == one.progress["validations"][0].keys()
        losses = [x.progress["validations"][-1]["loss"] for x in (one, two)]
        assert losses[1] == pytest.approx(losses[0], rel=1e-3), task


def test_a_process_in_trouble_stops_all(tmp_path):
    """Rank 1 meets a NaN; rank 0 would wait for its gradients forever."""
    launched = _launch(tiny_training.__file__, tmp_path / "two", 8, "poison", 3)
    assert launched.returncode != 0
    assert launched.stderr.count("training is not finite at step 1") == 1
    assert "clip_3_a" in launched.stderr
