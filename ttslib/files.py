"""Write a file completely or not at all."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["atomic_write", "write_whole"]


@contextmanager
def atomic_write(path: Path | str, *, durable: bool = False) -> Iterator[Path]:
    """Yield a temporary path beside `path`, and rename it to `path` at the end.

    Readers see the old file or the new one, never a partial one. On an error or Ctrl-C, the old
    file stays and the new one is removed; only a killed process leaves a `.part` file behind.

    Parameters
    ----------
    path
        The file to write; its folder is created.
    durable
        Wait until the data is on the disk before the rename, so that the file survives a power
        cut, too. It takes a few milliseconds.

    Raises
    ------
    OSError
        If the disk is full or the folder can't be written to.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.part")
    try:
        yield beside
        if durable:
            with beside.open("rb+") as file:
                os.fsync(file.fileno())
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)


def write_whole(path: Path | str, data: bytes, *, durable: bool = False) -> Path:
    """Write bytes as `atomic_write` does, and return the path."""
    with atomic_write(path, durable=durable) as beside:
        beside.write_bytes(data)
    return Path(path)
