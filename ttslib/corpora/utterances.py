"""A list of clips that takes little memory: packed arrays, in memory or in a file, not objects.

A Python object for each of a million clips takes a gigabyte. Here their strings are concatenated in
arrays of bytes; an `Utterance` is created on request, and not kept.
"""

import hashlib
import os
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple, overload

import numpy as np
import torch
from safetensors import safe_open
from safetensors.torch import save

from ttslib.files import write_whole
from ttslib.records import Utterance

__all__ = ["Table", "Utterances", "join_utterances"]

_BLOCK = 65_536  # rows to look up at a time
_NONE, _SAME, _OTHER = "", "=", ":"  # how the printed text is stored beside the spoken one


@dataclass(frozen=True)
class Strings:
    """Concatenated strings, and the end of each one."""

    letters: np.ndarray  # uint8, UTF-8
    ends: np.ndarray  # int64

    @classmethod
    def of(cls, strings: Iterable[str]) -> "Strings":
        """Pack strings, one at a time."""
        letters, ends = bytearray(), []
        for string in strings:
            letters += string.encode()
            ends.append(len(letters))
        return cls(np.frombuffer(letters, np.uint8), np.array(ends, np.int64))

    def __len__(self) -> int:
        return len(self.ends)

    def raw(self, index: int) -> bytes:
        """Return one string's bytes."""
        start = self.ends.item(index - 1) if index else 0
        return self.letters[start : self.ends.item(index)].tobytes()

    def __call__(self, index: int) -> str:
        return self.raw(index).decode()


class Table(NamedTuple):
    """All clips of one folder, a column for each field of `Utterance`."""

    prefix: str  # common to most paths
    paths: Strings  # the rest after the prefix, or "\0" and a whole path
    ids: Strings  # empty where the ID is the file's name without its ending
    texts: Strings
    originals: Strings
    speaker: np.ndarray  # int32, index into `speakers`
    speakers: tuple[str, ...]
    label: str = ""  # a prefix for IDs and speakers, to tell them from another corpus's

    @classmethod
    def of(cls, utterances: Iterable[Utterance], *, prefix: str) -> "Table":
        """Pack utterances, one at a time."""
        columns: list[tuple[bytearray, list[int]]] = [(bytearray(), []) for _ in range(4)]
        speakers: dict[str, int] = {}
        numbers = []
        for u in utterances:
            path = str(u.audio_path)
            rest = path.removeprefix(prefix) if path.startswith(prefix) else f"\0{path}"
            name = "" if u.id == _stem(path) else u.id
            original = _NONE if u.original is None else _OTHER + u.original
            original = _SAME if u.original == u.text else original
            values = (rest, name, u.text, original)
            for (letters, ends), value in zip(columns, values, strict=True):
                letters += value.encode()
                ends.append(len(letters))
            numbers.append(speakers.setdefault(u.speaker, len(speakers)))
        paths, ids, texts, originals = (
            Strings(np.frombuffer(letters, np.uint8), np.array(ends, np.int64))
            for letters, ends in columns
        )
        speaker = np.array(numbers, np.int32)
        return cls(prefix, paths, ids, texts, originals, speaker, tuple(speakers))

    def utterance(self, row: int) -> Utterance:
        """Create the object of one clip."""
        original = self.originals(row)
        text = self.texts(row)
        return Utterance(
            id=self.id(row),
            speaker=self.label + self.speakers[self.speaker[row]],
            text=text,
            audio_path=self.path(row),
            original=text if original == _SAME else original[1:] if original else None,
        )

    def id(self, row: int) -> str:
        """Return a clip's ID."""
        return self.label + (self.ids(row) or _stem(self.paths(row)))

    def path(self, row: int) -> Path:
        """Return the path of a clip's sound."""
        rest = self.paths(row)
        return Path(rest[1:] if rest.startswith("\0") else self.prefix + rest)

    def save(self, path: Path, notes: dict[str, str], **more: np.ndarray) -> None:
        """Write the table to a file that `Table.open` maps into memory."""
        arrays = {"speaker": self.speaker, **more}
        for name in ("paths", "ids", "texts", "originals"):
            column = getattr(self, name)
            arrays |= {f"{name}.letters": column.letters, f"{name}.ends": column.ends}
        names = Strings.of(self.speakers)
        arrays |= {"speakers.letters": names.letters, "speakers.ends": names.ends}
        tensors = {name: torch.from_numpy(np.array(array)) for name, array in arrays.items()}
        write_whole(path, save(tensors, {"prefix": self.prefix, **notes}))

    @classmethod
    def open(cls, path: Path) -> tuple["Table", dict[str, str], dict[str, np.ndarray]]:
        """Map a table into memory; return it with the notes and all arrays of its file."""
        with safe_open(path, framework="pt") as file:  # tensors on the CPU are mapped, not read
            arrays = {name: file.get_tensor(name).numpy() for name in file.keys()}
            notes = file.metadata()

        def strings(name: str) -> Strings:
            return Strings(arrays[f"{name}.letters"], arrays[f"{name}.ends"])

        names = strings("speakers")
        speakers = tuple(names(i) for i in range(len(names)))
        table = cls(
            prefix=notes["prefix"],
            paths=strings("paths"),
            ids=strings("ids"),
            texts=strings("texts"),
            originals=strings("originals"),
            speaker=arrays["speaker"],
            speakers=speakers,
        )
        return table, notes, arrays


