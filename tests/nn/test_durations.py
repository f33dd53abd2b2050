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
