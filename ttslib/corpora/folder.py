"""A folder of your own recordings and their texts, as a corpus."""

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from ttslib.corpora.choosing import choose, name_skipped, name_some, warn_of_skipped
from ttslib.corpora.corpus import Corpus
from ttslib.corpora.index import read_or_find
from ttslib.corpora.metadata import find_metadata, pair_rows, read_metadata
from ttslib.corpora.pairing import AUDIO_ENDINGS, find_files, read_text
from ttslib.records import Utterance

__all__ = ["FolderCorpus"]

_LAYOUT = (
    f"audio ({', '.join(AUDIO_ENDINGS)}) with a .txt of the same name beside each, or a "
    "metadata.csv with a line such as clip.wav|text for each"
)


class FolderCorpus(Corpus):
    """A folder of sound files with their texts, in files of the same name or in one table.

    If the folder has a `metadata.csv` (or `.tsv`), the texts come from it (`file|text`, or with a
    header such as `file,text,speaker`; see `ttslib.corpora.metadata.read_metadata`); otherwise each
    `clip.wav` needs a `clip.txt`. The speakers are those of the table, or the folders directly in
    `root` if there are several; otherwise there is one, named after `root`. An utterance's ID is
    its path within `root`, without the ending. Items are `(waveform, sample_rate, text)`. Files
    that can't be paired are left out, listed in one warning and in `skipped`. Nothing outside of
    `root` is opened, even if a table or a link points there.

    Parameters
    ----------
    root
        The folder.
    speakers
        Only these; None for all.
    min_seconds, max_seconds
        Only clips of at least and at most this length, by their headers; None for no limit.
        Without either, no audio file is opened.

    Attributes
    ----------
    skipped : dict of str to str
        Each file or line that was left out, with the reason.

    Raises
    ------
    FileNotFoundError
        If the folder doesn't exist.
    ValueError
        If it has no clip with a text, its metadata.csv can't be read, or the choice leaves no
        clip.

    Taught in: notebooks/01_dataset_exploration
    """

    def __init__(
        self,
        root: Path | str,
        *,
        speakers: Sequence[str] | None = None,
        min_seconds: float | None = None,
        max_seconds: float | None = None,
    ):
        folder = Path(root)
        if not folder.is_dir():
            raise FileNotFoundError(f"no folder {folder}; give one that holds {_LAYOUT}")
        self.skipped: dict[str, str] = {}
        utterances = read_or_find(folder, "folder", partial(_read, folder), self.skipped)
        if not len(utterances):
            names = (path.name for path in sorted(folder.iterdir()))
            found = name_skipped(self.skipped) if self.skipped else name_some(names)
            raise ValueError(f"{folder} holds no clips: expected {_LAYOUT}, found {found}")
        warn_of_skipped(root, self.skipped)
        utterances = choose(
            utterances, speakers=speakers, min_seconds=min_seconds, max_seconds=max_seconds
        )
        super().__init__(utterances)


def _read(folder: Path, skipped: dict[str, str], watched: list[str]) -> Iterator[Utterance]:
    audio = find_files(folder, AUDIO_ENDINGS, skipped, watched)
    if table := find_metadata(folder):
        watched.append(str(table))
        yield from _by_table(folder, table, audio, skipped)
    else:
        yield from _by_text_files(folder, audio, skipped)


def _by_table(
    folder: Path, table: Path, audio: dict[str, Path], skipped: dict[str, str]
) -> list[Utterance]:
    """Return the clips that a table lists."""
    rows = read_metadata(table, skipped)
    pairs = pair_rows(rows, audio, skipped)
    speakers = _speakers_by_folder([id for id, _ in pairs], folder)
    return [
        Utterance(
            id=id,
            speaker=row.speaker or speakers[id],
            text=row.text if row.normalized is None else row.normalized,
            audio_path=audio[id],
            original=None if row.normalized is None else row.text,
        )
        for id, row in pairs
    ]


def _by_text_files(
    folder: Path, audio: dict[str, Path], skipped: dict[str, str]
) -> list[Utterance]:
    """Return the clips that have a text file of the same name."""
    texts = find_files(folder, (".txt",), skipped)
    lines = {}
    for id, path in audio.items():
        try:
            if id not in texts:
                raise ValueError("doesn't exist")
            lines[id] = " ".join(read_text(texts[id]).split())
        except ValueError as error:
            skipped[f"{id}{path.suffix}"] = f"its .txt {error}"
    skipped.update({f"{id}.txt": "it has no audio" for id in texts if id not in audio})
    speakers = _speakers_by_folder(list(lines), folder)
    return [
        Utterance(id=id, speaker=speakers[id], text=line, audio_path=audio[id])
        for id, line in lines.items()
    ]


def _speakers_by_folder(ids: list[str], root: Path) -> dict[str, str]:
    """Return each clip's subfolder of `root` if there are several, else the name of `root`."""
    folders = {id: id.split("/")[0] if "/" in id else root.resolve().name for id in ids}
    several = len({id.split("/")[0] for id in ids if "/" in id}) > 1
    return folders if several else dict.fromkeys(ids, root.resolve().name)
