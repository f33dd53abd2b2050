"""A vocoder in training, its running average, and its discriminators: one checkpoint."""

import copy
from typing import Generic, TypeVar

import torch
from torch import Tensor, nn

from ttslib.nn.weight_norm import folded_weights

__all__ = ["AveragedGenerator"]

Generator = TypeVar("Generator", bound=nn.Module)


class AveragedGenerator(nn.Module, Generic[Generator]):
    """A model in training, and the running average of its weights.

    Averaging smooths the oscillation of the weights, which is strong in adversarial training. The
    average is used in the end, so it stays in evaluation mode.

    Parameters
    ----------
    generator
        The model, without weight norm. The trained copy may get it afterward.
    discriminators
        The networks that are trained with it, in a GAN.
    keep
        The share of the old average that a step keeps.
    """

    steps: Tensor

    def __init__(
        self, generator: Generator, discriminators: nn.Module | None = None, *, keep: float = 0.999
    ):
        super().__init__()
        self.average = copy.deepcopy(generator).requires_grad_(False).eval()
        self.generator = generator
        self.discriminators = discriminators
        self.keep = keep
        self.register_buffer("steps", torch.zeros((), dtype=torch.int64))  # of the average

    def train(self, mode: bool = True) -> "AveragedGenerator[Generator]":
        """Set the mode of everything except the average."""
        super().train(mode)
        self.average.eval()
        return self

    @torch.no_grad()
    def follow(self) -> None:
        """Move the average toward the generator: quickly at first, while the weights are poor."""
        self.steps += 1
        keep = min(self.keep, float(self.steps / (10 + self.steps)))
        recent = folded_weights(self.generator)
        for name, tensor in self.average.state_dict().items():
            tensor.lerp_(recent[name], 1 - keep)

    def split_state(self) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        """Return the average's weights, and those that only training needs."""
        state = self.state_dict()
        speaking = {n: t for n, t in state.items() if n.startswith("average.")}
        return (
            {n.removeprefix("average."): t for n, t in speaking.items()},
            {n: t for n, t in state.items() if n not in speaking},
        )

    def join_state(self, weights: dict[str, Tensor], training: dict[str, Tensor]) -> None:
        """Load what `split_state` returned."""
        self.load_state_dict({f"average.{n}": t for n, t in weights.items()} | training)
