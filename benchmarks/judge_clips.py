"""Judge folders of spoken sentences by networks that were trained elsewhere.

    python benchmarks/judge_clips.py --whisper FOLDER_OF_A_MODEL CLIPS [CLIPS ...]

CLIPS holds NAME.wav beside NAME.txt, what was to be said, as `write_test_clips.py` writes them.
Prints for each folder the word and character error rate of Whisper, and DistillMOS and DNSMOS with
95 % intervals. Needs the extras `mos` and `whisper`, and a Whisper model in CTranslate2's format;
the published figures come from the multilingual "base" in 8 bits. About 4 s a clip on one thread.

Judges are for judging: nothing was trained on them, and no take is chosen by them.
"""

import argparse
from pathlib import Path

import numpy as np
import torch
import torchaudio

from ttslib.audio.files import read_audio
from ttslib.evaluation.measures.intelligibility import count_errors
from ttslib.evaluation.measures.opinions import DNSMOS, DistillMOS
from ttslib.evaluation.measures.recognizers import Whisper
from ttslib.evaluation.statistics.confidence import t_interval

RATE = 16_000  # Hz: what all of them were trained on
MARGIN = 0.1  # seconds of silence around a clip, so that no sound is cut at its edge


def main() -> None:
    """Judge and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("clips", nargs="+", type=Path)
    parser.add_argument("--whisper", required=True, type=Path, help="a folder with a model")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    ear, predictors = Whisper(asked.whisper), (DistillMOS(), DNSMOS())
    for folder in asked.clips:
        counts = {"word": [], "character": []}
        opinions: dict[str, list[float]] = {}
        for path in sorted(folder.glob("*.wav")):
            sound, rate = read_audio(path)
            # By this filter, since a sharper one (soxr's) moves DistillMOS by 0.1.
            sound = torchaudio.functional.resample(sound[0], rate, RATE)
            sound = torch.nn.functional.pad(sound, (int(MARGIN * RATE),) * 2)
            said = ear.expected(path.with_suffix(".txt").read_text(encoding="utf-8"))
            heard = ear.hear(sound, sample_rate=RATE)
            for unit, found in counts.items():
                found.append(count_errors(said, heard, unit=unit))
            for predictor in predictors:
                for name, score in predictor.predict(sound, sample_rate=RATE).items():
                    opinions.setdefault(name, []).append(score)
        rates = [
            f"{unit} errors {sum(c.wrong for c in found) / sum(c.spoken for c in found):.1%}"
            for unit, found in counts.items()
        ]
        scores = [
            f"{name} {np.mean(values):.2f} ± {(high - low) / 2:.2f}"
            for name, values in opinions.items()
            for low, high in [t_interval(values)]
        ]
        clips = f"{folder.name}, {len(counts['word'])} clips"
        print(clips, *rates, *scores, sep="; ", flush=True)


if __name__ == "__main__":
    main()
