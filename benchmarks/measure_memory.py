"""How much memory one long sound file takes: its mel, its features, its health.

    python benchmarks/measure_memory.py --minutes 5 60

Each part runs in a process of its own, whose peak is printed.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import soundfile

from ttslib import AudioConfig, extract_mel_spectrogram
from ttslib.audio.files import read_audio
from ttslib.corpora.folder import FolderCorpus
from ttslib.corpora.health.health import corpus_health
from ttslib.text.tokenizers import CharTokenizer
from ttslib.training.data.features import compute_features

RATE = AudioConfig().sample_rate


def mel(folder: Path) -> None:
    """Compute the mel; the waveform and what is returned are 19 MB a minute."""
    extract_mel_spectrogram(read_audio(folder / "long.wav")[0].numpy(), RATE)


def features(folder: Path) -> None:
    """Fill a feature store, as a training does."""
    cache = folder / "features"
    options = dict(tokenizer=CharTokenizer(), config=AudioConfig(), folder=cache, jobs=1)
    compute_features(FolderCorpus(folder), **options)


def health(folder: Path) -> None:
    """Look for faults."""
    corpus_health(FolderCorpus(folder), jobs=1)


PARTS = {part.__name__: part for part in (mel, features, health)}


def write_sound(folder: Path, minutes: int) -> None:
    """Write bursts of a tone over noise, a minute at a time, and a text."""
    generator, time = np.random.default_rng(0), np.arange(RATE * 60) / RATE
    with soundfile.SoundFile(folder / "long.wav", "w", RATE, 1, "PCM_16") as file:
        for minute in range(minutes):
            tone = np.sin(2 * np.pi * (120 + 10 * (minute % 7)) * time)
            burst = np.sin(2 * np.pi * 1.5 * time) > 0
            file.write(0.2 * tone * burst + 0.001 * generator.standard_normal(len(time)))
    (folder / "long.txt").write_text("A long clip.", encoding="utf-8")


def main() -> None:
    """Measure every part for every length, or one part in this process."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=int, nargs="+", default=[5, 60])
    parser.add_argument("--part", choices=PARTS)
    parser.add_argument("--folder", type=Path)
    asked = parser.parse_args()
    if asked.part:
        PARTS[asked.part](asked.folder)
        print(f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB")
        return
    for minutes in asked.minutes:
        with tempfile.TemporaryDirectory() as folder:
            write_sound(Path(folder), minutes)
            for part in PARTS:
                run = [sys.executable, __file__, "--part", part, "--folder", folder]
                done = subprocess.run(run, capture_output=True, text=True, check=False)
                peak = (done.stdout or done.stderr).splitlines()[-1]
                print(f"{minutes} minutes, {part}: {peak}", flush=True)


if __name__ == "__main__":
    main()
