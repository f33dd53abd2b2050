"""Time FastSpeech 2 beside a free-running Tacotron 2, and from the text to the sound.

Ten test sentences, batch 1, as when somebody speaks. First the mels: each sentence is said by all
in turn, and the ratio is taken sentence by sentence, so that a noisy machine slows all of them.
Then text to waveform with the voices' own vocoder, the time to the first sound when streaming, and
the same without torch, by what `ttslib export` wrote.

    python benchmarks/bench_fastspeech2.py

`--cpu` counts the processor's time in place of the clock's, for a machine that others use, too; set
OMP_NUM_THREADS=1 then.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable

import torch

from ttslib import load_voice, mini_libritts
from ttslib.synthesis.export import export_onnx
from ttslib.synthesis.onnx_voice import OnnxVoice

SENTENCES = 10


def main() -> None:
    """Print seconds, times real time, and ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fastspeech2", default="mini-fastspeech2", help="a voice or checkpoint")
    parser.add_argument("--tacotron2", default="mini", help="a voice or checkpoint")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--cpu", action="store_true")
    arguments = parser.parse_args()
    clock = time.process_time if arguments.cpu else time.perf_counter
    texts = [u.text for u in mini_libritts(part="test").utterances[:SENTENCES]]
    tacotron, voice = (load_voice(getattr(arguments, n)) for n in ("tacotron2", "fastspeech2"))
    with tempfile.TemporaryDirectory() as folder:
        exported = OnnxVoice(export_onnx(voice, f"{folder}/v"), threads=torch.get_num_threads())
    print(
        f"{torch.get_num_threads()} threads, {SENTENCES} sentences, best of {arguments.rounds}, "
        f"{'processor time' if arguments.cpu else 'time by the clock'}"
    )
    for model in (tacotron, voice):
        size = sum(p.numel() for p in model.acoustic.parameters())
        print(f"{type(model.acoustic).__name__}: {size:,} parameters")

    def best_of(say: Callable[[str], object]) -> list[float]:
        return [best(lambda t=text: say(t), clock, arguments.rounds) for text in texts]

    mels = {
        "Tacotron 2": best_of(lambda text: generate(tacotron, text)),
        "FastSpeech 2": best_of(lambda text: generate(voice, text)),
        "FastSpeech 2 in ONNX Runtime": best_of(
            lambda text: exported.mel(exported.tokenizer.encode(text))
        ),
    }
    for name, times in mels.items():
        ratio = statistics.median(a / b for a, b in zip(mels["Tacotron 2"], times, strict=True))
        print(f"mel, {name:30} {1000 * statistics.mean(times):7.1f} ms, {ratio:5.1f} times as fast")
    sounds = [voice(text).seconds for text in texts]
    whole = {
        "torch": best_of(voice),
        "ONNX Runtime": best_of(exported),
    }
    for name, times in whole.items():
        print(f"text to sound, {name:20} real-time factor {sum(times) / sum(sounds):.4f}")
    first = best_of(lambda text: next(voice.stream(text)))
    print(f"first sound of a stream {1000 * statistics.mean(first):.0f} ms, at most", end=" ")
    print(f"{1000 * max(first):.0f} ms")
    together = best(lambda: voice(texts), clock, arguments.rounds)
    print(f"all {SENTENCES} at once: real-time factor {together / sum(sounds):.4f}")


@torch.inference_mode()
def generate(voice, text: str) -> torch.Tensor:
    """The mel of a text."""
    tokens = torch.tensor([voice.tokenizer.encode(text)])
    lengths = torch.tensor([tokens.shape[1]])
    return voice.acoustic.generate(tokens, lengths, speakers=torch.tensor([0])).mel


def best(work: Callable[[], object], clock: Callable[[], float], rounds: int) -> float:
    """The least seconds that it took."""
    work()  # the first call sets up memory and kernels
    took = []
    for _ in range(rounds):
        started = clock()
        work()
        took.append(clock() - started)
    return min(took)


if __name__ == "__main__":
    main()
