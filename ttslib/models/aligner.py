"""An aligner that learns, from texts and mels alone, which frame belongs to which token.

Paper: Badlani et al. 2021, One TTS Alignment To Rule Them All, arXiv 2108.10447. Reference code:
NVIDIA/NeMo's `AlignmentEncoder`.

The same: distances as scores, a softmax over the tokens, the prior along the diagonal, the
forward-sum loss. Different: there, tokens and frames are both mapped into a learned space; here a
token is mapped to a mel, its average sound, which has to be close to the frames of its path. So
even the first steps have a target, as in a hidden Markov model, and training takes a minute instead
of an hour.

Shapes: B batch, N tokens, T frames, M mel bands.
"""

from collections.abc import Sequence
from typing import NamedTuple, cast

import torch
from torch import Tensor, nn

from ttslib.nn.durations import forward_sum_loss, most_probable_durations, repeat_by_durations
from ttslib.nn.masking import valid_mask

__all__ = ["Aligner", "AlignerOutput", "diagonal_prior"]


class AlignerOutput(NamedTuple):
    """Soft and hard alignment of a batch."""

    log_probabilities: Tensor  # (B, T, N) of each token at each frame, the prior included
    durations: Tensor  # (B, N) int64, of the most probable path
    forward_sum: Tensor  # scalar: minus the log-probability of all monotonic paths together
    sound: Tensor  # scalar: squared distance of the best path's frames to their tokens' sounds


class Aligner(nn.Module):
    """Predict the sound of each token, and find the path through the tokens that fits a mel best.

    Parameters
    ----------
    n_symbols : int
    n_mels : int
        M
    dim : int
        Of the tokens' embedding.

    Taught in: notebooks/09_fastspeech
    """

    def __init__(self, *, n_symbols: int, n_mels: int, dim: int):
        super().__init__()
        self.sounds = nn.Sequential(
            nn.Embedding(n_symbols, dim), nn.Linear(dim, dim), nn.ReLU(), nn.Linear(dim, n_mels)
        )
        # At first all tokens sound nearly alike, so the prior alone decides the first paths. A
        # random initialization leads to wrong paths, which then teach wrong sounds: with some
        # seeds, for hundreds of steps.
        nn.init.normal_(cast(nn.Linear, self.sounds[-1]).weight, std=1e-3)

    def forward(
        self, tokens: Tensor, token_lengths: Tensor, mels: Tensor, frame_lengths: Tensor
    ) -> AlignerOutput:
        """Align tokens (B, N) with normalized mels (B, M, T)."""
        sounds = self.sounds(tokens).float()  # (B, N, M)
        frames = mels.transpose(1, 2)  # (B, T, M)
        # The log-likelihood of a frame, if a token's frames are spread normally around its sound.
        scores = -0.5 * torch.cdist(frames, sounds).square()  # (B, T, N)
        prior = diagonal_prior(token_lengths, frame_lengths, shape=scores.shape[1:])
        log_probabilities = (scores + prior).log_softmax(dim=2)
        durations = most_probable_durations(log_probabilities, token_lengths, frame_lengths)
        said = repeat_by_durations(sounds, durations, n_frames=frames.shape[1])  # (B, T, M)
        real = valid_mask(frame_lengths, max_length=frames.shape[1])[..., None]
        error = (said - frames) * real
        return AlignerOutput(
            log_probabilities,
            durations,
            forward_sum_loss(log_probabilities, token_lengths, frame_lengths),
            error.square().sum() / (real.sum() * mels.shape[1]),
        )


def diagonal_prior(
    token_lengths: Tensor, frame_lengths: Tensor, *, shape: Sequence[int], width: float = 1.0
) -> Tensor:
    """Return the log-probability (B, T, N) that a random path is at token n at frame t.

    A beta-binomial distribution: certain at both ends, broad in the middle. Without it, the first
    training steps find arbitrary paths; with it, they start near the diagonal.

    Parameters
    ----------
    token_lengths, frame_lengths : (B,) int64
    shape : (T, N)
    width : float
        Smaller is broader.

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
