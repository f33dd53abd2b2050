"""The list of a large corpus, read once: opening a million small text files takes minutes.

A corpus of 10,000 clips or more gets an index in `data_folder() / "indexes"`. The folders are read
again as soon as a folder's listing has changed (a file was added, removed or renamed, which changes
the folder's modification time) or a `metadata.csv` was edited. Editing a separate text file in
place changes no listing: delete the index after that. Smaller corpora are read each time.
"""

import hashlib
import json
import os
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from ttslib.config import data_folder
from ttslib.corpora.utterances import Strings, Table, Utterances
from ttslib.records import Utterance

__all__ = ["index_path", "read_or_find"]

FORMAT = 1  # of an index; raised when the same files would give another
INDEX_FROM = 10_000  # clips: for fewer, reading the files takes a second or two
_SETTLED = 2_000_000_000  # ns: a newer time may stay the same through another change

Reader = Callable[[dict[str, str], list[str]], Iterator[Utterance]]
"""Reads a folder; adds the files that it leaves out, and each folder and table that it reads."""


def read_or_find(folder: Path, kind: str, read: Reader, skipped: dict[str, str]) -> Utterances:
    """Return the clips of a folder, from its index if that is up to date.

    Parameters
    ----------
    folder
        Of the corpus.
    kind
        How it is read: each kind has its own index.
    read
        Reads the folder.
    skipped
        Files that were left out are added here, also from the index.
    """
    index = index_path(folder, kind)
    try:
        table, notes, arrays = Table.open(index)
        watched = Strings(arrays["watched.letters"], arrays["watched.ends"])
        names = [watched(i) for i in range(len(watched))]
        if np.array_equal(_dates(names), arrays["dates"]):
            skipped.update(json.loads(notes["skipped"]))
            return Utterances([table])
    except Exception:  # missing or damaged: the folder is read again
        pass
    started = time.time_ns()
    found: dict[str, str] = {}
    watched_names: list[str] = []
    table = Table.of(read(found, watched_names), prefix=f"{folder}{os.sep}")
    skipped.update(found)
    if len(table.speaker) >= INDEX_FROM:
        dates = _dates(watched_names)
        if dates[:, :2].max() < started - _SETTLED:  # else it may still be changing
            _save(index, table, found, watched_names, dates)
    return Utterances([table])


def index_path(folder: Path, kind: str) -> Path:
    """Return the path of a folder's index."""
    home = folder.resolve()
    key = hashlib.sha256(json.dumps([FORMAT, kind, str(folder), str(home)]).encode()).hexdigest()
    return data_folder() / "indexes" / f"{home.name}-{key[:16]}.safetensors"


def _dates(paths: Sequence[str]) -> np.ndarray:
    """Return each path's modification time, change time and size, (n, 3) int64."""
    rows = []
    for path in paths:
        try:
            stat = os.stat(path)
            rows.append((stat.st_mtime_ns, stat.st_ctime_ns, stat.st_size))
        except OSError:
            rows.append((0, 0, 0))
    return np.array(rows, np.int64).reshape(-1, 3)


def _save(
    index: Path, table: Table, skipped: dict[str, str], watched: list[str], dates: np.ndarray
) -> None:
    names = Strings.of(watched)
    extra = {"watched.letters": names.letters, "watched.ends": names.ends, "dates": dates}
    try:
        table.save(index, {"skipped": json.dumps(skipped)}, **extra)
    except OSError as error:
        warnings.warn(
            f"can't keep the corpus's index ({error}); it is read each time", stacklevel=4
        )
