"""Batches of clips of similar length, within a budget of frames, in an order set by a seed.

Shapes: B batch, N tokens, M mel bands, T frames.
"""

import dataclasses
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TypeVar, overload

import numpy as np
import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from ttslib.audio.mel import MelNormalizer
from ttslib.audio.prosody import ProsodyNormalizer
from ttslib.records import TextMelBatch
from ttslib.training.data.features import Features

__all__ = ["BatchStream", "collate", "epoch_batches", "read_ahead"]

Batch = TypeVar("Batch")

BUCKET = 16  # batches that are sorted together, so that clips of similar length meet
_BLOCK = 65_536  # clips


class Epoch(Sequence[list[int]]):
    """The batches of one epoch, each a list of clip indices; about 10 bytes of memory per clip."""

    def __init__(self, order: np.ndarray, starts: np.ndarray, turns: np.ndarray):
        self._order, self._starts, self._turns = order, starts, turns

    def __len__(self) -> int:
        return len(self._turns)

    @overload
    def __getitem__(self, number: int) -> list[int]: ...
    @overload
    def __getitem__(self, number: slice) -> list[list[int]]: ...
    def __getitem__(self, number):
        if isinstance(number, slice):
            return [self[k] for k in range(len(self))[number]]
        turn = self._turns[number]
        return self._order[self._starts[turn] : self._starts[turn + 1]].tolist()

    def __eq__(self, other: object) -> bool:
        return list(self) == list(other) if isinstance(other, Sequence) else NotImplemented


