"""The mini corpus: 50 minutes of speech made on the spot, so that everything works offline at once.

espeak-ng speaks sentences of this project's own in four voices, into LibriTTS's layout:

    speakers.tsv
    train-mini/9101/1/9101_1_000001_000000.wav            24 kHz, 16 bit, mono
                      9101_1_000001_000000.normalized.txt
                      9101_1_000001_000000.original.txt
                      9101_1_000001_000000.phonemes.tsv   when each phoneme sounds
    dev-mini/...  test-mini/...                           no sentence stands in two parts
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm.auto import tqdm

from ttslib.config import data_folder
from ttslib.corpora.espeak import SILENCE, EspeakVoice, PhonemeTime, speak
from ttslib.corpora.libritts import LibriTTS
from ttslib.corpora.mini_sentences import Sentence, mini_sentences
from ttslib.records import Utterance

__all__ = ["MINI_SPEAKERS", "mini_libritts", "phoneme_times"]

RECIPE = "1"  # a tree with another number in its stamp is made again
SAMPLE_RATE = 24_000  # Hz
PARTS = ("train", "dev", "test")
MIN_SECONDS, MAX_SECONDS = 1.5, 6.0
MARGIN_SECONDS = 0.06  # of silence at both ends of a clip
QUIET = 64  # of 32,768: what stays below it at the ends of a clip is silence
BATCH = 96  # sentences that one espeak process speaks
_STAMP = "mini-libritts.json"


@dataclass(frozen=True, kw_only=True)
class MiniSpeaker:
    """One of the four, and how many sentences of each part are theirs."""

    id: str
    gender: str
    name: str
    voice: EspeakVoice
    n_train: int
    n_dev: int
    n_test: int


# The first is the main speaker, with whom a single-speaker model is trained. Only variants whose
# sound espeak repeats exactly from run to run (f2, f3 and f5 don't).
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
        n_train=104,
        n_dev=10,
        n_test=12,
    ),
    MiniSpeaker(
        id="9103",
        gender="F",
        name="Effie",
        voice=EspeakVoice("en-us+f4", pitch=40, words_per_minute=160),
        n_train=104,
        n_dev=10,
        n_test=12,
    ),
    MiniSpeaker(
        id="9104",
        gender="M",
        name="Emil",
        voice=EspeakVoice("en-us+m4", pitch=25, words_per_minute=170),
        n_train=104,
        n_dev=10,
        n_test=12,
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
    """The mini corpus; it is made at the first call (with a progress bar) and found at the next.

    Parameters
    ----------
    root
        Where it lies or shall lie; None for `data_folder() / "mini-libritts"`.
    part
        "train", "dev" or "test"; None for all three.
    speakers
        Only these; None for all four. The main speaker is "9101".
    text
        "normalized" (numbers spelled out) or "original" (as a book prints them).
    jobs
        Processes to make it with; None for as many as there are cores, at most four.

    Raises
    ------
    ValueError
        If there is no such part, or `root` holds something else.
    OSError
        If the corpus can't be written (a full disk); nothing half-made is left.

    Taught in: notebooks/01_dataset_exploration
    """
    if part not in (None, *PARTS):
        raise ValueError(f"the mini corpus has the parts {', '.join(PARTS)}, not {part!r}")
    root = data_folder() / "mini-libritts" if root is None else Path(root)
    if _recipe_of(root) != RECIPE:
        _refuse_foreign(root)
        clips = _plan(mini_sentences(sum(s.n_train + s.n_dev + s.n_test for s in MINI_SPEAKERS)))
        _make(root, clips, jobs=jobs or min(4, os.cpu_count() or 1))
    parts = PARTS if part is None else (part,)
    return LibriTTS(root, subset=[f"{name}-mini" for name in parts], speakers=speakers, text=text)


def phoneme_times(utterance: Utterance) -> list[PhonemeTime]:
    """When each phoneme of a mini clip sounds, by espeak-ng's own account.

    Parameters
    ----------
    utterance
        Of `mini_libritts`.

    Returns
    -------
    list of PhonemeTime
        `(phoneme, start, end, espeak)` in order, without gaps, over the whole clip: ARPAbet
        without stress (pauses are "sil"), start and end in seconds, espeak's own mnemonic.

    Raises
    ------
    FileNotFoundError
        If the clip has no such file: only the mini corpus knows its phonemes.

    Taught in: notebooks/01_dataset_exploration
    """
    path = utterance.audio_path.with_suffix(".phonemes.tsv")
    if not path.is_file():
        raise FileNotFoundError(
            f"no phoneme times at {path}; only clips of mini_libritts() have them"
        )
    rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()[1:]]
    return [
        PhonemeTime(phoneme, float(start), float(end), espeak)
        for start, end, phoneme, espeak in rows
    ]


@dataclass(frozen=True, kw_only=True)
class _Clip:
    """A sentence, who speaks it and where it goes."""

    sentence: Sentence
    speaker: MiniSpeaker
    part: str
    number: int

    @property
    def stem(self) -> str:
        """The clip's path within the corpus, without the ending."""
        chapter = PARTS.index(self.part) + 1
        name = f"{self.speaker.id}_{chapter}_{self.number:06d}_000000"
        return f"{self.part}-mini/{self.speaker.id}/{chapter}/{name}"


