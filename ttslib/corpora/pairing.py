"""Find the sounds and texts of a corpus on disk."""

import os
import stat
import unicodedata
from collections.abc import Sequence
from pathlib import Path

__all__ = ["AUDIO_ENDINGS", "composed", "find_files", "read_text", "unusable"]

AUDIO_ENDINGS = (".wav", ".flac", ".ogg", ".opus", ".mp3")
"""Endings of sound files; of two files with the same stem, the earlier ending wins."""


def find_files(
    root: Path, endings: Sequence[str], skipped: dict[str, str], watched: list[str] | None = None
) -> dict[str, Path]:
    """Find all files of some kind in a folder and its subfolders, except hidden ones.

    Parameters
    ----------
    root
        The folder.
    endings
        Lower-case, with their dots, the preferred first; files may have them in capitals.
    skipped
        Added here: links to places outside the folder or to nothing, entries that aren't files (a
        FIFO, a folder), and names that differ only in how their accents are encoded.
    watched
        The folders that were read are added here.

    Returns
    -------
    dict of str to Path
        By the path within the folder, `composed`, without its ending and with `/` between its
        parts; sorted.
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
            if reason := unusable(path, home):
                skipped[within.as_posix()] = reason
                continue
            key = composed(within.with_suffix("").as_posix())
            rival = found.get(key)
            if rival is not None and rival.suffix == path.suffix:
                skipped[within.as_posix()] = "there is a file of the same name, encoded otherwise"
            elif rival is None or endings.index(ending) < endings.index(rival.suffix.lower()):
                found[key] = path
    return dict(sorted(found.items()))


def composed(name: str) -> str:
    """Compose a name's accented letters: macOS decomposes them, most others don't."""
    return unicodedata.normalize("NFC", name)


def unusable(path: Path, home: Path) -> str:
    """Return why a path isn't a file within a folder (resolved); "" if it is."""
    kind = path.lstat().st_mode
    if stat.S_ISREG(kind):
        return ""
    if not stat.S_ISLNK(kind):
        return "it isn't a file"
    try:
        target = path.resolve(strict=True)
    except (OSError, RuntimeError):  # before Python 3.13, a link to itself is a RuntimeError
        return "it is a link to itself or to nothing"
    if not target.is_relative_to(home):
        return "it is a link out of the folder"
    return "" if target.is_file() else "it isn't a file"


def read_text(path: Path) -> str:
    """Read a text file, with or without a byte order mark, with `\\n` line ends.

    Raises
    ------
    ValueError
        If it isn't a file, isn't UTF-8, or is empty; the message has no subject: "is empty".
    """
    if not path.is_file():  # reading a FIFO would block
        raise ValueError("isn't a file")
    try:
        content = path.read_text(encoding="utf-8-sig").strip()
    except UnicodeDecodeError:
        raise ValueError("is not UTF-8") from None
    if "\0" in content:  # UTF-16 without a mark
        raise ValueError("is not UTF-8")
    if not content:
        raise ValueError("is empty")
    return content
