"""Skipped words, repeated words and endless speech, detected in a model's alignment.

The FastSpeech paper counted by listening in how many of 50 hard sentences a system skips words,
repeats words or never ends. The alignment shows the same: a token that was jumped over, a jump
back, a gate that never fired. It shows only the reading: a model may attend to every token in turn
and still mumble.

Shapes: T frames, N tokens.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from ttslib.nn.alignment import alignment_quality

__all__ = ["FaultCounts", "ReadingFaults", "count_faults", "reading_faults"]


@dataclass(frozen=True, kw_only=True)
class ReadingFaults:
    """The faults of one sentence."""

    skipped: int  # tokens jumped over, except for one at a time
    repeated: int  # jumps back
    endless: bool  # it never stopped by itself

    def __bool__(self) -> bool:
        return bool(self.skipped or self.repeated or self.endless)

    def __str__(self) -> str:
        named = {"skips": self.skipped, "repeats": self.repeated, "never stops": self.endless}
        return ", ".join(name for name, found in named.items() if found) or "no fault"


@dataclass(frozen=True, kw_only=True)
class FaultCounts:
    """The number of sentences with each fault."""

    sentences: int
    skipping: int
    repeating: int
    endless: int
    faulty: int  # with any of these


def reading_faults(alignments: Iterable[Tensor], *, stopped: bool = True) -> ReadingFaults:
    """Find the faults in one sentence's alignment.

    Parameters
    ----------
    alignments : iterable of Tensor, each (T, N) or (N,)
        Of each part that was spoken at once (`Speech.alignments`): attention weights, whose rows
        sum to 1, or are all 0 in a pause between parts; or each token's duration in frames, from a
        model without attention.
    stopped : bool
        Whether the model ended by itself (`Speech.stopped`).

    Raises
    ------
    ValueError
        When there is no alignment, one is empty, not finite or of another shape, or durations are
        below 0.

    References
    ----------
    Ren et al. 2019, FastSpeech, arXiv 1905.09263, section 4.3 (the counts by listening).

    Taught in: notebooks/08_evaluation
    """
    judged = [alignment_quality(_attended(alignment)) for alignment in alignments]
    if not judged:
        raise ValueError("there is no alignment to look at; give one for each part of the sentence")
    return ReadingFaults(
        skipped=sum(quality.skipped for quality in judged),
        repeated=sum(quality.repeated for quality in judged),
        endless=not stopped,
    )


def count_faults(faults: Sequence[ReadingFaults]) -> FaultCounts:
    """Count the sentences of a corpus with each fault.

    Raises
    ------
    ValueError
        When there are no sentences.

    Taught in: notebooks/08_evaluation
    """
    if not faults:
        raise ValueError("there are no sentences to count; give the faults of some")
    return FaultCounts(
        sentences=len(faults),
        skipping=sum(found.skipped > 0 for found in faults),
        repeating=sum(found.repeated > 0 for found in faults),
        endless=sum(found.endless for found in faults),
        faulty=sum(map(bool, faults)),
    )


def _attended(alignment: Tensor) -> Tensor:
    """Return one part as (T, N) without its pauses."""
    alignment = torch.as_tensor(alignment).detach().float()
    if not alignment.isfinite().all() or (alignment < 0).any():
        raise ValueError("an alignment has NaN, infinite or negative values; check the model")
    if alignment.dim() == 1:  # durations: the number of frames that attend to each token
        rows = torch.eye(len(alignment))
        alignment = rows.repeat_interleave(alignment.round().long(), dim=0)
    return alignment[alignment.sum(dim=-1) > 0]
