"""Time WaveGlow beside the same architecture written plainly in PyTorch, with the same weights.

python benchmarks/bench_waveglow.py

The plain one is what NVIDIA's code does once weight norm is removed: Conv1d on (batch, channels,
groups), one after the other. The contenders are timed in turn and the ratio is taken pair by pair,
so that a noisy machine slows both; run it with OMP_NUM_THREADS=2.
"""

import argparse
import statistics
import time
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from ttslib.config import AudioConfig
from ttslib.models.waveglow import (
    WaveGlow,
    WaveGlowConfig,
    waveglow_published,
    waveglow_small,
)


def main() -> None:
    """Print how fast the published size and the small one turn noise into sound."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--frames", type=int, nargs="*", default=[50, 200])
    arguments = parser.parse_args()
    print(f"{torch.get_num_threads()} threads, {arguments.rounds} rounds, medians")
    for frames in arguments.frames:
        compare("256 channels", waveglow_published(), frames, arguments.rounds)
        alone("small", waveglow_small(), frames, arguments.rounds)


@torch.inference_mode()
def compare(name: str, config: WaveGlowConfig, frames: int, rounds: int) -> None:
    """Time the published size against the plain one, on the same noise."""
    model, z, mel = _model_and_input(config, frames)
    weights = model.state_dict()
    contenders = {
        "plain": lambda: plain(weights, config, z, mel, hop=model.audio.hop_length),
        "ttslib": lambda: model.from_noise(z, mel),
        "bf16": lambda: _in_bf16(model, z, mel),
    }
    sounds = [contenders[name]() for name in ("plain", "ttslib")]
    print(
        f"{name}, {frames} frames: largest difference "
        f"{float((sounds[0] - sounds[1]).abs().max()):.1e}, of samples up to "
        f"{float(sounds[0].abs().max()):.2f}"
    )
    times = _timed(contenders, rounds)
    seconds = frames / model.audio.frames_per_second
    for contender, values in times.items():
        ratio = statistics.median(b / v for b, v in zip(times["plain"], values, strict=True))
        print(
            f"  {contender:8}{seconds / statistics.median(values):8.3f} x real time, "
            f"{ratio:.2f} times as fast as plain ({min(values):.3f}-{max(values):.3f} s)",
            flush=True,
        )


@torch.inference_mode()
def alone(name: str, config: WaveGlowConfig, frames: int, rounds: int) -> None:
    """Time a size that nobody else has."""
    model, z, mel = _model_and_input(config, frames)
    values = _timed({name: lambda: model.from_noise(z, mel)}, rounds)[name]
    fast = frames / model.audio.frames_per_second / statistics.median(values)
    print(f"{name}, {frames} frames: {fast:.0f} x real time", flush=True)


def plain(
    weights: dict[str, Tensor], config: WaveGlowConfig, z: Tensor, mel: Tensor, *, hop: int
) -> Tensor:
    """WaveGlow's way back (B, S), as NVIDIA's code goes it."""
    spect = F.conv_transpose1d(mel, weights["upsample.weight"], weights["upsample.bias"], hop)
    spect = spect[:, :, : mel.shape[2] * hop].unfold(2, config.group, config.group)
    spect = spect.permute(0, 2, 1, 3).flatten(2).permute(0, 2, 1)  # (B, M * G, R)
    kept = config.channels_of(config.flows - 1)
    z, audio = z[:, : config.group - kept], z[:, config.group - kept :]
    for k in reversed(range(config.flows)):
        half = audio.shape[1] // 2
        first, second = audio[:, :half], audio[:, half:]
        output = _plain_network(weights, f"couplings.{k}.network", config, first, spect)
        shift, log_s = output[:, :half], output[:, half:]
        audio = torch.cat([first, (second - shift) / log_s.exp()], dim=1)
        audio = F.conv1d(audio, weights[f"mixes.{k}.matrix"].inverse()[..., None])
        if k and k % config.early_every == 0:
            audio = torch.cat([z[:, -config.early_channels :], audio], dim=1)
            z = z[:, : -config.early_channels]
    return audio.transpose(1, 2).flatten(1)


def _plain_network(
    weights: dict[str, Tensor], name: str, config: WaveGlowConfig, x: Tensor, spect: Tensor
) -> Tensor:
    def layer(which: str, x: Tensor, **options: int) -> Tensor:
        weight, bias = (weights[f"{name}.{which}.{part}"] for part in ("weight", "bias"))
        return F.conv1d(x, weight, bias, **options)

    width, total = config.channels, 0.0
    x, conditions = layer("first", x), layer("condition", spect)
    for i in range(config.layers):
        dilation = 2**i
        acts = layer(f"dilated.{i}", x, dilation=dilation, padding=config.kernel // 2 * dilation)
        acts = acts + conditions[:, 2 * width * i : 2 * width * (i + 1)]
        acts = acts[:, :width].tanh() * acts[:, width:].sigmoid()
        acts = layer(f"onward.{i}", acts)
        if i < config.layers - 1:
            x, acts = x + acts[:, :width], acts[:, width:]
        total = total + acts
    return layer("last", total)


def _in_bf16(model: WaveGlow, z: Tensor, mel: Tensor) -> Tensor:
    with torch.autocast("cpu", torch.bfloat16):
        return model.from_noise(z, mel)


def _model_and_input(config: WaveGlowConfig, frames: int) -> tuple[WaveGlow, Tensor, Tensor]:
    """A model whose couplings do something, noise (B, G, R) and a log-mel (B, M, T)."""
    torch.manual_seed(0)
    model = WaveGlow(config, AudioConfig()).eval()
    for coupling in model.couplings:
        torch.nn.init.normal_(coupling.network.last.weight, std=0.02)
    groups = frames * model.audio.hop_length // config.group
    return model, torch.randn(1, config.group, groups), torch.randn(1, 80, frames) - 4


def _timed(contenders: dict[str, Callable[[], Tensor]], rounds: int) -> dict[str, list[float]]:
    """Seconds of each, in turn, after one warm-up."""
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for number in range(rounds + 1):
        for name, run in contenders.items():
            started = time.perf_counter()
            run()
            if number:
                times[name].append(time.perf_counter() - started)
    return times


if __name__ == "__main__":
    main()