def _plan(sentences: Sequence[Sentence]) -> list[_Clip]:
    """Who speaks what: every n-th sentence, so that all speakers and parts get all kinds of it."""
    seats = []  # (where in the whole list, speaker, part)
    for speaker in MINI_SPEAKERS:
        for part in PARTS:
            n = getattr(speaker, f"n_{part}")
            seats += [((i + 0.5) / n, speaker, part) for i in range(n)]
    seats.sort(key=lambda seat: (seat[0], seat[1].id, seat[2]))
    return [
        _Clip(sentence=sentence, speaker=speaker, part=part, number=number)
        for number, (sentence, (_, speaker, part)) in enumerate(
            zip(sentences, seats, strict=False), start=1
        )
    ]


def _recipe_of(root: Path) -> str | None:
    """The number of the recipe that a whole corpus was made by; None where there is none."""
    try:
        return json.loads((root / _STAMP).read_text(encoding="utf-8"))["recipe"]
    except FileNotFoundError:
        return None


def _refuse_foreign(root: Path) -> None:
    """Never replace a folder that this module did not make."""
    if root.exists() and _recipe_of(root) is None and any(root.iterdir()):
        raise ValueError(
            f"{root} holds files, but no mini corpus; give mini_libritts another folder or empty it"
        )


def _make(root: Path, clips: Sequence[_Clip], *, jobs: int) -> None:
    """Build the corpus beside `root` and rename it: a half-made one never bears the name."""
    root.parent.mkdir(parents=True, exist_ok=True)
    building = Path(tempfile.mkdtemp(prefix=f".{root.name}-", dir=root.parent))
    try:
        new = building / "new"
        _speak_all(new, clips, jobs=jobs)
        _write_speakers(new, clips)
        (new / _STAMP).write_text(json.dumps({"recipe": RECIPE}), encoding="utf-8")
        if root.exists():  # an older recipe's, or an empty folder
            root.rename(building / "old")
        new.rename(root)
    except OSError:
        if _recipe_of(root) != RECIPE:  # else another process was faster, with the same result
            raise
    finally:
        shutil.rmtree(building, ignore_errors=True)


def _write_speakers(folder: Path, clips: Sequence[_Clip]) -> None:
    """LibriTTS's own table of speakers."""
    rows = ["READER\tGENDER\tSUBSET\tNAME"]
    for speaker in sorted({clip.speaker for clip in clips}, key=lambda speaker: speaker.id):
        rows += [f"{speaker.id}\t{speaker.gender}\t{part}-mini\t{speaker.name}" for part in PARTS]
    (folder / "speakers.tsv").write_text("\n".join(rows) + "\n", encoding="utf-8")


