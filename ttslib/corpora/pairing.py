"""Finding the sounds and the texts of a corpus on disk, as people leave them there."""

import os
from collections.abc import Sequence
from pathlib import Path

__all__ = ["AUDIO_ENDINGS", "find_files", "read_text"]

AUDIO_ENDINGS = (".wav", ".flac", ".ogg", ".mp3")
"""What counts as sound; of two files with one stem, that whose ending comes first is taken."""


def find_files(
    root: Path, endings: Sequence[str], skipped: dict[str, str], watched: list[str] | None = None
) -> dict[str, Path]:
    """Find all files of some kind in a folder and its sub-folders, except hidden ones.

    Parameters
    ----------
    root
        The folder.
    endings
        Lower-case, with their dots, the preferred first; files may have them in capitals.
    skipped
        Links that lead out of the folder are noted here.
    watched
        The folders that were read are noted here.

    Returns
    -------
    dict of str to Path
        By the path within the folder, without its ending and with `/` between its parts; sorted.
    """
    found: dict[str, Path] = {}
    home = root.resolve()
    for folder, names, files in os.walk(root):
        if watched is not None:
            watched.append(folder)
        names[:] = sorted(name for name in names if not name.startswith("."))
        for path in (Path(folder) / name for name in sorted(files) if not name.startswith(".")):
            ending = path.suffix.lower()
            if ending not in endings:
                continue
            within = path.relative_to(root)
            if path.is_symlink() and not path.resolve().is_relative_to(home):
                skipped[within.as_posix()] = "it is a link out of the folder"
                continue
            key = within.with_suffix("").as_posix()
            rival = found.get(key)
            if rival is None or endings.index(ending) < endings.index(rival.suffix.lower()):
                found[key] = path
    return dict(sorted(found.items()))


def read_text(path: Path) -> str:
    """A text file's content, with or without a byte order mark, its line ends made `\\n`.

    Raises
    ------
    ValueError
        If it is not UTF-8, or empty; the message has no subject: "is empty".
    """
    try:
        content = path.read_text(encoding="utf-8-sig").strip()
    except UnicodeDecodeError:
        raise ValueError("is not UTF-8") from None
    if "\0" in content:  # UTF-16 without a mark
        raise ValueError("is not UTF-8")
    if not content:
        raise ValueError("is empty")
    return content
