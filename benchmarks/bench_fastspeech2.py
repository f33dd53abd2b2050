"""Time the making of mels: FastSpeech 2 beside a free-running Tacotron 2, sentence by sentence.

Ten test sentences, batch 1, as when somebody speaks. Each is said by both in turn, and the ratio is
taken sentence by sentence, so that a noisy machine slows both.

    python benchmarks/bench_fastspeech2.py --fastspeech2 CHECKPOINT --tacotron2 CHECKPOINT
"""

import argparse
import statistics
import time
from collections.abc import Callable

import torch

from ttslib import load_voice, mini_libritts

SENTENCES = 10


def main() -> None:
    """Print seconds, times real time, and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fastspeech2", required=True)
    parser.add_argument("--tacotron2", required=True)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    voices = {name: load_voice(getattr(arguments, name)) for name in ("tacotron2", "fastspeech2")}
    texts = [u.text for u in mini_libritts(part="test").utterances[:SENTENCES]]
    times, spoken = {name: [] for name in voices}, dict.fromkeys(voices, 0.0)
    for text in texts:
        for name, voice in voices.items():
            tokens = torch.tensor([voice.tokenizer.encode(text)])
            said, seconds = timed(voice.acoustic, tokens, arguments.rounds)
            times[name].append(seconds)
            spoken[name] += said.shape[2] / voice.audio.frames_per_second
    print(f"{torch.get_num_threads()} threads, {SENTENCES} sentences, best of {arguments.rounds}")
    for name, voice in voices.items():
        total = sum(times[name])
        size = sum(p.numel() for p in voice.acoustic.parameters())
        print(
            f"{name:12} {size:>10,} parameters {1000 * total / SENTENCES:7.1f} ms a sentence, "
            f"{spoken[name] / total:6.0f} times real time"
        )
    ratios = [
        slow / fast for slow, fast in zip(times["tacotron2"], times["fastspeech2"], strict=True)
    ]
    print(f"FastSpeech 2 is {statistics.median(ratios):.0f} times as fast (median of sentences)")


@torch.inference_mode()
def timed(model: Callable, tokens: torch.Tensor, rounds: int) -> tuple[torch.Tensor, float]:
    """The mel, and the best of some seconds."""
    lengths, speakers, best = torch.tensor([tokens.shape[1]]), torch.tensor([0]), float("inf")
    for _ in range(rounds + 1):  # the first call sets up memory and kernels
        started = time.perf_counter()
        said = model.generate(tokens, lengths, speakers=speakers)
        best = min(best, time.perf_counter() - started)
    return said.mel, best


if __name__ == "__main__":
    main()
