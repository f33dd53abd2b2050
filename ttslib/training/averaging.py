"""A generator of sound that learns, its average that speaks, and who judges it: one checkpoint."""

import copy

import torch
from torch import Tensor, nn

from ttslib.nn.weight_norm import folded_weights

__all__ = ["AveragedGenerator"]


class AveragedGenerator(nn.Module):
    """A vocoder, and the same vocoder as it was of late on average.

    The average is what speaks in the end: training swings to and fro, its mean does so less. In a
    game against discriminators that holds all the more.

    Parameters
    ----------
    generator
        A vocoder without weight norm. The one that learns may get it afterwards.
    discriminators
        Those that learn beside it, in a GAN.
    keep
        How much of the average stays in each step.
    """

    def __init__(
        self, generator: nn.Module, discriminators: nn.Module | None = None, *, keep: float = 0.999
    ):
        super().__init__()
        self.average = copy.deepcopy(generator).requires_grad_(False).eval()
        self.generator = generator
        self.discriminators = discriminators
        self.keep = keep
        self.register_buffer("steps", torch.zeros((), dtype=torch.int64))  # of the average

    @torch.no_grad()
    def follow(self) -> None:
        """Move the average towards the generator: quickly at first, when all was worse before."""
        self.steps += 1
        keep = min(self.keep, float(self.steps / (10 + self.steps)))
        recent = folded_weights(self.generator)
        for name, tensor in self.average.state_dict().items():
            tensor.lerp_(recent[name], 1 - keep)

    def split_state(self) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        """The weights that speak, and those that only training needs."""
        state = self.state_dict()
        speaking = {n: t for n, t in state.items() if n.startswith("average.")}
        return (
            {n.removeprefix("average."): t for n, t in speaking.items()},
            {n: t for n, t in state.items() if n not in speaking},
        )

    def join_state(self, weights: dict[str, Tensor], training: dict[str, Tensor]) -> None:
        """Take back what `split_state` gave."""
        self.load_state_dict({f"average.{n}": t for n, t in weights.items()} | training)
