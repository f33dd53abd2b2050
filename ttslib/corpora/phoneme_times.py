"""The file with the times of a clip's phonemes, beside the clip: `<clip>.phonemes.tsv`.

A header, then a line for each phoneme: start and end in seconds, ARPAbet, the source's own symbol.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:  # espeak's processes start far sooner without torch
    from ttslib.records import Utterance

__all__ = ["PhonemeTime", "phoneme_times", "write_phoneme_times"]

_HEADER = "start\tend\tphoneme\tespeak"


class PhonemeTime(NamedTuple):
    """A phoneme, and its start and end."""

    phoneme: str  # ARPAbet without stress, or "sil"
    start: float  # seconds
    end: float  # seconds
    espeak: str  # espeak's own mnemonic, with its stress mark


def write_phoneme_times(path: Path, times: Iterable[PhonemeTime]) -> None:
    """Write the file, in ten-thousandths of a second."""
    lines = [f"{t.start:.4f}\t{t.end:.4f}\t{t.phoneme}\t{t.espeak}" for t in times]
    path.write_text("\n".join([_HEADER, *lines]) + "\n", encoding="utf-8")


def phoneme_times(utterance: "Utterance") -> list[PhonemeTime]:
    """Read the times of each phoneme of a clip.

    Parameters
    ----------
    utterance
        From a corpus that has the files, such as `mini_libritts`, whose times are espeak-ng's own.

    Returns
    -------
    list of PhonemeTime
        `(phoneme, start, end, espeak)` in order, without gaps, over the whole clip: ARPAbet
        without stress (pauses are "sil"), start and end in seconds, espeak's own mnemonic.

    Raises
    ------
    FileNotFoundError
        If the clip has no such file.

    Taught in: notebooks/01_dataset_exploration
    """
    path = utterance.audio_path.with_suffix(".phonemes.tsv")
    if not path.is_file():
        raise FileNotFoundError(
            f"no phoneme times at {path}; only clips of mini_libritts() have them"
        )
    rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()[1:]]
    return [
        PhonemeTime(phoneme, float(start), float(end), espeak)
        for start, end, phoneme, espeak in rows
    ]
