"""WaveNet's step from one sample to the next as machine code, by numba: the fastest way to speak.

It computes what `generation.cached` does, in float32. Three things make it quick: no
operator is called, so there is nothing between one sum and the next; the weights lie in memory as
they are read, outputs beside each other, and a small WaveNet's stay in the processor's cache; and
the hyperbolic tangent is a fraction of two polynomials, of which a processor does sixteen at once.

Shapes: S samples, L layers, R residual channels, G gated channels, O outputs of a matrix.
"""

from functools import cache
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from ttslib.audio.mulaw import mulaw_decode
from ttslib.models.wavenet.generation import prepare_generation
from ttslib.models.wavenet.heads import LEAST_CHANCE, LEAST_LOG_SCALE
from ttslib.models.wavenet.network import WaveNetNetwork

__all__ = ["compiled_generation"]


class _Matrices(NamedTuple):
    """A WaveNet's weights, inputs before outputs."""

    first: np.ndarray  # (first_kernel, R), the newest sample last
    first_bias: np.ndarray  # (R,)
    dilated: np.ndarray  # (L, kernel, R, 2G), the newest last; their biases are in the conditions
    residual: np.ndarray  # (L - 1, G, R)
    residual_bias: np.ndarray  # (L - 1, R)
    skip: np.ndarray  # (L, G, O)
    skip_bias: np.ndarray
    hidden: np.ndarray
    hidden_bias: np.ndarray
    last: np.ndarray
    last_bias: np.ndarray
    dilations: np.ndarray  # (L,)


@torch.no_grad()
def compiled_generation(
    model: WaveNetNetwork,
    mel: Tensor,
    *,
    temperature: float = 1.0,
    generator: torch.Generator | None = None,
    uniforms: Tensor | None = None,
) -> Tensor:
    """Compute each layer once for each sample, in one compiled loop.

    Parameters, result and errors are those of `naive_generation`, and so is the sound, but for
    rounding. The first call compiles, which takes some ten seconds.

    Taught in: notebooks/10_wavenet
    """
    conditions, uniforms = prepare_generation(model, mel, temperature, generator, uniforms)
    biases = torch.stack([layer.bias for layer in model.dilated])
    added = torch.stack([c[..., 0] for c in conditions], dim=1) + biases[..., None]
    added = added.permute(0, 3, 1, 2)  # (B, H, L, 2G)
    matrices, run = _matrices(model), _program()
    sampled = (
        model.config.mixtures,
        np.float32(temperature),
        _numpy(mulaw_decode(torch.arange(256))),
    )
    signals = [
        run(matrices, _numpy(mine), model.hold, _numpy(chance), *sampled)
        for mine, chance in zip(added, uniforms, strict=True)
    ]
    return model.waveform(torch.from_numpy(np.stack(signals)).to(mel), mel)


def _numpy(tensor: Tensor) -> np.ndarray:
    return tensor.detach().float().cpu().contiguous().numpy()


def _matrices(model: WaveNetNetwork) -> _Matrices:
    config = model.config
    skip = model.skip.weight[:, :, 0].T.reshape(config.layers, config.gated, config.skip)
    return _Matrices(
        first=_numpy(model.first.weight[:, 0].T),
        first_bias=_numpy(model.first.bias),
        dilated=_numpy(torch.stack([layer.weight.permute(2, 1, 0) for layer in model.dilated])),
        residual=_numpy(torch.stack([layer.weight[:, :, 0].T for layer in model.residual])),
        residual_bias=_numpy(torch.stack([layer.bias for layer in model.residual])),
        skip=_numpy(skip),
        skip_bias=_numpy(model.skip.bias),
        hidden=_numpy(model.hidden.weight[:, :, 0].T),
        hidden_bias=_numpy(model.hidden.bias),
        last=_numpy(model.last.weight[:, :, 0].T),
        last_bias=_numpy(model.last.bias),
        dilations=np.array(config.dilations),
    )


