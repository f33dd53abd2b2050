"""Time HiFi-GAN beside the same architecture written plainly in PyTorch, and Vocos alone.

python benchmarks/bench_hifigan.py

The plain one is what the paper's code does once weight norm is removed: Conv1d, ConvTranspose1d and
leaky ReLUs, one after the other. The contenders are timed in turn and the ratio is taken pair by
pair, so that a noisy machine slows both; each in a process of its own, as it would run, since one
that lets go of large memory spares the next one in the same process from fetching it. Run it with
OMP_NUM_THREADS=2.
"""

import argparse
import functools
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ttslib.config import AudioConfig
from ttslib.models.hifigan import (
    HiFiGAN,
    HiFiGANConfig,
    hifigan_v1,
    hifigan_v2,
    hifigan_v3,
)
from ttslib.models.vocos import Vocos, VocosConfig, vocos_small, vocos_source

CHUNK = 64  # frames of a streamed mel that come at a time, 0.7 s


def main() -> None:
    """Print a row for each size: times real time of both, and how they compare."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--frames", type=int, nargs="*", default=[100, 400])
    arguments = parser.parse_args()
    print(f"{torch.get_num_threads()} threads, {arguments.rounds} rounds, medians")
    published = {"V1": hifigan_v1(), "V2": hifigan_v2(), "V3": hifigan_v3()}
    vocos = {"Vocos, small": vocos_small(), "Vocos with a source": vocos_source()}
    for frames in arguments.frames:
        for name, config in published.items():
            compare(name, config, frames, arguments.rounds)
        for name, config in vocos.items():
            alone(name, config, frames, arguments.rounds)
    for name, config in (published | vocos).items():
        first_sound(name, config, arguments.rounds)


@torch.inference_mode()
def compare(name: str, config: HiFiGANConfig, frames: int, rounds: int) -> None:
    """Time one published size against the plain one."""
    sounds = [_contender(which, config, frames)() for which in ("plain", "ttslib")]
    difference = float((sounds[0] - sounds[1]).abs().max())
    processes = {
        which: ProcessPoolExecutor(1, mp_context=get_context("spawn"))
        for which in ("plain", "ttslib", "bf16")
    }
    times = {which: [] for which in processes}
    for i in range(rounds + 1):
        for which, process in processes.items():
            spent = process.submit(_seconds, which, config, frames).result()
            if i:  # the first call sets up memory and kernels
                times[which].append(spent)
    for process in processes.values():
        process.shutdown()
    seconds = frames / AudioConfig().frames_per_second
    base = times["plain"]
    print(
        f"{name}, {frames} frames: largest difference {difference:.1e}, of samples up to "
        f"{float(sounds[0].abs().max()):.2f}"
    )
    for contender, values in times.items():
        ratio = statistics.median(b / v for b, v in zip(base, values, strict=True))
        print(
            f"  {contender:8}{seconds / statistics.median(values):8.1f} x real time, "
            f"{ratio:.2f} times as fast as plain ({min(values):.3f}-{max(values):.3f} s)"
        )


@torch.inference_mode()
def alone(name: str, config: VocosConfig, frames: int, rounds: int) -> None:
    """Time a Vocos."""
    model, mel = _model_and_mel(config, frames)
    values = _timed({name: lambda: model(mel)}, rounds)[name]
    fast = frames / model.audio.frames_per_second / statistics.median(values)
    print(f"{name}, {frames} frames: {fast:.0f} x real time")


@torch.inference_mode()
def first_sound(name: str, config: HiFiGANConfig | VocosConfig, rounds: int) -> None:
    """Time from the first piece of a mel to the first sound, when the mel comes in pieces."""
    model, mel = _model_and_mel(config, 4 * CHUNK)
    pieces = mel.split(CHUNK, dim=2)
    values = _timed({name: lambda: next(model.stream(pieces))}, rounds)[name]
    heard = next(model.stream(pieces)).shape[1]
    print(
        f"{name}, streaming, pieces of {CHUNK} frames: the first sound, {heard} samples, "
        f"{1000 * statistics.median(values):.0f} ms after the first piece ({model.context} frames "
        "are held back)"
    )


def plain(weights: dict[str, Tensor], config: HiFiGANConfig, mel: Tensor) -> Tensor:
    """The paper's forward pass, (B, M, T) to (B, S), as its code writes it."""

    def convolve(x: Tensor, name: str, dilation: int = 1) -> Tensor:
        weight, bias = weights[f"{name}.weight"], weights[f"{name}.bias"]
        padding = weight.shape[2] // 2 * dilation
        return F.conv1d(x, weight, bias, padding=padding, dilation=dilation)

    def block(x: Tensor, name: str, dilations: tuple[int, ...]) -> Tensor:
        for i, dilation in enumerate(dilations):
            y = convolve(F.leaky_relu(x, 0.1), f"{name}.dilated.{i}", dilation)
            if config.paired:
                y = convolve(F.leaky_relu(y, 0.1), f"{name}.plain.{i}")
            x = y + x
        return x

    x = convolve(mel, "first")
    shapes = zip(config.upsample_rates, config.upsample_kernels, strict=True)
    for stage, (rate, kernel) in enumerate(shapes):
        weight, bias = (weights[f"upsamples.{stage}.{part}"] for part in ("weight", "bias"))
        x = F.leaky_relu(x, 0.1)
        x = F.conv_transpose1d(x, weight, bias, stride=rate, padding=(kernel - rate) // 2)
        total = None
        for kind, dilations in enumerate(config.block_dilations):
            y = block(x, f"blocks.{stage}.blocks.{kind}", dilations)
            total = y if total is None else total + y
        x = total / len(config.block_dilations)
    return torch.tanh(convolve(F.leaky_relu(x), "last"))[:, 0]


def _model_and_mel(
    config: HiFiGANConfig | VocosConfig, frames: int
) -> tuple[HiFiGAN | Vocos, Tensor]:
    """Random weights, large enough for the sound to be loud: else all would be equal."""
    torch.manual_seed(0)
    audio = AudioConfig()
    model = (Vocos if isinstance(config, VocosConfig) else HiFiGAN)(config, audio).eval()
    for layer in model.modules():
        if isinstance(layer, (nn.Conv1d, nn.ConvTranspose1d)):
            nn.init.normal_(layer.weight, std=1.5 * layer.weight[0].numel() ** -0.5)
    return model, torch.randn(1, audio.n_mels, frames)


@functools.cache
def _contender(which: str, config: HiFiGANConfig, frames: int) -> Callable[[], Tensor]:
    model, mel = _model_and_mel(config, frames)
    if which == "plain":
        weights = {name: weight.contiguous() for name, weight in model.state_dict().items()}
        return lambda: plain(weights, config, mel)
    return (lambda: _in_bf16(model, mel)) if which == "bf16" else (lambda: model(mel))


@torch.inference_mode()
def _seconds(which: str, config: HiFiGANConfig, frames: int) -> float:
    contender = _contender(which, config, frames)
    started = time.perf_counter()
    contender()
    return time.perf_counter() - started


def _in_bf16(model: HiFiGAN, mel: Tensor) -> Tensor:
    with torch.autocast("cpu", torch.bfloat16):
        return model(mel)


def _timed(contenders: dict[str, Callable], rounds: int) -> dict[str, list[float]]:
    """Seconds of each, round by round; the first call of each sets up memory and kernels."""
    for contender in contenders.values():
        contender()
    times = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, contender in contenders.items():
            started = time.perf_counter()
            contender()
            times[name].append(time.perf_counter() - started)
    return times


if __name__ == "__main__":
    main()
