"""Time one training step of Tacotron 2 beside torchaudio's, at the published size, in one run.

Batch 8, 100 tokens, 400 frames: forward and backward. The two are timed in turn, and the ratio is
taken pair by pair, so that a noisy machine slows both.
"""

import argparse
import statistics
import time
from collections.abc import Callable

import torch
import torchaudio

from ttslib.models.published.tacotron2 import tacotron2_from_torchaudio
from ttslib.models.tacotron2 import tacotron2_published
from ttslib.training.loop import native_precision

BATCH, TOKENS, FRAMES = 8, 100, 400


def main() -> None:
    """Print the seconds of each and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    torch.manual_seed(0)
    theirs = torchaudio.models.Tacotron2()
    ours = tacotron2_from_torchaudio(theirs.state_dict(), config=tacotron2_published()).train()
    batch = (
        torch.randint(1, 148, (BATCH, TOKENS)),
        torch.full((BATCH,), TOKENS),
        torch.randn(BATCH, 80, FRAMES),
        torch.full((BATCH,), FRAMES),
    )
    contenders = {
        "torchaudio float32": lambda: step(theirs, batch),
        "ttslib float32": lambda: step(ours, batch),
    }
    if native_precision() == "bf16":  # elsewhere it would be emulated, or fail
        contenders["ttslib bf16"] = lambda: step(ours, batch, dtype=torch.bfloat16)
    for contender in contenders.values():
        contender()  # the first call sets up memory and kernels
    times = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, contender in contenders.items():
            times[name].append(seconds(contender))
    base = times["torchaudio float32"]
    print(f"{torch.get_num_threads()} threads, {rounds} rounds, median (min-max)")
    for name, values in times.items():
        ratio = statistics.median(b / v for b, v in zip(base, values, strict=True))
        print(
            f"{name:20s} {statistics.median(values):6.2f} s ({min(values):.2f}-{max(values):.2f}), "
            f"{ratio:.2f} times as fast as torchaudio"
        )


def step(model: torch.nn.Module, batch: tuple, *, dtype: torch.dtype | None = None) -> None:
    """Forward and backward through everything that a loss would touch."""
    with torch.autocast("cpu", dtype or torch.bfloat16, enabled=dtype is not None):
        before, mel, gate, _ = model(*batch)
    loss = before.float().square().mean() + mel.float().square().mean() + gate.float().mean()
    loss.backward()
    model.zero_grad()


def seconds(work: Callable[[], None]) -> float:
    """How long one call takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
