"""The one builder of masks."""

import torch

from ttslib.nn.masking import valid_mask


def test_true_marks_what_is_real():
    mask = valid_mask(torch.tensor([1, 3, 0]))
    assert mask.dtype == torch.bool
    assert mask.int().tolist() == [[1, 0, 0], [1, 1, 1], [0, 0, 0]]


def test_width_is_as_asked():
    assert valid_mask(torch.tensor([2, 1]), max_length=4).int().tolist() == [
        [1, 1, 0, 0],
        [1, 0, 0, 0],
    ]
