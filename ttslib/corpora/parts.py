"""A corpus by its name, in two parts: one to learn from, one to be tested on."""

from collections.abc import Sequence
from pathlib import Path

from ttslib.corpora.corpus import Corpus
from ttslib.corpora.folder import FolderCorpus
from ttslib.corpora.libritts import LibriTTS
from ttslib.corpora.ljspeech import LJSpeech, is_ljspeech
from ttslib.corpora.mini.corpus import mini_libritts

__all__ = ["corpus_parts", "open_corpus"]

EVERY = 20  # of so many texts, one is held out
_CLIP = "[0-9]*/[0-9]*/*_*_*_*.normalized.txt"  # of LibriTTS, within the folder of a subset


def open_corpus(
    name: str | Path, *, part: str | None = None, speakers: Sequence[str] | None = None
) -> Corpus:
    """Open a corpus by what a person would call it.

    Parameters
    ----------
    name : str or path
        "mini", or a folder: of a LibriTTS subset such as `data/LibriTTS/dev-clean`, of LJ Speech,
        or of recordings with their texts (`FolderCorpus`). Which it is shows by what lies in it.
    part : str, optional
        "train", "dev" or "test" of the mini corpus; None is all.
    speakers : sequence of str, optional
        Only these.

    Raises
    ------
    FileNotFoundError
        When there is no such folder.
    ValueError
        When the folder holds no corpus, or several subsets of LibriTTS.
    """
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
    name: str | Path, *, speakers: Sequence[str] | None = None
) -> tuple[Corpus, Corpus]:
    """Open a corpus as `(training, held_out)`, with no text in both.

    The mini corpus has its own parts; elsewhere every twentieth text is held out, with all its
    takes, of the speakers that keep some.

    Raises
    ------
    ValueError
        When the corpus is too small to hold a text out.

    Taught in: notebooks/05_training
    """
    if name == "mini":
        training, held_out = (
            open_corpus(name, part=p, speakers=speakers) for p in ("train", "dev")
        )
        return training, held_out
    corpus = open_corpus(name, speakers=speakers)
    utterances = corpus.utterances
    texts = sorted({utterance.text for utterance in utterances})
    held = set(texts[::EVERY])
    training = [u for u in utterances if u.text not in held]
    known = {u.speaker for u in training}
    held_out = [u for u in utterances if u.text in held and u.speaker in known]
    if not held_out:
        raise ValueError(
            f"{name} has {len(texts)} text(s), too few to hold one out; give more clips"
        )
    return tuple(Corpus(part, speaker_info=corpus.speaker_info) for part in (training, held_out))
