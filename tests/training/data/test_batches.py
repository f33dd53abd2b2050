"""Batches: every clip once an epoch, within the budget, in an order that the seed fixes."""

import random

import pytest
import torch

from ttslib.audio.mel import MelNormalizer
from ttslib.records import Utterance
from ttslib.training.data.batches import BatchStream, collate, epoch_batches
from ttslib.training.data.features import FeatureEntry

LENGTHS = random.Random(0).choices(range(20, 401), k=333)


@pytest.mark.parametrize("budget", [400, 1000, 2500, 500_000])
@pytest.mark.parametrize("epoch", [0, 1, 7])
def test_every_clip_once_and_never_over_the_budget(budget, epoch):
    batches = epoch_batches(LENGTHS, frame_budget=budget, seed=3, epoch=epoch)
    assert sorted(index for batch in batches for index in batch) == list(range(len(LENGTHS)))
    for batch in batches:
        assert batch
        assert max(LENGTHS[index] for index in batch) * len(batch) <= budget


def test_little_of_a_batch_is_padding():
    batches = epoch_batches(LENGTHS, frame_budget=4000, seed=0, epoch=0)
    padded = sum(max(LENGTHS[i] for i in batch) * len(batch) for batch in batches)
    assert padded < 1.15 * sum(LENGTHS)
    assert len(batches) < 1.3 * sum(LENGTHS) / 4000


def test_epochs_and_seeds_differ_and_are_fixed():
    def order(seed, epoch):
        return epoch_batches(LENGTHS, frame_budget=2000, seed=seed, epoch=epoch)

    assert order(0, 0) == order(0, 0)
    assert order(0, 0) != order(0, 1)
    assert order(0, 0) != order(1, 0)
    assert {tuple(sorted(batch)) for batch in order(0, 0)} != {
        tuple(sorted(batch)) for batch in order(0, 1)
    }


def test_clip_over_the_budget_says_what_to_do():
    with pytest.raises(ValueError, match="longest clip has 400 frames, over frame_budget=399"):
        epoch_batches([10, 400], frame_budget=399, seed=0, epoch=0)


def test_one_clip_is_an_epoch():
    assert epoch_batches([7], frame_budget=7, seed=0, epoch=0) == [[0]]


def test_stream_is_the_epochs_one_after_the_other():
    stream = BatchStream(LENGTHS, frame_budget=2000, seed=5)
    epochs = [epoch_batches(LENGTHS, frame_budget=2000, seed=5, epoch=e) for e in range(3)]
    wanted = [batch for epoch in epochs for batch in epoch]
    assert [stream[k] for k in range(len(wanted))] == wanted


def test_stream_gives_the_same_batch_whatever_was_asked_before():
    fresh = BatchStream(LENGTHS, frame_budget=2000, seed=5)
    asked = BatchStream(LENGTHS, frame_budget=2000, seed=5)
    for number in (250, 3, 120, 119, 250):
        assert asked[number] == BatchStream(LENGTHS, frame_budget=2000, seed=5)[number]
    assert [asked[k] for k in range(30)] == [fresh[k] for k in range(30)]


class _FakeFeatures:
    """Two clips of 3 and 5 frames whose numbers say where they come from."""

    def __init__(self):
        self.entries = [
            FeatureEntry(
                utterance=Utterance(id=name, speaker=speaker, text="", audio_path=None),
                shard=None,
                n_tokens=n_tokens,
                n_frames=n_frames,
            )
            for name, speaker, n_tokens, n_frames in (("a", "9", 4, 3), ("b", "7", 2, 5))
        ]

    def __getitem__(self, index):
        entry = self.entries[index]
        tokens = torch.arange(1, entry.n_tokens + 1)
        return tokens, torch.full((2, entry.n_frames), float(index + 3))


@pytest.mark.parametrize(("frames_per_step", "width"), [(1, 5), (2, 6), (3, 6)])
def test_collate_pads_and_normalizes(frames_per_step, width):
    batch = collate(
        _FakeFeatures(),
        [1, 0],
        normalizer=MelNormalizer(mean=torch.tensor([1.0, 2.0]), std=torch.tensor([1.0, 2.0])),
        speakers=("7", "9"),
        frames_per_step=frames_per_step,
    )
    assert batch.ids == ("b", "a")
    assert batch.tokens.tolist() == [[1, 2, 0, 0], [1, 2, 3, 4]]
    assert batch.token_lengths.tolist() == [2, 4]
    assert batch.mel_lengths.tolist() == [5, 3]
    assert batch.speakers.tolist() == [0, 1]
    assert batch.mels.shape == (2, 2, width)
    assert batch.mels[0, :, :5].tolist() == [[3.0] * 5, [1.0] * 5]
    assert batch.mels[1, :, :3].tolist() == [[2.0] * 3, [0.5] * 3]
    assert not batch.mels[0, :, 5:].any()
    assert not batch.mels[1, :, 3:].any()
