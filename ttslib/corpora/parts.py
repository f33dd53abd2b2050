"""Open one corpus or several by name, in two parts: one for training, one held out."""

from collections.abc import Sequence
from itertools import count
from pathlib import Path

import numpy as np

from ttslib.corpora.choosing import choose
from ttslib.corpora.corpus import Corpus
from ttslib.corpora.folder import FolderCorpus
from ttslib.corpora.libritts import LibriTTS
from ttslib.corpora.ljspeech import LJSpeech, is_ljspeech
from ttslib.corpora.mini.corpus import mini_libritts
from ttslib.corpora.utterances import Utterances, join_utterances

__all__ = ["corpus_parts", "open_corpus"]

EVERY = 20  # of a small corpus, every twentieth text is held out
MOST_HELD_OUT = 200  # texts; the cost of validation must not grow with the corpus
_CLIP = "[0-9]*/[0-9]*/*_*_*_*.normalized.txt"  # of LibriTTS, within the folder of a subset


def open_corpus(
    names: str | Path | Sequence[str | Path],
    *,
    part: str | None = None,
    speakers: Sequence[str] | None = None,
) -> Corpus:
    """Open a corpus, or several as one, by short names.

    Parameters
    ----------
    names : str or path, or a sequence of them
        "mini", or a folder: of a LibriTTS subset such as `data/LibriTTS/dev-clean`, of LJ Speech,
        or of recordings with their texts (`FolderCorpus`). Its contents show which it is. If there
        are several, subsets in one folder share their speakers. IDs and speakers that two other
        corpora have in common get the corpus's name as a prefix: `anna/1` and `bert/1`.
    part : str, optional
        "train", "dev" or "test" of the mini corpus; None is all.
    speakers : sequence of str, optional
        Only these.

    Raises
    ------
    FileNotFoundError
        When there is no such folder.
    ValueError
        When a folder has no corpus, or several subsets of LibriTTS, or a corpus is named twice.

    Taught in: notebooks/01_dataset_exploration
    """
    if isinstance(names, (str, Path)):
        return _open_one(names, part=part, speakers=speakers)
    if len(names) == 1:
        return _open_one(names[0], part=part, speakers=speakers)
    corpora = [_open_one(name, part=part) for name in names]
    corpus = _join(corpora, _labels(names, corpora))
    return corpus if speakers is None else _of_speakers(corpus, speakers)


def _open_one(
    name: str | Path, *, part: str | None = None, speakers: Sequence[str] | None = None
) -> Corpus:
    if name == "mini":
        return mini_libritts(part=part, speakers=speakers)
    folder = Path(name).resolve()
    if not folder.is_dir():
        raise FileNotFoundError(
            f"no corpus {str(name)!r}; give mini or the folder of a LibriTTS subset, of LJ Speech "
            "or of recordings with their texts"
        )
    if _holds(folder, _CLIP):
        return LibriTTS(folder.parent, folder.name, speakers=speakers)
    above = next(path for path in (folder / "LibriTTS", folder) if path.is_dir())
    subsets = sorted(path.name for path in above.iterdir() if _holds(path, _CLIP))
    if len(subsets) > 1:
        raise ValueError(f"{name} holds several corpora; give one of them: {', '.join(subsets)}")
    if subsets:
        return LibriTTS(above, subsets, speakers=speakers)
    if is_ljspeech(folder):
        return LJSpeech(folder, speakers=speakers)
    return FolderCorpus(folder, speakers=speakers)


def _holds(folder: Path, pattern: str) -> bool:
    return any(True for _ in folder.glob(pattern))


