"""The feed-forward Transformer: every position attends to all others, then to its neighbors.

Papers: Vaswani et al. 2017, Attention Is All You Need, arXiv 1706.03762; Ren et al. 2019,
FastSpeech, arXiv 1905.09263, whose blocks have two convolutions where the first paper has two
linear layers.

Shapes: B batch, L length, D width.
"""

import math
from collections.abc import Iterable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ttslib.nn.convolve import convolve

__all__ = ["FeedForwardTransformer", "SelfAttention", "TransformerStack", "position_encoding"]


class SelfAttention(nn.Module):
    """Attend from every position to all others: torch's `MultiheadAttention`, weight for weight."""

    def __init__(self, *, dim: int, heads: int):
        super().__init__()
        self.heads = heads
        self.in_proj_weight = nn.Parameter(torch.empty(3 * dim, dim))
        self.in_proj_bias = nn.Parameter(torch.zeros(3 * dim))
        self.out_proj = nn.Linear(dim, dim)
        nn.init.xavier_uniform_(self.in_proj_weight)
        nn.init.zeros_(self.out_proj.bias)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """Map x (B, L, D) to (B, L, D); mask (B, L) is True at real positions."""
        projected = convolve(x, self.in_proj_weight, self.in_proj_bias)  # (B, L, 3 D)
        queries, keys, values = (
            part.unflatten(2, (self.heads, -1)).transpose(1, 2)  # (B, heads, L, D / heads)
            for part in projected.chunk(3, dim=2)
        )
        read = F.scaled_dot_product_attention(queries, keys, values, attn_mask=mask[:, None, None])
        return convolve(read.transpose(1, 2).flatten(2), self.out_proj.weight, self.out_proj.bias)


class FeedForwardTransformer(nn.Module):
    """One block: self-attention, then two convolutions.

    Parameters
    ----------
    dim : int
        D
    heads : int
        Of the attention; a divisor of D.
    filter_dim : int
        Channels between the two convolutions.
    kernel_size, second_kernel_size : int
        Of the two convolutions, both odd.
    dropout : float in 0..1

    Taught in: notebooks/09_fastspeech
    """

    def __init__(
        self,
        *,
        dim: int,
        heads: int,
        filter_dim: int,
        kernel_size: int,
        second_kernel_size: int = 1,
        dropout: float = 0.0,
    ):
        super().__init__()
        self.attention = SelfAttention(dim=dim, heads=heads)
        self.attention_norm = nn.LayerNorm(dim)
        self.first = nn.Conv1d(dim, filter_dim, kernel_size, padding=kernel_size // 2)
        self.second = nn.Conv1d(
            filter_dim, dim, second_kernel_size, padding=second_kernel_size // 2
        )
        self.convolution_norm = nn.LayerNorm(dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """Map x (B, L, D) to (B, L, D); mask (B, L) is True at real positions."""
        real = mask[..., None]  # (B, L, 1)
        x = self.attention_norm(x + self.dropout(self.attention(x, mask)))
        inner = F.relu(convolve(x * real, self.first.weight, self.first.bias)) * real
        x = x + self.dropout(convolve(inner, self.second.weight, self.second.bias))
        return self.convolution_norm(x)


class TransformerStack(nn.Module):
    """Transformer blocks in sequence, after position encodings are added to their input."""

    def __init__(self, blocks: Iterable[FeedForwardTransformer]):
        super().__init__()
        self.blocks = nn.ModuleList(blocks)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """Map x (B, L, D) to (B, L, D), 0 at padding; mask (B, L) is True at real positions."""
        x = x + position_encoding(x.shape[1], x.shape[2], device=x.device)
        for block in self.blocks:
            x = block(x, mask)
        return x * mask[..., None]


def position_encoding(length: int, dim: int, *, device: torch.device) -> Tensor:
    """Return sines and cosines of longer and longer periods, (length, dim), one row per position.

    References
    ----------
    Vaswani et al. 2017, Attention Is All You Need, arXiv 1706.03762, section 3.5.

    Taught in: notebooks/09_fastspeech
    """
    rates = torch.exp(torch.arange(0, dim, 2, device=device) * (-math.log(10_000) / dim))
    angles = torch.arange(length, device=device)[:, None] * rates
    return torch.stack([angles.sin(), angles.cos()], dim=2).flatten(1)