@cache
def _program():
    """The compiled loop over the samples; the first call takes some seconds."""
    from numba import njit

    fast = njit(
        fastmath={"contract", "reassoc", "nsz", "arcp"}, inline="never", error_model="numpy"
    )

    @fast
    def add_product(y, x, matrix):
        """Add x @ matrix to y, four rows at a time, so that y is read and written less often."""
        inputs, outputs = matrix.shape
        whole = inputs // 4 * 4
        for i in range(0, whole, 4):
            a, b, c, d = x[i], x[i + 1], x[i + 2], x[i + 3]
            for o in range(outputs):
                y[o] += (
                    a * matrix[i, o]
                    + b * matrix[i + 1, o]
                    + c * matrix[i + 2, o]
                    + d * matrix[i + 3, o]
                )
        for i in range(whole, inputs):
            a = x[i]
            for o in range(outputs):
                y[o] += a * matrix[i, o]

    @fast
    def tanh(x):
        y = min(max(x, np.float32(-9)), np.float32(9)) * np.float32(0.25)
        s = y * y
        above = y * (np.float32(135135) + s * (np.float32(17325) + s * (np.float32(378) + s)))
        below = np.float32(135135) + s * (
            np.float32(62370) + s * (np.float32(3150) + s * np.float32(28))
        )
        h = above / below
        h = np.float32(2) * h / (np.float32(1) + h * h)
        return np.float32(2) * h / (np.float32(1) + h * h)

    @fast
    def gate(y, z):
        """The first half's tanh times the second half's sigmoid."""
        for g in range(len(z)):
            half = np.float32(0.5)
            z[g] = tanh(y[g]) * (half + half * tanh(half * y[len(z) + g]))

    @fast
    def relu(x):
        for i in range(len(x)):
            x[i] = max(x[i], np.float32(0))

    @njit
    def draw_class(logits, uniform, temperature):
        highest = logits.max()
        if temperature == 0:
            return int(np.argmax(logits))
        total = np.float32(0)
        for k in range(len(logits)):
            logits[k] = np.exp((logits[k] - highest) / temperature)
            total += logits[k]
        passed, k = np.float32(0), 0
        while k < len(logits) - 1:
            passed += logits[k]
            if passed > uniform * total:
                break
            k += 1
        return k

    @njit
    def draw_logistic(output, mixtures, chance, temperature):
        k = draw_class(output[:mixtures].copy(), chance[0], temperature)
        if temperature == 0:
            return output[mixtures + k]
        scale = temperature * np.exp(max(output[2 * mixtures + k], np.float32(LEAST_LOG_SCALE)))
        place = min(max(chance[1], np.float32(LEAST_CHANCE)), np.float32(1 - LEAST_CHANCE))
        return output[mixtures + k] + scale * np.log(place / (1 - place))

    @njit(error_model="numpy")
    def run(model, conditions, hold, uniforms, mixtures, temperature, sample_of):
        layers, kernel, width, double = model.dilated.shape
        n = len(conditions) * hold
        lead = len(model.first)
        heard = np.zeros(lead + n, np.float32)  # what the network hears: zeros, then the past
        signal = np.empty(n, np.float32)
        past = np.zeros((layers, (kernel - 1) * model.dilations.max(), width), np.float32)
        y, z = np.empty(double, np.float32), np.empty(double // 2, np.float32)
        for t in range(n):
            x = model.first_bias.copy()
            add_product(x, heard[t : t + lead], model.first)
            total = model.skip_bias.copy()
            for layer in range(layers):
                length = (kernel - 1) * model.dilations[layer]
                y[:] = conditions[t // hold, layer]
                for tap in range(kernel - 1):
                    place = (t + tap * model.dilations[layer]) % length
                    add_product(y, past[layer, place], model.dilated[layer, tap])
                add_product(y, x, model.dilated[layer, kernel - 1])
                past[layer, t % length] = x
                gate(y, z)
                add_product(total, z, model.skip[layer])
                if layer < layers - 1:
                    x += model.residual_bias[layer]
                    add_product(x, z, model.residual[layer])
            relu(total)
            inner = model.hidden_bias.copy()
            add_product(inner, total, model.hidden)
            relu(inner)
            output = model.last_bias.copy()
            add_product(output, inner, model.last)
            if mixtures:
                said = draw_logistic(output, mixtures, uniforms[t], temperature)
                signal[t] = min(max(said, np.float32(-1)), np.float32(1))
                heard[t + lead] = signal[t]
            else:
                k = draw_class(output, uniforms[t, 0], temperature)
                signal[t] = sample_of[k]
                heard[t + lead] = np.float32(k / 127.5 - 1)
        return signal

    return run
