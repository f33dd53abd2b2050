"""Three ways to generate with a WaveNet, from the simplest to one that is fast on any device.

Every sample needs the one before it, so there must be a loop over the samples. Only the work inside
it can be reduced. `naive_generation` runs the network over the whole receptive field for each
sample. `cached_generation` keeps each layer's recent outputs in a queue (Paine et al. 2016, Fast
Wavenet Generation Algorithm, arXiv 1611.09482). `folded_generation` also generates pieces of the
sound as a batch, as implementations of WaveRNN do (Kalchbrenner et al. 2018, arXiv 1802.08435), and
crossfades where they meet; it is the only one that changes the result. The fastest way on a CPU is
in `compiled.py`.

Shapes: B batch, M mel bands, T frames, S = T * hop_length samples, G gated channels, K outputs.
"""

from collections import deque
from collections.abc import Sequence
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor

from ttslib.models.wavenet.network import WaveNetNetwork
from ttslib.nn.randomness import seeded, uniform

__all__ = ["cached_generation", "folded_generation", "naive_generation"]


@torch.no_grad()
def naive_generation(
    model: WaveNetNetwork,
    mel: Tensor,
    *,
    temperature: float = 1.0,
    generator: torch.Generator | None = None,
    uniforms: Tensor | None = None,
) -> Tensor:
    """Run the network over the whole receptive field for each sample, and keep its last output.

    Parameters
    ----------
    model
    mel : Tensor (B, M, T)
        Natural logarithm, not normalized.
    temperature : float
        Below 1, likely samples become likelier; at 0, each sample is the likeliest.
    generator : torch.Generator, optional
        Of the draws; a new one with seed 0 when not given.
    uniforms : Tensor (B, S, 2), optional
        The numbers in [0, 1) that decide them; drawn from the generator when not given.

    Returns
    -------
    Tensor (B, T * hop_length)

    Taught in: notebooks/10_wavenet
    """
    conditions, uniforms = prepare_generation(model, mel, temperature, generator, uniforms)
    hold, signal = model.hold, torch.zeros_like(uniforms[..., 0])
    for t in range(signal.shape[1]):
        first, end = max(0, t - model.config.receptive_field) // hold, t // hold + 1
        recent = [condition[:, :, first:end] for condition in conditions]
        output = model.distributions(signal[:, first * hold : end * hold], recent)
        output = output[:, :, t - first * hold]
        signal[:, t] = model.head.draw(output, uniforms[:, t], temperature=temperature)
    return model.waveform(signal, mel)


@torch.no_grad()
def cached_generation(
    model: WaveNetNetwork,
    mel: Tensor,
    *,
    temperature: float = 1.0,
    generator: torch.Generator | None = None,
    uniforms: Tensor | None = None,
) -> Tensor:
    """Compute each layer once per sample, and keep in queues what the layers need again.

    Parameters, result and errors are those of `naive_generation`; the sound is the same.

    Taught in: notebooks/10_wavenet
    """
    conditions, uniforms = prepare_generation(model, mel, temperature, generator, uniforms)
    return model.waveform(_signal(model, conditions, uniforms, temperature), mel)


