"""Vocoders that learn what sound is likely: what `ttslib train wavenet` and `waveglow` run."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

import torch

from ttslib.audio.mel import MelSpectrogram
from ttslib.checkpoints import Checkpoint
from ttslib.models.waveglow import WaveGlow, WaveGlowConfig, waveglow_small
from ttslib.models.wavenet.wavenet import WaveNet, WaveNetConfig, wavenet_small
from ttslib.training.averaging import AveragedGenerator
from ttslib.training.data.pieces import Recordings
from ttslib.training.reporter import Monitor, Validation
from ttslib.training.steps import WaveGlowStep, likelihood_step
from ttslib.training.vocoders import VocoderData, VocoderSettings, begin_with, fit

__all__ = ["WaveGlowSettings", "WaveNetSettings", "train_waveglow", "train_wavenet"]


@dataclasses.dataclass(frozen=True, kw_only=True)
class WaveNetSettings(VocoderSettings):
    """How to train a WaveNet; the defaults suit the small one on one CPU core."""

    frame_budget: int = 32  # few, so that what a step computes stays near the processor
    segment_frames: int = 16
    peak_learning_rate: float = 2e-3
    validate_every: int = 2000
    save_every: int = 500


@dataclasses.dataclass(frozen=True, kw_only=True)
class WaveGlowSettings(VocoderSettings):
    """How to train a WaveGlow; the defaults suit the small one on one CPU core."""

    peak_learning_rate: float = 2e-3
    betas: tuple[float, float] = (0.9, 0.98)  # a flow's gradients soon mean little any more
    spectral_from: float = 0.25  # share of the steps after which it also speaks; 1: never


def train_wavenet(
    data: VocoderData,
    *,
    folder: str | Path,
    config: WaveNetConfig | None = None,
    settings: WaveNetSettings | None = None,
    start: WaveNet | None = None,
    provenance: dict | None = None,
    resume: bool = False,
    monitor: Monitor | None = None,
) -> Checkpoint:
    """Train a WaveNet and return its best checkpoint.

    Parameters
    ----------
    data : VocoderData
    folder : path
        Gets `best.safetensors`, `last.safetensors` and TensorBoard's files.
    config : WaveNetConfig, optional
        `wavenet_small` when not given.
    settings : WaveNetSettings, optional
    start : WaveNet, optional
        A trained one of the same config, to begin with instead of chance.
    provenance : dict, optional
        For people: which corpus, which command.
    resume : bool
        Go on from `last.safetensors` where there is one.
    monitor : Monitor, optional

    Raises
    ------
    ValueError
        When the checkpoint to resume is of another config, or the settings can't be met.

    Taught in: notebooks/10_wavenet
    """
    settings = settings or WaveNetSettings()
    torch.manual_seed(settings.seed)
    generator = WaveNet(config or wavenet_small(), data.audio)
    return _fit(
        generator, "wavenet", data, step=likelihood_step, start=start, folder=Path(folder),
        settings=settings, provenance=provenance, resume=resume, monitor=monitor,
    )  # fmt: skip


def train_waveglow(
    data: VocoderData,
    *,
    folder: str | Path,
    config: WaveGlowConfig | None = None,
    settings: WaveGlowSettings | None = None,
    start: WaveGlow | None = None,
    provenance: dict | None = None,
    resume: bool = False,
    monitor: Monitor | None = None,
) -> Checkpoint:
    """Train a WaveGlow and return its best checkpoint.

    Parameters
    ----------
    config : WaveGlowConfig, optional
        `waveglow_small` when not given.
    data, folder, settings, start, provenance, resume, monitor
        As `train_wavenet` takes them.

    Raises
    ------
    ValueError
        When the checkpoint to resume is of another config, or the settings can't be met.

    Taught in: notebooks/11_waveglow
    """
    settings = settings or WaveGlowSettings()
    torch.manual_seed(settings.seed)
    generator = WaveGlow(config or waveglow_small(), data.audio)
    step = WaveGlowStep(MelSpectrogram(data.audio), spectral_from=settings.spectral_from)
    return _fit(
        generator, "waveglow", data, step=step, start=start, folder=Path(folder), settings=settings,
        provenance=provenance, resume=resume, monitor=monitor,
    )  # fmt: skip


def _fit(
    generator: WaveNet | WaveGlow,
    name: str,
    data: VocoderData,
    *,
    step: Callable,
    start: WaveNet | WaveGlow | None,
    folder: Path,
    settings: VocoderSettings,
    provenance: dict | None,
    resume: bool,
    monitor: Monitor | None,
) -> Checkpoint:
    """What is the same for both."""
    if start is not None:
        begin_with(generator, start)
    return fit(
        AveragedGenerator(generator), name, step, validate_likelihood, data,
        folder=folder, settings=settings, provenance=provenance, resume=resume, monitor=monitor,
    )  # fmt: skip


@torch.no_grad()
def validate_likelihood(
    vocoder: WaveNet | WaveGlow, held_out: Recordings, *, clips: int = 8, frames: int = 94
) -> Validation:
    """Ask how likely held-out recordings are, and let the vocoder say the first one's beginning.

    Parameters
    ----------
    vocoder : WaveNet or WaveGlow
    held_out
    clips
        How many of them.
    frames
        How many of the first clip's are spoken: a second.

    Returns
    -------
    Validation
        Its score is the mean loss; "mel_distance" the mean absolute difference of the log-mels.

    Taught in: notebooks/10_wavenet, notebooks/11_waveglow
    """
    device = next(vocoder.parameters()).device
    losses = []
    for index in range(min(clips, len(held_out))):
        mel, sound = (part[None].to(device) for part in held_out[index])
        losses.append(float(vocoder.loss(sound, mel)))
    mel = held_out[0][0][:, :frames].to(device)
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        torch.manual_seed(0)
        spoken = vocoder(mel[None])[0].float()
    distance = float((MelSpectrogram(held_out.audio).to(device)(spoken) - mel).abs().mean())
    loss = sum(losses) / len(losses)
    return Validation(
        losses={"loss": loss},
        figures={"mel_distance": distance},
        summary=f"what it says is {distance:.3f} from the recording's log-mel",
        score=loss,
        alignment=None,
        waveform=spoken.cpu(),
        sample_rate=held_out.audio.sample_rate,
    )
