"""A vocoder's training of milliseconds, in which a step takes one batch or several as one."""

import dataclasses
from pathlib import Path

import torch

from ttslib.audio.mel import MelSpectrogram
from ttslib.checkpoints import Checkpoint
from ttslib.config import AudioConfig
from ttslib.models.hifigan import HiFiGAN, HiFiGANConfig
from ttslib.models.hifigan_discriminators import (
    HiFiGANDiscriminators,
    HiFiGANDiscriminatorsConfig,
)
from ttslib.records import WaveBatch
from ttslib.training.averaging import AveragedGenerator
from ttslib.training.loop import train
from ttslib.training.state import Run, TrainingSettings, Validation
from ttslib.training.tasks.hifigan import HiFiGANStep

AUDIO = AudioConfig(sample_rate=8000, n_fft=64, win_length=64, hop_length=16, n_mels=6, f_max=4000)
CONFIG = HiFiGANConfig(
    channels=8,
    upsample_rates=(4, 4),
    upsample_kernels=(8, 8),
    block_kernels=(3,),
    block_dilations=((1,),),
)
JUDGES = HiFiGANDiscriminatorsConfig(
    periods=(2, 3), period_channels=(4,), scales=(), scale_channels=(4,) * 7
)
FRAMES = 80


def batch(number: int, *, batches: int) -> WaveBatch:
    """So many batches of this number, as one."""
    numbers = range(number * batches, (number + 1) * batches)
    sounds = [0.1 * torch.randn(2, FRAMES * 16, generator=_seeded(n)) for n in numbers]
    waveforms = torch.cat(sounds)
    return WaveBatch(
        ids=tuple(map(str, numbers)), mels=MelSpectrogram(AUDIO)(waveforms), waveforms=waveforms
    )


def _seeded(number: int) -> torch.Generator:
    return torch.Generator().manual_seed(number)


def tiny_vocoder_train(folder: Path, *, steps: int, batches: int) -> None:
    """Train from the same start every time; the discriminators join at half the way."""
    torch.manual_seed(0)
    silence = torch.zeros(100)
    train(
        AveragedGenerator(HiFiGAN(CONFIG, AUDIO), HiFiGANDiscriminators(JUDGES)),
        step=HiFiGANStep(MelSpectrogram(AUDIO), adversarial_from=0.5, judged_frames=12),
        batch=lambda number: batch(number, batches=batches),
        validate=lambda model: Validation({"loss": 0.0}, {}, "", 0.0, None, silence, 8000),
        settings=TrainingSettings(steps=steps, gradient_clip=1e6),
        template=Checkpoint(
            model="hifigan", config=dataclasses.asdict(CONFIG), audio=AUDIO, weights={}
        ),
        run=Run(folder),
    )
