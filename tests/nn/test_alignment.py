"""The quality of alignments whose quality is known."""

import pytest
import torch

from ttslib.nn.alignment import alignment_durations, alignment_quality


def _attending(tokens, *, of):
    return torch.nn.functional.one_hot(torch.tensor(tokens), of).float()


def test_straight_diagonal_is_best_in_everything():
    quality = alignment_quality(_attending([0, 0, 1, 1, 2, 2, 3, 3], of=4))
    assert quality.diagonality > 0.97
    assert (quality.focus, quality.coverage) == (1, 1)
    assert (quality.skipped, quality.repeated) == (0, 0)


def test_one_short_token_may_be_passed_by():
    assert alignment_quality(_attending([0, 2, 3], of=4)).skipped == 0


def test_jumps_are_counted():
    quality = alignment_quality(_attending([0, 4, 5, 1, 2, 7], of=8))
    assert quality.skipped == 2 + 3  # 0 to 4 leaves out three, 2 to 7 four; one each is allowed
    assert quality.repeated == 1
    assert quality.coverage == 6 / 8


def test_stuck_attention_covers_little_and_is_no_diagonal():
    quality = alignment_quality(_attending([1] * 10, of=5))
    assert (quality.diagonality, quality.coverage) == (0, 0.2)


def test_backward_sweep_is_no_diagonal():
    assert alignment_quality(_attending([3, 2, 1, 0], of=4)).diagonality == 0


def test_blurred_attention_has_no_focus():
    assert alignment_quality(torch.full((6, 4), 0.25)).focus == pytest.approx(0.25)


def test_one_step_is_judged_too():
    assert alignment_quality(torch.tensor([[0.0, 1.0]])) == (0, 1, 0.5, 0, 0)


@pytest.mark.parametrize("shape", [(0, 4), (4, 0), (4,), (1, 4, 4)])
def test_no_alignment_says_its_shape(shape):
    with pytest.raises(ValueError, match=r"shape \(steps, tokens\)"):
        alignment_quality(torch.zeros(shape))


def test_durations_add_up_to_the_steps():
    durations = alignment_durations(_attending([0, 0, 0, 1, 3, 3], of=5))
    assert durations.tolist() == [3, 1, 0, 2, 0]
    assert durations.dtype == torch.int64
