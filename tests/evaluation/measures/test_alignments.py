"""Faults of reading: known answers by attention and by durations, and bad input."""

import pytest
import torch

from ttslib.evaluation.measures.alignments import ReadingFaults, count_faults, reading_faults


def attention(*attended: int, tokens: int = 6) -> torch.Tensor:
    """A little blurred, so that no row is one-hot."""
    return 0.8 * torch.eye(tokens)[list(attended)] + 0.2 / tokens


@pytest.mark.parametrize(
    ("attended", "skipped", "repeated"),
    [
        ((0, 1, 2, 3, 4, 5), 0, 0),
        ((0, 0, 2, 3, 5, 5), 0, 0),  # a single short token may be passed by
        ((0, 1, 5), 2, 0),
        ((0, 1, 2, 3, 1, 2, 3, 4, 5), 0, 1),
        ((0, 4, 1, 5), 4, 1),
    ],
)
def test_jumps_are_skips_and_jumps_back_are_repeats(attended, skipped, repeated):
    found = reading_faults([attention(*attended)])
    assert found == ReadingFaults(skipped=skipped, repeated=repeated, endless=False)


def test_durations_tell_the_same():
    assert not reading_faults([torch.tensor([3, 1, 0, 2, 5])])
    assert reading_faults([torch.tensor([3, 0, 0, 0, 5])]).skipped == 2
    assert reading_faults([torch.tensor([3, 1, 2])], stopped=False).endless


def test_pauses_between_parts_are_no_faults():
    part = torch.cat([attention(0, 1, 2, 3, 4, 5), torch.zeros(9, 6)])
    assert not reading_faults([part, part])
    assert reading_faults([part, attention(0, 5)]).skipped == 3


def test_a_corpus_is_counted_by_sentences():
    faults = [
        ReadingFaults(skipped=0, repeated=0, endless=False),
        ReadingFaults(skipped=7, repeated=2, endless=False),
        ReadingFaults(skipped=0, repeated=1, endless=True),
    ]
    n = count_faults(faults)
    assert (n.sentences, n.skipping, n.repeating, n.endless, n.faulty) == (3, 1, 2, 1, 2)
    assert [str(found) for found in faults] == [
        "no fault",
        "skips, repeats",
        "repeats, never stops",
    ]


@pytest.mark.parametrize(
    ("alignments", "complaint"),
    [
        ([], "no alignment"),
        ([torch.full((3, 4), float("nan"))], "NaN"),
        ([torch.tensor([1, -1])], "negative"),
        ([torch.zeros(5, 4)], "at least 1"),
        ([torch.zeros(2, 5, 4)], "steps, tokens"),
    ],
)
def test_bad_alignments_get_one_line(alignments, complaint):
    with pytest.raises(ValueError, match=complaint):
        reading_faults(alignments)


def test_nothing_to_count_gets_one_line():
    with pytest.raises(ValueError, match="no sentences"):
        count_faults([])
