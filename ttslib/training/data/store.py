"""Arrays on disk, found by what they were computed from.

A store is a folder of shards. Each shard contains the arrays of some keys, end to end, and is
written completely or not at all; a key is a hash of everything that its array depends on. So
nothing in a store is ever out of date, a run that was killed loses only the shards it was writing,
and two runs can share a store. `index.safetensors` lists the contents of all shards: reading an
array is one seek in one file.
"""

import hashlib
import json
import os
import warnings
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import load_file, save

from ttslib.files import write_whole

__all__ = ["Column", "Store", "hash_key", "raw_keys"]

KEY = "S16"  # 128 bits
_INDEX = "index.safetensors"


def hash_key(*parts: bytes) -> bytes:
    """Return the 128-bit key of some bytes."""
    hashed = hashlib.blake2b(digest_size=16)
    for part in parts:
        hashed.update(len(part).to_bytes(8, "little") + part)
    return hashed.digest()


def raw_keys(keys: np.ndarray, indices: np.ndarray | slice = slice(None)) -> list[bytes]:
    """Return some keys as bytes, all 16 of each: NumPy drops zeros at the end."""
    return [row.tobytes() for row in keys.view(np.uint8).reshape(-1, 16)[indices]]


class _Listing(NamedTuple):
    """The contents of a store's shards, sorted by key; an empty array has a reason instead."""

    names: list[str]  # of the shards
    sizes: np.ndarray  # int64, bytes of each shard
    keys: np.ndarray  # S16
    shard: np.ndarray  # int32, index into `names`
    offset: np.ndarray  # int64, bytes from the beginning of the shard's file
    length: np.ndarray  # int32, rows of `width` numbers
    check: np.ndarray  # uint32, CRC-32 of the array's bytes
    reasons: dict[str, str]  # by key, in hexadecimal


@dataclass(frozen=True, kw_only=True)
class Column:
    """One array for each clip, on disk; 20 bytes of memory per clip."""

    paths: Sequence[str]  # of the shards
    dtype: str
    width: int  # numbers in a row, e.g. mel bands in a frame
    shard: np.ndarray  # int32, index into `paths`; -1 if there is none
    offset: np.ndarray
    length: np.ndarray  # rows; 0 where the array can't be computed
    check: np.ndarray

    def read(self, index: int) -> np.ndarray:
        """Read one array, flat: `length * width` numbers.

        Raises
        ------
        ValueError
            When the shard is damaged or missing.
        """
        path, count = self.paths[self.shard[index]], int(self.length[index]) * self.width
        try:
            array = np.fromfile(path, self.dtype, count, offset=int(self.offset[index]))
        except FileNotFoundError:
            array = np.zeros(0, self.dtype)
        if len(array) < count or zlib.crc32(array.data) != self.check[index]:
            raise ValueError(
                f"the features in {path} are damaged; delete that file and run the command again: "
                "its clips alone are recomputed"
            )
        return array

    def take(self, indices: np.ndarray) -> "Column":
        """Return the arrays of some clips."""
        return replace(
            self,
            shard=self.shard[indices],
            offset=self.offset[indices],
            length=self.length[indices],
            check=self.check[indices],
        )

    @classmethod
    def joined(cls, columns: Sequence["Column"]) -> "Column":
        """Concatenate columns of the same dtype and width."""
        starts = np.cumsum([0, *(len(column.paths) for column in columns)])
        shards = [c.shard + start for c, start in zip(columns, starts, strict=False)]
        return replace(
            columns[0],
            paths=[path for column in columns for path in column.paths],
            shard=np.concatenate(shards),
            offset=np.concatenate([column.offset for column in columns]),
            length=np.concatenate([column.length for column in columns]),
            check=np.concatenate([column.check for column in columns]),
        )


