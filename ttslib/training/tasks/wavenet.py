"""Train a WaveNet: presets, loss, training step, validation."""

from dataclasses import dataclass

import torch
from torch import Tensor

from ttslib.checkpoints import Checkpoint
from ttslib.models.wavenet.wavenet import (
    WaveNet,
    WaveNetConfig,
    wavenet_published,
    wavenet_small,
)
from ttslib.records import WaveBatch
from ttslib.training.averaging import AveragedGenerator
from ttslib.training.data.vocoder import VocoderData
from ttslib.training.loop import train
from ttslib.training.state import Preset, Run
from ttslib.training.validation import validate_likelihood
from ttslib.training.vocoder_settings import VocoderSettings, start_from

__all__ = ["PRESETS", "WaveNetSettings", "train_wavenet", "wavenet_step"]


@dataclass(frozen=True, kw_only=True)
class WaveNetSettings(VocoderSettings):
    """Settings for training a WaveNet; the defaults suit the small one on one CPU core."""

    frame_budget: int = 32  # few, so that the numbers of a step fit into the processor's cache
    segment_frames: int = 16
    peak_learning_rate: float = 2e-3
    validate_every: int = 2000
    save_every: int = 500


PRESETS = {
    "small": Preset(wavenet_small, {}),
    # The WaveNet paper gives no recipe. Tacotron 2's (section 3.1) has batches of 128 on 32 GPUs,
    # Adam, a constant learning rate of 1e-4, and averaged weights with a decay of 0.9999. Its
    # pieces must be longer than the receptive field of 6,139 samples (24 frames);
    # r9y9/wavenet_vocoder takes a million steps and pieces of 10,240 samples.
    "published": Preset(
        wavenet_published,
        dict(
            steps=1_000_000,
            frame_budget=128 * 40,
            segment_frames=40,
            peak_learning_rate=1e-4,
            warmup=0.0,
            hold=1.0,
            weight_decay=0.0,
            validate_every=10_000,
            save_every=2_000,
        ),
    ),
}


def wavenet_step(
    model: AveragedGenerator[WaveNet], batch: WaveBatch, *, progress: float = 1.0
) -> dict[str, Tensor]:
    """Return the negative log-likelihood of the recordings.

    Parameters
    ----------
    model : AveragedGenerator
    batch : WaveBatch
    progress : float in 0..1
        Not used: the likelihood needs no schedule.

    Taught in: notebooks/10_wavenet
    """
    return {"loss": model.generator.loss(batch.waveforms, batch.mels)}


def train_wavenet(
    data: VocoderData,
    run: Run,
    *,
    config: WaveNetConfig | None = None,
    settings: WaveNetSettings | None = None,
    start: WaveNet | None = None,
) -> Checkpoint:
    """Train a WaveNet and return its best checkpoint.

    Parameters
    ----------
    data : VocoderData
    run : Run
    config : WaveNetConfig, optional
        `wavenet_small` when not given.
    settings : WaveNetSettings, optional
    start : WaveNet, optional
        A trained one of the same config, to start from instead of a random initialization.

    Raises
    ------
    ValueError
        When the checkpoint to resume doesn't fit (`Run.begin`), or the settings can't be met.

    Taught in: notebooks/10_wavenet
    """
    settings = settings or WaveNetSettings()
    torch.manual_seed(settings.seed)
    wavenet = WaveNet(config or wavenet_small(), data.audio)
    start_from(wavenet, start)
    train(
        AveragedGenerator(wavenet),
        step=wavenet_step,
        batch=data.training_batches(
            frame_budget=settings.frame_budget,
            segment_frames=settings.segment_frames,
            seed=settings.seed,
        ),
        validate=lambda model: validate_likelihood(model.average, data.held_out),
        settings=settings,
        template=data.checkpoint("wavenet", wavenet.config),
        run=run,
    )
    return run.result()
