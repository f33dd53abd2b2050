"""How many samples a second a WaveNet says, each way: naive, cached, folded, compiled.

python benchmarks/bench_wavenet.py                                             # the small preset
python benchmarks/bench_wavenet.py data/voices/mini-wavenet/vocoder.safetensors

All say the same mel in one run, so their ratios can be compared; the first call of the compiled
one, which compiles, is told apart.
"""

import argparse
import time

import torch

from ttslib.config import AudioConfig
from ttslib.models.wavenet.compiled import compiled_generation
from ttslib.models.wavenet.generation import (
    cached_generation,
    folded_generation,
    naive_generation,
)
from ttslib.models.wavenet.wavenet import WaveNet, wavenet_published, wavenet_small
from ttslib.synthesis.vocoders import load_vocoder

PRESETS = {"small": wavenet_small, "published": wavenet_published}


def main() -> None:
    """Print a row for each way."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("checkpoint", nargs="?", help="of a trained one; else random weights")
    parser.add_argument("--preset", choices=PRESETS, default="small")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=3, help="of which the best counts")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(0)
    if arguments.checkpoint:
        model = load_vocoder(arguments.checkpoint)
    else:
        model = WaveNet(PRESETS[arguments.preset](), AudioConfig()).eval()
    mel = torch.randn(1, model.audio.n_mels, 960) - 4

    started = time.perf_counter()
    compiled_generation(model, mel[:, :, :1])
    print(f"compiling: {time.perf_counter() - started:.1f} s, once in a process")
    ways = [  # and how many frames they are given
        ("naive", naive_generation, 1),
        ("cached", cached_generation, 8),
        ("folded", folded_generation, 960),
        ("compiled", compiled_generation, 188),
    ]
    print(f"{'way':10}{'samples a second':>18}{'x naive':>10}{'x real time':>13}")
    naive = None
    for name, generate, frames in ways:
        speed = max(_speed(model, generate, mel[:, :, :frames]) for _ in range(arguments.rounds))
        naive = naive or speed
        real = speed / model.audio.sample_rate
        print(f"{name:10}{speed:18,.0f}{speed / naive:10.0f}{real:13.3f}", flush=True)


def _speed(model: WaveNet, generate, mel: torch.Tensor) -> float:
    started = time.perf_counter()
    waveform = generate(model, mel)
    return waveform.shape[1] / (time.perf_counter() - started)


if __name__ == "__main__":
    main()
