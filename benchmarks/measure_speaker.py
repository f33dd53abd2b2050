"""Does a voice sound like its speaker? By a speaker encoder that was trained elsewhere.

    python benchmarks/measure_speaker.py OUT kathleen copy-kathleen mini-fastspeech2

OUT is a folder that `write_test_clips.py` wrote. The mean voiceprint of its first 20 recordings is
compared, by the cosine of the angle, with the next 20 recordings and with clips of the same
sentences as these in each named folder. Needs Resemblyzer 0.1.4 (Wan et al. 2017, Generalized
End-to-End Loss, arXiv 1710.10467), whose package carries its weights:

    pip install --no-deps resemblyzer webrtcvad-wheels
"""

import argparse
from pathlib import Path

import numpy as np
from resemblyzer import VoiceEncoder, preprocess_wav

from ttslib.audio.files import read_audio
from ttslib.evaluation.statistics.confidence import t_interval

CLIPS = 20


def main() -> None:
    """Compare and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("folders", nargs="+")
    asked = parser.parse_args()
    encoder = VoiceEncoder("cpu", verbose=False)

    def voiceprints(folder: str) -> np.ndarray:
        prints = []
        for path in sorted((asked.out / folder).glob("*.wav")):
            sound, rate = read_audio(path)
            prints.append(encoder.embed_utterance(preprocess_wav(sound[0].numpy(), rate)))
        return np.array(prints)

    mean = voiceprints("recording")[:CLIPS].mean(axis=0)
    mean /= np.linalg.norm(mean)
    for name in ("recording", *asked.folders):
        cosines = voiceprints(name)[CLIPS : 2 * CLIPS] @ mean
        low, high = t_interval(cosines.tolist())
        print(f"{name:20} {cosines.mean():.3f} ± {(high - low) / 2:.3f}, least {cosines.min():.3f}")


if __name__ == "__main__":
    main()
