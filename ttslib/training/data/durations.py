"""Each token's duration, from three sources with one interface.

A source is a function `TextMelBatch -> durations (B, N)`, in frames, each clip's summing to its
mel's length: FastSpeech 2's own aligner, a trained Tacotron 2's attention (as in the first
FastSpeech), or known times: espeak's own for the mini corpus, those of a TextGrid otherwise.

Shapes: B batch, N tokens, T frames.
"""

from collections.abc import Callable, Sequence
from difflib import SequenceMatcher
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from ttslib.config import AudioConfig
from ttslib.corpora.phoneme_times import phoneme_times
from ttslib.models.fastspeech2 import FastSpeech2
from ttslib.models.tacotron2 import Tacotron2
from ttslib.nn.durations import most_probable_durations
from ttslib.records import TextMelBatch, Utterance

__all__ = [
    "DurationSource",
    "aligner_durations",
    "attention_durations",
    "boundary_errors",
    "known_durations",
    "matching_phonemes",
    "textgrid_times",
]

DurationSource = Callable[[TextMelBatch], Tensor]
"""Durations (B, N) int64 of a batch: 0 at padding, each clip's sum its number of frames."""


class TokenTime(NamedTuple):
    """A phoneme without stress, and its start and end in seconds."""

    phoneme: str
    start: float
    end: float


def aligner_durations(model: FastSpeech2) -> DurationSource:
    """Use the best path of FastSpeech 2's own aligner.

    Taught in: notebooks/09_fastspeech
    """

    @torch.no_grad()
    def source(batch: TextMelBatch) -> Tensor:
        return model.align(
            batch.tokens, batch.token_lengths, batch.mels, batch.mel_lengths
        ).durations

    return source


def attention_durations(model: Tacotron2) -> DurationSource:
    """Use the attention of a Tacotron 2 under teacher forcing.

    Attention may pause, jump or cover two tokens at once; durations can't. So, as in the aligner,
    the durations are those of the most probable path that visits every token in order.

    References
    ----------
    Ren et al. 2019, FastSpeech, arXiv 1905.09263, section 3.3.

    Taught in: notebooks/09_fastspeech
    """

    @torch.no_grad()
    def source(batch: TextMelBatch) -> Tensor:
        repeats = model.config.frames_per_step
        short = -batch.mels.shape[2] % repeats
        training = model.training
        model.eval()
        output = model(
            batch.tokens,
            batch.token_lengths,
            torch.nn.functional.pad(batch.mels, (0, short)),
            batch.mel_lengths,
            speakers=batch.speakers,
        )
        model.train(training)
        weights = output.alignment.float().repeat_interleave(repeats, dim=1)  # (B, T, N)
        scores = (weights[:, : batch.mels.shape[2]] + 1e-6).log()
        return most_probable_durations(scores, batch.token_lengths, batch.mel_lengths)

    return source


def known_durations(
    utterances: Sequence[Utterance],
    *,
    symbols: Sequence[str],
    audio: AudioConfig,
    times_of: Callable[[Utterance], Sequence] = phoneme_times,
) -> DurationSource:
    """Use known times, mapped to the tokens and to whole frames.

    The two sources name some phonemes differently (*poor* with UH or with AO), and marks and word
    boundaries have no times. Tokens between two matching phonemes share the time between these
    evenly; a pause belongs to the mark or boundary before it.

    Parameters
    ----------
    utterances
        All utterances that may occur in a batch.
    symbols
        The tokenizer's.
    audio
        The definition of the frames that are counted.
    times_of
        `(phoneme, start, end, ...)` rows of a clip, in seconds; by default those of the mini
        corpus. `textgrid_times` reads the Montreal Forced Aligner's.

    Taught in: notebooks/09_fastspeech
    """
    known = {utterance.id: utterance for utterance in utterances}

    def source(batch: TextMelBatch) -> Tensor:
        durations = torch.zeros_like(batch.tokens)
        for row, (name, n_tokens, n_frames) in enumerate(
            zip(batch.ids, batch.token_lengths.tolist(), batch.mel_lengths.tolist(), strict=True)
        ):
            tokens = [symbols[i] for i in batch.tokens[row, :n_tokens].tolist()]
            starts = _token_starts(
                tokens, times_of(known[name]), n_frames / audio.frames_per_second
            )
            edges = np.append(starts * audio.frames_per_second, n_frames)
            durations[row, :n_tokens] = torch.from_numpy(_whole_frames(edges))
        return durations

    return source


