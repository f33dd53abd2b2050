"""How fast is one version of the library beside another? Call it for both, in turns.

    git worktree add ../before 4dddca0a8
    for turn in 1 2 3; do
        PYTHONPATH=../before python benchmarks/measure_versions.py
        PYTHONPATH=. python benchmarks/measure_versions.py
    done

Prints the CPU time of some tasks on one thread, the best of several calls.
"""

import time
import warnings
from collections.abc import Callable
from functools import partial

import torch

import ttslib
from ttslib import load_voice
from ttslib.audio.mel import MelSpectrogram
from ttslib.config import AudioConfig

TEXT = "Seven silver spoons were found under the old wooden bridge."
VOCODERS = ("mini-hifigan", "mini-waveglow", "mini-wavenet")  # the first is now called mini-vocos


def main() -> None:
    """Measure and print."""
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    draw = torch.Generator().manual_seed(0)
    sound, mel = torch.randn(1, 240_000, generator=draw), torch.randn(1, 80, 120, generator=draw)
    analyze = MelSpectrogram(AudioConfig())
    found = {"mel of 10 s": best(partial(analyze, sound / 10))}
    for name in ("mini", "mini-fastspeech2"):
        voice = load_voice(name, vocoder="griffin-lim")
        tokens = torch.tensor(voice.tokenizer.encode(TEXT))[None]
        lengths, speakers = torch.tensor([tokens.shape[1]]), torch.tensor([0])
        found[name] = best(partial(voice.acoustic.generate, tokens, lengths, speakers=speakers))
    for name in VOCODERS:
        vocoder = load_voice("mini-fastspeech2", vocoder=name).vocoder
        with torch.no_grad():
            found[name] = best(partial(vocoder, 2 * mel - 5))
    print(ttslib.__file__)
    for name, seconds in found.items():
        print(f"{name:18}{seconds * 1e3:8.1f} ms")


def best(task: Callable[[], object], calls: int = 6) -> float:
    """Return the least CPU time of several calls, after one that isn't counted."""
    task()
    times = []
    for _ in range(calls):
        started = time.process_time()
        task()
        times.append(time.process_time() - started)
    return min(times)


if __name__ == "__main__":
    main()
