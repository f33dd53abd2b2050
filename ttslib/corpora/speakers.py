"""The tables of speakers in LibriTTS and LibriSpeech, beside their subsets."""

from collections.abc import Iterable
from pathlib import Path

from ttslib.records import SpeakerInfo

__all__ = ["read_speaker_info", "write_speaker_info"]

_HEADER = ("READER", "GENDER", "SUBSET", "NAME")


def read_speaker_info(folder: Path) -> dict[str, SpeakerInfo]:
    """Read `speakers.tsv` and `SPEAKERS.txt` in a folder, if they exist.

    LibriTTS separates its `speakers.tsv` (reader, gender, subset, name) by tabs, except in parts of
    its header, and leaves some names out. LibriSpeech separates its `SPEAKERS.TXT` (reader, sex,
    subset, minutes, name) by bars, begins comments with `;`, and has a reader named `|CBW|Simon`.

    Parameters
    ----------
    folder
        The one with the subsets.

    Returns
    -------
    dict of str to SpeakerInfo
        By speaker; if both files have one, `speakers.tsv` wins. Empty without the files.
    """
    info: dict[str, SpeakerInfo] = {}
    for name, separator, n_columns in (
        ("SPEAKERS.TXT", "|", 5),
        ("SPEAKERS.txt", "|", 5),
        ("speakers.tsv", "\t", 4),
    ):
        path = folder / name
        if not path.is_file():
            continue
        for line in path.read_text(encoding="utf-8-sig", errors="replace").splitlines():
            cells = [cell.strip() for cell in line.split(separator, n_columns - 1)]
            if len(cells) < 2 or line.startswith((";", _HEADER[0])):
                continue
            sex = cells[1].upper() if cells[1].upper() in ("F", "M") else ""
            info[cells[0]] = SpeakerInfo(sex, cells[-1] if len(cells) == n_columns else "")
    return info


def write_speaker_info(path: Path, rows: Iterable[tuple[str, str, str, str]]) -> None:
    """Write a table in LibriTTS's own format.

    Parameters
    ----------
    path
        A `speakers.tsv`.
    rows
        Speaker, sex, subset and name of each.
    """
    lines = ["\t".join(" ".join(cell.split()) for cell in row) for row in (_HEADER, *rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
