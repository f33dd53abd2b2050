"""LJ Speech: 24 hours of one speaker, Linda Johnson, reading seven non-fiction books.

The folder has `wavs/<id>.wav` and `metadata.csv` with lines `id|text|normalized text`.

Ito and Johnson 2017, The LJ Speech Dataset, keithito.com/LJ-Speech-Dataset.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from ttslib.corpora.choosing import choose, name_skipped, name_some, warn_of_skipped
from ttslib.corpora.corpus import Corpus
from ttslib.corpora.index import read_or_find
from ttslib.corpora.metadata import pair_rows, read_metadata
from ttslib.corpora.pairing import AUDIO_ENDINGS, find_files
from ttslib.records import Utterance

__all__ = ["LJSpeech", "is_ljspeech"]

_LAYOUT = "metadata.csv (id|text|normalized text, without a header) and wavs/<id>.wav"
_SPEAKER = "LJ"


class LJSpeech(Corpus):
    """LJ Speech, or another corpus of one voice with the same layout.

    Items are `(waveform, sample_rate, text)`. Files that can't be paired are left out, listed in
    one warning and in `skipped`.

    Parameters
    ----------
    root
        The folder with `metadata.csv` and `wavs`, or with `LJSpeech-1.1/`, which has them.
    speakers
        None or ["LJ"], the only one.
    min_seconds, max_seconds
        Only clips of at least and at most this length, by their headers; None for no limit.
        Without either, no audio file is opened.
    text
        "normalized" (numbers spelled out) or "original" (as printed).

    Attributes
    ----------
    skipped : dict of str to str
        Each file or line that was left out, with the reason.

    Raises
    ------
    FileNotFoundError
        If `root` has no metadata.csv or no wavs.
    ValueError
        If metadata.csv isn't UTF-8 or lists no existing clip, or the choice leaves no clip.

    References
    ----------
    Ito and Johnson 2017, The LJ Speech Dataset, keithito.com/LJ-Speech-Dataset.

    Taught in: notebooks/01_dataset_exploration
    """

    def __init__(
        self,
        root: Path | str,
        *,
        speakers: Sequence[str] | None = None,
        min_seconds: float | None = None,
        max_seconds: float | None = None,
        text: str = "normalized",
    ):
        if text not in ("normalized", "original"):
            raise ValueError(f"text must be 'normalized' or 'original', got {text!r}")
        folder = _folder(Path(root))
        if folder is None:
            raise FileNotFoundError(_nothing_there(Path(root)))
        self.skipped: dict[str, str] = {}
        utterances = read_or_find(
            folder, f"LJSpeech {text}", partial(_read, folder, text), self.skipped
        )
        if not len(utterances):
            found = name_skipped(self.skipped)
            raise ValueError(f"{folder} holds no clips: expected {_LAYOUT}, found {found}")
        warn_of_skipped(root, self.skipped)
        utterances = choose(
            utterances, speakers=speakers, min_seconds=min_seconds, max_seconds=max_seconds
        )
        super().__init__(utterances)


def _read(
    folder: Path, text: str, skipped: dict[str, str], watched: list[str]
) -> Iterator[Utterance]:
    metadata = folder / "metadata.csv"
    watched.append(str(metadata))
    rows = read_metadata(metadata, skipped, columns=("file", "text", "normalized"))
    audio = find_files(folder / "wavs", AUDIO_ENDINGS, skipped, watched)
    for id, row in pair_rows(rows, audio, skipped):
        yield Utterance(
            id=id,
            speaker=_SPEAKER,
            text=(row.normalized or row.text) if text == "normalized" else row.text,
            audio_path=audio[id],
            original=row.text if text == "normalized" else None,
        )


def is_ljspeech(root: Path) -> bool:
    """Return True if the columns of metadata.csv are those of LJ Speech."""
    folder = _folder(root)
    if folder is None:
        return False
    try:
        rows = read_metadata(folder / "metadata.csv", {})
    except ValueError:
        return False
    has_both_texts = bool(rows) and rows[0].normalized is not None
    return has_both_texts and rows[0].line == 1  # else there is a header


def _folder(root: Path) -> Path | None:
    """Find `root/LJSpeech-1.1`, where the archive unpacks, or `root`."""
    for folder in (root / "LJSpeech-1.1", root):
        if (folder / "metadata.csv").is_file() and (folder / "wavs").is_dir():
            return folder
    return None


def _nothing_there(root: Path) -> str:
    if not root.is_dir():
        return f"no folder {root}; give the folder that holds {_LAYOUT}"
    found = name_some(path.name for path in sorted(root.iterdir()))
    return f"no LJ Speech in {root}: expected {_LAYOUT}, found {found}"