class Utterances(Sequence[Utterance]):
    """A sequence of `Utterance`, each created on request.

    Slices and `take` share the tables; a part costs 8 bytes per clip.

    Parameters
    ----------
    tables : sequence of Table
    rows : ndarray of int64, optional
        Which clips, counted across all tables; None for all.
    """

    def __init__(self, tables: Sequence[Table], rows: np.ndarray | None = None):
        self._tables = tuple(tables)
        self._starts = np.cumsum([0, *(len(table.speaker) for table in tables)])
        self._first = self._starts.tolist()
        self._rows = np.arange(self._starts[-1]) if rows is None else rows

    @classmethod
    def of(cls, utterances: Iterable[Utterance]) -> "Utterances":
        """Pack a list of objects."""
        utterances = list(utterances)
        prefix = os.path.commonprefix([str(u.audio_path) for u in utterances])
        prefix = prefix[: prefix.rfind(os.sep) + 1]  # names stay whole
        return cls([Table.of(utterances, prefix=prefix)])

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, index: int) -> Utterance: ...
    @overload
    def __getitem__(self, index: slice) -> "Utterances": ...
    def __getitem__(self, index):
        if isinstance(index, slice):
            return Utterances(self._tables, self._rows[index])
        table, row = self._place(index)
        return table.utterance(row)

    def __iter__(self) -> Iterator[Utterance]:
        return (self[index] for index in range(len(self)))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, (Utterances, list, tuple)):
            return NotImplemented
        return len(self) == len(other) and all(a == b for a, b in zip(self, other, strict=True))

    def __reduce__(self):  # another process gets these clips, not the whole tables
        return Utterances.of, (list(self),)

    def _place(self, index: int) -> tuple[Table, int]:
        row = int(self._rows[index])
        number = bisect_right(self._first, row) - 1
        return self._tables[number], row - self._first[number]

    def take(self, indices: Iterable[int]) -> "Utterances":
        """Return the clips at `indices`."""
        if not isinstance(indices, np.ndarray):
            indices = np.fromiter(indices, np.int64)
        return Utterances(self._tables, self._rows[indices])

    def id(self, index: int) -> str:
        """Return a clip's ID without creating the whole object."""
        table, row = self._place(index)
        return table.id(row)

    def path(self, index: int) -> Path:
        """Return the path of a clip's sound without creating the whole object."""
        table, row = self._place(index)
        return table.path(row)

    def raw_text(self, index: int) -> bytes:
        """Return a clip's text in UTF-8 without creating the whole object."""
        table, row = self._place(index)
        return table.texts.raw(row)

    def text_keys(self) -> np.ndarray:
        """Return a 64-bit hash of each clip's text, (n,) uint64: equal texts have equal hashes."""
        keys = (hashlib.blake2b(text, digest_size=8).digest() for text in self.raw_texts())
        return np.frombuffer(b"".join(keys), np.uint64)

    def raw_texts(self) -> Iterator[bytes]:
        """Yield all texts in UTF-8, faster than one by one."""
        places = np.searchsorted(self._starts, self._rows, side="right") - 1
        for block in range(0, len(self), _BLOCK):
            some = slice(block, block + _BLOCK)
            numbers = places[some].tolist()
            rows = (self._rows[some] - self._starts[places[some]]).tolist()
            for number, row in zip(numbers, rows, strict=True):
                yield self._tables[number].texts.raw(row)

    @property
    def speakers(self) -> tuple[str, ...]:
        """Return the speakers who occur, each once, sorted."""
        return self._speakers[0]

    @property
    def speaker_indices(self) -> np.ndarray:
        """Return each clip's speaker, (n,) int32, an index into `speakers`."""
        return self._speakers[1]

    @cached_property
    def _speakers(self) -> tuple[tuple[str, ...], np.ndarray]:
        names = [table.label + name for table in self._tables for name in table.speakers]
        first = np.cumsum([0, *(len(table.speakers) for table in self._tables)])
        numbers = [table.speaker + first[i] for i, table in enumerate(self._tables)]
        mine = np.concatenate(numbers)[self._rows] if numbers else np.zeros(0, int)
        there = sorted({names[number] for number in np.unique(mine)})
        places = {name: place for place, name in enumerate(there)}
        new = np.array([places.get(name, -1) for name in names], np.int32)
        return tuple(there), new[mine] if len(names) else mine.astype(np.int32)


def join_utterances(parts: Sequence[Utterances], labels: Sequence[str]) -> Utterances:
    """Concatenate lists of clips.

    Parameters
    ----------
    parts : sequence of Utterances
    labels : sequence of str
        For each, a prefix for its IDs and speakers; "" for none.
    """
    tables, rows, start = [], [], 0
    for part, label in zip(parts, labels, strict=True):
        tables += [table._replace(label=label + table.label) for table in part._tables]
        rows.append(part._rows + start)
        start += int(part._starts[-1])
    return Utterances(tables, np.concatenate(rows))


def _stem(path: str) -> str:
    return os.path.splitext(os.path.basename(path))[0]
