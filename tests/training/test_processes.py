"""Two processes train as one does that accumulates the gradients of two batches.

Starting processes takes far longer than the tiny trainings, so one launch does everything that the
tests look at.
"""

import os
import subprocess
import sys
from typing import NamedTuple

import pytest
import tiny_processes
import torch
from tiny_processes import STEPS
from tiny_tasks import train_all, write_corpus
from tiny_training import tiny_train
from tiny_vocoder_training import tiny_vocoder_train

from ttslib.checkpoints import Checkpoint, load_checkpoint


class Trained(NamedTuple):
    """The same trainings by one process, which accumulates, and by two."""

    one: dict[str, Checkpoint]
    two: dict[str, Checkpoint]
    told: str  # by the two about the training with a NaN


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    root = tmp_path_factory.mktemp("processes")
    write_corpus(root / "corpus")
    train_all(root / "corpus", root / "one", accumulate=2)
    tiny_train(root / "one" / "tacotron2", steps=STEPS, accumulate=2)
    tiny_vocoder_train(root / "one" / "hifigan", steps=STEPS, batches=2)
    launched = subprocess.run(
        [
            *(sys.executable, "-m", "torch.distributed.run", "--nproc-per-node=2"),
            *("--rdzv-backend=c10d", "--rdzv-endpoint=localhost:0"),
            *(tiny_processes.__file__, str(root / "corpus"), str(root / "two")),
        ],
        env=os.environ | {"OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""},
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert launched.returncode == 0, launched.stderr
    checkpoints = (
        {path.parent.name: load_checkpoint(path) for path in (root / name).glob("*/last.*")}
        for name in ("one", "two")
    )
    return Trained(*checkpoints, told=launched.stdout)


def test_two_processes_equal_accumulation(trained):
    one, two = trained.one["tacotron2"], trained.two["tacotron2"]
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


def test_one_batch_a_step_is_something_else(trained, tmp_path):
    """Shows that the test above could fail."""
    tiny_train(tmp_path, steps=STEPS)
    one, two = load_checkpoint(tmp_path / "last.safetensors"), trained.one["tacotron2"]
    weight = "decoder.projection.weight"
    assert (one.weights[weight] - two.weights[weight]).abs().max() > 1e-4


@pytest.mark.slow
@pytest.mark.parametrize("task", ["fastspeech2", "matcha", "listener", "wavenet", "waveglow"])
def test_every_task_trains_in_two_processes_as_in_one(task, trained):
    """Batches of different lengths: the mean is over frames, not over batches."""
    one, two = trained.one[task], trained.two[task]
    for name, weight in one.weights.items():
        torch.testing.assert_close(
            two.weights[name], weight, atol=2e-5, rtol=0,
            msg=lambda text, name=name: f"{name}: {text}",
        )  # fmt: skip
    assert two.progress["validations"][0].keys() == one.progress["validations"][0].keys()
    losses = [x.progress["validations"][-1]["loss"] for x in (one, two)]
    assert losses[1] == pytest.approx(losses[0], rel=1e-3)


def test_a_gan_trains_in_two_processes_as_in_one_with_twice_the_batch(trained, tmp_path):
    one, two = trained.one["hifigan"], trained.two["hifigan"]
    for name, weight in (one.weights | one.training).items():
        if name.startswith("exp_avg"):
            continue  # of gradients that are nearly nothing where the weights are new
        theirs = (two.weights | two.training)[name]
        torch.testing.assert_close(theirs, weight, atol=2e-4, rtol=0, msg=name)
    tiny_vocoder_train(tmp_path, steps=STEPS, batches=1)
    other = load_checkpoint(tmp_path / "last.safetensors")
    name = "last.weight"  # shows that the comparison could fail
    assert (other.weights[name] - one.weights[name]).abs().max() > 4e-4


def test_a_process_in_trouble_stops_all(trained):
    """Rank 1 meets a NaN; rank 0 would wait for its gradients forever."""
    ends = [line for line in trained.told.splitlines() if line.startswith("rank")]
    first, second = sorted(ends)
    assert first == "rank 0: SystemExit 1"
    assert second.startswith("rank 1: TrainingStopped training is not finite at step 1")
    assert "clip_3_a" in second
