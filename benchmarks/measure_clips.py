"""Compare spoken sentences with their recordings: envelope, pitch, length.

    python benchmarks/write_test_clips.py CORPUS OUT --voice kathleen --copy kathleen
    python benchmarks/measure_clips.py CORPUS OUT kathleen copy-kathleen

OUT/recording holds the recordings, OUT/NAME the clips to compare with them. A person doesn't say a
sentence twice in the same way, so the second takes in CORPUS are compared, too: they show how far
apart two good readings are. After each mean, half the width of its 95 % interval.
"""

import argparse
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import torch
from write_test_clips import first_takes

from ttslib.audio.files import read_audio, resample
from ttslib.config import AudioConfig
from ttslib.evaluation.measures.cepstrum import cepstral_distortion, mel_cepstrum, warping_path
from ttslib.evaluation.measures.pitch import pitch_contour, pitch_errors, speech_timing

RATE = AudioConfig().sample_rate
COLUMNS = ("clips", "MCD-DTW (dB)", "log F0 RMSE", "log F0 r", "voicing error (%)", "length")


def main() -> None:
    """Print a table, a row for each system."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpus", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("systems", nargs="+")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    print("| system |", " | ".join(COLUMNS), "|")
    print("|---" * (len(COLUMNS) + 1) + "|")
    rows = {name: written(asked.out, name) for name in asked.systems}
    for name, pairs in {"a second take": second_takes(asked.corpus), **rows}.items():
        figures = np.array([compare(*pair) for pair in pairs])
        print(f"| {name} | {len(figures)} |", " | ".join(map(mean, figures.T)), "|", flush=True)


def written(out: Path, system: str) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """Yield recordings and what a system made of them."""
    for path in sorted((out / "recording").glob("*.wav")):
        yield read_audio(path, sample_rate=RATE)[0], read_audio(out / system / path.name)[0]


def second_takes(corpus: Path) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """Yield the first and the second take of each test text that was read twice."""
    part, first = first_takes(corpus, "test")
    again: dict[str, int] = {}
    for index, utterance in enumerate(part.utterances):
        if index != first[utterance.text]:
            again.setdefault(utterance.text, index)
    for text, index in again.items():
        yield tuple(
            resample(waveform[0], source_rate=rate, target_rate=RATE)
            for waveform, rate, _ in (part[first[text]], part[index])
        )


def compare(recording: torch.Tensor, other: torch.Tensor) -> list[float]:
    """Return the figures of one pair of clips."""
    cepstra = [mel_cepstrum(sound, sample_rate=RATE) for sound in (recording, other)]
    pitch = pitch_contour(recording, sample_rate=RATE)
    theirs = pitch_contour(other, sample_rate=RATE, like=pitch)
    errors = pitch_errors(pitch, theirs, path=warping_path(*cepstra))
    seconds = [speech_timing(c, sample_rate=RATE).seconds for c in cepstra]
    return [
        cepstral_distortion(*cepstra).decibels,
        errors.log_f0_rmse,
        errors.log_f0_correlation,
        100 * errors.voicing_error,
        seconds[1] / seconds[0],
    ]


def mean(values: Iterable[float]) -> str:
    """Return a mean and half the width of its 95 % interval."""
    values = np.asarray(values)[np.isfinite(values)]
    half = 1.96 * values.std(ddof=1) / len(values) ** 0.5
    return f"{values.mean():.2f} ± {half:.2f}"


if __name__ == "__main__":
    main()