def _speak_all(folder: Path, clips: Sequence[_Clip], *, jobs: int) -> None:
    """Speak batches of one speaker each, every batch in a fresh process.

    espeak-ng is all globals: it can speak once at a time in a process, and what it spoke before
    colors what it speaks next. Fresh processes run side by side and always sound the same.
    """
    batches = []
    for speaker in MINI_SPEAKERS:
        own = [clip for clip in clips if clip.speaker == speaker]
        batches += [own[i : i + BATCH] for i in range(0, len(own), BATCH)]
    with (
        tqdm(total=len(clips), desc="speaking the mini corpus", unit="clip") as bar,
        ThreadPoolExecutor(jobs) as pool,
    ):
        for done in [pool.submit(_speak_batch, folder, batch, bar.update) for batch in batches]:
            done.result()


def _speak_batch(folder: Path, clips: Sequence[_Clip], progress: Callable[[int], object]) -> None:
    """Have a fresh process speak; it answers with a line for each clip."""
    order = {
        "voice": clips[0].speaker.voice,
        "clips": [(str(folder / clip.stem), *clip.sentence) for clip in clips],
    }
    process = subprocess.Popen(
        [sys.executable, "-c", "from ttslib.corpora.mini import _speak_order; _speak_order()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path or "." for path in sys.path)},
    )
    with process:
        process.stdin.write(json.dumps(order).encode())
        process.stdin.close()
        for _ in process.stdout:
            progress(1)
        errors = process.stderr.read().decode(errors="replace").strip()
    if process.returncode != 0:
        raise OSError(f"could not speak the mini corpus: {errors.splitlines()[-1:]}")


def _speak_order() -> None:
    """What the fresh process does: read the order, speak, write."""
    import torch

    torch.set_num_threads(1)  # this process is one of several
    order = json.loads(sys.stdin.buffer.read())
    voice = EspeakVoice(*order["voice"])
    for stem, normalized, original in order["clips"]:
        _write_clip(Path(stem), Sentence(normalized, original), voice)
        print(flush=True)


def _write_clip(stem: Path, sentence: Sentence, voice: EspeakVoice) -> None:
    """Speak one sentence into its four files; nothing where it is too short or too long."""
    import torch

    from ttslib.audio.files import resample, write_audio

    samples, rate, phonemes = speak(sentence.normalized, voice)
    # espeak begins and ends with more or less silence (zeros): give every clip the same
    loud = np.flatnonzero(np.abs(samples.astype(np.int32)) > QUIET)
    first, last = int(loud[0]), int(loud[-1]) + 1
    margin = round(MARGIN_SECONDS * rate)
    samples = np.pad(samples[first:last], margin)
    seconds = len(samples) / rate
    if not MIN_SECONDS <= seconds <= MAX_SECONDS:
        return
    waveform = torch.from_numpy(samples.astype(np.float32) / 32768)
    waveform = resample(waveform, source_rate=rate, target_rate=SAMPLE_RATE)
    write_audio(stem.with_suffix(".wav"), waveform, SAMPLE_RATE)
    for kind, text in sentence._asdict().items():
        stem.with_suffix(f".{kind}.txt").write_text(text + "\n", encoding="utf-8")
    rows = ["start\tend\tphoneme\tespeak"]
    for phoneme, begin, until, mnemonic in _shifted(
        phonemes, margin / rate - first / rate, seconds
    ):
        rows.append(f"{begin:.4f}\t{until:.4f}\t{phoneme}\t{mnemonic}")
    stem.with_suffix(".phonemes.tsv").write_text("\n".join(rows) + "\n", encoding="utf-8")


def _shifted(phonemes: list[PhonemeTime], delay: float, seconds: float) -> list[PhonemeTime]:
    """The times `delay` seconds later, without gaps from 0 to `seconds`: the ends are silence."""
    spoken = list(phonemes)
    if spoken[-1].phoneme == SILENCE:
        spoken.pop()
    if spoken[0].phoneme == SILENCE:
        spoken.pop(0)
    moved = [time._replace(start=time.start + delay, end=time.end + delay) for time in spoken]
    begin, end = max(0.0, moved[0].start), min(seconds, moved[-1].end)
    moved[0], moved[-1] = moved[0]._replace(start=begin), moved[-1]._replace(end=end)
    before = PhonemeTime(SILENCE, 0.0, begin, "_:")
    after = PhonemeTime(SILENCE, end, seconds, "_:")
    return [time for time in [before, *moved, after] if time.end > time.start]
