"""Generate the sound of the mini corpus: sentences in, clips with texts and phoneme times out.

Shapes: S samples.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from tqdm.auto import tqdm

from ttslib.audio.files import resample, write_audio
from ttslib.corpora.mini import espeak
from ttslib.corpora.mini.espeak import SILENCE, EspeakVoice
from ttslib.corpora.mini.sentences import Sentence
from ttslib.corpora.phoneme_times import PhonemeTime, write_phoneme_times

__all__ = ["Clip", "speak_clips"]

SAMPLE_RATE = 24_000  # Hz
MIN_SECONDS, MAX_SECONDS = 1.5, 6.0
MARGIN_SECONDS = 0.06  # of silence at both ends of a clip
QUIET = 64  # of 32,768: anything below it at the ends of a clip is silence
BATCH = 96  # sentences that one espeak process speaks; another number gives other samples


class Clip(NamedTuple):
    """A sentence, its voice, and its place within the corpus."""

    stem: str  # the path of its files, without their endings
    voice: EspeakVoice
    sentence: Sentence


def speak_clips(folder: Path, clips: Sequence[Clip], *, jobs: int) -> None:
    """Speak the clips into `folder`, with a progress bar.

    Each batch of a voice is spoken in a fresh process: espeak-ng's state is global, so a process
    can speak only one text at a time, and earlier sentences affect later ones.

    Parameters
    ----------
    folder
        Created if it is missing.
    clips
        The clips to speak; sentences shorter than `MIN_SECONDS` or longer than `MAX_SECONDS` are
        left out.
    jobs
        Processes to run at a time; the result doesn't depend on it.

    Raises
    ------
    OSError
        If a process fails; the message is its last line: no espeak-ng, no such voice. Or if the
        disk is full.
    """
    batches = []
    for voice in sorted({clip.voice for clip in clips}):
        own = [clip for clip in clips if clip.voice == voice]
        batches += [own[i : i + BATCH] for i in range(0, len(own), BATCH)]
    with (
        tqdm(total=len(clips), desc="speaking the mini corpus", unit="clip") as bar,
        ThreadPoolExecutor(jobs) as pool,
    ):
        try:
            for done in [pool.submit(_speak_batch, folder, batch, bar.update) for batch in batches]:
                done.result()
        except BaseException:  # including Ctrl-C: cancel the batches that haven't started
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _speak_batch(folder: Path, clips: Sequence[Clip], progress: Callable[[int], object]) -> None:
    """Let a fresh process speak, and write what it sends; it starts quickly, without torch."""
    order = {"voice": clips[0].voice, "sentences": [clip.sentence.normalized for clip in clips]}
    process = subprocess.Popen(
        [sys.executable, "-c", f"from {espeak.__name__} import _speak_order; _speak_order()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path or "." for path in sys.path)},
    )
    with process:
        process.stdin.write(json.dumps(order).encode())
        process.stdin.close()
        for clip in clips:
            if not (header := process.stdout.readline()).endswith(b"\n"):
                break  # the process failed
            size, rate, phonemes = json.loads(header)
            samples = np.frombuffer(process.stdout.read(size), np.int16)
            times = [PhonemeTime(*time) for time in phonemes]
            _write_clip(str(folder / clip.stem), clip.sentence, samples, rate, times)
            progress(1)
        errors = process.stderr.read().decode(errors="replace").strip()
    if process.returncode != 0:
        reason = errors.splitlines()[-1] if errors else f"exit status {process.returncode}"
        raise OSError(f"the mini corpus can't be spoken: {reason}")


def _write_clip(
    stem: str, sentence: Sentence, samples: np.ndarray, rate: int, phonemes: list[PhonemeTime]
) -> None:
    """Write one spoken sentence into its four files; write none if it is too short or too long."""
    # espeak begins and ends with varying silence: make it the same for every clip
    loud = np.flatnonzero(np.abs(samples.astype(np.int32)) > QUIET)
    first, last = int(loud[0]), int(loud[-1]) + 1
    margin = round(MARGIN_SECONDS * rate)
    samples = np.pad(samples[first:last], margin)
    seconds = len(samples) / rate
    if not MIN_SECONDS <= seconds <= MAX_SECONDS:
        return
    waveform = torch.from_numpy(samples.astype(np.float32) / 32768)  # (S,)
    waveform = resample(waveform, source_rate=rate, target_rate=SAMPLE_RATE)
    write_audio(f"{stem}.wav", waveform, SAMPLE_RATE)
    Path(f"{stem}.normalized.txt").write_text(sentence.normalized + "\n", encoding="utf-8")
    Path(f"{stem}.original.txt").write_text(sentence.original + "\n", encoding="utf-8")
    times = _shifted(phonemes, (margin - first) / rate, seconds)
    write_phoneme_times(Path(f"{stem}.phonemes.tsv"), times)


def _shifted(phonemes: list[PhonemeTime], delay: float, seconds: float) -> list[PhonemeTime]:
    """Shift times by `delay` and fill gaps from 0 to `seconds`: both ends are silence."""
    spoken = [i for i, time in enumerate(phonemes) if time.phoneme != SILENCE]
    moved = [
        time._replace(start=time.start + delay, end=time.end + delay)
        for time in phonemes[spoken[0] : spoken[-1] + 1]
    ]
    begin, end = max(0.0, moved[0].start), min(seconds, moved[-1].end)
    moved[0], moved[-1] = moved[0]._replace(start=begin), moved[-1]._replace(end=end)
    before = PhonemeTime(SILENCE, 0.0, begin, "_:")
    after = PhonemeTime(SILENCE, end, seconds, "_:")
    return [time for time in (before, *moved, after) if time.end > time.start]
