"""Batches of clips of like length, within a budget of frames, in an order that a seed fixes.

Shapes: B batch, N tokens, M mel bands, T frames.
"""

import dataclasses
from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from ttslib.audio.mel import MelNormalizer
from ttslib.audio.prosody import ProsodyNormalizer
from ttslib.records import TextMelBatch
from ttslib.training.data.features import Features

__all__ = ["BatchStream", "collate", "epoch_batches"]

BUCKET = 16  # batches that are sorted among themselves: like lengths meet, yet ever new ones


def epoch_batches(
    lengths: Sequence[int], *, frame_budget: int, seed: int, epoch: int
) -> list[list[int]]:
    """Divide the clips of one epoch into batches.

    Parameters
    ----------
    lengths : sequence of int
        Frames of each clip.
    frame_budget : int
        The most frames in a batch, padding included: memory and time of a step follow it.
    seed, epoch : int
        Together they fix the order.

    Returns
    -------
    list of lists of indices
        Each index in exactly one list.

    Raises
    ------
    ValueError
        When a clip alone is over the budget.

    Taught in: notebooks/05_training
    """
    if max(lengths) > frame_budget:
        raise ValueError(
            f"the longest clip has {max(lengths)} frames, over frame_budget={frame_budget}; "
            "raise the budget or leave clips out with the corpus's max_seconds"
        )
    generator = torch.Generator().manual_seed(seed * 1_000_003 + epoch)
    order = torch.randperm(len(lengths), generator=generator).tolist()
    mean = sum(lengths) / len(lengths)
    bucket = max(1, int(BUCKET * frame_budget / mean))
    batches, batch = [], []
    for start in range(0, len(order), bucket):
        for index in sorted(order[start : start + bucket], key=lengths.__getitem__):
            longest = max(lengths[i] for i in (*batch, index))  # two buckets may meet
            if longest * (len(batch) + 1) > frame_budget:
                batches.append(batch)
                batch = []
            batch.append(index)
    batches.append(batch)
    return [batches[i] for i in torch.randperm(len(batches), generator=generator)]


class BatchStream:
    """All batches of all epochs, numbered from 0: what makes resuming exact.

    `stream[k]` is a list of clip indices; the same k gives the same list. Ask for them in order:
    only the current epoch is kept.

    Taught in: notebooks/05_training
    """

    def __init__(self, lengths: Sequence[int], *, frame_budget: int, seed: int):
        self.lengths, self.frame_budget, self.seed = lengths, frame_budget, seed
        self._start_epoch(0, first=0)

    def _start_epoch(self, epoch: int, *, first: int) -> None:
        self.epoch, self.first = epoch, first
        self.batches = epoch_batches(
            self.lengths, frame_budget=self.frame_budget, seed=self.seed, epoch=epoch
        )

    def __getitem__(self, number: int) -> list[int]:
        if number < self.first:
            self._start_epoch(0, first=0)
        while number >= self.first + len(self.batches):
            self._start_epoch(self.epoch + 1, first=self.first + len(self.batches))
        return self.batches[number - self.first]


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
    utterances = [features.entries[i].utterance for i in indices]
    voices = [speakers.index(utterance.speaker) for utterance in utterances]
    padded = _pad([normalizer.normalize(mel).T for mel in mels])  # (B, T, M)
    short = -padded.shape[1] % frames_per_step
    batch = TextMelBatch(
        ids=tuple(utterance.id for utterance in utterances),
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
