"""A phoneme recognizer, the listener: a log-mel in, phonemes out.

It evaluates speech for any corpus after a few minutes of training, by comparing the phonemes that
it finds in a recording and in a synthesized sentence of the same text.

Papers: Kriman et al. 2019, QuartzNet, arXiv 1910.10261 (convolutions along time within
each channel, then across the channels); Graves et al. 2006, Connectionist
Temporal Classification (each frame is one phoneme or none, without an alignment).

Different: far smaller; its blocks are those of ConvNeXt (Liu et al. 2022, arXiv 2201.03545), whose
layer norm makes the output for one clip independent of the rest of its batch.

Shapes: B batch, M mel bands, T frames, R = ceil(T / 2) steps, C = 1 + phonemes, D width.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ttslib.nn.masking import valid_mask
from ttslib.text.arpabet import PHONEMES

__all__ = ["HEARD", "Listener", "ListenerConfig", "plain_phonemes"]

STRIDE = 2  # frames per step: a phoneme lasts seven on average
HEARD = tuple(dict.fromkeys(phoneme.rstrip("012") for phoneme in PHONEMES))
"""The 39 phonemes without their stress; class 0 is CTC's blank, so phoneme i is class i + 1."""


@dataclass(frozen=True, kw_only=True)
class ListenerConfig:
    """The sizes of a listener; the defaults suit a laptop and a corpus of an hour."""

    n_mels: int = 80
    dim: int = 192  # D
    blocks: int = 6
    kernel_size: int = 11  # steps that a block covers: 0.23 s
    dropout: float = 0.1


class ListenerOutput(NamedTuple):
    """The distribution over phonemes at each step."""

    log_probabilities: Tensor  # (B, R, C) float32
    lengths: Tensor  # (B,) int64, in steps


class Listener(nn.Module):
    """A phoneme recognizer by connectionist temporal classification.

    Parameters
    ----------
    config : ListenerConfig

    Taught in: notebooks/08_evaluation
    """

    def __init__(self, config: ListenerConfig):
        super().__init__()
        self.config = config
        self.first = nn.Conv1d(config.n_mels, config.dim, 5, stride=STRIDE, padding=2)
        self.norm = nn.LayerNorm(config.dim)
        self.blocks = nn.ModuleList(_Block(config) for _ in range(config.blocks))
        self.last = nn.Linear(config.dim, 1 + len(HEARD))

    def forward(self, mels: Tensor, mel_lengths: Tensor) -> ListenerOutput:
        """Predict how likely each phoneme is at each step.

        Parameters
        ----------
        mels : (B, M, T)
            Normalized log-mels, 0 where padded.
        mel_lengths : (B,) int64
            In frames.

        Raises
        ------
        ValueError
            If the mels have the wrong number of bands.
        """
        if mels.dim() != 3 or mels.shape[1] != self.config.n_mels:
            raise ValueError(
                f"the listener needs mels (batch, {self.config.n_mels}, frames), got shape "
                f"{tuple(mels.shape)}"
            )
        x = self.norm(self.first(mels).transpose(1, 2))  # (B, R, D)
        lengths = (mel_lengths + STRIDE - 1) // STRIDE
        mask = valid_mask(lengths, max_length=x.shape[1])[..., None]
        for block in self.blocks:
            x = block(x, mask)
        return ListenerOutput(self.last(x).float().log_softmax(dim=2), lengths)

    @torch.no_grad()
    def hear(self, mels: Tensor, mel_lengths: Tensor) -> list[list[str]]:
        """Return each clip's phonemes: the likeliest at each step, without repeats and blanks."""
        output = self(mels, mel_lengths)
        best = output.log_probabilities.argmax(dim=2)
        return [
            [HEARD[c - 1] for c, _ in groupby(steps[:length].tolist()) if c]
            for steps, length in zip(best, output.lengths.tolist(), strict=True)
        ]


class _Block(nn.Module):
    """Convolve each channel along time, then mix the channels of each step."""

    def __init__(self, config: ListenerConfig):
        super().__init__()
        width, kernel = config.dim, config.kernel_size
        self.along_time = nn.Conv1d(width, width, kernel, padding=kernel // 2, groups=width)
        self.norm = nn.LayerNorm(width)
        self.wider = nn.Linear(width, 2 * width)
        self.narrower = nn.Linear(2 * width, width)
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        y = self.along_time((x * mask).transpose(1, 2)).transpose(1, 2)  # (B, R, D)
        y = self.narrower(self.dropout(F.gelu(self.wider(self.norm(y)))))
        return x + self.dropout(y)


def plain_phonemes(symbols: Iterable[str]) -> list[str]:
    """Return the phonemes among a tokenizer's symbols, without their stress.

    Examples
    --------
    >>> plain_phonemes(["G", "OW1", " ", "AW1", "T", "!", "~"])
    ['G', 'OW', 'AW', 'T']

    Taught in: notebooks/08_evaluation
    """
    plain = (symbol.rstrip("012") for symbol in symbols)
    return [phoneme for phoneme in plain if phoneme in HEARD]