def corpus_parts(
    names: str | Path | Sequence[str | Path], *, speakers: Sequence[str] | None = None
) -> tuple[Corpus, Corpus]:
    """Open one corpus or several as `(training, held_out)`, with no text in both.

    The mini corpus has its own parts. From any other, every twentieth text is held out with all its
    takes, at most 200 texts: those with the smallest hashes, so that a growing corpus keeps most of
    them. Held-out clips of speakers without other clips are left out.

    Raises
    ------
    ValueError
        When a corpus is too small to hold out a text.

    Taught in: notebooks/05_training
    """
    names = [names] if isinstance(names, (str, Path)) else list(names)
    if len(names) == 1:
        return _parts_of_one(names[0], speakers=speakers)
    parts = [_parts_of_one(name, speakers=None) for name in names]
    labels = _labels(names, [training for training, _ in parts])
    training, held_out = (_join(side, labels) for side in zip(*parts, strict=True))
    if speakers is not None:
        training, held_out = (_of_speakers(part, speakers) for part in (training, held_out))
    held = np.unique(held_out.utterances.text_keys())  # two corpora may have the same texts
    free = ~np.isin(training.utterances.text_keys(), held)
    return training.part(np.flatnonzero(free)), held_out


def _parts_of_one(name: str | Path, *, speakers: Sequence[str] | None) -> tuple[Corpus, Corpus]:
    if name == "mini":
        train = _open_one(name, part="train", speakers=speakers)
        return train, _open_one(name, part="dev", speakers=speakers)
    corpus = _open_one(name, speakers=speakers)
    utterances = corpus.utterances
    keys = utterances.text_keys()
    is_held = np.isin(keys, _held_out_texts(utterances, keys))
    known = np.unique(utterances.speaker_indices[~is_held])
    training = np.flatnonzero(~is_held)
    held_out = np.flatnonzero(is_held & np.isin(utterances.speaker_indices, known))
    if not len(held_out):
        raise ValueError(
            f"{name} has {len(np.unique(keys))} text(s), too few to hold one out; give more clips"
        )
    return corpus.part(training), corpus.part(held_out)


def _held_out_texts(utterances: Utterances, keys: np.ndarray) -> np.ndarray:
    """Choose texts to hold out, by their keys."""
    distinct, first = np.unique(keys, return_index=True)
    if len(distinct) > EVERY * MOST_HELD_OUT:
        return distinct[:MOST_HELD_OUT]
    in_order = sorted(zip(map(utterances.raw_text, first.tolist()), distinct, strict=True))
    return np.array([key for _, key in in_order[::EVERY]], np.uint64)


def _of_speakers(corpus: Corpus, speakers: Sequence[str]) -> Corpus:
    utterances = choose(corpus.utterances, speakers=speakers, min_seconds=None, max_seconds=None)
    return Corpus(utterances, speaker_info=corpus.speaker_info)


def _labels(names: Sequence[str | Path], corpora: Sequence[Corpus]) -> list[str]:
    """Return a prefix for the IDs and speakers of each corpus, so that none is ambiguous."""
    homes = [Path("mini") if name == "mini" else Path(name).resolve() for name in names]
    if len(set(homes)) < len(homes):
        raise ValueError(
            f"a corpus is named twice among {', '.join(map(str, names))}; name it once"
        )
    depth = next(n for n in count(1) if len({home.parts[-n:] for home in homes}) == len(homes))
    clashes = [any(_clash(one, other) for other in corpora if other is not one) for one in corpora]
    return [
        "/".join(home.parts[-depth:]) + "/" if clash else ""
        for home, clash in zip(homes, clashes, strict=True)
    ]


def _join(corpora: Sequence[Corpus], labels: Sequence[str]) -> Corpus:
    speaker_info = {
        label + name: info
        for corpus, label in zip(corpora, labels, strict=True)
        for name, info in corpus.speaker_info.items()
    }
    utterances = join_utterances([corpus.utterances for corpus in corpora], labels)
    return Corpus(utterances, speaker_info=speaker_info)


def _clash(one: Corpus, other: Corpus) -> bool:
    """Return True if two corpora share an ID or speaker that means two things."""
    if isinstance(one, LibriTTS) and isinstance(other, LibriTTS) and one.root == other.root:
        return False  # subsets in one folder number their speakers together
    if set(one.speakers) & set(other.speakers):
        return True
    if isinstance(one, LibriTTS) or isinstance(other, LibriTTS):
        return False  # its IDs begin with the speaker
    ids = ({c.utterances.id(i) for i in range(len(c))} for c in (one, other))
    return bool(set.intersection(*ids))
