"""From durations to frames and back: the length regulator, and monotonic alignment.

A duration is the number of frames that a token lasts. A clip's durations sum to its frames: a
frame that belongs to no token, or to two, would put all later sounds in the wrong place.

Alignment runs token by token, not frame by frame: there are fewer of them, and within one token a
cumulative maximum or sum covers all frames at once.

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


def repeat_by_durations(x: Tensor, durations: Tensor, *, n_frames: int | None = None) -> Tensor:
    """Repeat every token for its frames: FastSpeech's length regulator.

    Parameters
    ----------
    x : (B, N, D)
    durations : (B, N) int64
        In frames, 0 or more; 0 where padded.
    n_frames : int, optional
        T. When not given, it is the longest of the sums, and the CPU has to wait for the device.

    Returns
    -------
    (B, T, D)
        0 beyond each clip's own sum.

    Raises
    ------
    ValueError
        If the durations' shape isn't that of the tokens or, on the CPU, one is negative.

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
    if durations.device.type == "cpu" and (durations < 0).any():
        raise ValueError(f"a duration is {int(durations.min())} frames; it must be 0 or more")
    ends = durations.cumsum(dim=1)  # (B, N): the frame after each token's last
    n_frames = int(ends[:, -1].max()) if n_frames is None else n_frames
    frames = torch.arange(n_frames, device=x.device).expand(len(x), -1).contiguous()
    owner = torch.searchsorted(
        ends, frames, right=True
    )  # (B, T): number of tokens that have ended by then
    real = owner < x.shape[1]
    owner = owner.clamp(max=x.shape[1] - 1)[..., None].expand(-1, -1, x.shape[2])
    return x.gather(1, owner) * real[..., None]


def mean_by_durations(values: Tensor, durations: Tensor) -> Tensor:
    """Average values (B, T) over each token's frames, by durations (B, N): (B, N).

    Frames with the value nan (an unvoiced sound has no pitch) don't count; a token with no other
    frames gets 0, the speaker's mean.
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
    """Return minus the log-probability of all monotonic alignments together, per frame.

    A path begins at the first token, ends at the last, and at each frame stays or moves on by one;
    the probabilities of all paths are added up. That sum is what CTC computes for the labels
    1, 2, ... N, but without its blank, and without making the device wait as `F.ctc_loss` does.

    Parameters
    ----------
    log_probabilities : (B, T, N)
        Of each token at each frame.
    token_lengths, frame_lengths : (B,) int64
        A clip with fewer frames than tokens has no path, and the loss 0.

    Returns
    -------
    scalar
        Mean over the clips.

    References
    ----------
    Badlani et al. 2021, One TTS Alignment To Rule Them All, arXiv 2108.10447, section 2.1.

    Taught in: notebooks/09_fastspeech
    """
    tokens = valid_mask(token_lengths, max_length=log_probabilities.shape[2])[:, None]
    normal = log_probabilities.masked_fill(~tokens, -1e4).log_softmax(dim=2)  # inf: NaN gradients
    losses = _ForwardSum.apply(normal.transpose(1, 2), token_lengths, frame_lengths)
    return (losses / frame_lengths).mean()


class _ForwardSum(torch.autograd.Function):
    """Map scores (B, N, T) of tokens at frames to minus the log-sum over all paths, (B,).

    The forward-backward algorithm, token by token. Its gradient is the probability, over all paths,
    of being at a token at a frame. A clip without any path has the loss 0 and no gradient.
    """

    @staticmethod
    def forward(ctx, score, token_lengths, frame_lengths):
        dtype, score = score.dtype, score.double()  # over long clips, float32 would drift
        n_tokens, n_frames = score.shape[1:]
        total = score.cumsum(dim=2)
        reached = [total[:, 0]]  # log-sum of the paths that are at token n at frame t, (B, T) each
        for n in range(1, n_tokens):
            entered = F.pad((reached[-1] - total[:, n])[:, :-1], (1, 0), value=-torch.inf)
            reached.append(total[:, n] + entered.logcumsumexp(dim=1))
        last_frame = torch.arange(n_frames, device=score.device) == frame_lengths[:, None] - 1
        end = torch.zeros_like(total[:, 0]).masked_fill(~last_frame, -torch.inf)
        left = torch.full_like(end, -torch.inf)  # log-sum of the paths' rest, if token n ends at t
        ahead = []  # log-sum of the paths' rest from token n at frame t, (B, T) each
        for n in reversed(range(n_tokens)):
            left = torch.where((token_lengths == n + 1)[:, None], end, left)
            ahead.append((total[:, n] + left).flip(1).logcumsumexp(dim=1).flip(1) - total[:, n])
            left = F.pad((score[:, n] + ahead[-1])[:, 1:], (0, 1), value=-torch.inf)
        paths = torch.stack(reached, dim=1) + torch.stack(ahead[::-1], dim=1)  # (B, N, T)
        of_all = paths[:, 0, 0]  # every path begins at the first token
        ctx.save_for_backward((paths - of_all[:, None, None]).exp().nan_to_num())
        return -of_all.nan_to_num(neginf=0.0).to(dtype)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, grad):
        (probability,) = ctx.saved_tensors
        return -(grad[:, None, None] * probability).to(grad.dtype), None, None


@torch.no_grad()
def most_probable_durations(
    log_probabilities: Tensor, token_lengths: Tensor, frame_lengths: Tensor
) -> Tensor:
    """Return the most probable monotonic alignment, as each token's number of frames (Viterbi).

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
        When, on the CPU, a clip has fewer frames than tokens.

    References
    ----------
    Kim et al. 2020, Glow-TTS, arXiv 2005.11129, algorithm 1 (monotonic alignment search).

    Taught in: notebooks/09_fastspeech
    """
    if frame_lengths.device.type == "cpu" and (short := frame_lengths < token_lengths).any():
        clip = int(short.nonzero()[0])  # on another device, this check would make the CPU wait
        raise ValueError(
            f"clip {clip} has {int(frame_lengths[clip])} frames for {int(token_lengths[clip])} "
            "tokens, and each needs one; leave it out, or take a smaller hop_length"
        )
    score = log_probabilities.double().transpose(1, 2)  # (B, N, T)
    total = score.cumsum(dim=2)
    frames = torch.arange(score.shape[2], device=score.device)
    best = total[:, 0]  # the best path that is at token n at frame t, (B, T)
    starts = [torch.zeros_like(best, dtype=torch.int64)]  # and where it entered token n
    for n in range(1, score.shape[1]):
        entered = F.pad((best - total[:, n])[:, :-1], (1, 0), value=-torch.inf)
        highest = entered.cummax(dim=1).values
        is_new = highest > F.pad(highest[:, :-1], (1, 0), value=-torch.inf)
        starts.append((frames * is_new).cummax(dim=1).values)  # the first of equally good ones
        best = total[:, n] + highest
    end = frame_lengths[:, None] - 1  # backward, from the last token at each clip's last frame
    durations = []
    for n in reversed(range(score.shape[1])):
        real = (n < token_lengths)[:, None]
        start = starts[n].gather(1, end.clamp(min=0))
        durations.append(torch.where(real, end - start + 1, 0))
        end = torch.where(real, start - 1, end)
    return torch.cat(durations[::-1], dim=1)
