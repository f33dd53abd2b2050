"""LibriTTS: 585 hours of English read aloud by 2,456 speakers, and corpora with the same layout.

The path of a clip is `<subset>/<speaker>/<chapter>/<speaker>_<chapter>_<paragraph>_<sentence>.wav`
(or `.flac`); beside it is its text, as `.normalized.txt` (numbers spelled out) and as
`.original.txt` (as printed).

Zen et al. 2019, LibriTTS: A Corpus Derived from LibriSpeech for Text-to-Speech, arXiv 1904.02882.
"""

import os
import tempfile
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from ttslib.corpora.archives import fetch, unpack
from ttslib.corpora.choosing import choose, name_some, warn_of_skipped
from ttslib.corpora.corpus import Corpus
from ttslib.corpora.index import read_or_find
from ttslib.corpora.pairing import read_text
from ttslib.corpora.speakers import read_speaker_info
from ttslib.corpora.utterances import Utterances, join_utterances
from ttslib.records import SpeakerInfo, Utterance

__all__ = ["LIBRITTS_SUBSETS", "LibriTTS"]

LIBRITTS_SUBSETS = {  # with the SHA-256 of the archives, from torchaudio
    "dev-clean": "da0864e1bd26debed35da8a869dd5c04dfc27682921936de7cff9c8a254dbe1a",
    "dev-other": "d413eda26f3a152ac7c9cf3658ef85504dfb1b625296e5fa83727f5186cca79c",
    "test-clean": "234ea5b25859102a87024a4b9b86641f5b5aaaf1197335c95090cde04fe9a4f5",
    "test-other": "33a5342094f3bba7ccc2e0500b9e72d558f72eb99328ac8debe1d9080402f10d",
    "train-clean-100": "c5608bf1ef74bb621935382b8399c5cdd51cd3ee47cec51f00f885a64c6c7f6b",
    "train-clean-360": "ce7cff44dcac46009d18379f37ef36551123a1dc4e5c8e4eb73ae57260de4886",
    "train-other-500": "e35f7e34deeb2e2bdfe4403d88c8fdd5fbf64865cae41f027a185a6965f0a5df",
}
_SITE = "https://www.openslr.org/resources/60/"
_LAYOUT = "<subset>/<speaker>/<chapter>/<speaker>_<chapter>_<paragraph>_<sentence>.wav or .flac"
_AUDIO = (".wav", ".flac")


class LibriTTS(Corpus):
    """LibriTTS itself, or another corpus with the same layout.

    Items are `(waveform, sample_rate, text)`. Files that can't be paired (a text without audio,
    audio without text) are left out, listed in one warning and in `skipped`.

    Parameters
    ----------
    root
        The folder with the subsets, or with `LibriTTS/`, which has the subsets.
    subset
        One or several of `LIBRITTS_SUBSETS`, or the name of any other folder of that layout.
    download
        Download what is missing from openslr.org (1.2 GB for "dev-clean", 44 GB for
        "train-other-500") and verify its checksum. The archive is kept in `root`.
    speakers
        Only these speakers; None for all.
    min_seconds, max_seconds
        Only clips of at least and at most this length, by their headers; None for no limit.
        Without either, no audio file is opened.
    text
        "normalized" or "original".

    Attributes
    ----------
    skipped : dict of str to str
        Each file that was left out, with the reason.
    root : Path
        The folder directly above the subsets, whose speakers are numbered together.
    speaker_info : dict of str to SpeakerInfo
        From `speakers.tsv` or `SPEAKERS.txt` beside the subsets; empty without them.

    Raises
    ------
    FileNotFoundError
        If `root` has no such subset, and `download` is false.
    ValueError
        If the folder's layout isn't LibriTTS's, the choice leaves no clip, or the downloaded
        archive is broken.
    OSError
        If downloading or unpacking fails; an incomplete subset never has its final name.

    References
    ----------
    Zen et al. 2019, LibriTTS, arXiv 1904.02882; openslr.org/60.

    Taught in: notebooks/01_dataset_exploration
    """

    def __init__(
        self,
        root: Path | str,
        subset: str | Sequence[str] = "dev-clean",
        *,
        download: bool = False,
        speakers: Sequence[str | int] | None = None,
        min_seconds: float | None = None,
        max_seconds: float | None = None,
        text: str = "normalized",
    ):
        if text not in ("normalized", "original"):
            raise ValueError(f"text must be 'normalized' or 'original', got {text!r}")
        self.skipped: dict[str, str] = {}
        parts: list[Utterances] = []
        speaker_info: dict[str, SpeakerInfo] = {}
        for name in [subset] if isinstance(subset, str) else subset:
            folder = _subset_folder(Path(root), name)
            if folder is None and download:
                _download(Path(root), name)
                folder = _subset_folder(Path(root), name)
            if folder is None:
                raise FileNotFoundError(_nothing_there(Path(root), name))
            self.root = folder.parent.resolve()
            parts.append(_read_subset(folder, text, self.skipped))
            speaker_info |= read_speaker_info(folder.parent)
        warn_of_skipped(root, self.skipped)
        utterances = choose(
            join_utterances(parts, [""] * len(parts)),
            speakers=speakers,
            min_seconds=min_seconds,
            max_seconds=max_seconds,
        )
        super().__init__(utterances, speaker_info=speaker_info)


