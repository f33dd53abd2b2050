"""Which frame belongs to which token? Learnt beside the model that needs to know.

Paper: Badlani et al. 2021, One TTS Alignment To Rule Them All, arXiv 2108.10447. Reference code:
NVIDIA/NeMo's `AlignmentEncoder`.

The same: two small convolution stacks, distances as scores, the prior along the diagonal, the
forward-sum loss, and a term that draws the soft alignment to its best path.

Shapes: B batch, N tokens, T frames, M mel bands, D width of the tokens, A width of the aligner.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from ttslib.nn.durations import forward_sum_loss, most_probable_durations
from ttslib.nn.masking import valid_mask

__all__ = ["Aligner", "AlignerOutput", "diagonal_prior"]


class AlignerOutput(NamedTuple):
    """Soft and hard alignment of a batch."""

    log_probabilities: Tensor  # (B, T, N) of each token at each frame, the prior included
    durations: Tensor  # (B, N) int64, of the most probable path
    forward_sum: Tensor  # scalar: how improbable all monotonic paths are together
    binarization: Tensor  # scalar: how improbable the best path's tokens are, frame by frame


class Aligner(nn.Module):
    """Tokens and mel frames, each drawn to one space: what lies near belongs together.

    Parameters
    ----------
    token_dim : int
        D
    n_mels : int
        M
    dim : int
        A

    Taught in: notebooks/09_fastspeech
    """

    def __init__(self, *, token_dim: int, n_mels: int, dim: int):
        super().__init__()
        self.tokens = nn.Sequential(
            nn.Conv1d(token_dim, 2 * token_dim, 3, padding=1),
            nn.ReLU(),
            nn.Conv1d(2 * token_dim, dim, 1),
        )
        self.frames = nn.Sequential(
            nn.Conv1d(n_mels, 2 * n_mels, 3, padding=1),
            nn.ReLU(),
            nn.Conv1d(2 * n_mels, n_mels, 1),
            nn.ReLU(),
            nn.Conv1d(n_mels, dim, 1),
        )

    def forward(
        self, tokens: Tensor, token_lengths: Tensor, mels: Tensor, frame_lengths: Tensor
    ) -> AlignerOutput:
        """Align embedded tokens (B, N, D) with normalized mels (B, M, T)."""
        real = valid_mask(token_lengths, max_length=tokens.shape[1])[:, None]  # (B, 1, N)
        keys = self.tokens(tokens.transpose(1, 2) * real).transpose(1, 2).float()  # (B, N, A)
        queries = self.frames(mels).transpose(1, 2).float()  # (B, T, A)
        # Between vectors of unit variance in 80 dimensions, squared distances lie around 160.
        scores = -torch.cdist(queries, keys).square() / keys.shape[2] ** 0.5  # (B, T, N)
        scores = scores.masked_fill(~real, -1e4)
        prior = diagonal_prior(token_lengths, frame_lengths, shape=scores.shape[1:])
        log_probabilities = (scores.log_softmax(dim=2) + prior).log_softmax(dim=2)
        durations = most_probable_durations(log_probabilities, token_lengths, frame_lengths)
        return AlignerOutput(
            log_probabilities,
            durations,
            forward_sum_loss(log_probabilities, token_lengths, frame_lengths),
            _binarization_loss(log_probabilities, durations, frame_lengths),
        )


def diagonal_prior(
    token_lengths: Tensor, frame_lengths: Tensor, *, shape: tuple[int, int], width: float = 1.0
) -> Tensor:
    """Log-probability (B, T, N) of being at token n at frame t, of a path drawn at random.

    A beta-binomial distribution: certain at both ends, broad in the middle. Without it the first
    steps of a training find some path or other; with it they begin near the diagonal.

    Parameters
    ----------
    token_lengths, frame_lengths : (B,) int64
    shape : (T, N)
    width : float
        Less is broader.

    References
    ----------
    Shih et al. 2021, RAD-TTS, section 2.3 (openreview 0NQwnnwAORi).
    """
    n_frames, n_tokens = shape
    device = token_lengths.device
    frame = torch.arange(1, n_frames + 1, device=device)[:, None]
    token = torch.arange(n_tokens, device=device)
    last = (token_lengths - 1)[:, None, None]  # tokens are 0..last
    alpha = width * frame.expand(len(token_lengths), -1, -1)
    beta = (width * (frame_lengths[:, None, None] - frame + 1)).clamp(min=1e-3)

    def log_beta(a: Tensor, b: Tensor) -> Tensor:
        return torch.lgamma(a) + torch.lgamma(b) - torch.lgamma(a + b)

    left = (last - token).clamp(min=0)
    choose = -(last + 1.0).log() - log_beta(left + 1.0, token + 1.0)
    prior = choose + log_beta(token + alpha, left + beta) - log_beta(alpha, beta)
    return prior.masked_fill(token > last, -1e4)


def _binarization_loss(log_probabilities: Tensor, durations: Tensor, lengths: Tensor) -> Tensor:
    """Mean of -log p of the best path's token, over real frames."""
    frames = torch.arange(log_probabilities.shape[1], device=lengths.device)
    ends = durations.cumsum(dim=1)
    owner = torch.searchsorted(ends, frames.expand(len(ends), -1).contiguous(), right=True)
    owner = owner.clamp(max=durations.shape[1] - 1)[..., None]
    chosen = log_probabilities.gather(2, owner).squeeze(2)  # (B, T)
    real = valid_mask(lengths, max_length=len(frames))
    return -(chosen * real).sum() / real.sum()