@torch.no_grad()
def folded_generation(
    model: WaveNetNetwork,
    mel: Tensor,
    *,
    piece: int = 24,
    overlap: int = 6,
    temperature: float = 1.0,
    generator: torch.Generator | None = None,
    uniforms: Tensor | None = None,
) -> Tensor:
    """Generate all pieces of one mel at once, as a batch, and crossfade where they meet.

    A piece begins `overlap` frames early, with silence as its past. The first half of them is left
    out; over the second half the piece is faded in, and the piece before it out.

    Parameters
    ----------
    model
    mel : Tensor (1, M, T)
        Natural logarithm, not normalized.
    piece : int
        Frames that each piece contributes.
    overlap : int
        Frames that it generates in addition, an even number.
    temperature, generator
        As in `naive_generation`.
    uniforms : Tensor (pieces, (piece + overlap) * hop_length, 2), optional
        The numbers in [0, 1) that decide; drawn from the generator when not given.

    Returns
    -------
    Tensor (1, T * hop_length)

    Taught in: notebooks/10_wavenet
    """
    if len(mel) != 1 or overlap % 2 or not 0 < overlap <= piece:
        raise ValueError(
            f"folding needs one mel and an even overlap of at most a piece, got {len(mel)} mels, "
            f"overlap={overlap}, piece={piece}"
        )
    _require_temperature(temperature)
    conditions = model.layer_conditions(mel)
    frames, hop = mel.shape[2], model.audio.hop_length
    pieces = -(-frames // piece)  # rounded up
    vectors = hop // model.hold  # of a frame
    beyond = overlap * vectors, (pieces * piece - frames) * vectors
    folded = []
    for condition in conditions:  # (1, 2G, H, 1)
        x = F.pad(condition[..., 0], beyond, mode="replicate")[0]
        x = x.unfold(1, (piece + overlap) * vectors, piece * vectors)  # (2G, pieces, H of one)
        folded.append(x.transpose(0, 1)[..., None])
    length = (piece + overlap) * hop
    uniforms = _uniforms((pieces, length, 2), mel, generator, uniforms)
    signals = _signal(model, folded, uniforms, temperature)  # (pieces, length)
    return model.waveform(crossfaded(signals, overlap * hop)[:, : frames * hop], mel)


def crossfaded(pieces: Tensor, overlap: int) -> Tensor:
    """Join pieces (N, piece + overlap) into (1, N * piece).

    Each begins `overlap` samples early. The first half of them is left out; over the second half it
    is faded in, and the piece before it out. The two weights add up to 1, so where both pieces
    agree the result is theirs.
    """
    half = overlap // 2
    fade = torch.linspace(0, 1, half + 2, dtype=pieces.dtype, device=pieces.device)[1:-1]
    body = pieces[:, overlap:].clone()
    body[:-1, -half:] *= 1 - fade
    body[:-1, -half:] += pieces[1:, half:overlap] * fade
    return body.reshape(1, -1)


def prepare_generation(
    model: WaveNetNetwork,
    mel: Tensor,
    temperature: float,
    generator: torch.Generator | None,
    uniforms: Tensor | None,
) -> tuple[list[Tensor], Tensor]:
    """Return what the mel adds in each layer, and the uniform numbers (B, S, 2)."""
    _require_temperature(temperature)
    conditions = model.layer_conditions(mel)
    shape = len(mel), mel.shape[2] * model.audio.hop_length, 2
    return conditions, _uniforms(shape, mel, generator, uniforms)


def _require_temperature(temperature: float) -> None:
    if temperature < 0:
        raise ValueError(
            f"temperature={temperature} is negative; 1 draws from the learned distribution, 0 "
            "takes the likeliest sample"
        )


def _uniforms(
    shape: tuple[int, int, int],
    mel: Tensor,
    generator: torch.Generator | None,
    given: Tensor | None,
) -> Tensor:
    """Return the given numbers, once their shape is checked, or draw them."""
    if given is None:
        return uniform(shape, generator=generator or seeded(0), device=mel.device)
    if given.shape != shape:
        raise ValueError(f"these mels need uniforms {shape}, got {tuple(given.shape)}")
    return given


def _signal(
    model: WaveNetNetwork, conditions: list[Tensor], uniforms: Tensor, temperature: float
) -> Tensor:
    """Generate the signal (B, S), sample by sample."""
    batch, width, reach = len(uniforms), model.config.residual, model.config.kernel - 1
    silence = uniforms.new_zeros(batch, width)
    queues = [deque([silence] * (reach * d), reach * d) for d in model.config.dilations]
    heard = uniforms.new_zeros(batch, model.config.first_kernel)
    samples = []
    for t, uniform_pair in enumerate(uniforms.unbind(dim=1)):
        now = [condition[:, :, t // model.hold, 0] for condition in conditions]
        output = _step(model, heard, now, queues)
        samples.append(model.head.draw(output, uniform_pair, temperature=temperature))
        heard = torch.cat([heard[:, 1:], model.head.heard(samples[-1])[:, None]], dim=1)
    return torch.stack(samples, dim=1)


def _step(
    model: WaveNetNetwork, heard: Tensor, conditions: list[Tensor], queues: list[deque[Tensor]]
) -> Tensor:
    """Return outputs (B, K) for the next sample, from the last ones (B, first_kernel) and queues.

    A queue holds its layer's inputs, the oldest first; the new one is appended.
    """
    x = _product(model.first, heard)
    gates: list[Tensor] = []
    dilated_layers = cast(Sequence[torch.nn.Conv1d], model.dilated)
    residual = cast(Sequence[torch.nn.Conv1d], model.residual)
    for layer, (dilated, queue) in enumerate(zip(dilated_layers, queues, strict=True)):
        x = x + _product(residual[layer - 1], gates[-1]) if layer else x
        (dilation,), (kernel,) = dilated.dilation, dilated.kernel_size
        taps = [queue[tap * dilation] for tap in range(kernel - 1)] + [x]
        queue.append(x)
        y = _product(dilated, torch.stack(taps, dim=2).flatten(1)) + conditions[layer]
        content, gate = y.chunk(2, dim=1)
        gates.append(content.tanh() * gate.sigmoid())
    x = _product(model.skip, torch.cat(gates, dim=1))
    return _product(model.last, F.relu(_product(model.hidden, F.relu(x))))


def _product(layer: torch.nn.Conv1d, x: Tensor) -> Tensor:
    """Apply a convolution whose kernel covers x (B, D * kernel) exactly."""
    return F.linear(x, layer.weight.flatten(1), layer.bias)