def _subset_folder(root: Path, name: str) -> Path | None:
    """Find `root/LibriTTS/name`, where the archives unpack, or `root/name`."""
    candidates = (root / "LibriTTS" / name, root / name)
    return next((folder for folder in candidates if folder.is_dir()), None)


def _nothing_there(root: Path, name: str) -> str:
    if not root.is_dir():
        return f"no folder {root}; give the folder that holds {name!r}, or download=True"
    found = name_some(path.name for path in sorted(root.iterdir()))
    return (
        f"no LibriTTS subset {name!r} in {root}: expected {_LAYOUT}, found {found}; "
        "give the folder that holds the subsets, or download=True"
    )


def _read_subset(folder: Path, text: str, skipped: dict[str, str]) -> Utterances:
    """Read a subset's clips, or find them in its index."""
    ending = f".{text}.txt"
    utterances = read_or_find(
        folder, f"LibriTTS {text}", partial(_read_tree, folder, ending), skipped
    )
    if not len(utterances):
        found = name_some(
            str(p.relative_to(folder)) for p in sorted(folder.rglob("*")) if p.is_file()
        )
        raise ValueError(
            f"{folder} holds no LibriTTS clips: expected {_LAYOUT}, each with a {ending}, "
            f"found {found}"
        )
    return utterances


def _read_tree(
    folder: Path, ending: str, skipped: dict[str, str], watched: list[str]
) -> Iterator[Utterance]:
    """Pair clips and texts, a chapter at a time; files without a partner go into `skipped`."""
    watched.append(str(folder))
    for speaker in _folders(folder):
        watched.append(str(speaker))
        for chapter in _folders(speaker):
            watched.append(str(chapter))
            yield from _read_chapter(chapter, ending, skipped)


def _folders(folder: Path) -> list[Path]:
    with os.scandir(folder) as entries:
        names = sorted(e.name for e in entries if e.is_dir() and not e.name.startswith("."))
    return [folder / name for name in names]


def _read_chapter(chapter: Path, ending: str, skipped: dict[str, str]) -> Iterator[Utterance]:
    names = sorted(name for name in os.listdir(chapter) if not name.startswith("."))
    texts = {name.removesuffix(ending): name for name in names if name.endswith(ending)}
    # sorted puts .wav after .flac: if there are both, the .wav is used
    clips = {
        stem: name
        for name in names
        for stem, end in [os.path.splitext(name)]
        if end.lower() in _AUDIO
    }
    for id, name in clips.items():
        text = chapter / texts[id] if id in texts else None
        try:
            line = _text_of(chapter / name, text, ending)
        except ValueError as reason:
            skipped[name] = str(reason)
        else:
            speaker = chapter.parent.name
            yield Utterance(id=id, speaker=speaker, text=line, audio_path=chapter / name)
    skipped.update({texts[id]: "it has no audio" for id in texts if id not in clips})


def _text_of(clip: Path, text: Path | None, ending: str) -> str:
    """Read a clip's text; raise a ValueError with the reason if the clip can't be used."""
    speaker, chapter = clip.parent.parent.name, clip.parent.name
    if not clip.name.startswith(f"{speaker}_{chapter}_") or clip.stem.count("_") != 3:
        raise ValueError(f"it is not named {speaker}_{chapter}_<paragraph>_<sentence>")
    if text is None:
        raise ValueError(f"it has no {ending}")
    try:
        return read_text(text)
    except ValueError as error:
        raise ValueError(f"its {ending} {error}") from None


def _download(root: Path, name: str) -> None:
    """Download and unpack a subset; only a complete one gets its name."""
    if name not in LIBRITTS_SUBSETS:
        raise ValueError(
            f"can't download the subset {name!r}; LibriTTS has {', '.join(LIBRITTS_SUBSETS)}"
        )
    archive = fetch(f"{_SITE}{name}.tar.gz", root / f"{name}.tar.gz", sha256=LIBRITTS_SUBSETS[name])
    with tempfile.TemporaryDirectory(prefix=f".{name}-", dir=root) as beside:
        unpack(archive, Path(beside))
        unpacked = Path(beside) / "LibriTTS"
        if not (unpacked / name).is_dir():
            raise ValueError(f"{archive} holds no LibriTTS/{name}; delete it and try again")
        (root / "LibriTTS").mkdir(exist_ok=True)
        for path in unpacked.iterdir():  # the subset, and lists such as speakers.tsv
            if not (root / "LibriTTS" / path.name).exists():
                path.rename(root / "LibriTTS" / path.name)
