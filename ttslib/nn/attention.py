"""Location-sensitive attention, whose score depends on where it has attended before.

Chorowski et al. 2015, Attention-Based Models for Speech Recognition, arXiv 1506.07503, as in
Tacotron 2: additive attention whose score also depends on the previous and the cumulative weights,
through a convolution, so that it can learn to move on.

Shapes: B batch, N tokens, D width of the memory, A width of the attention, Q width of the query.
"""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ["AttentionMemory", "AttentionState", "LocationSensitiveAttention"]


class AttentionState(NamedTuple):
    """The attention's state after a step."""

    context: Tensor  # (B, D) the weighted sum of the values
    weights: Tensor  # (B, N) of each token
    cumulative: Tensor  # (B, N) sum of the weights of all steps so far


class AttentionMemory(NamedTuple):
    """What stays the same from step to step, computed once per sentence."""

    values: Tensor  # (B, N, D) the encoder's output
    keys: Tensor  # (B, N, A) the same, projected
    padding: Tensor  # (B, N) bool, True where there is no token
    location_weight: Tensor  # (2 * K, A) the location convolution and its projection in one

    def near(self, state: AttentionState, window: int, padding: Tensor) -> "AttentionMemory":
        """Return the same memory, open only within `window` tokens of where the attention was."""
        position = torch.arange(padding.shape[1], device=padding.device)
        last = state.weights.argmax(dim=1, keepdim=True)  # all zeros before the first step: 0
        return self._replace(padding=padding | ((position - last).abs() > window))


class LocationSensitiveAttention(nn.Module):
    """Additive attention over tokens, conditioned on its own past.

    The score of token n is `v . tanh(query + key_n + location_n)`, `location` a convolution over
    the previous and the cumulative weights. With `advance` it is forward attention: a token's new
    weight is also proportional to the last weights of itself and of the `advance` tokens before
    it, so the attention begins at the first token and hardly ever jumps or turns back.

    References
    ----------
    Chorowski et al. 2015, arXiv 1506.07503; Zhang et al. 2018, arXiv 1807.06736 (forward attention,
    there with an advance of 1).

    Taught in: notebooks/04_tacotron
    """

    def __init__(
        self,
        *,
        query_dim: int,
        memory_dim: int,
        dim: int,
        filters: int,
        kernel_size: int,
        advance: int | None = None,
    ):
        super().__init__()
        self.advance = advance
        self.query = nn.Linear(query_dim, dim, bias=False)
        self.key = nn.Linear(memory_dim, dim, bias=False)
        self.location_conv = nn.Conv1d(2, filters, kernel_size, bias=False)
        self.location_dense = nn.Linear(filters, dim, bias=False)
        self.score = nn.Linear(dim, 1, bias=False)
        tanh_gain = nn.init.calculate_gain("tanh")
        for layer in (self.query, self.key, self.location_dense):
            nn.init.xavier_uniform_(layer.weight, gain=tanh_gain)
        for weight in (self.location_conv.weight, self.score.weight):
            nn.init.xavier_uniform_(weight)

    def prepare(self, values: Tensor, *, mask: Tensor) -> tuple[AttentionMemory, AttentionState]:
        """Project the memory (B, N, D) once, and return the attention's initial state."""
        # A linear layer follows the convolution directly, so one matrix does the work of both.
        location_weight = torch.einsum(
            "af,fck->cka", self.location_dense.weight, self.location_conv.weight
        ).flatten(0, 1)
        keys = self.key(values).to(values.dtype)
        memory = AttentionMemory(values, keys, ~mask, location_weight.to(values.dtype))
        nothing = values.new_zeros(values.shape[:2])
        weights = nothing.clone()
        if self.advance is not None:
            weights[:, 0] = 1
        return memory, AttentionState(torch.zeros_like(values[:, 0]), weights, nothing)

    def forward(
        self, query: Tensor, memory: AttentionMemory, state: AttentionState
    ) -> AttentionState:
        """Attend once: return the next state for a query (B, Q) and the last state."""
        past = torch.stack([state.weights, state.cumulative], dim=1)  # (B, 2, N)
        kernel_size = self.location_conv.kernel_size[0]
        windows = F.pad(past, 2 * (kernel_size // 2,)).unfold(2, kernel_size, 1)  # (B, 2, N, K)
        windows = windows.transpose(1, 2).flatten(2)  # (B, N, 2 * K)
        location = windows @ memory.location_weight
        energy = torch.tanh(self.query(query)[:, None] + location + memory.keys)  # (B, N, A)
        scores = self.score(energy).squeeze(2).masked_fill(memory.padding, -torch.inf)
        if self.advance is not None:
            reach = self.advance + 1
            reached = F.pad(state.weights, (self.advance, 0)).unfold(1, reach, 1).sum(dim=2)
            scores = scores + (reached + 1e-8).log()  # a product, once it is normalized
        weights = scores.softmax(dim=1)
        context = torch.bmm(weights[:, None], memory.values).squeeze(1)
        return AttentionState(context, weights, state.cumulative + weights)
