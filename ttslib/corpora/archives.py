"""Download an archive, check it, and unpack it inside its folder only."""

import hashlib
import http.client
import tarfile
import urllib.request
import zlib
from pathlib import Path, PurePosixPath

from tqdm.auto import tqdm

from ttslib.files import atomic_write

__all__ = ["fetch", "git_tree", "unpack"]

BLOCK = 1 << 20  # bytes
SILENCE = 60  # seconds without a byte before a download fails


def fetch(url: str, path: Path, *, sha256: str | None = None) -> Path:
    """Download `url` to `path` with a progress bar; an existing file is only checked.

    Raises
    ------
    ValueError
        If the checksum is wrong; a broken download leaves nothing behind.
    OSError
        If the download fails.
    """
    if path.exists():
        if sha256 is not None and _sha256(path) != sha256:
            raise ValueError(f"{path} is broken: its checksum is wrong; delete it and try again")
        return path
    digest = hashlib.sha256()
    try:
        with (
            urllib.request.urlopen(url, timeout=SILENCE) as source,
            atomic_write(path) as beside,
            beside.open("wb") as file,
            _bar(int(source.headers.get("Content-Length", 0)), f"downloading {path.name}") as bar,
        ):
            while block := source.read(BLOCK):
                file.write(block)
                digest.update(block)
                bar.update(len(block))
            if bar.total and bar.n != bar.total:
                raise http.client.IncompleteRead(b"", bar.total - bar.n)
            if sha256 is not None and digest.hexdigest() != sha256:
                raise ValueError(f"the download of {url} is broken (wrong checksum); try again")
    except (OSError, http.client.HTTPException) as error:
        raise OSError(f"can't download {url} ({error}); check the network and the disk") from error
    return path


def unpack(archive: Path, folder: Path) -> None:
    """Unpack the files of a tar archive into `folder`, with a progress bar.

    Links are left out, so no file can be written elsewhere, in any Python version (CVE-2025-4517).

    Raises
    ------
    ValueError
        If the archive is broken, or a name in it is outside the folder.
    """
    try:
        with tarfile.open(archive) as tar:
            for member in tqdm(tar, desc=f"unpacking {archive.name.split('.')[0]}", unit="file"):
                name = PurePosixPath(member.name)
                outside = name.is_absolute() or ".." in name.parts
                if outside or set(member.name) & set("\\:"):  # special characters on Windows
                    raise ValueError(f"{archive} holds {member.name!r}, which is not in its folder")
                source = tar.extractfile(member) if member.isreg() else None
                if source is None:
                    continue
                path = folder / name
                path.parent.mkdir(parents=True, exist_ok=True)
                with path.open("wb") as file:
                    while block := source.read(BLOCK):
                        file.write(block)
    except (tarfile.TarError, EOFError, zlib.error) as error:
        raise ValueError(f"can't unpack {archive} ({error}); delete it and try again") from error


def git_tree(folder: Path) -> str:
    """Return git's hash of the content of a folder of plain files.

    It identifies a commit's files, however they were packed.
    """
    return _tree(folder).hex()


def _tree(folder: Path) -> bytes:
    entries = []
    for path in folder.iterdir():
        name = path.name.encode()
        if path.is_dir():
            entries.append((name + b"/", b"40000 " + name + b"\0" + _tree(path)))
        else:
            content = path.read_bytes()
            entries.append((name, b"100644 " + name + b"\0" + _git_sha1(b"blob", content)))
    return _git_sha1(b"tree", b"".join(entry for _, entry in sorted(entries)))


def _git_sha1(kind: bytes, content: bytes) -> bytes:
    header = b"%s %d\0" % (kind, len(content))
    return hashlib.sha1(header + content, usedforsecurity=False).digest()


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file, _bar(path.stat().st_size, f"checking {path.name}") as bar:
        while block := file.read(BLOCK):
            digest.update(block)
            bar.update(len(block))
    return digest.hexdigest()


def _bar(size: int, task: str) -> tqdm:
    return tqdm(total=size or None, desc=task, unit="B", unit_scale=True)
