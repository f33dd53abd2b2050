"""How sharp are the mels of a Matcha-TTS, by the solver that follows its flow?

    python benchmarks/measure_sharpness.py CORPUS data/runs/kathleen/matcha/best.safetensors

The voice must not be distilled. CORPUS is split as `write_test_clips.py` does; the first 12 texts
for decisions are spoken freely. Prints `ttslib.audio.sharpness` beside the recordings, which are 1,
for Euler's method, which the paper uses, and for the midpoint method, which computes the velocity
twice a step; both start from as much noise as in training. Then the same for less noise, by the
voice's own method, and for what was distilled from it (`--distilled kathleen`); and how far their
mels are from the path followed in 16 steps, as a share of their deviation.
"""

import argparse
from pathlib import Path
from types import MethodType

import torch
from write_test_clips import first_takes

from ttslib.audio.mel import MelSpectrogram
from ttslib.audio.sharpness import sharpness
from ttslib.models.matcha import Matcha
from ttslib.synthesis.voices import load_voice

PROMPTS = 12


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpus", type=Path)
    parser.add_argument("voice", help="a checkpoint")
    parser.add_argument("--distilled", help="a voice that was distilled from it")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    dev, first = first_takes(asked.corpus, "dev")
    voice = load_voice(asked.voice, vocoder="griffin-lim")
    model, mel_of = voice.acoustic, MelSpectrogram(voice.audio)
    if model.config.distilled:
        raise ValueError(f"{asked.voice} is distilled; give the one that it was distilled from")
    chosen = dict(list(first.items())[:PROMPTS])
    recordings = [voice.normalizer.normalize(mel_of(dev[i][0])[0]) for i in chosen.values()]
    tokens = [torch.tensor(voice.tokenizer.encode(text)) for text in chosen]

    def draw(by: Matcha = model, **how: float) -> list[torch.Tensor]:
        return [
            by.generate(
                one[None],
                torch.tensor([len(one)]),
                generator=torch.Generator().manual_seed(seed),
                **how,
            ).mel[0]
            for seed, one in enumerate(tokens)
        ]

    def measure(name: str, **how: float) -> None:
        print(f"{name}: {sharpness(draw(**how), recordings)}", flush=True)

    midpoint = model.follow
    for name, follow, numbers in (
        ("Euler", MethodType(euler, model), (4, 8, 16, 32)),
        ("midpoint", midpoint, (2, 3, 4, 8)),
    ):
        model.follow = follow
        for steps in numbers:
            measure(f"{name}, {steps} steps", flow_steps=steps, temperature=1.0)
    for temperature in (0.0, 0.333, 0.667, 1.0):
        measure(f"temperature {temperature}", temperature=temperature)
    exact = torch.cat(draw(flow_steps=16), dim=1)
    deviation = (exact - exact.mean(dim=1, keepdim=True)).norm()
    drawn = {f"{steps} steps": draw(flow_steps=steps) for steps in (1, 2, 3)}
    if asked.distilled:
        drawn["the distilled flow"] = draw(load_voice(asked.distilled).acoustic)
        print(f"the distilled flow: {sharpness(drawn['the distilled flow'], recordings)}")
    for name, mels in drawn.items():
        error = (torch.cat(mels, dim=1) - exact).norm() / deviation
        print(f"{name}: {error:.1%} from the path followed in 16", flush=True)


def euler(model: Matcha, x: torch.Tensor, condition: torch.Tensor, mask, *, flow_steps: int):
    """Follow the flow as the paper does: each step along the velocity where it begins."""
    for step in range(flow_steps):
        time = torch.full_like(x[:, 0, 0], step / flow_steps)
        x = x + model.flow(x, time, condition, mask) / flow_steps
    return x


if __name__ == "__main__":
    main()
