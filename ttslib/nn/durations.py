"""From durations to frames and back: the length regulator, and the most probable path through time.

A duration is the number of frames that a token lasts. A clip's durations sum to its frames: a
frame that nobody owns, or that two tokens own, would put all later sounds in the wrong place.

Shapes: B batch, N tokens, T frames, D width.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from ttslib.nn.masking import valid_mask

__all__ = [
    "forward_sum_loss",
    "mean_by_durations",
    "most_probable_durations",
    "repeat_by_durations",
]


def repeat_by_durations(x: Tensor, durations: Tensor) -> Tensor:
    """Repeat every token for as many frames as it lasts: FastSpeech's length regulator.

    Parameters
    ----------
    x : (B, N, D)
    durations : (B, N) int64
        In frames, 0 or more; 0 where padded.

    Returns
    -------
    (B, T, D)
        T is the longest of the sums; zeros beyond each clip's own.

    Raises
    ------
    ValueError
        When a duration is negative, or their shape is not that of the tokens.

    References
    ----------
    Ren et al. 2019, FastSpeech, arXiv 1905.09263, section 3.2.

    Taught in: notebooks/09_fastspeech
    """
    if durations.shape != x.shape[:2]:
        raise ValueError(
            f"durations have shape {tuple(durations.shape)} for tokens {tuple(x.shape[:2])}; "
            "give one for each token"
        )
    if (durations < 0).any():
        raise ValueError(f"a duration is {int(durations.min())} frames; it must be 0 or more")
    ends = durations.cumsum(dim=1)  # (B, N): the frame after each token's last
    frames = torch.arange(int(ends[:, -1].max()), device=x.device).expand(len(x), -1).contiguous()
    owner = torch.searchsorted(ends, frames, right=True)  # (B, T): tokens that have ended by then
    real = owner < x.shape[1]
    owner = owner.clamp(max=x.shape[1] - 1)[..., None].expand(-1, -1, x.shape[2])
    return x.gather(1, owner) * real[..., None]


def mean_by_durations(values: Tensor, durations: Tensor) -> Tensor:
    """The mean of each token's frames: values (B, T), durations (B, N) -> (B, N).

    Frames with the value nan (an unvoiced sound has no pitch) don't count; a token without any
    other gets 0, the speaker's mean.
    """
    ends = durations.cumsum(dim=1)
    known = ~values.isnan()
    sums = F.pad(values.nan_to_num().double().cumsum(dim=1), (1, 0))  # float32 would drift
    counts = F.pad(known.cumsum(dim=1), (1, 0))
    starts = ends - durations
    total = sums.gather(1, ends) - sums.gather(1, starts)
    count = counts.gather(1, ends) - counts.gather(1, starts)
    return (total / count.clamp(min=1)).to(values.dtype)


def forward_sum_loss(
    log_probabilities: Tensor, token_lengths: Tensor, frame_lengths: Tensor
) -> Tensor:
    """How improbable it is that the tokens come one after the other, each once, over all ways.

    Of the paths that begin at the first token, end at the last and at each frame stay or move on by
    one, every one adds its probability. That sum is what CTC computes for the labels 1, 2, ... N,
    so PyTorch's own does the work; the blank that it insists on gets a probability of next to
    nothing.

    Parameters
    ----------
    log_probabilities : (B, T, N)
        Of each token at each frame.
    token_lengths, frame_lengths : (B,) int64
        Every clip needs at least as many frames as tokens.

    Returns
    -------
    scalar
        The mean over the clips, per frame.

    References
    ----------
    Badlani et al. 2021, One TTS Alignment To Rule Them All, arXiv 2108.10447, section 2.1.

    Taught in: notebooks/09_fastspeech
    """
    blank = -1e4  # a log-probability; infinity would make gradients NaN
    tokens = valid_mask(token_lengths, max_length=log_probabilities.shape[2])[:, None]
    padded = F.pad(log_probabilities.masked_fill(~tokens, blank), (1, 0), value=blank)
    losses = F.ctc_loss(
        padded.log_softmax(dim=2).transpose(0, 1),  # (T, B, 1 + N)
        torch.arange(1, padded.shape[2], device=padded.device).expand(len(padded), -1),
        frame_lengths,
        token_lengths,
        reduction="none",
        zero_infinity=True,
    )
    return (losses / frame_lengths).mean()


@torch.no_grad()
def most_probable_durations(
    log_probabilities: Tensor, token_lengths: Tensor, frame_lengths: Tensor
) -> Tensor:
    """The single most probable way through the tokens, as each one's number of frames (Viterbi).

    Parameters
    ----------
    log_probabilities : (B, T, N)
    token_lengths, frame_lengths : (B,) int64

    Returns
    -------
    (B, N) int64
        At least 1 for each real token, 0 at padding; a clip's sum is its number of frames.

    Raises
    ------
    ValueError
        When a clip has fewer frames than tokens.

    References
    ----------
    Kim et al. 2020, Glow-TTS, arXiv 2005.11129, algorithm 1 (monotonic alignment search).

    Taught in: notebooks/09_fastspeech
    """
    if (short := frame_lengths < token_lengths).any():
        clip = int(short.nonzero()[0])
        raise ValueError(
            f"clip {clip} has {int(frame_lengths[clip])} frames for {int(token_lengths[clip])} "
            "tokens, and each needs one; leave it out, or take a smaller hop_length"
        )
    score = log_probabilities.float().transpose(0, 1)  # (T, B, N)
    n_frames, n_clips, n_tokens = score.shape
    best = torch.full_like(score[0], -torch.inf)
    best[:, 0] = score[0, :, 0]
    moved = torch.zeros(score.shape, dtype=torch.bool, device=score.device)
    for t in range(1, n_frames):
        before = F.pad(best[:, :-1], (1, 0), value=-torch.inf)  # the best that ended a token ago
        moved[t] = before > best
        best = score[t] + torch.maximum(before, best)
    durations = torch.zeros(n_clips, n_tokens, dtype=torch.int64, device=score.device)
    clips = torch.arange(n_clips, device=score.device)
    token = token_lengths - 1  # backwards, from the last token at each clip's last frame
    for t in range(n_frames - 1, -1, -1):
        real = t < frame_lengths
        durations[clips, token] += real
        token = token - (real & moved[t, clips, token]).long()
    return durations
