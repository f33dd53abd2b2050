"""Kill a training with SIGKILL at random moments, resume it, and compare with one that ran through.

    python benchmarks/kill_trainings.py --kills 100

Each training saves after every step and is killed at a random moment: in a step, between two, or in
a save. Its last checkpoint must be readable and no older than before, and the resumed training
must end with the same weights and optimizer state, bit for bit.
"""

import argparse
import os
import random
import signal
import sys
import tempfile
import time
from pathlib import Path

import torch

from ttslib.checkpoints import load_checkpoint

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))
from tiny_training import tiny_train

STEPS = 12


def begin(folder: Path) -> int:
    """Start or resume the training in a process of its own, and return its number."""
    child = os.fork()
    if child == 0:
        with open(os.devnull, "w") as nowhere:
            os.dup2(nowhere.fileno(), 1)
            os.dup2(nowhere.fileno(), 2)
            tiny_train(folder, steps=STEPS, resume=True, save_every=1)
        os._exit(0)
    return child


def step_of(folder: Path) -> int:
    """Return how far the last checkpoint is; 0 without one."""
    last = folder / "last.safetensors"
    return load_checkpoint(last).progress["step"] if last.exists() else 0


def main() -> None:
    """Run the kills and report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=100)
    kills = parser.parse_args().kills
    torch.set_num_threads(1)
    draw = random.Random(0)
    done = finished = 0
    places: dict[int, int] = {}
    with tempfile.TemporaryDirectory() as scratch:
        tiny_train(Path(scratch, "straight"), steps=STEPS, save_every=1)
        straight = load_checkpoint(Path(scratch, "straight", "last.safetensors"))
        started = time.perf_counter()
        os.waitpid(begin(Path(scratch, "timed")), 0)
        whole = time.perf_counter() - started
        number = 0
        while done < kills:
            folder = Path(scratch, f"run-{number}")
            before = step_of(folder)
            child = begin(folder)
            time.sleep(draw.uniform(0.2, 1.0) * whole)
            os.kill(child, signal.SIGKILL)
            _, status = os.waitpid(child, 0)
            reached = step_of(folder)
            assert reached >= before, f"{folder} went back from step {before} to {reached}"
            if os.WIFSIGNALED(status):
                done += 1
                places[reached] = places.get(reached, 0) + 1
            if reached == STEPS:
                ended = load_checkpoint(folder / "last.safetensors")
                for group in ("weights", "training"):
                    for name, tensor in getattr(straight, group).items():
                        assert torch.equal(getattr(ended, group)[name], tensor), name
                finished, number = finished + 1, number + 1
    print(f"{done} kills, 0 lost; {finished} trainings ended, equal bit for bit")
    print("kills by the step reached:", dict(sorted(places.items())))


if __name__ == "__main__":
    main()
