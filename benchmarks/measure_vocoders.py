"""Copy synthesis: recordings to mels and back by each vocoder, over test clips of the mini corpus.

python benchmarks/measure_vocoders.py data/runs/hifigan-mini/best.safetensors

STOI at the corpus's rate; PESQ-WB at 16 kHz; mel: mean absolute difference of the log-mels. Needs
the packages pystoi and pesq.
"""

import argparse
import time
from collections.abc import Callable

import numpy as np
import torch
from pesq import pesq
from pystoi import stoi
from torch import Tensor

from ttslib.audio.files import resample
from ttslib.audio.griffin_lim import GriffinLim
from ttslib.audio.mel import MelSpectrogram
from ttslib.config import AudioConfig
from ttslib.corpora.mini import MINI_SPEAKERS, mini_libritts
from ttslib.synthesis.vocoders import load_vocoder

PESQ_RATE = 16_000  # Hz: what PESQ-WB is defined for


def main() -> None:
    """Print a row for the recordings, for Griffin-Lim, and for each checkpoint."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("checkpoints", nargs="*", help="of vocoders")
    parser.add_argument("--clips", type=int, default=50)
    parser.add_argument("--speaker", default=MINI_SPEAKERS[0].id)
    parser.add_argument("--rounds", type=int, nargs="*", default=[32, 60], help="of Griffin-Lim")
    arguments = parser.parse_args()

    audio = AudioConfig()
    clips = recordings(audio, arguments.speaker, arguments.clips)
    seconds = sum(len(clip) for clip in clips) / audio.sample_rate
    print(
        f"{len(clips)} test clips of speaker {arguments.speaker}, {seconds:.0f} s, "
        f"{torch.get_num_threads()} threads"
    )
    print(f"{'vocoder':44}{'STOI':>7}{'PESQ-WB':>9}{'mel':>7}{'x real time':>13}")
    if arguments.rounds:
        row("recording", None, clips, audio)
    for rounds in arguments.rounds:
        row(f"Griffin-Lim, {rounds} rounds", GriffinLim(audio, rounds=rounds), clips, audio)
    for path in arguments.checkpoints:
        vocoder = load_vocoder(path)
        audio.require_same(vocoder.audio, ours="the mini corpus", theirs=path)
        row(path[-43:], vocoder, clips, audio)


def recordings(audio: AudioConfig, speaker: str, number: int) -> list[Tensor]:
    """The first test clips of a speaker, each a whole number of frames long."""
    corpus = mini_libritts(part="test", speakers=[speaker])
    hop = audio.hop_length
    sounds = [corpus[i][0][0] for i in range(min(number, len(corpus)))]
    return [sound[: len(sound) // hop * hop] for sound in sounds]


@torch.inference_mode()
def row(
    name: str, vocoder: Callable[[Tensor], Tensor] | None, clips: list[Tensor], audio: AudioConfig
) -> None:
    """Print the mean figures of one vocoder; None is the recording itself."""
    transform, figures, spent = MelSpectrogram(audio), [], 0.0
    for clip in clips:
        mel = transform(clip)
        started = time.perf_counter()
        sound = clip if vocoder is None else vocoder(mel[None])[0]
        spent += time.perf_counter() - started
        at_16k = [
            resample(s, source_rate=audio.sample_rate, target_rate=PESQ_RATE).numpy()
            for s in (clip, sound)
        ]
        figures.append(
            (
                stoi(clip.numpy(), sound.numpy(), audio.sample_rate),
                pesq(PESQ_RATE, *at_16k, "wb"),
                float((transform(sound) - mel).abs().mean()),
            )
        )
    mean = np.mean(figures, axis=0)
    fast = "" if vocoder is None else f"{sum(map(len, clips)) / audio.sample_rate / spent:.0f}"
    print(f"{name:44}{mean[0]:7.3f}{mean[1]:9.2f}{mean[2]:7.3f}{fast:>13}", flush=True)


if __name__ == "__main__":
    main()
