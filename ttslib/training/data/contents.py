"""Keys for the contents of sound files; files that haven't changed are hashed only once.

A file counts as unchanged if its inode, size, modification time and change time are the same. A
program that overwrites a file and restores its size and modification time still updates the change
time, which no program can set. (Windows has no change time: there, such an overwrite goes
unnoticed.) A file with another time but the same bytes, because it was copied or moved to another
disk, is hashed again and found to be the same.
"""

import hashlib
import os
import struct
import time
from collections.abc import Sequence
from pathlib import Path

import joblib
import numpy as np
from tqdm.auto import tqdm

from ttslib.corpora.utterances import Utterances
from ttslib.training.data.store import KEY, hash_key

__all__ = ["UNREADABLE", "content_keys"]

UNREADABLE = b"\0" * 16
SETTLED = 2.0  # seconds: a newer time may stay the same through another change
_NOTE = np.dtype([("state", KEY), ("key", KEY)])
_CHUNK, _ROUND = 256, 16_384  # files that a process hashes at a time, and until they are recorded
_BAR = 2000  # files that take long enough for a progress bar


def content_keys(utterances: Utterances, *, folder: Path, jobs: int) -> np.ndarray:
    """Return a key of each clip's sound file, (n,) S16; `UNREADABLE` for missing files.

    Parameters
    ----------
    utterances : Utterances
    folder : path
        Keeps `contents.bin`: a key for each state of a file that was hashed.
    jobs : int
        Processes for hashing; -1 is one per core.
    """
    states, settled = _states(utterances)
    log = folder / "contents.bin"
    known = np.sort(_read(log), order="state")
    places = np.minimum(np.searchsorted(known["state"], states), max(0, len(known) - 1))
    found = known["state"][places] == states if len(known) else np.zeros(len(states), bool)
    keys = np.full(len(states), UNREADABLE, KEY)
    keys[found] = known["key"][places[found]]
    missing = np.flatnonzero(~found & (states != np.array(UNREADABLE, KEY)))
    with tqdm(total=len(missing), desc="reading", unit="file", disable=len(missing) < _BAR) as bar:
        for start in range(0, len(missing), _ROUND):
            some = missing[start : start + _ROUND]
            chunks = [some[i : i + _CHUNK] for i in range(0, len(some), _CHUNK)]
            hashed = joblib.Parallel(n_jobs=min(jobs, len(chunks)))(
                joblib.delayed(_hash_files)([str(utterances.path(i)) for i in chunk.tolist()])
                for chunk in chunks
            )
            keys[some] = np.frombuffer(b"".join(hashed), KEY)
            lasting = some[settled[some] & (keys[some] != np.array(UNREADABLE, KEY))]
            _append(log, states[lasting], keys[lasting])
            bar.update(len(some))
    return keys


def _states(utterances: Utterances) -> tuple[np.ndarray, np.ndarray]:
    """Return a key of each file's state, and whether its times are old enough to be reliable."""
    now = time.time_ns() - int(SETTLED * 1e9)
    states, settled = bytearray(), []
    for index in range(len(utterances)):
        try:
            stat = os.stat(utterances.path(index))
        except OSError:
            states += UNREADABLE
            settled.append(False)
            continue
        dates = (stat.st_mtime_ns, stat.st_ctime_ns)
        states += hash_key(struct.pack("<QQqq", stat.st_ino, stat.st_size, *dates))
        settled.append(max(dates) < now)
    return np.frombuffer(states, KEY), np.array(settled, bool)


def _hash_files(paths: Sequence[str]) -> bytes:
    keys = []
    for path in paths:
        try:
            keys.append(_hash_file(Path(path)))
        except OSError:
            keys.append(UNREADABLE)
    return b"".join(keys)


def _hash_file(path: Path) -> bytes:
    """Return `hash_key` of a file's bytes, read a megabyte at a time."""
    if not path.is_file():  # reading a FIFO would block
        raise FileNotFoundError(path)
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        hashed = hashlib.blake2b(size.to_bytes(8, "little"), digest_size=16)
        while block := file.read(1 << 20):
            hashed.update(block)
    return hashed.digest()


def _read(log: Path) -> np.ndarray:
    """Read the recorded keys; a record that was cut off at the end is left out."""
    data = log.read_bytes() if log.exists() else b""
    return np.frombuffer(data[: len(data) // _NOTE.itemsize * _NOTE.itemsize], _NOTE)


def _append(log: Path, states: np.ndarray, keys: np.ndarray) -> None:
    notes = np.empty(len(states), _NOTE)
    notes["state"], notes["key"] = states, keys
    with log.open("ab") as file:
        if torn := file.tell() % _NOTE.itemsize:  # a process was killed while writing
            file.truncate(file.tell() - torn)
        file.write(notes.tobytes())
