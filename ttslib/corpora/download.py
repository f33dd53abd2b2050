"""Download a public corpus by name, check it, and prepare it for training."""

import tempfile
from pathlib import Path
from typing import NamedTuple

from ttslib.config import data_folder
from ttslib.corpora.archives import fetch, git_tree, unpack
from ttslib.corpora.export import to_libritts
from ttslib.corpora.folder import FolderCorpus
from ttslib.corpora.libritts import LIBRITTS_SUBSETS, LibriTTS
from ttslib.corpora.splits import split_by_text

__all__ = ["CORPORA", "download_corpus"]


class Source(NamedTuple):
    """Where a corpus comes from, and how the download is checked."""

    about: str
    url: str
    sha256: str | None = None  # of the archive
    git_tree: str | None = None  # of the unpacked files, if the archive is packed on request


CORPORA = {
    "kathleen": Source(
        about="one US English woman, 1.3 hours of CMU Arctic prompts, CC0; 0.9 GB",
        url="https://github.com/rhasspy/dataset-voice-kathleen/archive/"
        "c51cb971036a127359b43c621f26ca5081eab13e.tar.gz",
        git_tree="7a3b9c012360d3ddb525aac97fd194dcfe4c0edc",
    ),
    "ljspeech": Source(
        about="one US English woman, 24 hours of non-fiction, public domain; 2.7 GB",
        url="https://data.keithito.com/data/speech/LJSpeech-1.1.tar.bz2",
        sha256="be1a30453f28eb8dd26af4101ae40cbf2c50413b1bb21936cbcdc6fae3de8aa5",
    ),
}


def download_corpus(name: str, root: Path | str | None = None) -> Path:
    """Download a corpus, check it, and return the folder to train on.

    Kathleen's recordings are converted to LibriTTS's layout at 24 kHz, and one text in twenty is
    set aside for tests, as `split_by_text` chooses them. LJ Speech and LibriTTS stay as published.
    The archive is kept, so that a second call needs no network.

    Parameters
    ----------
    name
        One of `CORPORA`, or a subset of LibriTTS.
    root
        The folder to download to; `data_folder()` when not given.

    Raises
    ------
    ValueError
        If the corpus doesn't exist, or the download fails its check.
    OSError
        If the download fails or the disk is full; nothing incomplete has the corpus's name.

    Taught in: notebooks/01_dataset_exploration
    """
    root = data_folder() if root is None else Path(root)
    if name in LIBRITTS_SUBSETS:
        return LibriTTS(root, name, download=True).root / name
    if name not in CORPORA:
        known = "; ".join(f"{known} ({source.about})" for known, source in CORPORA.items())
        raise ValueError(
            f"there is no corpus {name!r} to download; choose one of {known}; or a subset of "
            f"LibriTTS ({', '.join(LIBRITTS_SUBSETS)})"
        )
    return _ljspeech(root) if name == "ljspeech" else _kathleen(root)


def _ljspeech(root: Path) -> Path:
    folder = root / "LJSpeech-1.1"
    if not folder.is_dir():
        with _unpacked("ljspeech", root) as unpacked:
            _only_folder(Path(unpacked)).rename(folder)
    return folder


def _kathleen(root: Path) -> Path:
    folder = root / "kathleen"
    if not folder.is_dir():
        with _unpacked("kathleen", root) as unpacked:
            commit = _only_folder(Path(unpacked))
            found, wanted = git_tree(commit), CORPORA["kathleen"].git_tree
            if found != wanted:
                raise ValueError(
                    f"the files of kathleen aren't those of the commit (git tree {found}, not "
                    f"{wanted}); delete {_archive('kathleen', root)} and try again"
                )
            whole = to_libritts(
                FolderCorpus(commit / "data"),
                Path(unpacked) / "kathleen",
                subset="train-kathleen",
                level=True,
            )
            _set_tests_aside(whole)
            whole.root.rename(folder)
    return folder / "train-kathleen"


def _set_tests_aside(whole: LibriTTS) -> None:
    """Move the clips of one text in twenty, with all its takes, into a subset for tests."""
    *_, test = split_by_text(whole)
    for utterance in test.utterances:
        chapter = utterance.audio_path.parent
        aside = whole.root / "test-kathleen" / chapter.relative_to(whole.root / "train-kathleen")
        aside.mkdir(parents=True, exist_ok=True)
        for path in chapter.glob(f"{utterance.id}.*"):
            path.rename(aside / path.name)


def _unpacked(name: str, root: Path) -> tempfile.TemporaryDirectory:
    """Download and unpack an archive into a folder that is removed at the end."""
    source = CORPORA[name]
    archive = fetch(source.url, _archive(name, root), sha256=source.sha256)
    beside = tempfile.TemporaryDirectory(prefix=f".{name}-", dir=root)
    try:
        unpack(archive, Path(beside.name))
    except BaseException:
        beside.cleanup()
        raise
    return beside


def _archive(name: str, root: Path) -> Path:
    return root / f"{name}.tar{Path(CORPORA[name].url).suffix}"


def _only_folder(unpacked: Path) -> Path:
    folders = [path for path in unpacked.iterdir() if path.is_dir()]
    if len(folders) != 1:
        raise ValueError(f"the archive must hold one folder, it holds {len(folders)}")
    return folders[0]