def epoch_batches(
    lengths: Sequence[int] | np.ndarray, *, frame_budget: int, seed: int, epoch: int
) -> Epoch:
    """Divide the clips of one epoch into batches.

    Parameters
    ----------
    lengths : sequence of int
        Frames of each clip.
    frame_budget : int
        The most frames in a batch, padding included; a step's memory and time depend on it.
    seed, epoch : int
        Together they determine the order.

    Returns
    -------
    sequence of lists of indices
        Each index is in exactly one list.

    Raises
    ------
    ValueError
        When a single clip exceeds the budget.

    Taught in: notebooks/05_training
    """
    lengths = np.asarray(lengths, np.int64)
    if lengths.max() > frame_budget:
        raise ValueError(
            f"the longest clip has {lengths.max()} frames, over frame_budget={frame_budget}; "
            "raise the budget or leave clips out with the corpus's max_seconds"
        )
    generator = torch.Generator().manual_seed(seed * 1_000_003 + epoch)
    order = torch.randperm(len(lengths), generator=generator).numpy()
    bucket = max(1, int(BUCKET * frame_budget / (int(lengths.sum()) / len(lengths))))
    # by length within each bucket; of equal lengths, the first drawn comes first
    order = order[np.lexsort((lengths[order], np.arange(len(order)) // bucket))]
    starts, longest = [0], 0
    for block in range(0, len(order), _BLOCK):  # all of them as Python's integers take gigabytes
        some = lengths[order[block : block + _BLOCK]].tolist()
        for place, length in enumerate(some, start=block):
            longest = max(longest, length)  # two buckets may meet
            if longest * (place - starts[-1] + 1) > frame_budget:
                starts.append(place)
                longest = length
    turns = torch.randperm(len(starts), generator=generator).numpy()
    return Epoch(order, np.array([*starts, len(order)]), turns)


class BatchStream:
    """All batches of all epochs, numbered from 0, so that resuming is exact.

    `stream[k]` is a list of clip indices; the same k gives the same list, from any thread. Request
    them more or less in order: only the current epoch and the previous one are kept.

    Taught in: notebooks/05_training
    """

    def __init__(self, lengths: Sequence[int] | np.ndarray, *, frame_budget: int, seed: int):
        self.lengths, self.frame_budget, self.seed = lengths, frame_budget, seed
        self._lock = threading.Lock()
        self._epochs = [(0, 0, self._epoch(0))]  # (epoch, number of its first batch, its batches)

    def __getitem__(self, number: int) -> list[int]:
        with self._lock:
            first, batches = self._epoch_of(number)
        return batches[number - first]

    def _epoch_of(self, number: int) -> tuple[int, Epoch]:
        if number < self._epochs[0][1]:
            self._epochs = [(0, 0, self._epoch(0))]
        while number >= self._epochs[-1][1] + len(self._epochs[-1][2]):
            epoch, first, batches = self._epochs[-1]
            following = (epoch + 1, first + len(batches), self._epoch(epoch + 1))
            self._epochs = [self._epochs[-1], following]
        return next(e[1:] for e in reversed(self._epochs) if number >= e[1])

    def _epoch(self, epoch: int) -> Epoch:
        return epoch_batches(
            self.lengths, frame_budget=self.frame_budget, seed=self.seed, epoch=epoch
        )


def read_ahead(
    batch: Callable[[int], Batch], numbers: Iterable[int], *, workers: int = 2, ahead: int = 8
) -> Iterator[Batch]:
    """Yield `batch(number)` for each of `numbers`, in order, computed in advance by threads.

    Reading, decoding and resampling release Python's lock, so threads are enough, and no batch is
    sent between processes. An error is raised when its batch is due. Close the iterator, or exhaust
    it, to end the threads.

    Parameters
    ----------
    batch : callable
        Depends only on the number, and may be called from several threads at once.
    numbers : iterable of int
        For example `itertools.count(start)`; only as many as needed are taken.
    workers : int
        Threads; 0 computes each batch when it is requested.
    ahead : int
        The most batches that are ready or in progress.

    Taught in: notebooks/05_training
    """
    if workers == 0:
        yield from map(batch, numbers)
        return
    numbers = iter(numbers)
    pool = ThreadPoolExecutor(workers, thread_name_prefix="read_ahead")
    try:
        waiting = deque(pool.submit(batch, number) for number in islice(numbers, ahead))
        while waiting:
            ready = waiting.popleft().result()
            waiting.extend(pool.submit(batch, number) for number in islice(numbers, 1))
            yield ready
    finally:
        pool.shutdown(cancel_futures=True)


def collate(
    features: Features,
    indices: Sequence[int],
    *,
    normalizer: MelNormalizer,
    speakers: Sequence[str],
    frames_per_step: int,
    prosody: ProsodyNormalizer | None = None,
) -> TextMelBatch:
    """Read the clips at `indices`, normalize their mels and pad them to one batch.

    With `prosody`, the batch has each frame's pitch and energy, too; the features need the pitch.

    Taught in: notebooks/05_training
    """
    tokens, mels = zip(*(features[i] for i in indices), strict=True)
    places = {name: place for place, name in enumerate(speakers)}
    voices = [places[features.speakers[features.speaker_indices[i]]] for i in indices]
    padded = _pad([normalizer.normalize(mel).T for mel in mels])  # (B, T, M)
    short = -padded.shape[1] % frames_per_step
    batch = TextMelBatch(
        ids=tuple(features.utterances.id(i) for i in indices),
        tokens=_pad(tokens),
        token_lengths=torch.tensor([len(t) for t in tokens]),
        mels=torch.nn.functional.pad(padded, (0, 0, 0, short)).transpose(1, 2),  # (B, M, T)
        mel_lengths=torch.tensor([mel.shape[1] for mel in mels]),
        speakers=torch.tensor(voices),
    )
    if prosody is None:
        return batch
    pitch = [
        prosody.normalize_pitch(features.pitch(i), v) for i, v in zip(indices, voices, strict=True)
    ]
    energy = [prosody.normalize_energy(mel, v) for mel, v in zip(mels, voices, strict=True)]
    return dataclasses.replace(batch, pitch=_pad(pitch), energy=_pad(energy))


def _pad(tensors: Sequence[Tensor]) -> Tensor:
    return pad_sequence(list(tensors), batch_first=True)
