"""Two processes train as one does that accumulates the gradients of two batches."""

import os
import subprocess
import sys
from pathlib import Path

import tiny_training
import torch
from tiny_training import tiny_train

from ttslib.checkpoints import load_checkpoint

STEPS = 4


def test_two_processes_equal_accumulation(tmp_path):
    launched = subprocess.run(
        [
            *(sys.executable, "-m", "torch.distributed.run", "--nproc-per-node=2"),
            *("--rdzv-backend=c10d", "--rdzv-endpoint=localhost:0"),
            *(str(Path(tiny_training.__file__)), str(tmp_path / "two"), str(STEPS)),
        ],
        env=os.environ | {"OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""},
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
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
            torch.testing.assert_close(ours[name], theirs[name], atol=1e-6, rtol=0, msg=name)


def test_one_batch_a_step_is_something_else(tmp_path):
    """Shows that the test above could fail."""
    for name, accumulate in (("one", 1), ("two", 2)):
        tiny_train(tmp_path / name, steps=STEPS, accumulate=accumulate)
    one, two = (load_checkpoint(tmp_path / name / "last.safetensors") for name in ("one", "two"))
    weight = "decoder.projection.weight"
    assert (one.weights[weight] - two.weights[weight]).abs().max() > 1e-4
