"""Durations against every path counted out by hand."""

from itertools import combinations, pairwise

import pytest
import torch

from ttslib.nn.durations import (
    forward_sum_loss,
    mean_by_durations,
    most_probable_durations,
    repeat_by_durations,
)

TOKENS, FRAMES = torch.tensor([4, 3]), torch.tensor([7, 5])


@pytest.fixture
def log_probabilities():
    torch.manual_seed(0)
    return torch.randn(2, 7, 4)


def _all_paths(log_probabilities):
    """Every way through (T, N): its durations and its log-probability."""
    n_frames, n_tokens = log_probabilities.shape
    for cuts in combinations(range(1, n_frames), n_tokens - 1):
        edges = (0, *cuts, n_frames)
        spans = list(pairwise(edges))
        score = sum(log_probabilities[a:b, n].sum() for n, (a, b) in enumerate(spans))
        yield [b - a for a, b in spans], score


def test_each_token_is_repeated_for_its_frames_and_a_silent_one_not_at_all():
    x = torch.randn(2, 3, 4)
    frames = repeat_by_durations(x, torch.tensor([[2, 0, 3], [1, 1, 0]]))
    assert torch.equal(frames[0], x[0, [0, 0, 2, 2, 2]])
    assert torch.equal(frames[1, :2], x[1, :2])
    assert not frames[1, 2:].any()


@pytest.mark.parametrize(
    ("durations", "complaint"),
    [
        (torch.tensor([[1, -2]]), "-2 frames"),
        (torch.tensor([[1, 2, 3]]), "one for each token"),
    ],
)
def test_impossible_durations_are_refused(durations, complaint):
    with pytest.raises(ValueError, match=complaint):
        repeat_by_durations(torch.randn(1, 2, 4), durations)


def test_the_mean_is_that_of_each_tokens_own_known_frames():
    values = torch.tensor([[1.0, 3.0, float("nan"), 5.0, float("nan"), 9.0]])
    means = mean_by_durations(values, torch.tensor([[2, 2, 1, 1, 0]]))
    assert means.tolist() == [[2, 5, 0, 9, 0]]


def test_the_most_probable_path_is_the_best_of_all(log_probabilities):
    found = most_probable_durations(log_probabilities, TOKENS, FRAMES)
    assert found.sum(dim=1).tolist() == FRAMES.tolist()
    for clip, (n_tokens, n_frames) in enumerate(zip(TOKENS, FRAMES, strict=True)):
        paths = _all_paths(log_probabilities[clip, :n_frames, :n_tokens])
        best, _ = max(paths, key=lambda path: path[1])
        assert found[clip, :n_tokens].tolist() == best
        assert not found[clip, n_tokens:].any()


def _by_frames(log_probabilities, token_lengths, frame_lengths):
    """The best path as the textbook finds it, one frame after the other."""
    score = log_probabilities.transpose(0, 1)  # (T, B, N)
    best = torch.full_like(score[0], -torch.inf)
    best[:, 0] = score[0, :, 0]
    moved = torch.zeros(score.shape, dtype=torch.bool)
    for t in range(1, len(score)):
        before = torch.nn.functional.pad(best[:, :-1], (1, 0), value=-torch.inf)
        moved[t] = before > best
        best = score[t] + torch.maximum(before, best)
    durations = torch.zeros(score.shape[1:], dtype=torch.int64)
    clips, token = torch.arange(score.shape[1]), token_lengths - 1
    for t in range(len(score) - 1, -1, -1):
        real = t < frame_lengths
        durations[clips, token] += real
        token = token - (real & moved[t, clips, token]).long()
    return durations


@pytest.mark.parametrize("seed", range(5))
def test_token_by_token_finds_the_path_that_frame_by_frame_finds(seed):
    draw = torch.Generator().manual_seed(seed)
    tokens = torch.randint(1, 31, (6,), generator=draw)
    frames = tokens + torch.randint(0, 70, (6,), generator=draw)
    scores = torch.randn(6, int(frames.max()), int(tokens.max()), generator=draw)
    found = most_probable_durations(scores, tokens, frames)
    assert torch.equal(found, _by_frames(scores.double(), tokens, frames))


def test_of_equally_good_paths_the_one_that_moves_on_first_is_taken():
    scores, tokens, frames = torch.zeros(1, 6, 3), torch.tensor([3]), torch.tensor([6])
    found = most_probable_durations(scores, tokens, frames)
    assert torch.equal(found, _by_frames(scores, tokens, frames))


def test_scores_that_are_not_numbers_still_give_durations_that_sum_to_the_frames():
    scores = torch.full((2, 7, 4), torch.nan)
    found = most_probable_durations(scores, TOKENS, FRAMES)
    assert found.sum(dim=1).tolist() == FRAMES.tolist()
    assert (found >= 0).all()


def test_the_forward_sum_is_the_sum_over_all_paths(log_probabilities):
    expected = 0.0
    for clip, (n_tokens, n_frames) in enumerate(zip(TOKENS, FRAMES, strict=True)):
        normal = log_probabilities[clip, :n_frames, :n_tokens].log_softmax(dim=1)
        total = torch.stack([score for _, score in _all_paths(normal)]).logsumexp(dim=0)
        expected -= total / n_frames / 2
    found = forward_sum_loss(log_probabilities, TOKENS, FRAMES)
    torch.testing.assert_close(found, expected)


def test_fewer_frames_than_tokens_are_refused(log_probabilities):
    with pytest.raises(ValueError, match="clip 1 has 2 frames for 3 tokens"):
        most_probable_durations(log_probabilities, TOKENS, torch.tensor([7, 2]))


def test_the_forward_sum_and_its_gradient_are_ctc_s_own():
    """For CTC's labels 1, 2, ... N, whose blank gets a probability of next to nothing."""
    draw = torch.Generator().manual_seed(3)
    tokens, frames = torch.tensor([5, 9, 1]), torch.tensor([30, 9, 12])
    scores = 3 * torch.randn(3, 30, 9, generator=draw)
    ours, theirs = (scores.clone().requires_grad_() for _ in range(2))
    real = torch.arange(9) < tokens[:, None, None]
    padded = torch.nn.functional.pad(theirs.masked_fill(~real, -1e4), (1, 0), value=-1e4)
    losses = torch.nn.functional.ctc_loss(
        padded.log_softmax(dim=2).transpose(0, 1),
        torch.arange(1, 10).expand(3, -1),
        frames,
        tokens,
        reduction="none",
    )
    expected, found = (losses / frames).mean(), forward_sum_loss(ours, tokens, frames)
    torch.testing.assert_close(found, expected)
    expected.backward()
    found.backward()
    torch.testing.assert_close(ours.grad, theirs.grad, atol=1e-6, rtol=1e-4)


def test_a_clip_without_any_path_costs_nothing():
    scores = torch.randn(2, 7, 4, requires_grad=True)
    alone = forward_sum_loss(scores[:1], TOKENS[:1], FRAMES[:1])
    both = forward_sum_loss(scores, TOKENS, torch.tensor([7, 2]))
    torch.testing.assert_close(both, alone / 2)
    both.backward()
    assert scores.grad.isfinite().all()
    assert not scores.grad[1].any()


def test_frames_beyond_the_longest_sum_are_zero():
    x, durations = torch.randn(2, 3, 4), torch.tensor([[2, 0, 3], [1, 1, 0]])
    frames = repeat_by_durations(x, durations, n_frames=8)
    assert torch.equal(frames[:, :5], repeat_by_durations(x, durations))
    assert not frames[:, 5:].any()
