"""Write any corpus in LibriTTS's layout, so that your own recordings work like it::

    speakers.tsv                                           the speakers' numbers and names
    clips.tsv                                              each clip's former ID
    train-own/10001/1/10001_1_000001_000000.wav            24 kHz, 16 bit, mono, trimmed
                      10001_1_000001_000000.normalized.txt
                      10001_1_000001_000000.original.txt

Shapes: S samples.
"""

import re
import shutil
import tempfile
import warnings
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from torch import Tensor
from tqdm.auto import tqdm

from ttslib.audio.files import read_audio, resample, write_audio
from ttslib.audio.trimming import trim_silence
from ttslib.corpora.choosing import name_skipped
from ttslib.corpora.corpus import Corpus
from ttslib.corpora.libritts import LibriTTS
from ttslib.corpora.speakers import write_speaker_info
from ttslib.records import SpeakerInfo
from ttslib.text.normalize import normalize_text

__all__ = ["to_libritts"]

SAMPLE_RATE = 24_000  # Hz
MARGIN_SECONDS = 0.1  # of silence, kept at both ends of a clip
LEVEL_DB = -23.0  # of full scale: the root mean square of a leveled clip
FIRST_SPEAKER = 10_001  # LibriTTS's own readers have numbers of at most four digits
CHAPTER = 1  # of a book in LibriTTS; here, one for all clips of a speaker


class _Clip(NamedTuple):
    """A clip to write: its source and its destination."""

    id: str  # in the old corpus
    source: Path
    stem: Path  # the path of the new files, without their endings
    normalized: str
    original: str


def to_libritts(
    corpus: Corpus,
    root: Path | str,
    *,
    subset: str = "train-own",
    level: bool = False,
) -> LibriTTS:
    """Write a corpus in LibriTTS's layout, with a progress bar, and open it.

    Every clip becomes 24 kHz, 16 bit and mono, quiet ends are cut down to a tenth of a second,
    and its text is written both as printed and normalized. Clips that can't be read, are silent or
    have no text to speak are left out, with one warning that lists them. Speakers get numbers from
    10001 on, in the order of their names; `speakers.tsv` and `clips.tsv` list the original names.

    Parameters
    ----------
    corpus
        Any corpus; it isn't changed.
    root
        A new or empty folder. Nothing is written outside of it, and an incomplete subset never has
        its final name.
    subset
        Name of the clips' folder: letters, digits, `-`, `_` and `.`.
    level
        Bring all clips to the same loudness: a root mean square of -23 dB of full scale, or
        less where the peaks would clip.

    Returns
    -------
    LibriTTS
        The new corpus, as `LibriTTS(root, subset)` opens it.

    Raises
    ------
    ValueError
        If `root` already holds files, the name isn't valid, or no clip can be used.
    OSError
        If the disk is full or the folder can't be written to; nothing is left behind.

    Taught in: notebooks/01_dataset_exploration
    """
    root = Path(root)
    if not re.fullmatch(r"\w[\w.-]*", subset):
        raise ValueError(f"subset must be letters, digits, '-', '_' and '.', got {subset!r}")
    if root.exists() and not (root.is_dir() and not any(root.iterdir())):
        raise ValueError(f"{root} holds files already; give another folder, or delete it")
    skipped: dict[str, str] = {}
    clips = _plan(corpus, Path(subset), skipped)
    is_new = not root.exists()
    root.mkdir(parents=True, exist_ok=True)
    try:
        with tempfile.TemporaryDirectory(dir=root) as beside:
            written = _write_clips(Path(beside), clips, skipped, level=level)
            if not written:
                reasons = name_skipped(skipped)
                raise ValueError(f"none of the {len(corpus)} clips can be used: {reasons}")
            _write_tables(Path(beside), corpus, written, subset)
            for name in ("speakers.tsv", "clips.tsv", subset):  # clips last: now it is whole
                (Path(beside) / name).rename(root / name)
    except BaseException:  # Ctrl-C too
        if is_new:
            shutil.rmtree(root, ignore_errors=True)
        raise
    if skipped:
        message = f"{len(skipped)} clip(s) left out: {name_skipped(skipped)}"
        warnings.warn(message, stacklevel=2)
    return LibriTTS(root, subset)


def _plan(corpus: Corpus, subset: Path, skipped: dict[str, str]) -> list[_Clip]:
    """Plan each clip's new name and texts, numbered by speaker in the order of the corpus."""
    numbers = _numbers(corpus)
    so_far: Counter[str] = Counter()
    clips = []
    for utterance in corpus.utterances:
        normalized = normalize_text(utterance.text)
        if not re.search("[A-Za-z]", normalized):
            skipped[utterance.id] = f"there is nothing to speak in its text {utterance.text!r}"
            continue
        speaker = numbers[utterance.speaker]
        so_far[speaker] += 1
        name = f"{speaker}_{CHAPTER}_{so_far[speaker]:06d}_000000"
        stem = subset / speaker / str(CHAPTER) / name
        original = utterance.original or utterance.text
        clips.append(_Clip(utterance.id, utterance.audio_path, stem, normalized, original))
    return clips


def _numbers(corpus: Corpus) -> dict[str, str]:
    """Return each speaker's new number."""
    return {name: str(number) for number, name in enumerate(corpus.speakers, FIRST_SPEAKER)}


def _write_clips(
    folder: Path, clips: list[_Clip], skipped: dict[str, str], *, level: bool
) -> list[_Clip]:
    """Write the clips into `folder`, and return those that could be read."""
    written = []
    for clip in tqdm(clips, desc="writing clips", unit="clip"):
        try:
            waveform, rate = read_audio(clip.source)
            waveform = trim_silence(waveform, sample_rate=rate, margin_seconds=MARGIN_SECONDS)
        except (OSError, ValueError) as error:
            skipped[clip.id] = str(error)
            continue
        waveform = resample(waveform, source_rate=rate, target_rate=SAMPLE_RATE)
        stem = folder / clip.stem
        write_audio(f"{stem}.wav", _scaled(waveform, level=level), SAMPLE_RATE)
        for kind, text in (("normalized", clip.normalized), ("original", clip.original)):
            Path(f"{stem}.{kind}.txt").write_text(text + "\n", encoding="utf-8")
        written.append(clip)
    return written


def _scaled(waveform: Tensor, *, level: bool) -> Tensor:
    """Scale to `LEVEL_DB` if asked, and always so that no sample clips; (1, S)."""
    gain = 10 ** (LEVEL_DB / 20) / waveform.square().mean().sqrt().item() if level else 1.0
    return waveform * min(gain, 1 / waveform.abs().max().item())


def _write_tables(folder: Path, corpus: Corpus, clips: list[_Clip], subset: str) -> None:
    """Write `speakers.tsv` and `clips.tsv`, which map new numbers and names to the old ones."""
    numbers = {path.name for path in (folder / subset).iterdir()}
    rows = []
    for name, number in _numbers(corpus).items():
        if number in numbers:
            info = corpus.speaker_info.get(name, SpeakerInfo("", ""))
            rows.append((number, info.sex, subset, info.name or name))
    write_speaker_info(folder / "speakers.tsv", rows)
    lines = [f"{clip.stem.name}\t{' '.join(clip.id.split())}" for clip in clips]
    lines.insert(0, "id\tsource")
    (folder / "clips.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
