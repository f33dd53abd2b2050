"""Batches: every clip once an epoch, within the budget, in an order that the seed fixes."""

import itertools
import random
import threading
from pathlib import Path

import pytest
import torch

from ttslib.audio.mel import MelNormalizer
from ttslib.corpora.utterances import Utterances
from ttslib.records import Utterance
from ttslib.training.data.batches import BatchStream, collate, epoch_batches, read_ahead

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
        self.utterances = Utterances.of(
            Utterance(id=name, speaker=speaker, text="", audio_path=Path(f"{name}.wav"))
            for name, speaker in (("a", "9"), ("b", "7"))
        )
        self.speakers = self.utterances.speakers
        self.speaker_indices = self.utterances.speaker_indices
        self.n_tokens, self.n_frames = (4, 2), (3, 5)

    def __getitem__(self, index):
        tokens = torch.arange(1, self.n_tokens[index] + 1)
        return tokens, torch.full((2, self.n_frames[index]), float(index + 3))


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


def plainly(lengths, *, frame_budget, seed, epoch):
    """The same batches, a clip at a time."""
    generator = torch.Generator().manual_seed(seed * 1_000_003 + epoch)
    order = torch.randperm(len(lengths), generator=generator).tolist()
    bucket = max(1, int(16 * frame_budget / (sum(lengths) / len(lengths))))
    batches, batch = [], []
    for start in range(0, len(order), bucket):
        for index in sorted(order[start : start + bucket], key=lengths.__getitem__):
            longest = max(lengths[i] for i in (*batch, index))
            if longest * (len(batch) + 1) > frame_budget:
                batches.append(batch)
                batch = []
            batch.append(index)
    batches.append(batch)
    return [batches[i] for i in torch.randperm(len(batches), generator=generator)]


@pytest.mark.parametrize("budget", [400, 1700, 100_000])
def test_the_order_is_that_of_a_plain_loop(budget):
    for seed, epoch in ((0, 0), (3, 5)):
        settings = dict(frame_budget=budget, seed=seed, epoch=epoch)
        assert epoch_batches(LENGTHS, **settings) == plainly(LENGTHS, **settings)


def test_batches_are_read_ahead_in_order():
    begun = []

    def batch(number):
        begun.append(number)
        return number * 10

    numbers = iter(range(100))
    batches = read_ahead(batch, numbers, workers=3, ahead=5)
    assert next(batches) == 0
    assert next(batches) == 10
    batches.close()
    assert max(begun) <= 7  # five beyond the last one asked for
    assert next(numbers) <= 8
    assert list(read_ahead(batch, range(7), workers=3)) == [0, 10, 20, 30, 40, 50, 60]
    assert list(read_ahead(batch, range(3), workers=0)) == [0, 10, 20]
    assert list(read_ahead(batch, [], workers=2)) == []


def test_a_slow_batch_keeps_its_place():
    second_done = threading.Event()

    def batch(number):
        if number == 0:
            assert second_done.wait(timeout=10)
        if number == 1:
            second_done.set()
        return number

    assert list(read_ahead(batch, range(4), workers=2)) == [0, 1, 2, 3]


def test_an_error_is_raised_when_its_turn_comes_and_ends_the_threads():
    def batch(number):
        if number == 3:
            raise ValueError("clip 3 is broken")
        return number

    before = threading.active_count()
    batches = read_ahead(batch, itertools.count(), workers=2)
    assert [next(batches) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(ValueError, match="clip 3"):
        next(batches)
    assert threading.active_count() == before


def test_a_stream_gives_threads_what_it_gives_one():
    stream = BatchStream(LENGTHS, frame_budget=2000, seed=5)
    fresh = BatchStream(LENGTHS, frame_budget=2000, seed=5)
    count = 3 * len(epoch_batches(LENGTHS, frame_budget=2000, seed=5, epoch=0))
    assert list(read_ahead(stream.__getitem__, range(count), workers=4, ahead=16)) == [
        fresh[k] for k in range(count)
    ]
