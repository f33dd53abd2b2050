"""Generate with a WaveNet in machine code, by numba: the fastest way on a CPU.

It computes what `cached_generation` does, in float32. Three things make it fast: there is no call
overhead between one sum and the next; weights are stored in the order in which they are read, and a
small WaveNet's fit into the processor's cache; and the hyperbolic tangent is a ratio of two
polynomials, of which a processor computes several at once.

Shapes: S samples, L layers, R residual channels, G gated channels, O outputs of a matrix.
"""

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
    """Compute each layer once per sample, in one compiled loop.

    Parameters, result and errors are those of `naive_generation`; the sound is the same except for
    rounding. The very first call compiles, which takes about ten seconds; later ones, in other
    processes too, load the machine code.

    Taught in: notebooks/10_wavenet
    """
    from ttslib.models.wavenet.machine_code import generate_samples  # numba is slow to import

    conditions, uniforms = prepare_generation(model, mel, temperature, generator, uniforms)
    biases = torch.stack([layer.bias for layer in model.dilated])
    added = torch.stack([c[..., 0] for c in conditions], dim=1) + biases[..., None]
    added = added.permute(0, 3, 1, 2)  # (B, H, L, 2G)
    matrices = _matrices(model)
    sampled = (
        model.config.mixtures,
        np.float32(temperature),
        _numpy(mulaw_decode(torch.arange(256))),
        np.array([LEAST_LOG_SCALE, LEAST_CHANCE], np.float32),
    )
    signals = [
        generate_samples(matrices, _numpy(mine), model.hold, _numpy(drawn), *sampled)
        for mine, drawn in zip(added, uniforms, strict=True)
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
