"""The mini corpus: 53 minutes of speech, generated locally so that everything works offline.

espeak-ng speaks this project's own sentences in four voices, laid out as in LibriTTS::

    speakers.tsv
    train-mini/9101/1/9101_1_000001_000000.wav             24 kHz, 16 bit, mono
                      9101_1_000001_000000.normalized.txt  as spoken
                      9101_1_000001_000000.original.txt    as printed: $12, 7:45, Mrs.
                      9101_1_000001_000000.phonemes.tsv    times of the phonemes
    dev-mini/...  test-mini/...                            no sentence is in two parts
"""

import json
import os
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ttslib.config import data_folder
from ttslib.corpora.libritts import LibriTTS
from ttslib.corpora.mini.espeak import EspeakVoice
from ttslib.corpora.mini.sentences import Sentence, mini_sentences
from ttslib.corpora.mini.speaking import Clip, speak_clips
from ttslib.corpora.phoneme_times import phoneme_times
from ttslib.corpora.speakers import write_speaker_info

__all__ = ["MINI_SPEAKERS", "mini_libritts", "phoneme_times"]

RECIPE = "1"  # a corpus with another number in its stamp is generated again
PARTS = ("train", "dev", "test")
_STAMP = "mini-libritts.json"


@dataclass(frozen=True, kw_only=True)
class MiniSpeaker:
    """One of the four speakers, and the number of sentences in each part."""

    id: str
    gender: str
    name: str
    voice: EspeakVoice
    n_train: int = 104
    n_dev: int = 10
    n_test: int = 12


# The first is the main speaker, for single-speaker models. Some of espeak's variants (f2, f3, f5)
# sound slightly different in every run; these four don't. Their median pitches: 100, 238, 159 and
# 75 Hz.
MINI_SPEAKERS = (
    MiniSpeaker(
        id="9101",
        gender="M",
        name="Edwin",
        voice=EspeakVoice("en-us", pitch=50, words_per_minute=165),
        n_train=580,
        n_dev=44,
        n_test=64,
    ),
    MiniSpeaker(
        id="9102",
        gender="F",
        name="Annie",
        voice=EspeakVoice("en-us+Annie", pitch=50, words_per_minute=175),
    ),
    MiniSpeaker(
        id="9103",
        gender="F",
        name="Effie",
        voice=EspeakVoice("en-us+f4", pitch=40, words_per_minute=160),
    ),
    MiniSpeaker(
        id="9104",
        gender="M",
        name="Emil",
        voice=EspeakVoice("en-us+m4", pitch=25, words_per_minute=170),
    ),
)


def mini_libritts(
    root: Path | str | None = None,
    *,
    part: str | None = None,
    speakers: Sequence[str] | None = None,
    text: str = "normalized",
    jobs: int | None = None,
) -> LibriTTS:
    """Open the mini corpus; the first call generates it, with a progress bar.

    Parameters
    ----------
    root
        Its folder; None for `data_folder() / "mini-libritts"`.
    part
        "train", "dev" or "test"; None for all three.
    speakers
        Only these; None for all four. The main speaker is "9101".
    text
        "normalized" (numbers spelled out) or "original" (as printed).
    jobs
        Processes that generate it; None for one per core, at most four.

    Raises
    ------
    ValueError
        If there is no such part, or `root` contains other files.
    OSError
        If the corpus can't be made (a full disk, no espeak-ng); no incomplete corpus is left.

    Taught in: notebooks/01_dataset_exploration
    """
    if part not in (None, *PARTS):
        raise ValueError(f"the mini corpus has the parts {', '.join(PARTS)}; it has no {part!r}")
    root = data_folder() / "mini-libritts" if root is None else Path(root)
    if _recipe_of(root) != RECIPE:
        n_sentences = sum(s.n_train + s.n_dev + s.n_test for s in MINI_SPEAKERS)
        clips = _plan(mini_sentences(n_sentences))
        _make(root, clips, jobs=jobs or min(4, os.cpu_count() or 1))
    parts = PARTS if part is None else (part,)
    return LibriTTS(root, [f"{name}-mini" for name in parts], speakers=speakers, text=text)


def _plan(sentences: Sequence[Sentence]) -> list[Clip]:
    """Assign sentences to speakers; each one's share of each part is spread evenly over them."""
    seats = []  # (position along the list, speaker, part)
    for speaker in MINI_SPEAKERS:
        for part, n in zip(PARTS, (speaker.n_train, speaker.n_dev, speaker.n_test), strict=True):
            seats += [((i + 0.5) / n, speaker, part) for i in range(n)]
    seats.sort(key=lambda seat: (seat[0], seat[1].id, seat[2]))
    clips = []
    for number, (sentence, (_, speaker, part)) in enumerate(zip(sentences, seats, strict=False), 1):
        chapter = PARTS.index(part) + 1
        name = f"{speaker.id}_{chapter}_{number:06d}_000000"
        stem = f"{part}-mini/{speaker.id}/{chapter}/{name}"
        clips.append(Clip(stem, speaker.voice, sentence))
    return clips


def _recipe_of(root: Path) -> str | None:
    """Return the recipe number of a complete corpus; None if there is none."""
    stamp = root / _STAMP
    return json.loads(stamp.read_text(encoding="utf-8"))["recipe"] if stamp.is_file() else None


def _make(root: Path, clips: Sequence[Clip], *, jobs: int) -> None:
    """Generate the corpus in a temporary folder, and rename that to `root` once it is complete."""
    if root.exists() and _recipe_of(root) is None and any(root.iterdir()):
        raise ValueError(
            f"{root} holds files, but no mini corpus; give mini_libritts another folder or empty it"
        )
    root.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=f".{root.name}-", dir=root.parent))
    try:
        new = beside / "new"
        speak_clips(new, clips, jobs=jobs)
        rows = [(s.id, s.gender, f"{part}-mini", s.name) for s in MINI_SPEAKERS for part in PARTS]
        write_speaker_info(new / "speakers.tsv", rows)
        (new / _STAMP).write_text(json.dumps({"recipe": RECIPE}), encoding="utf-8")
        if root.exists():  # an older recipe's, or an empty folder
            root.rename(beside / "old")
        new.rename(root)
    except OSError:
        if _recipe_of(root) != RECIPE:  # else another process has made the same corpus
            raise
    finally:
        shutil.rmtree(beside, ignore_errors=True)
