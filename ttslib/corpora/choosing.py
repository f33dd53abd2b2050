"""Choose among the clips of a corpus, and list those that are left out."""

import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from ttslib.audio.files import audio_seconds
from ttslib.corpora.utterances import Utterances

__all__ = ["choose", "name_skipped", "name_some", "warn_of_skipped"]


def choose(
    utterances: Utterances,
    *,
    speakers: Sequence[str | int] | None,
    min_seconds: float | None,
    max_seconds: float | None,
) -> Utterances:
    """Return the clips of some speakers and lengths.

    Parameters
    ----------
    utterances
        All clips.
    speakers
        Only these; None for all.
    min_seconds, max_seconds
        Minimum and maximum length by the headers, which are read only if there is a limit. A clip
        that can't be read stays; the warning comes when it is read.

    Raises
    ------
    ValueError
        If a speaker doesn't exist, or no clip has such a length.
    """
    if speakers is not None:
        utterances = _of_speakers(utterances, {str(speaker) for speaker in speakers})
    if min_seconds is not None or max_seconds is not None:
        utterances = _within(utterances, min_seconds or 0.0, max_seconds or float("inf"))
    return utterances


def _of_speakers(utterances: Utterances, wanted: set[str]) -> Utterances:
    there = utterances.speakers
    if missing := wanted - set(there):
        raise ValueError(
            f"no speaker {name_some(sorted(missing))}; the corpus has {name_some(there)}"
        )
    numbers = [number for number, name in enumerate(there) if name in wanted]
    return utterances.take(np.flatnonzero(np.isin(utterances.speaker_indices, numbers)))


def _within(utterances: Utterances, least: float, most: float) -> Utterances:
    lengths = (audio_seconds(utterances.path(index)) for index in range(len(utterances)))
    kept = utterances.take(
        index for index, length in enumerate(lengths) if length is None or least <= length <= most
    )
    if not len(kept):
        raise ValueError(
            f"none of the {len(utterances)} clips is from {least} to {most} seconds long; "
            "change min_seconds or max_seconds"
        )
    return kept


def name_some(names: Iterable[str], *, most: int = 8) -> str:
    """List a few names and the number of others; "nothing" for none."""
    names = list(names)
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return (", ".join(names[:most]) + more) or "nothing"


def name_skipped(skipped: dict[str, str]) -> str:
    """List some of the skipped files or lines, with the reasons."""
    return name_some((f"{name} ({reason})" for name, reason in skipped.items()), most=10)


def warn_of_skipped(root: Path | str, skipped: dict[str, str]) -> None:
    """List the files that were left out, with the reasons, in one warning; no warning if none were.

    Call it in the constructor of a corpus: the warning points to the line that opens it.
    """
    if skipped:
        message = f"{root}: {len(skipped)} file(s) left out: {name_skipped(skipped)}"
        warnings.warn(message, stacklevel=3)
