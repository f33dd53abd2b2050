"""Train a Tacotron 2: presets, loss, training step, validation."""

from dataclasses import dataclass

import torch
from torch import Tensor

from ttslib.checkpoints import Checkpoint
from ttslib.models.tacotron2 import (
    Tacotron2,
    Tacotron2Config,
    tacotron2_published,
    tacotron2_small,
)
from ttslib.records import TextMelBatch
from ttslib.training.data.acoustic import AcousticData
from ttslib.training.loop import train
from ttslib.training.losses import gate_loss, guided_attention_loss, mel_loss
from ttslib.training.state import Preset, Run, TrainingSettings
from ttslib.training.validation import validate_acoustic

__all__ = ["PRESETS", "Tacotron2Settings", "guide_weight", "tacotron2_step", "train_tacotron2"]


@dataclass(frozen=True, kw_only=True)
class Tacotron2Settings(TrainingSettings):
    """Settings for training a Tacotron 2; the defaults suit the small one on two CPU cores."""


PRESETS = {
    "small": Preset(tacotron2_small, {}),
    # Section 3.1 of the paper: Adam, batches of 64, a learning rate of 1e-3 that decays
    # exponentially to 1e-5 after 50,000 steps, weight decay 1e-6. The paper doesn't give the
    # number of steps; NVIDIA's recipe has about 300,000.
    "published": Preset(
        tacotron2_published,
        dict(
            steps=300_000,
            frame_budget=64 * 600,
            peak_learning_rate=1e-3,
            warmup=0.0,
            hold=50_000 / 300_000,
            decay="exponential",
            validate_every=2_000,
            save_every=1_000,
        ),
    ),
}


def guide_weight(progress: float) -> float:
    """Return the weight of the guided attention: large at first, soon almost zero.

    The guide helps the attention to start. If it stayed strong, it would override the speech: the
    alignment would be a straight diagonal that sweeps over the phonemes whatever their lengths. It
    would look right, but the speech would be unintelligible.

    Parameters
    ----------
    progress : float in 0..1
        The share of the schedule that has passed.

    Taught in: notebooks/05_training
    """
    return max(0.001, 10 ** (-5 * progress))  # a tenth for every fifth of the schedule


def tacotron2_step(
    model: torch.nn.Module, batch: TextMelBatch, *, progress: float = 1.0
) -> dict[str, Tensor]:
    """Run Tacotron 2 under teacher forcing and return its losses.

    Parameters
    ----------
    model : Tacotron2
        Plain, or wrapped for several processes.
    batch : TextMelBatch
        Normalized mels.
    progress : float in 0..1
        The share of the schedule that has passed, for `guide_weight`.

    Returns
    -------
    dict of scalar tensors
        "loss" is the sum that is minimized; "mel_before", "mel" (after the postnet), "gate" and
        "guide" are its parts, the last unweighted.

    Taught in: notebooks/05_training
    """
    output = model(
        batch.tokens, batch.token_lengths, batch.mels, batch.mel_lengths, speakers=batch.speakers
    )
    frames_per_step = batch.mels.shape[2] // output.gate.shape[1]
    steps = -(-batch.mel_lengths // frames_per_step)  # rounded up
    losses = {
        "mel_before": mel_loss(output.mel_before.float(), batch.mels, batch.mel_lengths),
        "mel": mel_loss(output.mel.float(), batch.mels, batch.mel_lengths),
        "gate": gate_loss(output.gate.float(), steps),
        "guide": guided_attention_loss(output.alignment.float(), batch.token_lengths, steps),
    }
    guided = guide_weight(progress) * losses["guide"]
    return {"loss": losses["mel_before"] + losses["mel"] + losses["gate"] + guided, **losses}


def train_tacotron2(
    data: AcousticData,
    run: Run,
    *,
    config: Tacotron2Config | None = None,
    settings: TrainingSettings | None = None,
) -> Checkpoint:
    """Train a Tacotron 2 and return its best checkpoint.

    Parameters
    ----------
    data : AcousticData
    run : Run
    config : Tacotron2Config, optional
        `tacotron2_small` for the data's symbols and speakers when not given.
    settings : TrainingSettings, optional
        `Tacotron2Settings()` when not given.

    Raises
    ------
    ValueError
        When the checkpoint to resume doesn't fit (`Run.begin`).

    Taught in: notebooks/05_training
    """
    settings = settings or Tacotron2Settings()
    if config is None:
        config = tacotron2_small(
            n_symbols=len(data.tokenizer.symbols), n_speakers=len(data.speakers)
        )
    torch.manual_seed(settings.seed)
    train(
        Tacotron2(config),
        step=tacotron2_step,
        batch=data.training_batches(
            frame_budget=settings.frame_budget,
            seed=settings.seed,
            frames_per_step=config.frames_per_step,
        ),
        validate=lambda model: validate_acoustic(model, tacotron2_step, data, settings=settings),
        settings=settings,
        template=data.checkpoint("tacotron2", config),
        run=run,
    )
    return run.result()
