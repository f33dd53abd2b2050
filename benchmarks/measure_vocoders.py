"""Copy synthesis: recordings to mels and back by each vocoder, over test clips of the mini corpus.

python benchmarks/measure_vocoders.py data/runs/hifigan-mini/best.safetensors

The columns are those of `ttslib.evaluation.measures.copy_synthesis` (SC: spectral convergence;
mel: mean absolute difference of the log-mels) and MCD in dB without warping. PESQ-WB is nan where
the package pesq isn't installed.
"""

import argparse
import time
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from ttslib.audio.griffin_lim import GriffinLim
from ttslib.audio.mel import MelSpectrogram
from ttslib.config import AudioConfig, data_folder
from ttslib.corpora.mini.corpus import MINI_SPEAKERS, mini_libritts
from ttslib.evaluation.measures.cepstrum import cepstral_distortion, mel_cepstrum
from ttslib.evaluation.measures.copy_synthesis import copy_quality
from ttslib.synthesis.vocoders import load_vocoder
from ttslib.synthesis.voices import load_voice
from ttslib.training.data.teacher_mels import predict_features


def main() -> None:
    """Print a row for the recordings, for Griffin-Lim, and for each checkpoint."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("checkpoints", nargs="*", help="of vocoders")
    parser.add_argument("--clips", type=int, default=50)
    parser.add_argument("--speaker", default=MINI_SPEAKERS[0].id)
    parser.add_argument("--rounds", type=int, nargs="*", default=[32, 60], help="of Griffin-Lim")
    parser.add_argument("--gta", help="a voice, whose mels are used in place of the recordings'")
    arguments = parser.parse_args()

    audio = AudioConfig()
    clips, mels = clips_and_mels(audio, arguments.speaker, arguments.clips, arguments.gta)
    seconds = sum(len(clip) for clip in clips) / audio.sample_rate
    print(
        f"{len(clips)} test clips of speaker {arguments.speaker}, {seconds:.0f} s, "
        f"{torch.get_num_threads()} threads"
    )
    columns = f"{'STOI':>7}{'PESQ-WB':>9}{'mel':>7}{'SC':>7}{'MCD':>6}{'x real time':>13}"
    print(f"{'vocoder':44}{columns}")
    if arguments.rounds:
        row("recording", None, clips, mels, audio)
    for rounds in arguments.rounds:
        row(f"Griffin-Lim, {rounds} rounds", GriffinLim(audio, rounds=rounds), clips, mels, audio)
    for path in arguments.checkpoints:
        vocoder = load_vocoder(path)
        audio.require_same(vocoder.audio, ours="the mini corpus", theirs=path)
        row(path[-43:], vocoder, clips, mels, audio)


def clips_and_mels(
    audio: AudioConfig, speaker: str, number: int, voice: str | None
) -> tuple[list[Tensor], list[Tensor]]:
    """The first test clips of a speaker, in whole frames, and their log-mels: own or predicted."""
    corpus = mini_libritts(part="test", speakers=[speaker])
    hop, transform = audio.hop_length, MelSpectrogram(audio)
    sounds = [corpus[i][0][0] for i in range(min(number, len(corpus)))]
    clips = [sound[: len(sound) // hop * hop] for sound in sounds]
    if voice is None:
        return clips, [transform(clip) for clip in clips]
    predicted = predict_features(
        corpus, load_voice(voice), folder=data_folder() / "features", jobs=1
    )
    return clips, [predicted[i][1] for i in range(len(clips))]


@torch.inference_mode()
def row(
    name: str,
    vocoder: Callable[[Tensor], Tensor] | None,
    clips: list[Tensor],
    mels: list[Tensor],
    audio: AudioConfig,
) -> None:
    """Print the mean figures of one vocoder; None is the recording itself."""
    figures, spent = [], 0.0
    for clip, mel in zip(clips, mels, strict=True):
        started = time.perf_counter()
        sound = clip if vocoder is None else vocoder(mel[None])[0]
        spent += time.perf_counter() - started
        found = copy_quality(clip, sound, sample_rate=audio.sample_rate)
        cepstra = [mel_cepstrum(one, sample_rate=audio.sample_rate) for one in (clip, sound)]
        figures.append(
            (
                found.stoi,
                float("nan") if found.pesq is None else found.pesq,
                found.mel_distance,
                found.spectral_convergence,
                cepstral_distortion(*cepstra, variant="MCD").decibels,
            )
        )
    mean = np.mean(figures, axis=0)
    fast = "" if vocoder is None else f"{sum(map(len, clips)) / audio.sample_rate / spent:.0f}"
    means = "{:7.3f}{:9.2f}{:7.3f}{:7.3f}{:6.2f}".format(*mean)
    print(f"{name:44}{means}{fast:>13}", flush=True)


if __name__ == "__main__":
    main()
