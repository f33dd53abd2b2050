"""Losses of acoustic models; padding never counts.

Shapes: B batch, N tokens, M mel bands, T frames, S decoder steps.
"""

from collections.abc import Iterable
from functools import reduce

import torch
import torch.nn.functional as F
from torch import Tensor

from ttslib.nn.masking import valid_mask

__all__ = ["gate_loss", "guided_attention_loss", "mel_loss", "token_loss", "total"]


def total(losses: Iterable[Tensor]) -> Tensor:
    """Return the sum of losses, as `sum` does, but never a plain 0."""
    return reduce(torch.add, losses)


def mel_loss(predicted: Tensor, target: Tensor, lengths: Tensor) -> Tensor:
    """Return the mean absolute plus the mean squared error over the real frames of (B, M, T) mels.

    The squared error removes large errors, as in the Tacotron 2 paper; the absolute error still has
    a gradient for small ones, whose squares hardly count.

    Taught in: notebooks/05_training
    """
    mask = valid_mask(lengths, max_length=target.shape[2])[:, None]
    error = (predicted - target) * mask
    return (error.abs() + error.square()).sum() / (mask.sum() * target.shape[1])


def gate_loss(logits: Tensor, step_lengths: Tensor, *, positive_weight: float = 5.0) -> Tensor:
    """Return the binary cross-entropy of "this step is the last" over real steps; logits (B, S).

    A clip of a hundred steps has one last step, so it counts `positive_weight` times. Otherwise a
    gate that never fires would have nearly no loss, and the model would never stop.

    Taught in: notebooks/05_training
    """
    steps = torch.arange(logits.shape[1], device=logits.device)
    target = (steps == step_lengths[:, None] - 1).to(logits.dtype)
    loss = F.binary_cross_entropy_with_logits(
        logits, target, pos_weight=logits.new_tensor(positive_weight), reduction="none"
    )
    mask = valid_mask(step_lengths, max_length=logits.shape[1])
    return (loss * mask).sum() / mask.sum()


def guided_attention_loss(
    alignment: Tensor, token_lengths: Tensor, step_lengths: Tensor, *, width: float = 0.2
) -> Tensor:
    """Return how much of the attention (B, S, N) is off the diagonal, per step.

    The penalty at step s and token n is `1 - exp(-(n/N - s/S)^2 / (2 width^2))`: 0 on the diagonal,
    1 far from it.

    References
    ----------
    Tachibana et al. 2018, arXiv 1710.08969, section 4.1.

    Taught in: notebooks/05_training
    """
    steps = valid_mask(step_lengths, max_length=alignment.shape[1])
    token = torch.arange(alignment.shape[2], device=alignment.device) / token_lengths[:, None]
    step = torch.arange(alignment.shape[1], device=alignment.device) / step_lengths[:, None]
    distance = token[:, None, :] - step[:, :, None]  # (B, S, N)
    penalty = 1 - torch.exp(-distance.square() / (2 * width**2))
    return (alignment * penalty).sum(dim=2)[steps].mean()


def token_loss(predicted: Tensor, target: Tensor, lengths: Tensor) -> Tensor:
    """Return the mean squared error over real tokens of (B, N): for durations, pitch and energy.

    Taught in: notebooks/09_fastspeech
    """
    mask = valid_mask(lengths, max_length=target.shape[1])
    return ((predicted - target) * mask).square().sum() / mask.sum()
