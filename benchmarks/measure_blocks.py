"""How much do a Vocos's sounds change when some of its blocks are left out?

    git show 6e715f90d:data/voices/kathleen/vocoder.safetensors > eight-blocks.safetensors
    python benchmarks/measure_blocks.py CORPUS eight-blocks.safetensors --leave-out 1 2 3

CORPUS is split as `write_test_clips.py` does; `kathleen` speaks the first 12 texts for decisions.
Prints the mean distance between the log-mels of the sounds with and without the blocks, smallest
first, beside the distance between the whole network's sounds and the mels that it was given.
"""

import argparse
from itertools import combinations
from pathlib import Path

import torch
from torch import Tensor, nn
from write_test_clips import first_takes

from ttslib.audio.mel import MelSpectrogram
from ttslib.synthesis.voices import load_voice

PROMPTS = 12


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpus", type=Path)
    parser.add_argument("vocoder", help="a checkpoint")
    parser.add_argument("--voice", default="kathleen", help="speaks the texts")
    parser.add_argument("--leave-out", type=int, nargs="+", default=[1], help="how many at once")
    asked = parser.parse_args()
    _, texts = first_takes(asked.corpus, "dev")
    voice = load_voice(asked.voice, vocoder=asked.vocoder)
    model, mel_of = voice.vocoder, MelSpectrogram(voice.audio)
    spoken = [voice(text).mel[None] for text in list(texts)[:PROMPTS]]

    def heard() -> list[Tensor]:
        with torch.no_grad():
            return [mel_of(model(mel)) for mel in spoken]

    def distance(these: list[Tensor], those: list[Tensor]) -> float:
        pairs = zip(these, those, strict=True)
        return float(torch.stack([(this - that).abs().mean() for this, that in pairs]).mean())

    blocks, whole = list(model.blocks), heard()
    print(f"none: {distance(whole, spoken):.3f} from the mels")
    for number in asked.leave_out:
        found = []
        for left_out in combinations(range(len(blocks)), number):
            model.blocks = nn.ModuleList(b for i, b in enumerate(blocks) if i not in left_out)
            found.append((distance(heard(), whole), left_out))
        for far, left_out in sorted(found)[:8]:
            print(f"{left_out}: {far:.3f}", flush=True)


if __name__ == "__main__":
    main()
