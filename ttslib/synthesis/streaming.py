"""The sound of a sentence in pieces, each as soon as it is final.

Shapes: B batch, M mel bands, T frames, s samples of a piece.
"""

from collections.abc import Iterator

import torch
from torch import Tensor

from ttslib.nn.randomness import generator_argument
from ttslib.synthesis.contracts import Vocoder

__all__ = ["FIRST_FRAMES", "growing", "stream_sound"]

FIRST_FRAMES = 32  # of a mel in the first piece: a third of a second


def stream_sound(
    vocoder: Vocoder, mels: Iterator[Tensor], *, samples: int, generator: torch.Generator
) -> Iterator[Tensor]:
    """Turn one log-mel, given in pieces, into sound, piece by piece if the vocoder can stream.

    Parameters
    ----------
    vocoder
    mels : iterator of Tensor (1, M, t)
        Followed by the silence that the vocoder reads as context.
    samples : int
        How many to yield; the silence after them is dropped.
    generator
        For a vocoder that draws random numbers.

    Yields
    ------
    Tensor (s,)
        On the CPU.
    """
    for sound in _sounds(vocoder, mels, generator):
        if samples > 0:
            yield sound[0, :samples].cpu()
        samples -= sound.shape[1]


def _sounds(
    vocoder: Vocoder, mels: Iterator[Tensor], generator: torch.Generator
) -> Iterator[Tensor]:
    """Yield the sound (1, s) of a log-mel in pieces (1, M, t), in one piece or several."""
    if hasattr(vocoder, "stream"):
        yield from vocoder.stream(mels)
    else:
        mel = torch.cat(list(mels), dim=2)
        with torch.no_grad():  # closed before the `yield`, or it would apply to the caller, too
            sound = vocoder(mel, **generator_argument(vocoder, generator))
        yield sound


def growing(mel: Tensor) -> Iterator[Tensor]:
    """Cut a mel into pieces: a short one first, then each twice as long as the last."""
    start, frames = 0, FIRST_FRAMES
    while start < mel.shape[2]:
        yield mel[:, :, start : start + frames]
        start, frames = start + frames, 2 * frames