def textgrid_times(path: str | Path, *, tier: str = "phones") -> list[TokenTime]:
    """Read the phonemes of a Praat TextGrid, such as the Montreal Forced Aligner's.

    Parameters
    ----------
    path : path
        In long or short form, in UTF-8 or UTF-16.
    tier : str
        The name of an interval tier, or the part of it after the speaker ("anna - phones"), as the
        aligner names the tiers of a corpus with several speakers.

    Raises
    ------
    ValueError
        When the file isn't a TextGrid, or has no such tier or several.
    """
    from praatio import textgrid  # takes a while to import
    from praatio.data_classes.interval_tier import IntervalTier

    try:
        grid = textgrid.openTextgrid(
            str(path), includeEmptyIntervals=True, reportingMode="silence",
            duplicateNamesMode="rename",
        )  # fmt: skip
    except FileNotFoundError:
        raise
    except Exception as error:  # the parser raises many kinds
        raise ValueError(
            f"can't read {path} as a TextGrid ({error or type(error).__name__}); write it again"
        ) from None
    intervals = [name for name in grid.tierNames if isinstance(grid.getTier(name), IntervalTier)]
    named = [name for name in intervals if name == tier or name.endswith(f" - {tier}")]
    if len(named) != 1:
        there = ", ".join(grid.tierNames) or "none"
        raise ValueError(
            f"{path} has {len(named) or 'no'} tier{'s'[: len(named)]} {tier!r}; it has {there}: "
            "name one"
        )
    return [
        TokenTime(entry.label.strip().rstrip("012") or "sil", float(entry.start), float(entry.end))
        for entry in grid.getTier(named[0]).entries
    ]


def boundary_errors(
    durations: Tensor,
    batch: TextMelBatch,
    times: Sequence[Sequence],
    *,
    symbols: Sequence[str],
    audio: AudioConfig,
) -> list[float]:
    """Measure how far each phoneme's start is from the known one, in milliseconds.

    A clip's first phoneme doesn't count, since it starts with the clip.

    Parameters
    ----------
    durations : (B, N) int64
    batch : TextMelBatch
    times
        For each clip, its `(phoneme, start, end, ...)` rows.
    symbols
        The tokenizer's.
    audio
        The definition of the durations' frames.

    Taught in: notebooks/09_fastspeech
    """
    errors = []
    begins = (durations.cumsum(dim=1) - durations) / audio.frames_per_second  # (B, N) seconds
    for row, rows in enumerate(times):
        tokens = [symbols[i] for i in batch.tokens[row, : batch.token_lengths[row]].tolist()]
        for token, known in matching_phonemes(tokens, rows):
            if token > 0:
                errors.append(1000 * abs(float(begins[row, token]) - rows[known][1]))
    return errors


def matching_phonemes(tokens: Sequence[str], times: Sequence) -> list[tuple[int, int]]:
    """Match tokens with rows of times that have the same phoneme; return pairs of indices."""
    ours, theirs = [token.rstrip("012") for token in tokens], [row[0] for row in times]
    blocks = SequenceMatcher(None, ours, theirs, autojunk=False).get_matching_blocks()
    return [(block.a + k, block.b + k) for block in blocks for k in range(block.size)]


def _token_starts(tokens: Sequence[str], times: Sequence, seconds: float) -> np.ndarray:
    """Return each token's start, in seconds."""
    anchors = {0: 0.0, len(tokens): seconds}
    for token, row in matching_phonemes(tokens, times):
        _, start, end, *_ = times[row]
        if token > 0:
            anchors[token] = start
        anchors.setdefault(token + 1, end)  # of the next token, unless its start is known
    places = sorted(anchors)
    return np.interp(np.arange(len(tokens)), places, [anchors[place] for place in places])


def _whole_frames(edges: np.ndarray) -> np.ndarray:
    """Round edges (N + 1,) to durations in whole frames, at least 1 each, with the same sum."""
    total = round(float(edges[-1]))
    n_tokens = len(edges) - 1
    if total < n_tokens:
        raise ValueError(f"{n_tokens} tokens don't fit into {total} frames; leave the clip out")
    rounded = np.rint(edges).astype(np.int64)
    for place in range(1, n_tokens):  # every token begins after the previous one
        rounded[place] = max(rounded[place], rounded[place - 1] + 1)
    for place in range(n_tokens - 1, 0, -1):  # and leaves a frame for each token after it
        rounded[place] = min(rounded[place], total - (n_tokens - place))
    return np.diff(rounded)
