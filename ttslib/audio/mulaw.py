"""Mu-law: samples as a few hundred classes, finer where it is quiet.

References
----------
ITU-T G.711; van den Oord et al. 2016, WaveNet, arXiv 1609.03499, section 2.2.
"""

import math

import torch
from torch import Tensor

__all__ = ["mulaw_decode", "mulaw_encode"]


def mulaw_encode(waveform: Tensor, *, bits: int = 8) -> Tensor:
    """Turn samples into classes.

    Parameters
    ----------
    waveform : Tensor (...)
        In [-1, 1]; values outside are clipped.
    bits
        There are `2**bits` classes.

    Returns
    -------
    Tensor (...), int64
        In [0, 2**bits - 1]; silence is `2 ** (bits - 1)`.

    Examples
    --------
    >>> mulaw_encode(torch.tensor([-1.0, 0.0, 1.0])).tolist()
    [0, 128, 255]

    Taught in: notebooks/10_wavenet
    """
    mu = _mu(bits)
    x = waveform.clamp(-1.0, 1.0)
    compressed = x.sign() * torch.log1p(mu * x.abs()) / math.log1p(mu)  # still in [-1, 1]
    return ((compressed + 1) / 2 * mu + 0.5).floor().long()


def mulaw_decode(classes: Tensor, *, bits: int = 8) -> Tensor:
    """Turn classes back into samples: the middle of what `mulaw_encode` maps to each.

    Parameters
    ----------
    classes : Tensor (...), integer
        In [0, 2**bits - 1].
    bits
        As they were encoded.

    Returns
    -------
    Tensor (...), float32
        In [-1, 1].

    Taught in: notebooks/10_wavenet
    """
    mu = _mu(bits)
    compressed = classes.float() * (2 / mu) - 1
    return compressed.sign() * torch.expm1(compressed.abs() * math.log1p(mu)) / mu


def _mu(bits: int) -> int:
    if not 1 < bits <= 16:
        raise ValueError(f"mu-law needs 2 to 16 bits, got bits={bits}; 8 is usual")
    return 2**bits - 1