class Store:
    """All arrays of one kind, computed with the same settings.

    Parameters
    ----------
    folder : path
        Used by this store only.
    dtype : str
        The numbers' NumPy type.
    width : int
        Numbers in a row.
    """

    def __init__(self, folder: Path, *, dtype: str, width: int = 1):
        self.folder, self.dtype, self.width = folder, dtype, width

    def write(self, keys: Sequence[bytes], arrays: Sequence[np.ndarray | str]) -> None:
        """Write a shard: for each key an array, or the reason why there is none.

        Raises
        ------
        OSError
            When the disk is full or the folder can't be written to.
        """
        there = [a if isinstance(a, np.ndarray) else np.zeros(0, self.dtype) for a in arrays]
        reasons = {
            key.hex(): array
            for key, array in zip(keys, arrays, strict=True)
            if isinstance(array, str)
        }
        tensors: dict[str, np.ndarray] = {
            "keys": np.frombuffer(b"".join(keys), np.uint8),
            "lengths": np.array([array.size // self.width for array in there], np.int64),
            "checks": np.array([zlib.crc32(array.data) for array in there], np.uint32),
            "data": np.concatenate([array.ravel() for array in there]),
        }
        path = self.folder / f"{hash_key(*keys).hex()[:24]}.safetensors"
        try:
            write_whole(path, save(tensors, {"reasons": json.dumps(reasons)}))
        except (OSError, SafetensorError) as error:
            raise OSError(f"cannot write features to {path}: {error}") from error

    def find(self, keys: np.ndarray) -> tuple[Column, dict[int, str]]:
        """Find arrays by their keys (n,) S16.

        Returns
        -------
        column : Column
            Its `shard` is -1 for the missing ones.
        reasons : dict of int to str
            The arrays that can't be computed, and why.
        """
        listing = self._listing()
        places = np.minimum(np.searchsorted(listing.keys, keys), max(0, len(listing.keys) - 1))
        if len(listing.keys):
            found = listing.keys[places] == keys
            columns = [array[places] for array in listing[3:7]]
        else:
            found = np.zeros(len(keys), bool)
            columns = [np.zeros(len(keys), array.dtype) for array in listing[3:7]]
        shard, offset, length, check = columns
        column = Column(
            paths=[f"{self.folder}{os.sep}{name}" for name in listing.names],
            dtype=self.dtype,
            width=self.width,
            shard=np.where(found, shard, -1).astype(np.int32),
            offset=offset,
            length=length,
            check=check,
        )
        empty = np.flatnonzero(found & (length == 0))
        raw = (key.hex() for key in raw_keys(keys, empty))
        return column, {i: listing.reasons[k] for i, k in zip(empty.tolist(), raw, strict=True)}

    def _listing(self) -> _Listing:
        """Read the index, update it to match the shards, and store it."""
        listing = self._read_index()
        there = self._sizes()
        known = dict(zip(listing.names, listing.sizes.tolist(), strict=True))
        if known == there:
            return listing
        stale = [name for name, size in known.items() if there.get(name) != size]
        new = [name for name in sorted(there) if name not in known or name in stale]
        parts = [_without(listing, stale)]
        for name in new:
            try:
                parts.append(self._read_shard(name, there[name]))
            except Exception as error:  # whatever is wrong with it
                path = self.folder / name
                warnings.warn(
                    f"the features in {path} are damaged ({error}); it is deleted and its clips "
                    "are recomputed",
                    stacklevel=2,
                )
                path.unlink(missing_ok=True)
        listing = _merged(parts)
        self._write_index(listing)
        return listing

    def _sizes(self) -> dict[str, int]:
        if not self.folder.is_dir():
            return {}
        with os.scandir(self.folder) as entries:
            return {
                entry.name: entry.stat().st_size
                for entry in entries
                if entry.name.endswith(".safetensors")
                and entry.name != _INDEX
                and not entry.name.startswith(".")
            }

    def _read_shard(self, name: str, size: int) -> _Listing:
        path = self.folder / name
        start, header = _read_header(path, size)
        with safe_open(path, framework="np") as file:  # the data itself isn't read
            tensors = {name: file.get_tensor(name) for name in ("keys", "lengths", "checks")}
        length = tensors["lengths"]
        first = start + header["data"]["data_offsets"][0]
        ends = np.cumsum(length) * self.width * np.dtype(self.dtype).itemsize
        keys = tensors["keys"].view(KEY)
        order = np.argsort(keys)
        reasons = json.loads(header["__metadata__"]["reasons"])
        first_data, end_data = header["data"]["data_offsets"]
        if not (len(keys) == len(length) == len(tensors["checks"])) or (length < 0).any():
            raise ValueError("it has more arrays than keys")
        if ends[-1:].sum() != end_data - first_data:
            raise ValueError("its arrays are of another length")
        if not {key.hex() for key in raw_keys(keys, np.flatnonzero(length == 0))} <= set(reasons):
            raise ValueError("it gives no reason for an empty array")
        return _Listing(
            names=[name],
            sizes=np.array([size]),
            keys=keys[order],
            shard=np.zeros(len(keys), np.int32),
            offset=(first + np.concatenate([[0], ends[:-1]])).astype(np.int64)[order],
            length=length.astype(np.int32)[order],
            check=tensors["checks"][order],
            reasons=reasons,
        )

    def _read_index(self) -> _Listing:
        path = self.folder / _INDEX
        try:
            tensors = load_file(path)
            _, header = _read_header(path, path.stat().st_size)
            notes = header["__metadata__"]
            tensors["keys"] = tensors["keys"].view(KEY)
            names, reasons = json.loads(notes["names"]), json.loads(notes["reasons"])
            listing = _Listing(names=names, reasons=reasons, **tensors)
            columns = (listing.keys, listing.shard, listing.offset, listing.length, listing.check)
            one_length = len({len(column) for column in columns}) == 1
            if not one_length or len(names) != len(listing.sizes):
                raise ValueError("its columns are of different lengths")
            if len(listing.shard) and not 0 <= listing.shard.min() <= listing.shard.max() < len(
                names
            ):
                raise ValueError("it names shards that it doesn't list")
            empty = raw_keys(listing.keys, np.flatnonzero(listing.length == 0))
            if not {key.hex() for key in empty} <= set(reasons):
                raise ValueError("it gives no reason for an empty array")
            return listing
        except Exception:  # missing or damaged: it is rebuilt
            return _merged([])

    def _write_index(self, listing: _Listing) -> None:
        arrays = listing._asdict()
        notes = {name: json.dumps(arrays.pop(name)) for name in ("names", "reasons")}
        arrays["keys"] = arrays["keys"].view(np.uint8)
        write_whole(self.folder / _INDEX, save(arrays, notes))


def _read_header(path: Path, size: int) -> tuple[int, dict]:
    """Read a safetensors header; also return where the data starts."""
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if not 0 < length < size:
            raise ValueError("its header is broken")
        return 8 + length, json.loads(file.read(length))


def _without(listing: _Listing, names: Sequence[str]) -> _Listing:
    gone = {listing.names.index(name) for name in names}
    if not gone:
        return listing
    kept = np.flatnonzero(~np.isin(listing.shard, list(gone)))
    stay = [number for number in range(len(listing.names)) if number not in gone]
    renumbered = np.full(len(listing.names), -1, np.int32)
    renumbered[stay] = np.arange(len(stay))
    arrays = {name: getattr(listing, name)[kept] for name in ("keys", "offset", "length", "check")}
    return listing._replace(
        names=[listing.names[number] for number in stay],
        sizes=listing.sizes[stay],
        shard=renumbered[listing.shard[kept]],
        **arrays,
    )


def _merged(parts: Sequence[_Listing]) -> _Listing:
    """Merge listings into one; if two shards hold a key, the first one is used."""
    starts = np.cumsum([0, *(len(part.names) for part in parts)]).astype(np.int32)

    def together(name: str, dtype: type | str) -> np.ndarray:
        arrays = [getattr(part, name) for part in parts]
        return np.concatenate([np.zeros(0, dtype), *arrays]).astype(dtype)

    keys, first = np.unique(together("keys", KEY), return_index=True)
    shards = [part.shard + start for part, start in zip(parts, starts, strict=False)]
    return _Listing(
        names=[name for part in parts for name in part.names],
        sizes=together("sizes", np.int64),
        keys=keys,
        shard=np.concatenate([np.zeros(0, np.int32), *shards])[first],
        offset=together("offset", np.int64)[first],
        length=together("length", np.int32)[first],
        check=together("check", np.uint32)[first],
        reasons={key: why for part in parts for key, why in part.reasons.items()},
    )
