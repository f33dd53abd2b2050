"""A generator and its discriminators, trained together and kept in one checkpoint."""

import copy

import torch
from torch import Tensor, nn

from ttslib.models.hifigan import HiFiGAN
from ttslib.models.hifigan_discriminators import HiFiGANDiscriminators

__all__ = ["Adversaries"]


class Adversaries(nn.Module):
    """The generator, the discriminators, and the generator as it was of late on average.

    The average is what speaks in the end: a game swings to and fro, its mean does so less.

    Parameters
    ----------
    generator
        Gets weight norm.
    discriminators
    keep
        How much of the average stays in each step.
    """

    def __init__(
        self, generator: HiFiGAN, discriminators: HiFiGANDiscriminators, *, keep: float = 0.999
    ):
        super().__init__()
        self.average = copy.deepcopy(generator).requires_grad_(False).eval()
        self.generator = generator.add_weight_norm()
        self.discriminators = discriminators
        self.keep = keep
        self.register_buffer("steps", torch.zeros((), dtype=torch.int64))  # of the average

    @torch.no_grad()
    def follow(self) -> None:
        """Move the average towards the generator: quickly at first, when all was worse before."""
        self.steps += 1
        keep = min(self.keep, float(self.steps / (10 + self.steps)))
        recent = self.generator.folded_weights()
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
