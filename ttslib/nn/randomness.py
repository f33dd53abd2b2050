"""Random numbers from a generator that is passed in, never from torch's global state.

The numbers are drawn on the generator's device and then moved, so one on the CPU gives the same
numbers on every device.
"""

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

__all__ = ["dropout", "generator_argument", "normal", "seeded", "uniform"]


def seeded(seed: int | None, *, device: torch.device | str = "cpu") -> torch.Generator:
    """Return a new generator; without a seed, it is seeded at random."""
    generator = torch.Generator(device)
    if seed is None:
        generator.seed()
    else:
        generator.manual_seed(seed)
    return generator


def generator_argument(model: object, generator: torch.Generator) -> dict[str, Any]:
    """Return `{"generator": generator}` if a model generates with random numbers, else nothing.

    Such a model has the attribute `needs_generator = True`.
    """
    return {"generator": generator} if getattr(model, "needs_generator", False) else {}


def uniform(
    shape: Sequence[int], *, generator: torch.Generator, device: torch.device | str
) -> Tensor:
    """Draw float32 numbers from [0, 1)."""
    return torch.rand(shape, generator=generator, device=generator.device).to(device)


def normal(
    shape: Sequence[int], *, generator: torch.Generator, device: torch.device | str
) -> Tensor:
    """Draw float32 numbers from the standard normal distribution."""
    return torch.randn(shape, generator=generator, device=generator.device).to(device)


def dropout(x: Tensor, share: float, *, generator: torch.Generator | None) -> Tensor:
    """Zero a share of the numbers at random and scale the others up, in training or not.

    Parameters
    ----------
    x : Tensor
        Of any shape.
    share : float in [0, 1)
    generator : torch.Generator, optional
        None draws from torch's global state, as layers do in training.
    """
    if generator is None:
        return F.dropout(x, share)
    kept = torch.empty(x.shape, dtype=x.dtype, device=generator.device)
    kept = kept.bernoulli_(1 - share, generator=generator) / (1 - share)
    return x * kept.to(x.device)
